// eIM package injection (SGP.32 §3.1.1.2): what waits for an eUICC is sent to its IPA, which listens.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import dns from 'node:dns';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { before, mock, test } from 'node:test';
import { callEs10 } from '../../src/device/es10.ts';
import { issueIpaCertificate } from '../../src/device/ipa/ipa-certificate.ts';
import { keptResults } from '../../src/device/iot/package-results.ts';
import { isIotEuicc } from '../../src/device/iot/iot-euicc.ts';
import type { EimContext } from '../../src/eim/eim.ts';
import { callIpa } from '../../src/eim/injection/call-ipa.ts';
import { inject } from '../../src/eim/injection/inject.ts';
import type { InjectContext } from '../../src/eim/injection/inject.ts';
import type { IpaCaller } from '../../src/eim/injection/ipa.ts';
import { wantInjection } from '../../src/eim/injection/want.ts';
import { EimConfigurationData } from '../../src/rsp/definitions/eim-configuration-data.ts';
import { EuiccPackageRequest } from '../../src/rsp/definitions/euicc-package.ts';
import { TransferEimPackageResponse } from '../../src/rsp/definitions/esipa.ts';
import { AddInitialEimRequest } from '../../src/rsp/definitions/iot-functions.ts';
import { encodeTlv, readDer } from '../../src/rsp/der.ts';
import { createSigner } from '../../src/rsp/signature.ts';
import type { EimInjectionRow } from '../../src/store/schema.ts';
import { transferBindings } from '../../src/esipa/transfer-eim-package.ts';
import { CANCELLED } from '../../src/outgoing/failure.ts';
import { PeerUnavailable } from '../../src/outgoing/peer-unavailable.ts';
import { DerError } from '../../src/rsp/der-error.ts';
import { FunctionExecutionError } from '../../src/rsp/function-execution-error.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { mutate, randomFrom } from '../mutations.ts';
import { eventually } from '../server.ts';
import { violated } from '../verify/violated.ts';
import { eimApiOf } from './eim-of.ts';
import { Ipa } from './ipa.ts';
import type { Called, SmallIpa } from './listening.ts';
import { CERTIFICATE, listeningDevice, smallIpa } from './listening.ts';

const NOTHING = 1;
const QUESTION = 0xbf52;
const TRIGGER = 0xbf54;
const RECEIVED = encodeTlv(0xbf4e, encodeTlv(0x05));
const TRUSTED = { IpaCa: CERTIFICATE.certificate };

/** Until a check holds; then what it returns. */
async function until<T>(check: () => T | Promise<T>): Promise<T> {
  const found = await eventually(async () => {
    try {
      return { value: await check() };
    } catch (error) {
      if (error instanceof assert.AssertionError || error instanceof TypeError) return undefined;
      throw error;
    }
  }).catch(() => undefined);
  return found === undefined ? check() : found.value;
}

