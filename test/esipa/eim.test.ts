// The eIM (SGP.32), with a real listener and a real database: polls, eUICC packages and their results, downloads through it.
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { before, mock, test } from 'node:test';
import { callEs10 } from '../../src/device/es10.ts';
import { ConnectionError } from '../../src/device/ipa/esipa-transport.ts';
import type { EsipaTransport } from '../../src/device/ipa/esipa-transport.ts';
import { Ipa as VirtualIpa } from '../../src/device/ipa/ipa.ts';
import { onboardingLines } from '../../src/eim/fleet/onboarding.ts';
import { configurationDataOf } from '../../src/eim/identity.ts';
import type { EimContext } from '../../src/eim/eim.ts';
import { rotatePackageKey } from '../../src/eim/server-keys.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import { esipaFunctions } from '../../src/esipa/answer-message.ts';
import { isEimSignature } from '../../src/rsp/euicc-package-signature.ts';
import { EimConfigurationData } from '../../src/rsp/definitions/eim-configuration-data.ts';
import { AddInitialEimRequest } from '../../src/rsp/definitions/iot-functions.ts';
import {
  EuiccPackageRequest,
  EuiccPackageResult,
  EuiccPackageResultDataSigned,
} from '../../src/rsp/definitions/euicc-package.ts';
import { encoded } from '../../src/rsp/encoded.ts';
import { encodeEid, encodeIccid } from '../../src/rsp/identifiers.ts';
import { encodeTlv, readDer } from '../../src/rsp/der.ts';
import { createSigner } from '../../src/rsp/signature.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { eventually } from '../server.ts';
import type { TestServer } from '../server.ts';
import { eimOf } from './eim-of.ts';
import { Ipa, packageFor, postEsipa } from './ipa.ts';

const NOTHING = 1;
const EID_NOT_FOUND = 2;
const ICCID = '89882110000000000014';