onEachDatabase('injection by the eIM', (database) => {
  const started = serverOn(database, { es9: true, stock: 20, env: { SIMWRIGHT_ESIPA_PORT: '0' } });
  let context: EimContext;
  before(() => {
    context = started().server.context as EimContext;
  });
  const { api, euiccOf, ask, shown } = eimApiOf(started);
  const update = async ({ eid }: Ipa, form: Record<string, string>) => {
    const { status, json } = await api(`/v1/Euiccs/${eid}`, { form });
    assert.equal(status, 200, json.message);
    return json;
  };
  const untilStatus = (operation: { url: string }, status: string) =>
    until(async () => {
      const found = await shown(operation);
      assert.equal(found.status, status, `${found.error_code} ${found.error_message}`);
      return found;
    });
  /** A virtual IoT eUICC that knows the eIM. */
  const onboarded = async () => {
    const ipa = new Ipa(started(), { isIot: true });
    await api('/v1/Euiccs', { form: { Eid: ipa.eid } });
    const { json } = await api(`/v1/Euiccs/${ipa.eid}/Onboarding`);
    ipa.onboard(Uint8Array.fromBase64(json.add_initial_eim_request));
    return ipa;
  };
  /** Whose certificates are known, and whose results the test signs. */
  const associated = async () => {
    const ipa = new Ipa(started());
    await api('/v1/Euiccs', { form: { Eid: ipa.eid } });
    const polled = await ipa.poll();
    assert.deepEqual(await ipa.provide(ipa.dataFor(polled as Uint8Array)), []);
    return ipa;
  };
  const rowOf = ({ eid }: Pick<Ipa, 'eid'>) => context.store.eimInjections.find(eid);
  const settled = (ipa: Ipa) =>
    until(async () => assert.equal((await rowOf(ipa))?.locked_until ?? null, null));
  /** As if the pause were over. */
  const now = async ({ eid }: Ipa) => {
    await context.transact(async (unit) => {
      await wantInjection((await unit.tables.euiccs.find(eid))!, unit);
    });
  };
  const idle = (ipa: Ipa) =>
    until(async () => assert.equal(await rowOf(ipa), undefined, 'nothing is left'));
  /** By the test: nobody else calls the IPA meanwhile. */
  const hold = async ({ eid }: Ipa, { url }: Pick<SmallIpa, 'url'>) => {
    const { account_sid } = (await context.store.euiccs.find(eid))!;
    const date = new Date().toISOString();
    const lockedUntil = new Date(Date.now() + 3_600_000).toISOString();
    const row: EimInjectionRow = {
      eid,
      account_sid,
      wanted: 1,
      attempts: 0,
      acknowledgements: null,
      due_at: date,
      locked_until: lockedUntil,
      date_created: date,
    };
    await context.transact(async ({ tables }) => {
      await tables.eimInjections.want(row);
      await tables.euiccs.update(eid, { ipa_url: `${url}/`, ipa_ca: CERTIFICATE.certificate });
    });
    const claimed = { ...row, locked_until: null };
    /** The claim ends at a time. */
    const endsAt = async (end: string) => {
      const { locked_until } = (await rowOf({ eid }))!;
      const claim = { eid, locked_until: locked_until! };
      await context.transact(({ tables }) => tables.eimInjections.extend(claim, end));
    };
    return { claimed, lockedUntil, endsAt, release: () => endsAt(date) };
  };
  const calling = (transferEimPackage: IpaCaller['transferEimPackage']): InjectContext => ({
    ...(context as InjectContext),
    get config() {
      return context.config;
    },
    get pki() {
      return context.pki;
    },
    callIpa: (): IpaCaller => ({ transferEimPackage, [Symbol.dispose]() {} }),
  });
  const signal = () => new AbortController().signal;
  const write =
    (make: (der: Uint8Array) => Uint8Array): SmallIpa['answer'] =>
    (body, response) => {
      response.end(make(body));
    };
  const packageOf = (body: Uint8Array) => Uint8Array.from(readDer(body).contents);
  const packageIn = ({ body }: Called) => Uint8Array.from(readDer(Uint8Array.from(body)).contents);

  for (const binding of ['asn1', 'json'] as const) {
    test(`TransferEimPackage (${binding}): data, packages and downloads are sent as soon as there are any, and results acknowledged`, async () => {
      const ipa = await onboarded();
      await using device = await listeningDevice(ipa);
      await update(ipa, { IpaUrl: device.url, IpaBinding: binding, ...TRUSTED });
      await until(async () => assert.equal((await euiccOf(ipa)).has_certificate, true));
      const listed = await ask(ipa, { Kind: 'listProfileInfo' });
      await untilStatus(listed, 'completed');
      const { json: order } = await api('/v1/ESimProfiles', { form: { Eid: ipa.eid } });
      await until(async () => {
        const { profiles } = await euiccOf(ipa);
        assert.deepEqual(
          profiles.map((one: any) => [one.state, one.esim_profile_sid]),
          [['enabled', order.sid]],
        );
      });
      assert.equal((await api(`/v1/ESimProfiles/${order.sid}`)).json.status, 'installed');
      await idle(ipa);
      assert.deepEqual(device.refused, []);
      // What changes the network is carried out after the answer, and its result provided.
      assert.deepEqual(device.requests, [
        'ipaEuiccDataRequest',
        'euiccPackageRequest',
        'eimAcknowledgements',
        'profileDownloadTriggerRequest',
        'euiccPackageRequest',
      ]);
      const { euicc } = ipa;
      assert.ok(isIotEuicc(euicc));
      // The last one by the answer, which comes after the eIM has stored it.
      await until(() => assert.deepEqual(keptResults(euicc.state.iot), [], 'all are acknowledged'));
      assert.equal(await ipa.poll(), NOTHING);
    });
  }

  test('TransferEimPackage: the eIM shows the certificate of its TLS, and calls each binding at its path', async () => {
    const ipa = await associated();
    await using small = await smallIpa(write(() => RECEIVED));
    await update(ipa, { IpaUrl: `${small.url}/behind/`, ...TRUSTED });
    const operation = await ask(ipa, { Kind: 'listProfileInfo' });
    await untilStatus(operation, 'sent');
    await until(() => assert.equal(small.calls.length, 1));
    const [call] = small.calls;
    assert.deepEqual(
      [call!.path, call!.type, call!.hasCertificate],
      ['/behind/gsma/rsp2/asn1', 'application/x-gsma-rsp-asn1', true],
    );
    const sent = await ipa.poll();
    assert.deepEqual(packageIn(call!), sent, 'a poll gets the same bytes');
    await ipa.provide(ipa.resultOf(sent as Uint8Array, [listedNothing()]));
    small.answer = (_body, response) => {
      response.end(JSON.stringify({ header: executed, eimPackageReceived: true }));
    };
    await update(ipa, { IpaBinding: 'json' });
    await ask(ipa, { Kind: 'getRAT' });
    await until(() => assert.equal(small.calls.length, 2));
    assert.deepEqual(
      [small.calls[1]!.path, small.calls[1]!.type],
      ['/behind/gsma/rsp2/esipa/transferEimPackage', 'application/json;charset=UTF-8'],
    );
    const { euiccPackageRequest } = JSON.parse(small.calls[1]!.body.toString());
    assert.deepEqual(Uint8Array.fromBase64(euiccPackageRequest), await ipa.poll());
  });

  test('EimConfigurationData: eimInjectHttps is said to an eUICC whose IPA listens, and to no other', async () => {
    const ipa = await associated();
    const protocolsOf = async () => {
      const { json } = await api(`/v1/Euiccs/${ipa.eid}/Onboarding`);
      const request = AddInitialEimRequest.decode(
        Uint8Array.fromBase64(json.add_initial_eim_request),
      );
      return request.eimConfigurationDataList[0]!.eimSupportedProtocol;
    };
    assert.deepEqual(await protocolsOf(), ['eimRetrieveHttps']);
    await using small = await smallIpa(write(() => RECEIVED));
    await update(ipa, { IpaUrl: small.url, ...TRUSTED });
    assert.deepEqual(await protocolsOf(), ['eimRetrieveHttps', 'eimInjectHttps']);
    await ask(ipa, { Kind: 'updateEim' });
    await until(() => assert.equal(small.calls.length, 1));
    const { euiccPackage } = EuiccPackageRequest.decode(packageIn(small.calls[0]!))
      .euiccPackageSigned.value;
    const [{ updateEim }] = euiccPackage.ecoList as [{ updateEim: EimConfigurationData }];
    assert.deepEqual(updateEim.eimSupportedProtocol, ['eimRetrieveHttps', 'eimInjectHttps']);
  });

  test('TransferEimPackage: nothing is handed out before the IPA is there; what it waits for is shown, and it can be polled or cancelled', async () => {
    const ipa = await associated();
    const gone = await smallIpa(write(() => RECEIVED));
    await gone[Symbol.asyncDispose]();
    await update(ipa, { IpaUrl: gone.url, ...TRUSTED });
    await idle(ipa);
    const operation = await ask(ipa, { Kind: 'listProfileInfo' });
    const { host } = new URL(gone.url);
    await until(async () => {
      const { status, error_message: waits } = await shown(operation);
      assert.deepEqual(
        [status, waits],
        ['queued', `The IPA at ${host}: the connection was refused`],
      );
    });
    await settled(ipa);
    const row = await rowOf(ipa);
    assert.equal(row!.attempts, 1);
    assert.equal((await euiccOf(ipa)).counter, 0);
    // Another server than the CA of the owner says.
    const other = await smallIpa(
      write(() => RECEIVED),
      issueIpaCertificate(['localhost', '127.0.0.1'], new Date()),
    );
    await update(ipa, { IpaUrl: other.url });
    await until(async () => {
      const { status, error_message: waits } = await shown(operation);
      const untrusted = `The IPA at ${new URL(other.url).host}: the certificate is not trusted`;
      assert.deepEqual([status, waits], ['queued', untrusted]);
    });
    assert.deepEqual(other.calls, []);
    await other[Symbol.asyncDispose]();
    const polled = await ipa.poll();
    await ipa.provide(ipa.resultOf(polled as Uint8Array, [listedNothing()]));
    const done = await shown(operation);
    assert.deepEqual([done.status, done.error_message], ['completed', null]);
    await idle(ipa);
    const { url } = await ask(ipa, { Kind: 'getRAT' });
    const cancelled = await api(url.slice(started().url.length), { method: 'DELETE' });
    assert.equal(cancelled.status, 204);
  });

  test('TransferEimPackage: a lost answer leads to the same bytes, replayError to the result that the eUICC keeps', async () => {
    const ipa = await onboarded();
    await using device = await listeningDevice(ipa);
    await update(ipa, { IpaUrl: device.url, ...TRUSTED });
    await until(async () => assert.equal((await euiccOf(ipa)).has_certificate, true));
    await idle(ipa);
    device.losesAnswers = 1;
    device.requests.length = 0;
    const operation = await ask(ipa, { Kind: 'listProfileInfo' });
    await until(async () => assert.equal((await rowOf(ipa))!.attempts, 1));
    const waiting = await shown(operation);
    assert.equal(waiting.status, 'sent');
    assert.match(waiting.error_message, /: the connection was closed before a response arrived$/);
    const { counter } = await euiccOf(ipa);
    await settled(ipa);
    await now(ipa);
    await untilStatus(operation, 'completed');
    await idle(ipa);
    assert.deepEqual(device.requests, [
      'euiccPackageRequest',
      'euiccPackageRequest',
      'ipaEuiccDataRequest',
      'eimAcknowledgements',
    ]);
    assert.equal((await euiccOf(ipa)).counter, counter, 'no other counter was used');
    assert.ok(isIotEuicc(ipa.euicc));
    assert.deepEqual(keptResults(ipa.euicc.state.iot), []);
  });

  test('the virtual IPA: answers none but an eIM of its eUICC, and no message that is none or too long', async () => {
    const ipa = await onboarded();
    await using device = await listeningDevice(ipa);
    const paths = ['/gsma/rsp2/asn1', '/gsma/rsp2/esipa/transferEimPackage'];
    const acknowledgement = encodeTlv(0xbf53, encodeTlv(0x80, Uint8Array.of(1)));
    const asJson = (member: unknown) => JSON.stringify({ eimAcknowledgements: member });
    const statusOf = async (path: string, body: string | Uint8Array) =>
      (await post(`${device.url}${path}`, body)).status;
    assert.equal(await statusOf(paths[0]!, encodeTlv(0xbf4e, acknowledgement)), 403);
    assert.equal(await statusOf(paths[1]!, asJson(acknowledgement.toBase64())), 403);
    for (const body of ['', 'x', Uint8Array.of(0xbf, 0x4e, 0), encodeTlv(0xbf4f)]) {
      assert.equal(await statusOf(paths[0]!, body), 400);
    }
    for (const body of ['', 'x', '[]', '{}', asJson(1), asJson('!'), asJson('AA==')]) {
      assert.equal(await statusOf(paths[1]!, body), 400, body);
    }
    assert.equal(await statusOf(paths[0]!, Buffer.alloc(70_000)), 413);
    assert.equal(await statusOf('/', ''), 404);
    assert.deepEqual(device.requests, ['eimAcknowledgements', 'eimAcknowledgements']);
    assert.deepEqual(device.steps, []);
  });

  test('TransferEimPackage: a process that dies at any step leaves the package, its counter and its result to the next', async () => {
    const ipa = await associated();
    await using small = await smallIpa((body, response) => {
      const request = Uint8Array.from(readDer(body).contents);
      const isPackage = readDer(request).tag === 0xbf51;
      response.end(
        isPackage ? encodeTlv(0xbf4e, ipa.resultOf(request, [listedNothing()])) : RECEIVED,
      );
    });
    const seen: Uint8Array[] = [];
    /** Where it dies: after the hand-out, or with the answer of the IPA, or before the acknowledgement. */
    for (const dies of ['sending', 'answered', 'committed'] as const) {
      const sid = 'died';
      class Died extends Error {
        override name = sid;
      }
      let calls = 0;
      let answer: TransferEimPackageResponse | undefined;
      const dying: InjectContext = {
        ...calling(async (make) => {
          calls += 1;
          if (dies === 'committed' && calls > 1) throw new Died();
          const request = await make();
          seen.push(request);
          if (dies === 'sending') throw new Died();
          const result = ipa.resultOf(request, [listedNothing()], { seqNumber: ipa.sequence });
          answer = TransferEimPackageResponse.decode(encodeTlv(0xbf4e, result));
          return answer;
        }),
        async transact(work) {
          if (dies === 'answered' && answer !== undefined) throw new Died();
          return context.transact(work);
        },
      };
      const operation = await ask(ipa, { Kind: 'listProfileInfo' });
      const { claimed, lockedUntil, release } = await hold(ipa, small);
      await assert.rejects(inject(claimed, lockedUntil, dying, signal()), {
        name: sid,
      });
      const dead = await shown(operation);
      assert.equal(dead.status, dies === 'committed' ? 'completed' : 'sent', dies);
      small.calls.length = 0;
      await release();
      await idle(ipa);
      assert.equal((await shown(operation)).status, 'completed', dies);
      const told = small.calls.map(packageIn);
      const last = told.at(-1)!;
      assert.equal(last[1], 0x53, 'the result is acknowledged');
      if (dies !== 'committed') assert.deepEqual(told.at(-2), seen.at(-1), 'the same bytes');
      await update(ipa, { IpaUrl: '' });
    }
    assert.equal((await euiccOf(ipa)).counter, 3, 'each operation has had one counter');
  });

  test('TransferEimPackage: acknowledgements that take long do not take the time of the package after them', async () => {
    const ipa = await associated();
    const { claimed, endsAt } = await hold(ipa, { url: 'https://127.0.0.1:9' });
    const lockedUntil = new Date(Date.now() + 90_000).toISOString();
    await endsAt(lockedUntil);
    await ask(ipa, { Kind: 'listProfileInfo' });
    let late = 0;
    const held: number[] = [];
    const slow = calling(async (make) => {
      await make();
      held.push(Date.parse((await rowOf(ipa))!.locked_until!));
      late += 80_000;
      return TransferEimPackageResponse.decode(RECEIVED);
    });
    const later = { ...slow, now: () => new Date(Date.now() + late) };
    await inject({ ...claimed, acknowledgements: '[1]' }, lockedUntil, later, signal());
    const [first, second] = held as [number, number];
    assert.equal(first, Date.parse(lockedUntil));
    assert.ok(second - first > 75_000, 'it is held longer');
    await update(ipa, { IpaUrl: '' });
  });

  test('TransferEimPackage: whoever is held up until its claim has ended goes no further; what the IPA was not told, the next one tells', async () => {
    const ipa = await associated();
    const answered = (request: Uint8Array) =>
      encodeTlv(0xbf4e, ipa.resultOf(request, [listedNothing()]));
    const isPackage = (der: Uint8Array) => readDer(der).tag === 0xbf51;
    await using small = await smallIpa((body, response) => {
      const request = Uint8Array.from(readDer(body).contents);
      response.end(isPackage(request) ? answered(request) : RECEIVED);
    });
    const operations = [
      await ask(ipa, { Kind: 'listProfileInfo' }),
      await ask(ipa, { Kind: 'listProfileInfo' }),
    ];
    const first = await hold(ipa, small);
    const sent: Uint8Array[] = [];
    const OTHER = new Date(Date.now() + 7_200_000).toISOString();
    const slow = calling(async (make) => {
      sent.push(await make());
      await first.endsAt(OTHER);
      return TransferEimPackageResponse.decode(answered(sent.at(-1)!));
    });
    await inject(first.claimed, first.lockedUntil, slow, signal());
    assert.equal(sent.length, 1);
    const statuses = async () =>
      Promise.all(operations.map(async (operation) => (await shown(operation)).status));
    assert.deepEqual(await statuses(), ['completed', 'queued'], 'its result counts');
    assert.equal((await rowOf(ipa))!.locked_until, OTHER, 'the claim is of the other');
    const unheard = calling(async (make) => {
      const request = await make();
      if (isPackage(request)) return TransferEimPackageResponse.decode(answered(request));
      throw new PeerUnavailable('no connection', 'not sent');
    });
    await inject({ ...first.claimed, locked_until: null }, OTHER, unheard, signal());
    assert.deepEqual(await statuses(), ['completed', 'completed']);
    const { acknowledgements, locked_until } = (await rowOf(ipa))!;
    assert.equal(locked_until, null);
    assert.equal(JSON.parse(acknowledgements!).length, 1);
    await now(ipa);
    await idle(ipa);
    assert.deepEqual(
      small.calls.map((call) => readDer(packageIn(call)).tag),
      [0xbf53],
      'acknowledged, and nothing else',
    );
    await update(ipa, { IpaUrl: '' });
  });

  test('TransferEimPackage: an IPA that has moved while it was connected to is handed out nothing', async () => {
    const ipa = await associated();
    await using small = await smallIpa((_, response) => response.destroy());
    const operation = await ask(ipa, { Kind: 'listProfileInfo' });
    const { claimed, lockedUntil } = await hold(ipa, small);
    const moving = calling(async (make) => {
      await context.transact(({ tables }) =>
        tables.euiccs.update(ipa.eid, { ipa_url: 'https://127.0.0.1:1/' }),
      );
      return TransferEimPackageResponse.decode(await make());
    });
    await inject(claimed, lockedUntil, moving, signal());
    assert.equal((await shown(operation)).status, 'queued');
    assert.notEqual(await rowOf(ipa), undefined, 'it is sent to where the IPA is now');
    await update(ipa, { IpaUrl: '' });
  });

  test('TransferEimPackage: a call that is broken off, because the server stops, does not count as an attempt', async () => {
    const ipa = await associated();
    await using small = await smallIpa((_, response) => response.destroy());
    const operation = await ask(ipa, { Kind: 'listProfileInfo' });
    const { claimed, lockedUntil } = await hold(ipa, small);
    const stopping = calling(async (make) => {
      await make();
      throw new PeerUnavailable(CANCELLED, 'sent');
    });
    await inject({ ...claimed, attempts: 3 }, lockedUntil, stopping, signal());
    const row = (await rowOf(ipa))!;
    assert.equal(row.attempts, 3);
    assert.ok(row.due_at <= new Date().toISOString(), 'the next server makes it at once');
    assert.equal((await shown(operation)).error_message, null);
    await update(ipa, { IpaUrl: '' });
  });

  test('TransferEimPackage: a profile without connectivity leads to a rollback, which the device tells', async () => {
    const ipa = await onboarded();
    await using device = await listeningDevice(ipa);
    await update(ipa, { IpaUrl: device.url, ...TRUSTED });
    const { json: order } = await api('/v1/ESimProfiles', { form: { Eid: ipa.eid } });
    await until(async () => {
      const [profile] = (await euiccOf(ipa)).profiles;
      assert.deepEqual([profile.state, profile.esim_profile_sid], ['enabled', order.sid]);
    });
    const other = await started().order({ GenerateMatchingId: 'true' });
    device.withoutConnectivity.push(other.iccid);
    const { activation_code: ActivationCode } = other;
    await ask(ipa, { Kind: 'download', ActivationCode, Enable: 'true', Rollback: 'true' });
    await until(async () => {
      const { operations } = (await api(`/v1/Euiccs/${ipa.eid}/Operations?Kind=enable`)).json;
      const found = operations.find(({ parameters }: any) => parameters.iccid === other.iccid);
      assert.deepEqual([found?.status, found?.error_code], ['failed', 'rollback']);
    });
    assert.ok(device.steps.some((step) => step.startsWith('went back to')));
  });

  test('ResumeBulkOperation: what waited for it is sent to IPAs that listen', async () => {
    const ipa = await associated();
    await using small = await smallIpa(write(() => RECEIVED));
    const form = { Kind: 'listProfileInfo', Eids: ipa.eid };
    const { json: bulk } = await api('/v1/Euiccs/BulkOperations', { form });
    await until(async () =>
      assert.equal((await context.store.eimOperations.underWay(ipa.eid)).length, 1),
    );
    const path = `/v1/Euiccs/BulkOperations/${bulk.sid}`;
    assert.equal((await api(`${path}/Pause`, { method: 'POST' })).status, 200);
    await update(ipa, { IpaUrl: small.url, ...TRUSTED });
    await until(async () => assert.equal((await rowOf(ipa))!.attempts, 1));
    await settled(ipa);
    assert.deepEqual(small.calls, []);
    // As after many attempts: the next one is far away.
    const { wanted } = (await rowOf(ipa))!;
    const later = new Date(Date.now() + 3_600_000).toISOString();
    await context.transact(async ({ tables: { eimInjections } }) => {
      await eimInjections.claim([ipa.eid], later, later);
      const due = { attempts: 9, acknowledgements: null, due_at: later };
      await eimInjections.settle({ eid: ipa.eid, locked_until: later }, wanted, due);
    });
    assert.equal((await rowOf(ipa))!.due_at, later);
    assert.equal((await api(`${path}/Resume`, { method: 'POST' })).status, 200);
    await until(() => assert.equal(small.calls.length, 1));
  });

  test('TransferEimPackage: eimPackageReceived, also of v1.3, waits for ProvideEimPackageResult; then the next package is sent', async () => {
    const ipa = await associated();
    const withCid = encodeTlv(
      0xbf4e,
      encodeTlv(0xbf60, encodeTlv(0xa0, encodeTlv(0x80, Uint8Array.of(1)))),
    );
    await using small = await smallIpa(write(() => withCid));
    await update(ipa, { IpaUrl: small.url, ...TRUSTED });
    const first = await ask(ipa, { Kind: 'listProfileInfo' });
    await untilStatus(first, 'sent');
    const second = await ask(ipa, { Kind: 'getRAT' });
    await settled(ipa);
    await until(async () => {
      const row = await rowOf(ipa);
      assert.ok(row!.locked_until === null && Date.parse(row!.due_at) > Date.now() + 30_000);
    });
    assert.equal(
      small.calls.length,
      1,
      'one at a time, and not again before its result may be lost',
    );
    const sent = packageIn(small.calls[0]!);
    assert.deepEqual(await ipa.provide(ipa.resultOf(sent, [listedNothing()])), [ipa.sequence]);
    await untilStatus(first, 'completed');
    await untilStatus(second, 'sent');
    await until(() => assert.equal(small.calls.length, 2));
  });

  test('TransferEimPackage: eimPackageError, also of v1.3, ends no eUICC package, and counts as an attempt of what is for the IPA', async () => {
    const ipa = await associated();
    const error = encodeTlv(0xbf4e, encodeTlv(0xbf61, encodeTlv(0x81, Uint8Array.of(2))));
    await using small = await smallIpa(write(() => error));
    await update(ipa, { IpaUrl: small.url, ...TRUSTED });
    const operation = await ask(ipa, { Kind: 'listProfileInfo' });
    await until(async () => {
      const { status, error_message: waits } = await shown(operation);
      assert.deepEqual([status, waits], ['sent', 'The IPA has answered with unknownPackage']);
    });
    await ipa.provide(ipa.resultOf((await ipa.poll()) as Uint8Array, [listedNothing()]));
    await untilStatus(operation, 'completed');
    const data = await ask(ipa, { Kind: 'euiccData' });
    await until(async () => {
      const { status, error_code: code, failed_attempts: attempts } = await shown(data);
      assert.deepEqual([status, code, attempts], ['sent', 'unknownPackage', 1]);
    });
    const { date_due: due } = (await context.store.eimOperations.next(ipa.eid))!;
    await until(async () => assert.equal((await rowOf(ipa))!.due_at, due));
  });

  test('TransferEimPackage: an answer that is huge, garbage, redirected or signed by another changes nothing, and the same bytes are sent again', async () => {
    const ipa = await associated();
    const other = await associated();
    await using small = await smallIpa((_body, response) => {
      response.end(Buffer.alloc(400_000, 0x30));
    });
    await using elsewhere = await smallIpa(write(() => RECEIVED));
    await update(ipa, { IpaUrl: small.url, ...TRUSTED });
    const operation = await ask(ipa, { Kind: 'listProfileInfo' });
    const waits = (message: RegExp) =>
      until(async () => {
        const { status, error_message: text } = await shown(operation);
        assert.equal(status, 'sent');
        assert.match(text, message);
      });
    const again = async (answer: SmallIpa['answer']) => {
      await settled(ipa);
      small.answer = answer;
      await now(ipa);
    };
    await waits(/the response is too long$/);
    await again(write(() => Uint8Array.of(1, 2, 3)));
    await waits(/the answer is no TransferEimPackageResponse$/);
    await again((_body, response) => {
      response.writeHead(307, { location: elsewhere.url }).end();
    });
    await waits(/answered 307; redirects are not followed$/);
    await again((_body, response) => {
      response.writeHead(500).end('x');
    });
    await waits(/answered 500; expected 2xx$/);
    const calls = small.calls.length;
    const stranger = createSigner(other.issued.privateKey);
    await again((body, response) => {
      const request = Uint8Array.from(readDer(body).contents);
      const result = ipa.resultOf(request, [listedNothing()], { signer: stranger });
      response.end(encodeTlv(0xbf4e, result));
    });
    await until(() => assert.equal(small.calls.length, calls + 1));
    await settled(ipa);
    assert.equal((await shown(operation)).status, 'sent');
    await again((body, response) => {
      const request = Uint8Array.from(readDer(body).contents);
      const isPackage = readDer(request).tag === 0xbf51;
      response.end(
        isPackage ? encodeTlv(0xbf4e, ipa.resultOf(request, [listedNothing()])) : RECEIVED,
      );
    });
    await untilStatus(operation, 'completed');
    await idle(ipa);
    const packages = small.calls.map(packageIn);
    const acknowledgement = packages.pop()!;
    assert.equal(acknowledgement[1], 0x53);
    for (const sent of packages) assert.deepEqual(sent, packages[0], 'the same bytes');
    assert.deepEqual(elsewhere.calls, []);
  });

  for (const binding of ['asn1', 'json'] as const) {
    test(`TransferEimPackage: mutated answers are answers, or are said to be none (${binding})`, () => {
      const random = randomFrom(binding.length);
      const chosen = [
        encodeTlv(0x05),
        Uint8Array.of(2, 1, 127),
        encodeTlv(0xbf60),
        encodeTlv(0xbf51),
      ];
      const both = { euiccPackageResult: 'v1E=', notificationList: 'MAA=' };
      const texts = [{ ePRAndNotifications: both }, { eimPackageError: 127 }, { header: executed }];
      const answers =
        binding === 'asn1'
          ? chosen.map((der) => encodeTlv(0xbf4e, der))
          : texts.map((members) => Buffer.from(JSON.stringify(members)));
      for (let count = 0; count < 500; count += 1) {
        const mutated = mutate(answers[count % answers.length]!, random);
        try {
          transferBindings[binding].read(mutated);
        } catch (error) {
          assert.ok(
            error instanceof DerError || error instanceof FunctionExecutionError,
            `${Buffer.from(mutated).toString('latin1')}: ${String(error)}`,
          );
        }
      }
    });
  }

  test('TransferEimPackage: an IPA answers for its own eUICC alone, not for one of another account', async () => {
    const victim = await associated();
    const asked = await ask(victim, { Kind: 'listProfileInfo' });
    const forVictim = (await victim.poll()) as Uint8Array;
    const as = await started().addAccount();
    const mine = new Ipa(started());
    await using small = await smallIpa(
      write(() => encodeTlv(0xbf4e, victim.resultOf(forVictim, [listedNothing()]))),
    );
    const { status } = await api('/v1/Euiccs', {
      form: { Eid: mine.eid, IpaUrl: small.url, ...TRUSTED },
      as,
    });
    assert.equal(status, 201);
    await until(() => assert.ok(small.calls.length > 0));
    await settled(mine);
    assert.equal((await shown(asked)).status, 'sent');
    const { status: hidden } = await api(`/v1/Euiccs/${victim.eid}`, {
      form: { IpaUrl: small.url },
      as,
    });
    assert.equal(hidden, 404);
  });

  test('TransferEimPackage: what a server of before has left of an eUICC that it removed belongs to nobody, and then to who registers it', async () => {
    const ipa = await associated();
    await update(ipa, { IpaUrl: 'https://127.0.0.1:1', ...TRUSTED });
    await ask(ipa, { Kind: 'listProfileInfo' });
    const left = await until(async () => {
      const row = await rowOf(ipa);
      assert.ok(row!.attempts > 0);
      return row!;
    });
    // As such a server does, which knows no injections.
    await context.transact(async ({ tables }) => {
      await tables.eimOperations.deleteAll(ipa.eid);
      await tables.euiccs.delete(ipa.eid);
    });
    const violations = async () => {
      const { config, masterKey } = started().server.context;
      const found = await violated(config.database, masterKey);
      return found.filter((violation) => violation.includes(`injection for ${ipa.eid}`));
    };
    assert.deepEqual(await violations(), []);
    const as = await started().addAccount();
    const { status } = await api('/v1/Euiccs', {
      form: { Eid: ipa.eid, IpaUrl: 'https://127.0.0.1:1', ...TRUSTED },
      as,
    });
    assert.equal(status, 201);
    const { account_sid: owner } = (await rowOf(ipa))!;
    assert.notEqual(owner, left.account_sid);
    assert.equal(owner, as.username);
    assert.deepEqual(await violations(), []);
  });

  test('TransferEimPackage: an IPA that hangs holds up no other', async () => {
    const [slow, quick] = [await associated(), await associated()];
    await using hanging = await smallIpa(() => {});
    await using small = await smallIpa((body, response) => {
      const request = Uint8Array.from(readDer(body).contents);
      const isPackage = readDer(request).tag === 0xbf51;
      response.end(
        isPackage ? encodeTlv(0xbf4e, quick.resultOf(request, [listedNothing()])) : RECEIVED,
      );
    });
    await update(slow, { IpaUrl: hanging.url, ...TRUSTED });
    await update(quick, { IpaUrl: small.url, ...TRUSTED });
    const held = await ask(slow, { Kind: 'listProfileInfo' });
    await until(() => assert.equal(hanging.calls.length, 1));
    await untilStatus(await ask(quick, { Kind: 'listProfileInfo' }), 'completed');
    // Meanwhile it can be polled, and what was asked later does not call it a second time at once.
    await ask(slow, { Kind: 'getRAT' });
    const polled = (await slow.poll()) as Uint8Array;
    assert.deepEqual(packageIn(hanging.calls[0]!), polled);
    await slow.provide(slow.resultOf(polled, [listedNothing()]));
    await untilStatus(held, 'completed');
    assert.equal(hanging.calls.length, 1);
  });

  test('TransferEimPackage: an IPA that answers before it is asked has answered nothing', async () => {
    const ipa = await associated();
    const sockets: TLSSocket[] = [];
    using closing = new DisposableStack();
    const server = createTlsServer(
      { cert: CERTIFICATE.certificate, key: CERTIFICATE.key },
      (socket) => {
        sockets.push(socket);
        socket.on('error', () => {});
        socket.resume();
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${RECEIVED.length}\r\n\r\n`);
        socket.write(RECEIVED);
      },
    );
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    closing.defer(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    const { port } = server.address() as AddressInfo;
    await update(ipa, { IpaUrl: `https://127.0.0.1:${port}`, ...TRUSTED });
    const asked = await ask(ipa, { Kind: 'listProfileInfo' });
    await until(async () => {
      const { error_message: message } = await shown(asked);
      assert.match(message ?? '', /the response is not HTTP$/);
    });
    await settled(ipa);
    assert.ok((await rowOf(ipa))!.attempts >= 1, 'it counts as one that has brought nothing');
    await update(ipa, { IpaUrl: '' });
  });

  test('TransferEimPackage: what a download needs, and is not known, is asked for before it, once', async () => {
    for (const kind of ['told', 'error', 'later']) {
      const ipa = await associated();
      const info = callEs10(ipa.euicc, Uint8Array.of(0xbf, 0x22, 0x00));
      const dataFor = (question: Uint8Array) => ipa.dataFor(question, { before: [info] });
      const told = JSON.parse((await context.store.euiccs.find(ipa.eid))!.capabilities!);
      const capabilities = JSON.stringify({ ...told, ipa_features: ['minimizeEsipaBytes'] });
      await context.transact(({ tables }) => tables.euiccs.update(ipa.eid, { capabilities }));
      await using small = await smallIpa((body, response) => {
        const request = Uint8Array.from(readDer(body).contents);
        if (kind === 'later' || readDer(request).tag !== QUESTION) return response.end(RECEIVED);
        const answer = kind === 'told' ? dataFor(request) : encodeTlv(0x02, Uint8Array.of(127));
        return response.end(encodeTlv(0xbf4e, answer));
      });
      await update(ipa, { IpaUrl: small.url, ...TRUSTED });
      await idle(ipa);
      const order = await started().order({ GenerateMatchingId: 'true' });
      const asked = await ask(ipa, { Kind: 'download', ActivationCode: order.activation_code });
      await until(() => assert.ok(small.calls.length > 0));
      if (kind === 'later') {
        await settled(ipa);
        assert.equal((await shown(asked)).status, 'queued', 'its answer is waited for');
        assert.ok(Date.parse((await rowOf(ipa))!.due_at) > Date.now());
        await ipa.provide(dataFor(packageIn(small.calls[0]!)));
      }
      await untilStatus(asked, 'sent');
      await settled(ipa);
      assert.deepEqual(
        small.calls.map((call) => readDer(packageIn(call)).tag),
        [QUESTION, TRIGGER],
        kind,
      );
      const { capabilities: kept } = (await context.store.euiccs.find(ipa.eid))!;
      const { euicc_info2: known, date_asked: date } = JSON.parse(kept!);
      assert.deepEqual([known, date], [kind === 'error' ? null : info.toBase64(), undefined]);
    }
  });

  test('UpdateEuicc: an IPA that is not trusted any more is not sent what waits, though it is being called', async () => {
    const ipa = await associated();
    const held: (() => void)[] = [];
    await using small = await smallIpa((body, response) => {
      const result = ipa.resultOf(packageOf(body), [listedNothing()]);
      held.push(() => response.end(encodeTlv(0xbf4e, result)));
    });
    await update(ipa, { IpaUrl: small.url, ...TRUSTED });
    await idle(ipa);
    const first = await ask(ipa, { Kind: 'listProfileInfo' });
    await until(() => assert.equal(held.length, 1));
    const second = await ask(ipa, { Kind: 'listProfileInfo' });
    const other = issueIpaCertificate(['localhost', '127.0.0.1'], new Date());
    await update(ipa, { IpaCa: other.certificate });
    held[0]!();
    await untilStatus(first, 'completed');
    await until(async () => {
      const { error_message: message } = await shown(second);
      assert.match(message ?? '', /: the certificate is not trusted$/);
    });
    assert.equal(small.calls.length, 1);
  });

  test('CreateEuicc, UpdateEuicc, FetchEuicc: where the IPA listens is checked, shown, and taken away', async () => {
    const ipa = new Ipa(started());
    const form = { Eid: ipa.eid };
    for (const IpaUrl of [
      'http://a.example.com',
      'https://u:p@a.example.com',
      'https://a/?b',
      'https://a/?',
      'https://a/#',
      'a',
    ]) {
      const { status, json } = await api('/v1/Euiccs', { form: { ...form, IpaUrl } });
      assert.equal(status, 400, IpaUrl);
      const [, expected, got] = /IpaUrl: expected (an https URL) .*; got '(.*)'$/.exec(
        json.message,
      )!;
      assert.deepEqual([expected, got], ['an https URL', IpaUrl]);
    }
    const eleven = Array.from(
      { length: 11 },
      () => issueIpaCertificate(['localhost'], new Date()).certificate,
    );
    for (const [IpaCa, got] of [
      ['PEM', `'PEM'`],
      [eleven.join(''), '11 certificates'],
    ] as const) {
      const { json: bad } = await api('/v1/Euiccs', { form: { ...form, IpaCa } });
      const expected = '1 to 10 certificates in PEM, of at most 16384 characters';
      assert.equal(bad.message, `Invalid parameter IpaCa: expected ${expected}; got ${got}`);
    }
    const { json: made } = await api('/v1/Euiccs', {
      form: {
        ...form,
        IpaUrl: 'https://127.0.0.1:9',
        IpaBinding: 'json',
        IpaCa: CERTIFICATE.certificate.repeat(3),
      },
    });
    const { fingerprint256 } = new X509Certificate(CERTIFICATE.certificate);
    assert.deepEqual(
      [made.ipa_url, made.ipa_binding, made.ipa_ca_fingerprints],
      ['https://127.0.0.1:9/', 'json', [fingerprint256]],
    );
    const { json: audited } = await api('/v1/AuditEntries?PageSize=1');
    assert.equal(audited.audit_entries[0].changes[0].after.ipa_url, 'https://127.0.0.1:9/');
    const changed = await update(ipa, { IpaCa: '', IpaBinding: 'asn1' });
    assert.deepEqual([changed.ipa_binding, changed.ipa_ca_fingerprints], ['asn1', null]);
    const removed = await update(ipa, { IpaUrl: '' });
    assert.deepEqual([removed.ipa_url, removed.ipa_binding], [null, null]);
    await idle(ipa);
  });

  test('TransferEimPackage: what was on its way when the server was stopped is sent again as soon as it starts', async () => {
    const ipa = await associated();
    await using small = await smallIpa(() => {});
    await update(ipa, { IpaUrl: small.url, ...TRUSTED });
    await idle(ipa);
    const { sid } = await ask(ipa, { Kind: 'listProfileInfo' });
    await until(() => assert.equal(small.calls.length, 1));
    // Without a stop, the next time would be in a quarter of an hour.
    await context.transact(async ({ tables }) => {
      const sent = (await tables.eimOperations.newestPackage(ipa.eid, sid))!;
      await tables.eimOperations.updatePackage(sent, { sent: 5 });
    });
    await started().restart();
    await until(() => assert.equal(small.calls.length, 2));
    assert.deepEqual(packageIn(small.calls[1]!), packageIn(small.calls[0]!));
  });
});

onEachDatabase('injection where private networks are not called', (database) => {
  const started = serverOn(database, {
    env: { SIMWRIGHT_ESIPA_PORT: '0', SIMWRIGHT_CALLBACK_PRIVATE_NETWORKS: 'off' },
  });
  test('TransferEimPackage: an IPA in a private network is not called', async () => {
    const ipa = new Ipa(started());
    await using small = await smallIpa(write(() => RECEIVED));
    const form = { Eid: ipa.eid, IpaUrl: small.url, ...TRUSTED };
    await started().request('/v1/Euiccs', { form });
    const path = `/v1/Euiccs/${ipa.eid}/Operations`;
    await until(async () => {
      const { operations } = (await started().request(path)).json;
      assert.match(operations[0].error_message, /: the host has no public address$/);
    });
    assert.deepEqual(small.calls, []);
  });
});

test('TransferEimPackage: names that nobody resolves, and that some accounts have chosen, hold up no other account', async () => {
  const { lookup } = dns;
  const asked: string[] = [];
  const resolving = mock.method(dns, 'lookup', (name: string, ...others: unknown[]): unknown => {
    if (!name.startsWith('hangs')) return Reflect.apply(lookup, dns, [name, ...others]);
    return asked.push(name);
  });
  await using small = await smallIpa((_body, response) => response.end(RECEIVED));
  const config = { threads: 64, callbackPrivateNetworks: true } as EimContext['config'];
  const call = callIpa(transferBindings, { config, keys: { tls: [] } });
  const ending = new AbortController();
  const calledBy = async (account_sid: string, host: string) => {
    const ipa_url = `https://${host}:${new URL(small.url).port}/`;
    const ipa = { account_sid, ipa_url, ipa_binding: 'asn1', ipa_ca: TRUSTED.IpaCa } as const;
    using ipaCaller = call(ipa);
    return await ipaCaller.transferEimPackage(async () => RECEIVED, ending.signal);
  };
  const hanging = ['a', 'b', 'c'].map((account) =>
    assert.rejects(calledBy(account, `hangs-${account}.example`), PeerUnavailable),
  );
  assert.notEqual((await calledBy('d', 'localhost')).eimPackageReceived, undefined);
  assert.equal(asked.length, 3);
  ending.abort();
  await Promise.all(hanging);
  resolving.mock.restore();
});

/** By a caller without a certificate. */
async function post(url: string, body: string | Uint8Array): Promise<{ status: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number }>();
  const options = { method: 'POST', rejectUnauthorized: false, agent: false } as const;
  const call = httpsRequest(url, options, (response) => {
    response.resume();
    resolve({ status: response.statusCode ?? 0 });
  });
  call.on('error', reject);
  call.end(body);
  return promise;
}

const executed = { functionExecutionStatus: { status: 'Executed-Success' } };
const listedNothing = () => ({ listProfileInfoResult: { profileInfoListOk: [] } });
const write =
  (make: (der: Uint8Array) => Uint8Array): SmallIpa['answer'] =>
  (body, response) => {
    response.end(make(body));
  };