onEachDatabase('eIM', (database) => {
  const started = serverOn(database, { es9: true, stock: 20, env: { SIMWRIGHT_ESIPA_PORT: '0' } });
  let context: EimContext;
  before(() => {
    context = started().server.context as EimContext;
  });

  const api: TestServer['request'] = (path, options) => started().request(path, options);
  const { register, ask, find, associated, onboarded } = eimOf(started);

  test('GetEimPackage: an unknown EID is eidNotFound, and stores nothing', async () => {
    const ipa = new Ipa(started());
    assert.equal(await ipa.poll(), EID_NOT_FOUND);
    const json = new Ipa(started(), { binding: 'json', eid: ipa.eid });
    assert.equal(await json.poll(), EID_NOT_FOUND);
    assert.equal(await context.store.euiccs.find(ipa.eid), undefined);
  });

  test('SGP.32 §2.11.2.2 an eUICC that signs nothing is not asked for certificates, which an imitation may not have', async () => {
    const ipa = new Ipa(started());
    await register(ipa, { unsignedResults: true });
    assert.equal(await ipa.poll(), NOTHING);
  });

  test('GetEimPackage: an EID that is missing is missingEid, one that is none invalidEid', async () => {
    const ipa = new Ipa(started());
    assert.deepEqual(await ipa.asn1(encodeTlv(0xbf4f)), Uint8Array.of(0xbf, 0x4f, 3, 2, 1, 4));
    assert.equal((await ipa.json('getEimPackage', {})).eimPackageError, 4);
    assert.equal((await ipa.json('getEimPackage', { eidValue: '8904' })).eimPackageError, 3);
  });

  for (const binding of ['asn1', 'json'] as const) {
    test(`a registered eUICC tells its certificates and its token first (${binding})`, async () => {
      const ipa = new Ipa(started(), { binding });
      await register(ipa);
      const request = await packageFor(ipa);
      assert.deepEqual(await packageFor(ipa), request, 'the same bytes as long as no result came');
      assert.deepEqual(await ipa.provide(ipa.dataFor(request, { associationToken: 5 })), []);
      const euicc = await context.store.euiccs.find(ipa.eid);
      assert.equal(euicc!.association_token, 5);
      assert.equal(euicc!.euicc_certificate, ipa.issued.euiccCertificate.toBase64());
      assert.equal(await ipa.poll(), NOTHING);
    });

    if (binding === 'asn1') {
      test('SGP.32 §2.11.2.2 data that names neither EID nor transaction, as of v1.0.1, is of the eUICC of its certificate', async () => {
        const ipa = new Ipa(started());
        await register(ipa);
        await packageFor(ipa);
        const { euiccCertificate, eumCertificate } = ipa.issued;
        const answerTo = (...members: Uint8Array[]) =>
          ipa.asn1(encodeTlv(0xbf50, encodeTlv(0xbf52, encodeTlv(0xa0, ...members))));
        const token = encodeTlv(0x84, Uint8Array.of(5));
        const eum = encodeTlv(0xa5, readDer(eumCertificate).contents);
        const euicc = encodeTlv(0xa6, readDer(euiccCertificate).contents);
        const refused = Uint8Array.fromHex('bf5003020102');
        assert.deepEqual(await answerTo(token), refused);
        assert.deepEqual(await answerTo(token, encodeTlv(0xa6, encodeTlv(0x30))), refused);
        assert.deepEqual(await answerTo(token, eum, euicc), Uint8Array.fromHex('bf50023000'));
        assert.equal((await context.store.euiccs.find(ipa.eid))!.association_token, 5);
      });
    }

    test(`an eUICC package is signed, answered, and acknowledged once it is stored (${binding})`, async () => {
      const ipa = await associated(binding);
      const operation = await ask(ipa, { kind: 'enable', iccid: ICCID });
      const request = await packageFor(ipa);
      const { euiccPackageSigned, eimSignature } = EuiccPackageRequest.decode(request);
      const [row] = (await context.store.eimKeys.list()).filter(({ role }) => role === 'package');
      const { publicKey } = parseCertificate(Uint8Array.fromBase64(row!.certificate));
      assert.ok(isEimSignature(publicKey, eimSignature, euiccPackageSigned.der, 7));
      assert.deepEqual(euiccPackageSigned.value.eidValue, encodeEid(ipa.eid));
      assert.equal(euiccPackageSigned.value.counterValue, 1);
      assert.deepEqual(euiccPackageSigned.value.euiccPackage.psmoList, [
        { enable: { iccid: encodeIccid(ICCID) } },
      ]);
      const result = ipa.resultOf(request, [{ enableResult: 0 }]);
      assert.deepEqual(await ipa.provide(result), [ipa.sequence]);
      assert.equal((await find(operation)).status, 'completed');
      assert.equal((await context.store.euiccs.find(ipa.eid))!.state, 'associated');
      assert.deepEqual(await ipa.provide(result), [ipa.sequence], 'it is acknowledged again');
      assert.equal(await ipa.poll(), NOTHING);
    });

    test(`SGP.32 §3.2.3.2 an order for the EID is downloaded through the eIM, and enabled (${binding})`, async () => {
      const ipa = await associated(binding);
      const order = await started().order({ Eid: ipa.eid, GenerateMatchingId: 'true' });
      const trigger = await eventually(async () => {
        const polled = await ipa.poll();
        return polled instanceof Uint8Array ? polled : undefined;
      });
      const lpa = await ipa.download(trigger);
      await lpa.sendNotifications();
      const { json: installed } = await started().request(`/v1/ESimProfiles/${order.sid}`);
      assert.equal(installed.status, 'installed');
      const [download, enable] = await context.store.eimOperations.ofOrder(ipa.eid, order.sid);
      assert.equal(download!.status, 'completed');
      assert.deepEqual(JSON.parse(download!.result!), { iccid: order.iccid });
      const request = await packageFor(ipa);
      assert.deepEqual(await ipa.provide(ipa.resultOf(request, [{ enableResult: 0 }])), [
        ipa.sequence,
      ]);
      assert.equal((await find(enable!)).status, 'completed');
      const { profiles } = (await context.store.euiccs.find(ipa.eid))!;
      assert.deepEqual(
        JSON.parse(profiles!).map(({ iccid, state }: any) => ({ iccid, state })),
        [{ iccid: order.iccid, state: 'enabled' }],
      );
    });
  }

  test('SGP.32 §3.5.1, §5.9.1 a virtual IoT eUICC: onboarded, a profile downloaded and enabled, replaced by another, deleted', async () => {
    const ipa = new Ipa(started(), { isIot: true });
    await register(ipa);
    const onboarding = await started().request(`/v1/Euiccs/${ipa.eid}/Onboarding`);
    ipa.onboard(Uint8Array.fromBase64(onboarding.json.add_initial_eim_request));
    await ipa.provide(ipa.dataFor(await packageFor(ipa)));
    const carryOut = async () => {
      const request = await packageFor(ipa);
      const acknowledged = await ipa.provide(ipa.load(request));
      assert.ok(Array.isArray(acknowledged) && acknowledged.length === 1, String(acknowledged));
    };
    const profiles = async () => {
      const { profiles: reported } = (await context.store.euiccs.find(ipa.eid))!;
      return JSON.parse(reported!).map(({ iccid, state }: any) => `${iccid} ${state}`);
    };
    const installed: any[] = [];
    for (let count = 1; count <= 2; count++) {
      const order = await started().order({ Eid: ipa.eid });
      const trigger = await eventually(async () => {
        const polled = await ipa.poll();
        return polled instanceof Uint8Array ? polled : undefined;
      });
      await (await ipa.download(trigger)).sendNotifications();
      await carryOut();
      const { json } = await started().request(`/v1/ESimProfiles/${order.sid}`);
      assert.equal(json.status, 'installed');
      installed.push(order);
    }
    const [first, second] = installed;
    assert.deepEqual(await profiles(), [`${first.iccid} disabled`, `${second.iccid} enabled`]);
    await ask(ipa, { kind: 'enable', iccid: first.iccid });
    await carryOut();
    await ask(ipa, { kind: 'delete', iccid: second.iccid });
    await carryOut();
    await ask(ipa, { kind: 'listProfileInfo' });
    await carryOut();
    assert.deepEqual(await profiles(), [`${first.iccid} enabled`]);
    const failing = await ask(ipa, { kind: 'enable', iccid: first.iccid });
    await carryOut();
    assert.equal((await find(failing)).error_code, 'profileNotInDisabledState');
  });

  test('ListEuicc, CountEuicc, UpdateEuicc: eUICCs are found by EID, SID, name, status, and when they were last seen', async () => {
    const as = await started().addAccount(0);
    const eids = Array.from({ length: 3 }, () => new Ipa(started()).eid);
    const names = ['Pump 7', 'PUMP 8', undefined];
    const made: any[] = [];
    for (const [at, Eid] of eids.entries()) {
      const FriendlyName = names[at];
      const form = { Eid, ...(FriendlyName === undefined ? {} : { FriendlyName }) };
      made.push((await api('/v1/Euiccs', { form, as })).json);
    }
    const [seven, eight, none] = made;
    const found = async (query: string) => {
      const { json: list } = await api(`/v1/Euiccs?${query}`, { as });
      const { json: counted } = await api(`/v1/Euiccs/Count?${query}`, { as });
      const sids = list.euiccs.map(({ sid }: any) => sid);
      assert.deepEqual(counted, { count: sids.length, more: false });
      return sids;
    };
    assert.deepEqual(await found('Search=pump'), [eight.sid, seven.sid]);
    assert.deepEqual(await found(`Search=${eids[0]!.toLowerCase()}`), [seven.sid]);
    assert.deepEqual(await found(`Search=${eids[2]!.slice(-5)}`), [none.sid]);
    assert.deepEqual(await found(`Search=${eight.sid}`), [eight.sid]);
    assert.deepEqual(await found(`Eid=${eids[0]}`), [seven.sid]);
    assert.deepEqual(await found('Status=left'), []);
    const { date_seen: seenBefore } = (await api(`/v1/Euiccs/${seven.sid}`, { as })).json;
    assert.equal(seenBefore, null);
    await new Ipa(started(), { eid: eids[0]! }).poll();
    const past = new Date(Date.now() - 60_000).toISOString();
    assert.deepEqual(await found(`SeenAfter=${past}`), [seven.sid]);
    assert.deepEqual(await found(`SeenBefore=${past}`), [none.sid, eight.sid]);
    const first = (await api('/v1/Euiccs?Search=pump&PageSize=1', { as })).json;
    const second = (await api(first.meta.next_page_url.replace(started().url, ''), { as })).json;
    assert.deepEqual([first.euiccs[0].sid, second.euiccs[0].sid], [eight.sid, seven.sid]);
    const { previous_page_url: back } = second.meta;
    const again = (await api(back.replace(started().url, ''), { as })).json;
    assert.deepEqual(again.euiccs, first.euiccs);

    const path = `/v1/Euiccs/${none.sid}`;
    const renamed = await api(path, { form: { FriendlyName: 'Meter' }, as });
    assert.equal(renamed.json.friendly_name, 'Meter');
    assert.deepEqual(await found('Search=mete'), [none.sid]);
    const nameless = await api(path, { form: { FriendlyName: '' }, as });
    assert.equal(nameless.json.friendly_name, null);
    assert.equal((await api(path, { form: { FriendlyName: 'Theft' } })).status, 404);
  });

  test('ListEuiccPackage: what was sent for an operation and what came back, as bytes and in ASN.1', async () => {
    const ipa = await associated();
    const { sid } = await ask(ipa, { kind: 'enable', iccid: ICCID });
    const operations = `/v1/Euiccs/${ipa.eid}/Operations`;
    const path = `${operations}/${sid}/Packages`;
    assert.deepEqual((await api(path)).json.packages, []);
    const request = await packageFor(ipa);
    const [open] = (await api(path)).json.packages;
    assert.deepEqual([open.state, open.counter, open.sent, open.response], ['open', 1, 1, null]);
    assert.equal(open.request_der, request.toBase64());
    assert.match(open.request, /^EuiccPackageRequest ::= \{[^]*enable : \{/);
    const refusal = ipa.refusalOf(request, 4);
    await ipa.provide(refusal);
    const again = await packageFor(ipa);
    const result = ipa.resultOf(again, [{ enableResult: 2 }]);
    await ipa.provide(result);
    const { packages } = (await api(path)).json;
    const states = packages.map((row: any) => [row.state, row.response_der]);
    assert.deepEqual(states, [
      ['resolved', result.toBase64()],
      ['resolved', refusal.toBase64()],
    ]);
    assert.match(packages[0].response, /^EuiccPackageResult ::= [^]*enableResult/);
    const older = (await api(`${path}?PageSize=1`)).json;
    assert.deepEqual(older.packages, packages.slice(0, 1));
    const { next_page_url: next } = older.meta;
    assert.equal((await api(next.replace(started().url, ''))).json.packages[0].counter, 1);
    assert.equal((await api(`${operations}/EO${'0'.repeat(32)}/Packages`)).status, 404);
    const failed = (await api(`${operations}?Status=failed`)).json.operations;
    assert.deepEqual(
      failed.map((row: any) => row.sid),
      [sid],
    );
    const order = 'HP00000000000000000000000000000000';
    assert.deepEqual((await api(`${operations}?ESimProfileSid=${order}`)).json.operations, []);
  });

  test('SGP.32 §3.2.3.2, §3.3.1 a virtual device that polls, and trusts the pinned key alone, does all of an order in one go', async () => {
    const { device, path, transport } = await onboarded();
    const order = await started().order({ Eid: device.eid });
    await eventually(
      async () => (await context.store.eimOperations.ofOrder(device.eid, order.sid))[0],
    );
    const steps: string[] = [];
    const ipa = new VirtualIpa(device.euicc, {
      transport,
      onStep: (step) => steps.push(step),
    });
    await ipa.poll();
    assert.deepEqual(steps, ['euiccData', 'download', 'euiccPackage']);
    const { json: euicc } = await started().request(path);
    assert.equal(euicc.status, 'associated');
    assert.equal(euicc.profiles[0].state, 'enabled');
    assert.deepEqual(euicc.capabilities.ipa_features, ['indirectRspServerCommunication']);
    assert.equal(
      (await started().request(`/v1/ESimProfiles/${order.sid}`)).json.status,
      'installed',
    );
    assert.deepEqual(device.euicc.state.notifications, [], 'all were forwarded, and acknowledged');
    assert.equal(await ipa.poll(), 0);
  });

  test('SGP.32 §2.11.1.1.2 a virtual IoT eUICC is moved to another eIM: addEim, then deleteEim of ours', async () => {
    const ipa = new Ipa(started(), { isIot: true });
    await register(ipa);
    const path = `/v1/Euiccs/${ipa.eid}`;
    const { json: ours } = await started().request(`${path}/Onboarding`);
    ipa.onboard(Uint8Array.fromBase64(ours.add_initial_eim_request));
    await ipa.provide(ipa.dataFor(await packageFor(ipa)));
    const other = configurationDataOf({
      ...(await context.eim.keys.identity(1)),
      eimId: 'other.example.com',
    });
    const asked = async (form: Record<string, string>) => {
      const { json: operation } = await started().request(`${path}/Operations`, { form });
      await ipa.provide(ipa.load(await packageFor(ipa)));
      return (await started().request(`${path}/Operations/${operation.sid}`)).json;
    };
    const Configuration = EimConfigurationData.encode(other).toBase64();
    const added = await asked({ Kind: 'addEim', Configuration });
    assert.equal(added.status, 'completed');
    assert.equal(typeof added.result.association_token, 'number');
    const listed = await asked({ Kind: 'listEim' });
    assert.deepEqual(listed.result.eim_ids.toSorted(), ['localhost', 'other.example.com']);
    assert.equal((await asked({ Kind: 'deleteEim', EimId: 'localhost' })).status, 'completed');
    assert.equal((await started().request(path)).json.status, 'left');
    assert.equal(await ipa.poll(), EID_NOT_FOUND);
    const form = { Kind: 'listEim' };
    assert.equal((await started().request(`${path}/Operations`, { form })).status, 409);
  });

  test('a result that another key has signed, or of another counter, changes nothing', async () => {
    const ipa = await associated();
    const operation = await ask(ipa, { kind: 'listProfileInfo' });
    const request = await packageFor(ipa);
    const listed = [{ listProfileInfoResult: { profileInfoListOk: [] } }];
    const signer = createSigner(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey);
    assert.equal(await ipa.provide(ipa.resultOf(request, listed, { signer })), 127);
    assert.equal(await ipa.provide(ipa.resultOf(request, listed, { counterValue: 9 })), 127);
    assert.equal((await find(operation)).status, 'sent');
    assert.deepEqual(await packageFor(ipa), request);
    await ipa.provide(ipa.resultOf(request, listed));
    assert.equal((await find(operation)).status, 'completed');
  });

  test('a failed command fails its operation with the name that the standard gives it', async () => {
    const ipa = await associated();
    const operation = await ask(ipa, { kind: 'disable', iccid: ICCID });
    await ipa.provide(ipa.resultOf(await packageFor(ipa), [{ disableResult: 2 }]));
    const { status, error_code: code } = await find(operation);
    assert.deepEqual([status, code], ['failed', 'profileNotInEnabledState']);
  });

  test('replayError: the counter is raised, and the operation is signed again', async () => {
    const ipa = await associated();
    const operation = await ask(ipa, { kind: 'delete', iccid: ICCID });
    const first = await packageFor(ipa);
    assert.deepEqual(await ipa.provide(ipa.refusalOf(first, 4)), []);
    const second = await packageFor(ipa);
    const counterOf = (der: Uint8Array) =>
      EuiccPackageRequest.decode(der).euiccPackageSigned.value.counterValue;
    assert.ok(counterOf(second) > counterOf(first) + 1_000);
    await ipa.provide(ipa.resultOf(second, [{ deleteResult: 0 }]));
    assert.equal((await find(operation)).status, 'completed');
  });

  test('two polls at once get the same package, with one counter', async () => {
    const ipa = await associated();
    await ask(ipa, { kind: 'listProfileInfo' });
    const [one, other] = await Promise.all([packageFor(ipa), packageFor(ipa)]);
    assert.deepEqual(one, other);
  });

  test('a package without a result is sent at each poll, for hours at least; then its operation fails', async () => {
    const ipa = await associated();
    const operation = await ask(ipa, { kind: 'listProfileInfo' });
    const request = await packageFor(ipa);
    for (let sent = 1; sent <= 12; sent++) assert.deepEqual(await packageFor(ipa), request);
    const first = (await context.store.eimOperations.newestPackage(ipa.eid, operation.sid))!;
    const setSent = (changes: object) =>
      context.transact(({ tables }) => tables.eimOperations.updatePackage(first, changes));
    const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    // Polls count a minute apart at first, and an hour later.
    await setSent({ date_sent: ago(2) });
    assert.deepEqual(await packageFor(ipa), request);
    const sent = await context.store.eimOperations.newestPackage(ipa.eid, operation.sid);
    assert.equal(sent!.sent, 2);
    await setSent({ date_sent: ago(61), sent: 9 });
    assert.deepEqual(await packageFor(ipa), request);
    await setSent({ date_sent: ago(59) });
    assert.deepEqual(await packageFor(ipa), request);
    await setSent({ date_sent: ago(61) });
    assert.equal(await ipa.poll(), NOTHING);
    const { status, error_code: code } = await find(operation);
    assert.deepEqual([status, code], ['failed', 'noResult']);
  });

  test('ESipa: whatever is sent, a function is refused, not broken', async () => {
    const ipa = await associated();
    const { esipaUrl } = started().server;
    const operation = await ask(ipa, { kind: 'listProfileInfo' });
    const request = await packageFor(ipa);
    const result = ipa.resultOf(request, [{ enableResult: 0 }]);
    const messages = [
      encodeTlv(0xbf4f, encodeTlv(0x5a, encodeEid(ipa.eid))),
      encodeTlv(0xbf50, encodeTlv(0x5a, encodeEid(ipa.eid)), result),
      encodeTlv(0xbf39, encodeTlv(0x81, new Uint8Array(16)), encodeTlv(0x83, Buffer.from('x'))),
      encodeTlv(0xbf3b, encodeTlv(0x80, Uint8Array.of(1)), encodeTlv(0xbf38, encodeTlv(0xa1))),
      encodeTlv(0xbf3d, encodeTlv(0xa0, encodeTlv(0x30))),
      encodeTlv(
        0xbf41,
        encodeTlv(0x80, Uint8Array.of(1)),
        encodeTlv(0xa1, encodeTlv(0x81, Uint8Array.of(5))),
      ),
    ];
    const type = 'application/x-gsma-rsp-asn1';
    const statuses = new Set<number>();
    const post = async (path: string, mediaType: string, body: string | Uint8Array) =>
      statuses.add((await postEsipa(esipaUrl!, path, mediaType, body)).status);
    for (const message of messages) {
      for (let at = 0; at < message.length; at += Math.ceil(message.length / 12)) {
        const spoiled = Uint8Array.from(message);
        spoiled[at]! ^= 0x55;
        await post('/gsma/rsp2/asn1', type, spoiled);
        await post('/gsma/rsp2/asn1', type, message.subarray(0, at));
      }
    }
    for (const name of esipaFunctions) {
      for (const body of [
        '',
        '[]',
        '{}',
        '{"eidValue":5}',
        '{"transactionId":"AA","eimPackageResult":"MAA="}',
      ]) {
        await post(`/gsma/rsp2/esipa/${name}`, 'application/json', body);
      }
    }
    assert.deepEqual(
      [...statuses].toSorted((one, other) => one - other),
      [200, 400],
    );
    const failed = started().logged.filter((line) => line.includes('ESipa function failed'));
    assert.deepEqual(failed, []);
    assert.equal((await find(operation)).status, 'sent');
  });

  test('SGP.32 §6.3.2.6 notifyStateChange: what is on the eUICC is asked anew, and the operation has the cause', async () => {
    const ipa = await associated();
    const eidValue = encodeTlv(0x5a, encodeEid(ipa.eid));
    const cause = encodeTlv(0x81, Uint8Array.of(1));
    const answer = await ipa.asn1(encodeTlv(0xbf4f, eidValue, encodeTlv(0x80), cause));
    const request = readDer(answer).contents;
    const { json: list } = await api(`/v1/Euiccs/${ipa.eid}/Operations`);
    assert.deepEqual(list.operations[0].parameters, { state_change_cause: 'fallback' });
    assert.deepEqual(await ipa.poll({ notifyStateChange: true }), Uint8Array.from(request));
    const profileInfoListOk = [{ iccid: encodeIccid(ICCID), profileState: 1 }];
    await ipa.provide(ipa.resultOf(request, [{ listProfileInfoResult: { profileInfoListOk } }]));
    const { profiles } = (await context.store.euiccs.find(ipa.eid))!;
    assert.equal(JSON.parse(profiles!)[0].state, 'enabled');
  });

  test('InitiateAuthentication: 52 for an eimTransactionId that is unknown, 1 for another SM-DP+', async () => {
    const ipa = await associated();
    const initiate = (address: string, ...more: Uint8Array[]) =>
      ipa.asn1(
        encodeTlv(
          0xbf39,
          encodeTlv(0x81, new Uint8Array(16)),
          encodeTlv(0x83, Buffer.from(address)),
          ...more,
        ),
      );
    const { smdpAddress } = context.config;
    const unknown = await initiate(smdpAddress, encodeTlv(0x82, new Uint8Array(16)));
    assert.deepEqual(unknown, Uint8Array.of(0xbf, 0x39, 3, 0x81, 1, 52));
    const elsewhere = await initiate('smdp.example.com');
    assert.deepEqual(elsewhere, Uint8Array.of(0xbf, 0x39, 3, 0x81, 1, 1));
  });

  test('AuthenticateClient: an eUICC without a trigger is refused, whoever has begun', async () => {
    const ipa = await associated();
    const order = await started().order({ GenerateMatchingId: 'true' });
    const operation = await ask(ipa, { kind: 'download', activationCode: order.activation_code });
    const trigger = await packageFor(ipa);
    // Another eUICC uses the transaction.
    const thief = new Ipa(started());
    await assert.rejects(thief.download(trigger), /authenticateClientErrorEsipa 7/);
    assert.equal((await find(operation)).status, 'sent');
    await (await ipa.download(trigger)).sendNotifications();
    assert.equal((await find(operation)).status, 'completed');
  });

  test('CreateEuicc, FetchEuicc, ListEuicc, CreateEuiccOperation, FetchEuiccOperation, ListEuiccOperation: registered, and commanded', async () => {
    const { url } = started();
    const ipa = new Ipa(started());
    const form = { Eid: ipa.eid, FriendlyName: 'Pump 7' };
    const { status, json: euicc } = await api('/v1/Euiccs', { form });
    assert.equal(status, 201);
    assert.equal(euicc.status, 'registered');
    assert.equal((await api('/v1/Euiccs', { form })).status, 409);
    assert.equal((await api(`/v1/Euiccs/${ipa.eid}`)).json.sid, euicc.sid);
    assert.equal((await api(`/v1/Euiccs?Eid=${ipa.eid}`)).json.euiccs.length, 1);
    const as = await started().addAccount(0);
    assert.equal((await api(`/v1/Euiccs/${ipa.eid}`, { as })).status, 404);
    await ipa.provide(ipa.dataFor(await packageFor(ipa)));

    const operations = `/v1/Euiccs/${euicc.sid}/Operations`;
    const asked = { Kind: 'enable', Iccid: ICCID, Rollback: 'true' };
    const { json: operation } = await api(operations, { form: asked });
    assert.deepEqual(operation.parameters, { iccid: ICCID, rollback: true });
    assert.equal(operation.url, `${url}${operations}/${operation.sid}`);
    await ipa.provide(ipa.resultOf(await packageFor(ipa), [{ enableResult: 0 }]));
    assert.equal((await api(`${operations}/${operation.sid}`)).json.status, 'completed');
    const { json: list } = await api(`${operations}?PageSize=1`);
    assert.equal(list.operations[0].sid, operation.sid);
    assert.equal(
      (await api(list.meta.next_page_url.slice(url.length))).json.operations[0].kind,
      'euiccData',
    );
    assert.equal((await api(`/v1/Euiccs/${euicc.sid}`)).json.status, 'associated');
  });

  test('CreateEuiccOperation: what is missing or impossible is refused with a reason', async () => {
    const ipa = await associated();
    const refused = async (form: Record<string, string>, expected: RegExp) => {
      const { status, json } = await api(`/v1/Euiccs/${ipa.eid}/Operations`, { form });
      assert.equal(status, 400);
      assert.match(json.message, expected);
    };
    await refused({ Kind: 'enable' }, /enable needs Iccid/);
    await refused({ Kind: 'download' }, /download needs ActivationCode/);
    await refused({ Kind: 'setDefaultDpAddress' }, /setDefaultDpAddress needs Address/);
    const ActivationCode = 'LPA:1$smdp.example.com$ABC$$1';
    await refused({ Kind: 'download', ActivationCode }, /needs ConfirmationCode/);
    const ContactDefaultSmdp = 'true';
    await refused({ Kind: 'download', ActivationCode, ContactDefaultSmdp }, /download needs/);
    await refused({ Kind: 'download', SmdsAddress: 'smds.example.com' }, /download needs/);
    await refused({ Kind: 'enable', Iccid: ICCID, ConfirmationCode: '1234' }, /only of download/);
    await refused({ Kind: 'addEim', Configuration: 'AAAA' }, /addEim needs Configuration/);
    await refused({ Kind: 'deleteEim' }, /deleteEim needs EimId/);
    await refused({ Kind: 'jump' }, /Kind/);
  });

  test('CancelEuiccOperation: only one that was not sent; DeleteEuicc: its device is unknown then', async () => {
    const ipa = await associated();
    const one = await ask(ipa, { kind: 'listProfileInfo' });
    const other = await ask(ipa, { kind: 'listEim' });
    await packageFor(ipa);
    const cancel = (sid: string) =>
      api(`/v1/Euiccs/${ipa.eid}/Operations/${sid}`, { method: 'DELETE' });
    assert.equal((await cancel(one.sid)).status, 409);
    assert.equal((await cancel(other.sid)).status, 204);
    assert.equal((await find(other)).status, 'cancelled');
    assert.equal((await api(`/v1/Euiccs/${ipa.eid}`, { method: 'DELETE' })).status, 204);
    assert.equal(await ipa.poll(), EID_NOT_FOUND);
  });

  test('an order is looked at when something happens to it, and not with each later event of its account', async () => {
    const ipa = await associated();
    const pushed = async () => {
      const { sid } = await started().order({ Eid: ipa.eid });
      await eventually(async () => (await context.store.eimOperations.ofOrder(ipa.eid, sid))[0]);
    };
    const earlier = await Promise.all(
      [1, 2, 3].map(() => started().order({ GenerateMatchingId: 'true' })),
    );
    await pushed();
    const found = mock.method(context.store.esimProfiles, 'find');
    await pushed();
    const again = new Set(found.mock.calls.map(({ arguments: [, sid] }) => sid));
    found.mock.restore();
    assert.deepEqual(
      earlier.filter(({ sid }) => again.has(sid)),
      [],
    );
  });

  test('an order that ends takes its download back, and one of before is pushed when its eUICC is registered', async () => {
    const ipa = new Ipa(started());
    const order = await started().order({ Eid: ipa.eid });
    await register(ipa);
    const operations = () => context.store.eimOperations.ofOrder(ipa.eid, order.sid);
    const [download] = await operations();
    assert.equal(download!.kind, 'download');
    const { status } = await started().request(`/v1/ESimProfiles/${order.sid}/Cancel`, {
      method: 'POST',
    });
    assert.equal(status, 200);
    await eventually(async () =>
      (await operations())[0]!.status === 'cancelled' ? true : undefined,
    );
  });

  test('FetchEuiccOnboarding: AddInitialEimRequest with the key of the eIM, and a token to be made', async () => {
    const ipa = await associated();
    const { json } = await started().request(`/v1/Euiccs/${ipa.eid}/Onboarding`);
    const request = AddInitialEimRequest.decode(
      Uint8Array.fromBase64(json.add_initial_eim_request),
    );
    const [configuration] = request.eimConfigurationDataList;
    assert.equal(configuration!.eimId, 'localhost');
    assert.equal(
      configuration!.eimFqdn,
      new URL(started().server.esipaUrl!).host.replace('127.0.0.1', 'localhost'),
    );
    assert.equal(configuration!.associationToken, -1);
  });

  test('whatever is no message of ESipa is refused by its status', async () => {
    const { esipaUrl } = started().server;
    const type = 'application/x-gsma-rsp-asn1';
    const post = async (path: string, body: Uint8Array) =>
      (await postEsipa(esipaUrl!, path, type, body).catch(() => undefined))?.status;
    assert.equal(await post('/gsma/rsp2/asn1', Uint8Array.of(0x30, 0)), 400);
    assert.equal(await post('/gsma/rsp2/asn1', new Uint8Array()), 400);
  });

  test('another server on the same data sends the same bytes, and acknowledges a result again', async () => {
    const ipa = await associated();
    const operation = await ask(ipa, { kind: 'listEim' });
    const request = await packageFor(ipa);
    const restart = async () => {
      await started().restart();
      context = started().server.context as EimContext;
    };
    await restart();
    assert.deepEqual(await packageFor(ipa), request);
    const eimIdList = [{ eimId: 'localhost' }];
    const result = ipa.resultOf(request, [{ listEimResult: { eimIdList } }]);
    assert.deepEqual(await ipa.provide(result), [ipa.sequence]);
    await restart();
    // As if the acknowledgement had been lost.
    assert.deepEqual(await ipa.provide(result), [ipa.sequence]);
    assert.equal((await find(operation)).status, 'completed');
    assert.equal(await ipa.poll(), NOTHING);
  });

  test('SGP.32 §2.11.2 what an IPA says by itself ends no eUICC package, and answers only a request of its kind', async () => {
    const ipa = await associated();
    const operation = await ask(ipa, { kind: 'delete', iccid: ICCID });
    const request = await packageFor(ipa);
    const { eimTransactionId } = EuiccPackageRequest.decode(request).euiccPackageSigned.value;
    const data = encodeTlv(0xbf52, encodeTlv(0xa0, encodeTlv(0x87, eimTransactionId!)));
    assert.equal(await ipa.provide(data), 127);
    assert.equal(await ipa.provide(encodeTlv(0xbf52, encodeTlv(0xa0))), 127);
    const notDownloaded = encodeTlv(0x30, encodeTlv(0x80, Uint8Array.of(127)));
    assert.equal(await ipa.provide(encodeTlv(0xbf54, notDownloaded)), 127);
    assert.deepEqual(await ipa.provide(encodeTlv(0xa0, encodeTlv(0x02, Uint8Array.of(1)))), []);
    const { status, error_message: message } = await find(operation);
    assert.equal(status, 'sent');
    assert.match(message!, /^The IPA says that it cannot pass the package to the eUICC \(invalid/);
    assert.deepEqual(await packageFor(ipa), request);
  });

  test('SGP.32 §2.11.2.1 what an eUICC refuses without a signature ends nothing, and its operation says so', async () => {
    const ipa = await associated();
    const operation = await ask(ipa, { kind: 'delete', iccid: ICCID });
    const request = await packageFor(ipa);
    const { eimId, eimTransactionId } =
      EuiccPackageRequest.decode(request).euiccPackageSigned.value;
    const head = [encodeTlv(0x80, Buffer.from(eimId)), encodeTlv(0x82, eimTransactionId!)];
    const unsigned = encodeTlv(0xbf51, encodeTlv(0xa2, ...head));
    assert.deepEqual(await ipa.provide(unsigned), []);
    const { status, error_message: message } = await find(operation);
    assert.equal(status, 'sent');
    assert.match(message!, /^The eUICC does not accept the package, as its IPA says \(no code\)/);
    assert.deepEqual(await packageFor(ipa), request);
  });

  test('SGP.32 §2.11.1.1.2 onboarding says that the eIM relays downloads, but to an eUICC of v1.0.1, whose IPA leaves that out', async () => {
    const line = onboardingLines(context);
    const told: unknown[] = [];
    for (const resultSignature of ['associationToken', 'eimSignature', 'associationToken']) {
      const ipa = new Ipa(started());
      await register(ipa, { resultSignature });
      const row = (await context.store.euiccs.find(ipa.eid))!;
      const { add_initial_eim_request: request } = JSON.parse(await line(row));
      const given = AddInitialEimRequest.decode(Uint8Array.fromBase64(request));
      told.push(given.eimConfigurationDataList[0]!.indirectProfileDownload);
    }
    assert.deepEqual(told, [null, undefined, null]);
  });

  test('a token, a counter or a seqNumber may be larger than 32 bits', async () => {
    const ipa = new Ipa(started());
    await register(ipa);
    const data = encodeTlv(0xa0, encodeTlv(0x84, Uint8Array.fromHex('00ffffffffff')));
    const { euiccCertificate, eumCertificate } = ipa.issued;
    const certificates = [
      encodeTlv(0xa5, readDer(eumCertificate).contents),
      encodeTlv(0xa6, readDer(euiccCertificate).contents),
    ];
    await packageFor(ipa);
    const told = encodeTlv(0xbf52, encodeTlv(0xa0, readDer(data).contents, ...certificates));
    assert.deepEqual(await ipa.provide(told), []);
    ipa.associationToken = 0xff_ff_ff_ff_ff;
    assert.equal((await context.store.euiccs.find(ipa.eid))!.association_token, 0xff_ff_ff_ff_ff);
    const operation = await ask(ipa, { kind: 'listProfileInfo' });
    const request = await packageFor(ipa);
    const listed = [{ listProfileInfoResult: { profileInfoListOk: [] } }];
    const head = { eimId: 'localhost', counterValue: 2 ** 40, seqNumber: 1, euiccResult: [] };
    const unknown = EuiccPackageResult.encode({
      euiccPackageResultSigned: {
        euiccPackageResultDataSigned: encoded(EuiccPackageResultDataSigned, head),
        euiccSignEPR: new Uint8Array(64),
      },
    });
    assert.equal(await ipa.provide(unknown), EID_NOT_FOUND);
    const result = ipa.resultOf(request, listed, { seqNumber: 2 ** 33 });
    assert.deepEqual(await ipa.provide(result), [2 ** 33]);
    assert.equal((await find(operation)).status, 'completed');
  });

  test('a result that comes after its package was given up counts all the same', async () => {
    const ipa = await associated();
    const number = await rotatePackageKey(started().server.context);
    const operation = await ask(ipa, { kind: 'updateEim' });
    const request = await packageFor(ipa);
    const late = ipa.resultOf(request, [{ updateEimResult: 0 }]);
    const open = (await context.store.eimOperations.newestPackage(ipa.eid, operation.sid))!;
    const earlier = new Date(Date.now() - 61 * 60_000).toISOString();
    await context.transact(({ tables }) =>
      tables.eimOperations.updatePackage(open, { date_sent: earlier, sent: 10 }),
    );
    assert.equal(await ipa.poll(), NOTHING);
    assert.equal((await find(operation)).error_code, 'noResult');
    assert.deepEqual(await ipa.provide(late), [ipa.sequence]);
    const { status, error_code: code } = await find(operation);
    assert.deepEqual([status, code], ['completed', null]);
    assert.equal((await context.store.euiccs.find(ipa.eid))!.eim_key, number);
    assert.deepEqual(await ipa.provide(late), [ipa.sequence], 'it is acknowledged again');
  });

  test('a result that comes after a replayError for its package ends the operation, whatever was signed meanwhile', async () => {
    const ipa = await associated();
    const operation = await ask(ipa, { kind: 'enable', iccid: ICCID });
    const first = await packageFor(ipa);
    const late = ipa.resultOf(first, [{ enableResult: 0 }]);
    // The result was lost, so the eUICC gets the package again.
    await ipa.provide(ipa.refusalOf(first, 4));
    const second = await packageFor(ipa);
    assert.deepEqual(await ipa.provide(late), [ipa.sequence]);
    assert.equal((await find(operation)).status, 'completed');
    assert.equal(await ipa.poll(), NOTHING);
    const repeated = ipa.resultOf(second, [{ enableResult: 2 }]);
    assert.deepEqual(await ipa.provide(repeated), [ipa.sequence]);
    assert.equal((await find(operation)).status, 'completed');
  });

  test('a virtual device whose connection ends after a package was executed delivers its result with the next poll', async () => {
    const { device, path, transport: real } = await onboarded();
    let isDown = false;
    const transport: EsipaTransport = {
      async send(message) {
        const isResult = Buffer.from(message).readUInt16BE() === 0xbf50;
        if (isDown && isResult) throw new ConnectionError('connection lost');
        return real.send(message);
      },
    };
    const ipa = new VirtualIpa(device.euicc, { transport });
    await ipa.poll();
    const form = { Kind: 'setDefaultDpAddress', Address: 'smdp.example.com' };
    const { json: operation } = await started().request(`${path}/Operations`, { form });
    isDown = true;
    await assert.rejects(ipa.poll(), /connection lost/);
    isDown = false;
    assert.equal(await ipa.poll(), 0);
    const { json: ended } = await started().request(`${path}/Operations/${operation.sid}`);
    assert.equal(ended.status, 'completed');
    assert.equal((await context.store.euiccs.find(device.eid))!.counter, 1);
    assert.deepEqual(device.euicc.state.iot?.results, []);
  });

  test('AuthenticateClient: a certificate with the EID that the eUICC has not signed with fails no download', async () => {
    const ipa = await associated();
    const order = await started().order({ GenerateMatchingId: 'true' });
    const operation = await ask(ipa, { kind: 'download', activationCode: order.activation_code });
    const trigger = await packageFor(ipa);
    const thief = new Ipa(started(), { eid: ipa.eid });
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const [credential] = thief.euicc.credentials;
    Object.assign(credential!, { signer: createSigner(privateKey) });
    await assert.rejects(thief.download(trigger), /authenticateClientErrorEsipa/);
    assert.equal((await find(operation)).status, 'sent');
    await (await ipa.download(trigger)).sendNotifications();
    assert.equal((await find(operation)).status, 'completed');
  });

  test('GetBoundProfilePackage: a call that the session does not expect fails no download, which begins again', async () => {
    const ipa = await associated();
    const order = await started().order({ GenerateMatchingId: 'true' });
    const operation = await ask(ipa, { kind: 'download', activationCode: order.activation_code });
    const trigger = await packageFor(ipa);
    await ipa.asn1(
      encodeTlv(
        0xbf39,
        encodeTlv(0x81, new Uint8Array(16)),
        encodeTlv(0x83, Buffer.from(context.config.smdpAddress)),
        callEs10(ipa.euicc, Uint8Array.of(0xbf, 0x20, 0x00)),
        encodeTlv(0x82, trigger.slice(-16)),
      ),
    );
    const sent = await context.store.eimOperations.newestPackage(ipa.eid, operation.sid);
    const transactionId = encodeTlv(0x80, Uint8Array.fromHex(sent!.rsp_transaction_id!));
    const error = encodeTlv(0xa1, transactionId, encodeTlv(0x02, Uint8Array.of(1)));
    const answer = await ipa.asn1(encodeTlv(0xbf3a, transactionId, encodeTlv(0xbf21, error)));
    assert.deepEqual(answer, Uint8Array.fromHex('bf3a0381015f'));
    assert.equal((await find(operation)).status, 'sent');
    await (await ipa.download(trigger)).sendNotifications();
    assert.equal((await find(operation)).status, 'completed');
  });

  test('SGP.32 §3.2.3.2 a download whose result was lost is completed by it, although the device has begun again', async () => {
    for (const isReordered of [false, true]) {
      const { device, transport: real } = await onboarded();
      let lost = isReordered ? 2 : 1;
      const transport: EsipaTransport = {
        async send(message) {
          const isNotification = Buffer.from(message).readUInt16BE() === 0xbf3d;
          // Of two that wait, the first alone is lost again.
          if (isNotification && lost > 0) {
            lost -= 1;
            throw new ConnectionError('connection lost');
          }
          return real.send(message);
        },
      };
      const order = await started().order({ Eid: device.eid });
      await eventually(
        async () => (await context.store.eimOperations.ofOrder(device.eid, order.sid))[0],
      );
      const ipa = new VirtualIpa(device.euicc, { transport });
      await ipa.poll();
      // What still waits goes with the result of a package.
      await ask(device, { kind: 'listEim' });
      await ipa.poll();
      const operations = await context.store.eimOperations.ofOrder(device.eid, order.sid);
      assert.deepEqual(
        operations.map(({ kind, status }) => `${kind} ${status}`),
        ['download completed', 'enable completed'],
      );
      assert.deepEqual(device.euicc.state.notifications, []);
      const { json } = await started().request(`/v1/ESimProfiles/${order.sid}`);
      assert.equal(json.status, 'installed');
    }
  });

  test('ProfileDownloadTriggerResult: the result of an installation counts for one download', async () => {
    const ipa = await associated();
    const ordered = async () => {
      const order = await started().order({ GenerateMatchingId: 'true' });
      return ask(ipa, { kind: 'download', activationCode: order.activation_code });
    };
    const first = await ordered();
    await (await ipa.download(await packageFor(ipa))).sendNotifications();
    assert.equal((await find(first)).status, 'completed');
    const { response } = (await context.store.eimOperations.newestPackage(ipa.eid, first.sid))!;
    const second = await ordered();
    await packageFor(ipa);
    assert.equal(await ipa.provide(encodeTlv(0xbf54, response!)), 127);
    assert.equal((await find(second)).status, 'sent');
  });

  test('the TLS certificate of ESipa has the key that EimConfigurationData pins', async () => {
    const { tls } = await context.eim.keys.identity(1);
    const { trustedEimPkTls } = tls as { trustedEimPkTls: Uint8Array };
    const shown = createPublicKey(context.eim.keys.tls[0]!.certificatePem);
    assert.deepEqual(Buffer.from(trustedEimPkTls), shown.export({ type: 'spki', format: 'der' }));
  });
});
