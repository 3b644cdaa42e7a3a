// Downloads of the eIM from the SM-DP+ of somebody else (SGP.32 §3.2.3.2, ES9+'), over HTTPS, with everything that can go wrong there.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { callEs10 } from '../../src/device/es10.ts';
import { HttpsTransport } from '../../src/device/es9plus-transport.ts';
import { provideEimPackageResult } from '../../src/device/ipa/esipa.ts';
import { Ipa as VirtualIpa } from '../../src/device/ipa/ipa.ts';
import { Lpa } from '../../src/device/lpa.ts';
import type { EimContext } from '../../src/eim/eim.ts';
import type { Asked } from '../../src/eim/ask-operation.ts';
import { keepNotification, sendKept } from '../../src/eim/kept-notifications.ts';
import { sealConfirmation } from '../../src/eim/operations/download.ts';
import { asn1Binding } from '../../src/esipa/asn1-binding.ts';
import { jsonBinding } from '../../src/esipa/json-binding.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import { EsipaMessageFromEimToIpa } from '../../src/rsp/definitions/esipa.ts';
import {
  ProfileDownloadTriggerRequest,
  ProfileDownloadTriggerResult,
} from '../../src/rsp/definitions/eim-package.ts';
import { SmdpSigned2 } from '../../src/rsp/definitions/prepare-download.ts';
import { encodeTlv } from '../../src/rsp/der.ts';
import { hashCc, hashConfirmationCode } from '../../src/rsp/hash-cc.ts';
import { encodeEid } from '../../src/rsp/identifiers.ts';
import { certificatePem } from '../../src/rsp/pem.ts';
import { importPki } from '../../src/smdp/pki/pki-import.ts';
import type { EimNotificationRow } from '../../src/store/schema.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { eventually } from '../server.ts';
import { testPki } from '../device/test-pki.ts';
import { issueUnder } from '../smds/smds-certificates.ts';
import { startSmds } from '../smds/smds.ts';
import { eimOf } from './eim-of.ts';
import { startForeignSmdp } from './foreign-smdp.ts';
import type { ForeignSmdp } from './foreign-smdp.ts';
import { Ipa, packageFor, postEsipa, transactionIn } from './ipa.ts';

const ASN1 = 'application/x-gsma-rsp-asn1';
const NOTHING = 1;

let foreign: ForeignSmdp;
before(async () => {
  foreign = await startForeignSmdp();
});
after(() => foreign[Symbol.asyncDispose]());
beforeEach(() => {
  foreign.misbehaves = undefined;
  foreign.show();
  foreign.calls.length = 0;
});

test('SGP.32 §6.3.2.2 AuthenticateClient at an SM-DS: both bindings name the event with which to go on, or none', () => {
  const transactionId = 'AB'.repeat(16);
  const profileDownloadTrigger = {
    profileDownloadData: { activationCode: '1$smdp.example.com$EVENT' },
    eimTransactionId: new Uint8Array(16),
  };
  const inJson = (trigger: typeof profileDownloadTrigger | undefined) => {
    const answer = { authenticateClient: { transactionId, profileDownloadTrigger: trigger } };
    const { header: _, ...members } = JSON.parse(String(jsonBinding.answered(answer).body));
    return members;
  };
  const inAsn1 = (trigger: typeof profileDownloadTrigger | undefined) => {
    const answer = { authenticateClient: { transactionId, profileDownloadTrigger: trigger } };
    const { body } = asn1Binding.answered(answer);
    return EsipaMessageFromEimToIpa.decode(Uint8Array.from(body as Uint8Array))
      .authenticateClientResponseEsipa?.authenticateClientOkDSEsipa;
  };
  const der = ProfileDownloadTriggerRequest.encode(profileDownloadTrigger);
  assert.deepEqual(inJson(profileDownloadTrigger), {
    transactionId,
    profileDownloadTrigger: der.toBase64(),
  });
  assert.deepEqual(inJson(undefined), { transactionId });
  const bytes = Uint8Array.fromHex(transactionId);
  assert.deepEqual(inAsn1(profileDownloadTrigger), {
    transactionId: bytes,
    profileDownloadTrigger,
  });
  assert.deepEqual(inAsn1(undefined), { transactionId: bytes });
});

onEachDatabase('eIM and the SM-DP+s of others', (database) => {
  const started = serverOn(database, { stock: 2, env: { SIMWRIGHT_ESIPA_PORT: '0' } });
  let context: EimContext;
  before(async () => {
    context = started().server.context as EimContext;
    const content = Buffer.from(certificatePem(parseCertificate(foreign.ci.der)));
    await importPki([{ name: 'ci.pem', content }], started().server.context);
    await eventually(() =>
      context.pki.cis.some(({ der }) => Buffer.compare(der, foreign.ci.der) === 0)
        ? true
        : undefined,
    );
  });

  const eim = eimOf(started);
  const { find } = eim;
  const ask = (ipa: Pick<Ipa, 'eid'>, asked: Omit<Asked, 'kind'>) =>
    eim.ask(ipa, { kind: 'download', ...asked });
  const associated = (binding?: Ipa['binding']) => eim.associated(binding, foreign.server);
  const order = (form: Record<string, string> = {}) =>
    foreign.server.order({ GenerateMatchingId: 'true', ...form });
  const statusAtForeign = async (sid: string) =>
    (await foreign.server.request(`/v1/ESimProfiles/${sid}`)).json.status;
  /** A device that has been told to download. */
  const triggered = async (form: Record<string, string> = {}, asked: Omit<Asked, 'kind'> = {}) => {
    const ipa = await associated();
    const ordered = await order(form);
    const activationCode = ordered.activation_code;
    const operation = await ask(ipa, { activationCode, ...asked });
    return { ipa, ordered, operation, trigger: await packageFor(ipa) };
  };
  /** A virtual device that is registered, and knows the eIM by what it was given. */
  const onboarded = async ({ isDirect = false } = {}) => {
    const { device, path, transport } = await eim.onboarded(foreign.server);
    const steps: string[] = [];
    const ipa = new VirtualIpa(device.euicc, {
      transport,
      onStep: (step, what) => steps.push(step === 'failed' ? what : step),
      ...(isDirect ? { direct: new HttpsTransport({ cis: [foreign.ci.der] }) } : {}),
    });
    return { device, ipa, path, steps, transport };
  };

  for (const binding of ['asn1', 'json'] as const) {
    test(`SGP.32 §3.2.3.2 a profile of another SM-DP+ is downloaded through the eIM, signed parts byte for byte (${binding})`, async () => {
      const ipa = await associated(binding);
      const ordered = await order();
      const operation = await ask(ipa, { activationCode: ordered.activation_code });
      await (await ipa.download(await packageFor(ipa))).sendNotifications();
      assert.equal(await statusAtForeign(ordered.sid), 'installed');
      const { status, result } = await find(operation);
      assert.deepEqual([status, JSON.parse(result!)], ['completed', { iccid: ordered.iccid }]);
      assert.deepEqual(
        foreign.calls.map(({ name }) => name),
        [
          'initiateAuthentication',
          'authenticateClient',
          'getBoundProfilePackage',
          'handleNotification',
        ],
      );
      const [{ headers, json }] = foreign.calls as [(typeof foreign.calls)[0]];
      assert.equal(headers['user-agent'], 'gsma-rsp-lpad');
      assert.equal(headers['x-admin-protocol'], 'gsma/rsp/v2.5.0');
      assert.equal(json.smdpAddress, foreign.address);
    });
  }

  test('a virtual device that polls installs a profile of another SM-DP+, and enables it', async () => {
    const { device, ipa, path, steps } = await onboarded();
    const ordered = await order();
    await ask(device, { activationCode: ordered.activation_code, enable: true });
    await ipa.poll();
    assert.deepEqual(steps, ['euiccData', 'download', 'euiccPackage']);
    const { json: euicc } = await started().request(path);
    assert.deepEqual(
      [euicc.profiles[0].iccid, euicc.profiles[0].state],
      [ordered.iccid, 'enabled'],
    );
    assert.deepEqual(device.euicc.state.notifications, []);
    assert.equal(await statusAtForeign(ordered.sid), 'installed');
  });

  /** The status and Retry-After of InitiateAuthentication for a trigger. */
  const initiate = async (ipa: Ipa, trigger: Uint8Array, address = foreign.address) => {
    const { eimTransactionId } = ProfileDownloadTriggerRequest.decode(trigger);
    const message = encodeTlv(
      0xbf39,
      encodeTlv(0x81, new Uint8Array(16)),
      encodeTlv(0x83, Buffer.from(address)),
      callEs10(ipa.euicc, Uint8Array.of(0xbf, 0x20, 0x00)),
      ...(eimTransactionId === undefined ? [] : [encodeTlv(0x82, eimTransactionId)]),
    );
    return postEsipa(ipa.url, '/gsma/rsp2/asn1', ASN1, message);
  };
  const errorIn = (body: Uint8Array) =>
    EsipaMessageFromEimToIpa.decode(Uint8Array.from(body)).initiateAuthenticationResponseEsipa
      ?.initiateAuthenticationErrorEsipa;

  test('InitiateAuthentication without an eimTransactionId: only for an SM-DP+ from which a download is open', async () => {
    const ipa = await associated();
    const ordered = await order();
    const message = encodeTlv(0xbf54);
    const call = () => initiate(ipa, message);
    assert.equal(errorIn((await call()).body), 1);
    assert.deepEqual(foreign.calls, []);
    await ask(ipa, { activationCode: ordered.activation_code });
    await packageFor(ipa);
    assert.equal((await call()).status, 200);
    assert.equal(foreign.calls.length, 1);
  });

  const FAILURES: [title: string, fails: () => void, why: RegExp][] = [
    [
      'answers with HTTP status 500',
      () => (foreign.misbehaves = (_call, response) => void response.writeHead(500).end('x')),
      /answered initiateAuthentication with 500$/,
    ],
    [
      'answers with a redirect',
      () =>
        (foreign.misbehaves = (_call, response) => {
          response.writeHead(302, { location: 'https://127.0.0.1:1/' }).end();
        }),
      /answered initiateAuthentication with 302$/,
    ],
    [
      'answers with what is no JSON',
      () => (foreign.misbehaves = (_call, response) => void response.end('<html>')),
      /without functionExecutionStatus$/,
    ],
    [
      'answers without serverSigned1',
      () =>
        (foreign.misbehaves = async (_call, response, real) => {
          response.end(JSON.stringify({ ...(await real()), serverSigned1: undefined }));
        }),
      /without serverSigned1$/,
    ],
    [
      'answers with a transactionId that is none',
      () =>
        (foreign.misbehaves = async (_call, response, real) => {
          response.end(JSON.stringify({ ...(await real()), transactionId: '../..' }));
        }),
      /without a transactionId$/,
    ],
    [
      'answers with the transactionId of another session',
      () =>
        (foreign.misbehaves = async (_call, response, real) => {
          response.end(JSON.stringify({ ...(await real()), transactionId: 'AB'.repeat(16) }));
        }),
      /with the transactionId of another session$/,
    ],
    [
      'answers without end',
      () =>
        (foreign.misbehaves = (_call, response) => {
          const chunk = Buffer.alloc(1 << 20, ' ');
          const more = () => {
            while (!response.destroyed && response.write(chunk));
          };
          response.on('drain', more);
          more();
        }),
      /the response is too long$/,
    ],
    [
      'closes the connection',
      () => (foreign.misbehaves = (_call, response) => void response.destroy()),
      /the connection was closed before a response arrived$/,
    ],
    [
      'shows a certificate of a CI that is not trusted',
      () => foreign.show(issueUnder(testPki().ci, 'dpTls', '2.999.10')),
      /the certificate is not trusted$/,
    ],
    [
      'shows a certificate that is not one for TLS of an SM-DP+',
      () => foreign.show(issueUnder(foreign.ci, 'dpAuth', '2.999.10')),
      /localhost:\d+: /,
    ],
    [
      'is busy',
      () =>
        (foreign.misbehaves = (_call, response) => {
          const statusCodeData = { subjectCode: '1.2', reasonCode: '4.4' };
          const functionExecutionStatus = { status: 'Failed', statusCodeData };
          response.end(JSON.stringify({ header: { functionExecutionStatus } }));
        }),
      /is busy$/,
    ],
  ];
  for (const [title, fails, why] of FAILURES) {
    test(`an SM-DP+ that ${title}: 503 with Retry-After, the operation says why, and the download goes on later`, async () => {
      const { ipa, operation, trigger } = await triggered();
      fails();
      const { status, headers } = await initiate(ipa, trigger);
      assert.deepEqual([status, headers['retry-after']], [503, '10']);
      const waiting = await find(operation);
      assert.equal(waiting.status, 'sent');
      assert.match(waiting.error_message!, why);
      foreign.misbehaves = undefined;
      foreign.show();
      await (await ipa.download(trigger)).sendNotifications();
      const { status: ended, error_message: message } = await find(operation);
      assert.deepEqual([ended, message], ['completed', null]);
    });
  }

  test('an SM-DP+ that is down: 503, and the operation says so when it is given up', async () => {
    const ipa = await associated();
    const operation = await ask(ipa, { activationCode: '1$localhost:1$ABC' });
    const trigger = await packageFor(ipa);
    assert.equal((await initiate(ipa, trigger, 'localhost:1')).status, 503);
    assert.equal((await find(operation)).error_message, 'localhost:1: the connection was refused');
    const open = (await context.store.eimOperations.newestPackage(ipa.eid, operation.sid))!;
    const anHourAgo = new Date(Date.now() - 61 * 60_000).toISOString();
    await context.transact(({ tables }) =>
      tables.eimOperations.updatePackage(open, { date_sent: anHourAgo, sent: 10 }),
    );
    assert.equal(await ipa.poll(), NOTHING);
    const { error_code: code, error_message: message } = await find(operation);
    assert.deepEqual(
      [code, message],
      [
        'noResult',
        'It was sent 10 times, and no result has come; last: localhost:1: the connection was refused',
      ],
    );
  });

  test('an SM-DP+ that calls itself by another address: smdpAddressMismatch (50)', async () => {
    const { ipa, trigger } = await triggered();
    const address = foreign.address.replace('localhost', '127.0.0.1');
    assert.equal(errorIn((await initiate(ipa, trigger, address)).body), 50);
    const other = await associated();
    const code = `1$${address}$ABC`;
    await ask(other, { activationCode: code });
    const named = await packageFor(other);
    foreign.show(
      issueUnder(foreign.ci, 'dpTls', '2.999.10', (contents) => ({
        ...contents,
        iPAddress: ['127.0.0.1'],
      })),
    );
    foreign.misbehaves = async (_call, response, real) => {
      response.end(JSON.stringify(await real({ smdpAddress: foreign.address })));
    };
    assert.equal(errorIn((await initiate(other, named, address)).body), 50);
    assert.equal(foreign.calls.length, 1);
  });

  test('an SM-DP+ with another OID than the activation code names: smdpOidMismatch (51)', async () => {
    const ipa = await associated();
    const ordered = await order();
    const operation = await ask(ipa, { activationCode: `${ordered.activation_code}$2.999.99` });
    assert.equal(errorIn((await initiate(ipa, await packageFor(ipa))).body), 51);
    assert.match((await find(operation)).error_message!, /The OID of the SM-DP\+ is/);
  });

  test('what another SM-DP+ refuses keeps its codes: ESipa has the number of the same error, and the operation the code', async () => {
    const { ipa, operation, trigger, ordered } = await triggered();
    await foreign.server.request(`/v1/ESimProfiles/${ordered.sid}/Cancel`, { method: 'POST' });
    await assert.rejects(ipa.download(trigger), /authenticateClientErrorEsipa 6/);
    const { status, error_code: code } = await find(operation);
    assert.deepEqual([status, code], ['failed', '8.2.6/3.8']);
  });

  test('a notification is kept, and acknowledged, while its SM-DP+ does not take it, and sent later', async () => {
    const { ipa, operation, ordered, trigger } = await triggered();
    foreign.misbehaves = async ({ name }, response, real) => {
      if (name === 'handleNotification') response.writeHead(503).end();
      else response.end(JSON.stringify(await real()));
    };
    const { sent } = await (await ipa.download(trigger)).sendNotifications();
    assert.deepEqual(sent, [], 'the phone has sent it with the download');
    assert.deepEqual(ipa.euicc.state.notifications, []);
    assert.equal((await find(operation)).status, 'completed', 'the eUICC has signed it');
    assert.equal(await statusAtForeign(ordered.sid), 'downloaded');
    const [kept] = await context.store.eimNotifications.of(ipa.eid);
    assert.equal(kept!.smdp_address, foreign.address);
    foreign.misbehaves = undefined;
    const later = new Date(Date.now() + 60_000);
    await sendKept({ ...context, now: () => later });
    assert.deepEqual(await context.store.eimNotifications.of(ipa.eid), []);
    assert.equal(await statusAtForeign(ordered.sid), 'installed');
  });

  test('a notification is not taken for another one with its number, nor kept for who has registered the EID meanwhile', async () => {
    const ipa = await associated();
    const euicc = (await context.store.euiccs.find(ipa.eid))!;
    const kept = { smdpAddress: 'one.example.com', seqNumber: 1, der: new Uint8Array() };
    assert.ok(await keepNotification(euicc, kept, context));
    assert.ok(await keepNotification(euicc, kept, context), 'it has come again');
    const other = { ...kept, smdpAddress: 'two.example.com' };
    assert.ok(!(await keepNotification(euicc, other, context)));
    const former = { ...euicc, sid: `${euicc.sid.slice(0, -1)}x` };
    assert.ok(!(await keepNotification(former, { ...kept, seqNumber: 2 }, context)));
  });

  test('what waits behind another notification is looked at when that is, and due once it has ended', async () => {
    const ipa = await associated();
    const euicc = (await context.store.euiccs.find(ipa.eid))!;
    for (const seqNumber of [1, 2]) {
      const kept = { smdpAddress: 'localhost:1', seqNumber, der: new Uint8Array() };
      assert.ok(await keepNotification(euicc, kept, context));
    }
    const dates = async () => (await context.store.eimNotifications.of(ipa.eid)).map(dueOf);
    const dueOf = ({ due_at: date }: { due_at: string }) => date;
    const sendAfter = async (ms: number) => {
      const then = new Date(Date.now() + ms);
      await sendKept({ ...context, now: () => then });
    };
    const hour = 3_600_000;
    await context.transact(({ tables }) =>
      tables.eimNotifications.postpone(
        { eid: ipa.eid, seq_number: 1, attempts: 9 } as EimNotificationRow,
        new Date(Date.now() + 6 * hour).toISOString(),
      ),
    );
    await sendAfter(hour);
    const [first, second] = await dates();
    assert.equal(second, first);
    await sendAfter(31 * 24 * hour);
    await sendAfter(31 * 24 * hour + hour);
    assert.deepEqual(await dates(), [], 'both were given up, one after the other');
  });

  test('a notification that no eUICC has signed that we know goes to no SM-DP+ of others', async () => {
    const stranger = new Ipa(started(), { smdp: foreign.server });
    const { activation_code: code } = await order();
    const transport = new HttpsTransport({ cis: [foreign.ci.der] });
    const lpa = new Lpa(stranger.euicc, { transport });
    const { profileInstallationResult: signed } = await lpa.download(code, {
      sendsNotification: false,
    });
    foreign.calls.length = 0;
    const message = encodeTlv(0xbf3d, encodeTlv(0xa0, signed));
    const { status } = await postEsipa(stranger.url, '/gsma/rsp2/asn1', ASN1, message);
    assert.equal(status, 503);
    assert.deepEqual(foreign.calls, []);
    transport[Symbol.dispose]();
  });

  test('SGP.32 §3.2.3.2 the eIM holds the confirmation code: the device gets its hash, and no user is asked', async () => {
    const { device, ipa, steps } = await onboarded();
    const ordered = await order({ ConfirmationCode: 'sesame-123' });
    assert.match(ordered.activation_code, /\$\$1$/);
    const form = {
      Kind: 'download',
      ActivationCode: ordered.activation_code,
      ConfirmationCode: 'sesame-123',
    };
    const path = `/v1/Euiccs/${device.eid}/Operations`;
    const { text, json } = await started().request(path, { form });
    assert.doesNotMatch(text, /sesame/);
    const row = await context.store.eimOperations.find(device.eid, json.sid);
    assert.ok(row!.confirmation_code);
    await ipa.poll();
    assert.deepEqual(steps, ['euiccData', 'download']);
    const ended = await context.store.eimOperations.find(device.eid, json.sid);
    assert.deepEqual([ended!.status, ended!.confirmation_code], ['completed', null]);
    assert.equal(await statusAtForeign(ordered.sid), 'installed');
    const { rows } = await context.store.auditEntryPages({}, { kind: 'first' }, 10);
    const entry = rows.find(({ subject }) => subject === json.sid);
    assert.match(entry!.entry, /"confirmation_code":"set"/);
    assert.doesNotMatch(started().logged.join(''), /sesame/);
  });

  test('a wrong confirmation code fails the download with the code of the SM-DP+, and is erased', async () => {
    const { device, ipa } = await onboarded();
    const { activation_code: activationCode } = await order({ ConfirmationCode: 'sesame-123' });
    const operation = await ask(device, { activationCode, confirmationCode: 'sesame-124' });
    await ipa.poll();
    const { status, error_code: code, confirmation_code: kept } = await find(operation);
    assert.deepEqual([status, code, kept], ['failed', '8.2.7/3.8', null]);
    const again = await ask(device, { activationCode, confirmationCode: 'sesame-123' });
    await ipa.poll();
    assert.equal((await find(again)).status, 'completed');
  });

  test('a confirmation code that the eIM does not hold: the operation says what to do', async () => {
    const { device, ipa } = await onboarded();
    const { activation_code: code } = await order({ ConfirmationCode: 'sesame-123' });
    // Without its flag.
    const operation = await ask(device, { activationCode: code.replace('$$1', '') });
    await ipa.poll();
    const { status, error_message: message } = await find(operation);
    assert.equal(status, 'failed');
    assert.match(message!, /^The SM-DP\+ wants a confirmation code: ask for the download with/);
  });

  test('SGP.32 §2.11.1.3 contactDefaultSmdp: what waits for the EID at the default SM-DP+ of the eUICC', async () => {
    const { device, ipa, path } = await onboarded();
    const ordered = await foreign.server.order({ Eid: device.eid });
    const form = { Kind: 'download', ContactDefaultSmdp: 'true', Enable: 'true' };
    const { json: operation } = await started().request(`${path}/Operations`, { form });
    assert.deepEqual(operation.parameters, { contact_default_smdp: true, enable: true });
    await ipa.poll();
    const { json: ended } = await started().request(`${path}/Operations/${operation.sid}`);
    assert.deepEqual([ended.status, ended.result], ['completed', { iccid: ordered.iccid }]);
    const { json: euicc } = await started().request(path);
    assert.equal(euicc.profiles[0].state, 'enabled');
  });

  test('SGP.32 §2.11.1.3, §6.3.2.2 contactSmds: the event at the SM-DS leads to the SM-DP+, and each other one is a download of its own', async () => {
    const { device, ipa, path } = await onboarded();
    await using smds = await startSmds({ ci: foreign.ci });
    const [first, second] = [await order({ Eid: device.eid }), await order({ Eid: device.eid })];
    for (const { matching_id: eventId } of [first, second]) {
      await smds.register({ eid: device.eid, eventId, rspServerAddress: foreign.address });
    }
    const form = { Kind: 'download', ContactSmds: 'true', SmdsAddress: smds.address };
    const { json: operation } = await started().request(`${path}/Operations`, { form });
    await ipa.poll();
    const { json: list } = await started().request(`${path}/Operations`);
    const downloads = list.operations.filter(({ kind }: any) => kind === 'download');
    assert.deepEqual(
      downloads.map(({ status, result, parameters }: any) => [status, result, parameters]),
      [
        [
          'completed',
          { iccid: second.iccid },
          { activation_code: `1$${foreign.address}$${second.matching_id}` },
        ],
        [
          'completed',
          { iccid: first.iccid },
          {
            contact_smds: true,
            smds_address: smds.address,
            event_code: `1$${foreign.address}$${first.matching_id}`,
          },
        ],
      ],
    );
    assert.equal(downloads[1].sid, operation.sid);
  });

  const DONE = { functionExecutionStatus: { status: 'Executed-Success' } };
  const begin = async (ipa: Ipa, trigger: Uint8Array) => {
    const { body } = await initiate(ipa, trigger);
    return EsipaMessageFromEimToIpa.decode(Uint8Array.from(body))
      .initiateAuthenticationResponseEsipa!.initiateAuthenticationOkEsipa!.transactionId!;
  };

  test('a stranger who names a server of his own ends no download, adds none, and learns nothing of the confirmation code', async () => {
    const ipa = await associated();
    const operation = await ask(ipa, { contactSmds: true });
    const code = '1234';
    await context.transact(({ tables }) =>
      tables.eimOperations.update(operation, {
        confirmation_code: sealConfirmation(code, operation, context.masterKey),
      }),
    );
    const trigger = await packageFor(ipa);
    const transactionId = await begin(ipa, trigger);
    const answer = (members: object) => {
      foreign.misbehaves = (_call, response) =>
        void response.end(JSON.stringify({ header: DONE, ...members }));
    };
    const call = async (tag: number, inner: Uint8Array) => {
      const message = encodeTlv(tag, encodeTlv(0x80, transactionId), inner);
      return postEsipa(ipa.url, '/gsma/rsp2/asn1', ASN1, message);
    };
    const error = encodeTlv(
      0xa1,
      encodeTlv(0x80, transactionId),
      encodeTlv(0x02, Uint8Array.of(127)),
    );
    const event = { eventId: 'EVIL', rspServerAddress: foreign.address };
    for (const eventEntries of [[], [event, { ...event, eventId: 'EVIL-2' }]]) {
      answer({ eventEntries });
      await call(0xbf3b, encodeTlv(0xbf38, error));
    }
    const smdpSigned2 = SmdpSigned2.encode({ transactionId, ccRequiredFlag: true });
    answer({
      smdpSigned2: smdpSigned2.toBase64(),
      smdpSignature2: encodeTlv(0x5f37, new Uint8Array(64)).toBase64(),
      smdpCertificate: ipa.issued.euiccCertificate.toBase64(),
    });
    const { status, body } = await call(0xbf3b, encodeTlv(0xbf38, error));
    assert.equal(status, 200);
    assert.ok(body.includes(smdpSigned2));
    const hash = hashCc(hashConfirmationCode(code), transactionId);
    assert.ok(!body.includes(hash), 'a short code is guessed from its hash');
    answer({});
    const signed = encodeTlv(
      0x30,
      encodeTlv(0x80, transactionId),
      encodeTlv(0x81, Uint8Array.of(0x2a, 3)),
      encodeTlv(0x82, Uint8Array.of(0)),
    );
    const { status: cancelled } = await call(
      0xbf41,
      encodeTlv(0xa1, encodeTlv(0xa0, signed, encodeTlv(0x5f37, new Uint8Array(64)))),
    );
    assert.equal(cancelled, 200);
    const statusCodeData = { subjectCode: '8.1', reasonCode: '6.1' };
    answer({ header: { functionExecutionStatus: { status: 'Failed', statusCodeData } } });
    await call(0xbf3a, encodeTlv(0xbf21, error));
    assert.deepEqual(
      foreign.calls.map(({ name }) => name),
      [
        'initiateAuthentication',
        ...Array.from({ length: 3 }, () => 'authenticateClient'),
        'cancelSession',
        'getBoundProfilePackage',
      ],
    );
    const { status: now, parameters } = await find(operation);
    assert.deepEqual([now, JSON.parse(parameters)], ['sent', { contact_smds: true }]);
    const underWay = await context.store.eimOperations.underWay(ipa.eid);
    assert.equal(underWay.length, 1);
  });

  test('a server of anybody that gives what it calls a profile again and again makes few rows', async () => {
    const ipa = await associated();
    const operation = await ask(ipa, { contactDefaultSmdp: true });
    const trigger = await packageFor(ipa);
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      foreign.misbehaves = undefined;
      const transactionId = await begin(ipa, trigger);
      const boundProfilePackage = encodeTlv(0xbf36, encodeTlv(0x04)).toBase64();
      foreign.misbehaves = (_call, response) =>
        void response.end(JSON.stringify({ header: DONE, boundProfilePackage }));
      const error = encodeTlv(
        0xa1,
        encodeTlv(0x80, transactionId),
        encodeTlv(0x02, Uint8Array.of(127)),
      );
      const message = encodeTlv(0xbf3a, encodeTlv(0x80, transactionId), encodeTlv(0xbf21, error));
      assert.equal((await postEsipa(ipa.url, '/gsma/rsp2/asn1', ASN1, message)).status, 200);
    }
    const packages = await context.store.eimOperations.packagesOf(ipa.eid, operation.sid);
    assert.equal(packages.length, 17);
  });

  for (const address of ['localhost:99999', '1.2.3.400'])
    test(`an address that is none, ${address}: 503, the operation says so, and what is kept for it is given up`, async () => {
      const ipa = await associated();
      const operation = await ask(ipa, { activationCode: `1$${address}$ABC` });
      const trigger = await packageFor(ipa);
      assert.equal((await initiate(ipa, trigger, address)).status, 503);
      assert.equal((await find(operation)).error_message, `${address}: it is no address`);
      const euicc = (await context.store.euiccs.find(ipa.eid))!;
      const kept = { smdpAddress: address, seqNumber: 1, der: new Uint8Array() };
      await keepNotification(euicc, kept, context);
      const later = new Date(Date.now() + 90 * 86_400_000);
      await sendKept({ ...context, now: () => later });
      assert.deepEqual(await context.store.eimNotifications.of(ipa.eid), []);
    });

  test('contactSmds: an SM-DS at which nothing waits fails the download with noEvent', async () => {
    const { device, ipa } = await onboarded();
    await using smds = await startSmds({ ci: foreign.ci });
    const operation = await ask(device, { contactSmds: true, smdsAddress: smds.address });
    await ipa.poll();
    assert.equal((await find(operation)).error_code, 'noEvent');
  });

  test('SGP.32 §3.2.3.1 direct: the IPA calls the SM-DP+ itself, and what the eUICC has signed completes the download', async () => {
    const { device, ipa, path, steps } = await onboarded({ isDirect: true });
    const ordered = await order();
    const activationCode = ordered.activation_code;
    const operation = await ask(device, { activationCode, enable: true });
    await ipa.poll();
    assert.deepEqual(steps, ['euiccData', 'download', 'euiccPackage']);
    assert.equal(foreign.calls[0]!.headers['user-agent'], 'gsma-rsp-lpad');
    const { status, result } = await find(operation);
    assert.deepEqual([status, JSON.parse(result!)], ['completed', { iccid: ordered.iccid }]);
    const { json: euicc } = await started().request(path);
    assert.deepEqual(euicc.capabilities.ipa_features, ['directRspServerCommunication']);
    assert.equal(euicc.profiles[0].state, 'enabled');
    assert.equal(await statusAtForeign(ordered.sid), 'installed');
  });

  test('SGP.32 §3.2.3.1 direct: the result of an earlier download, or of another profile than the order’s, completes nothing', async () => {
    const { device, ipa, transport } = await onboarded({ isDirect: true });
    const { eid } = device;
    const first = await ask(device, { activationCode: (await order()).activation_code });
    await ipa.poll();
    const [done] = await context.store.eimOperations.packagesOf(eid, first.sid);
    const response = Uint8Array.from(done!.response!);
    const { profileDownloadTriggerResultData } = ProfileDownloadTriggerResult.decode(response);
    // As when it is no longer kept which download it was of.
    await context.transact(({ tables }) =>
      tables.eimOperations.updatePackage(done!, { rsp_transaction_id: null }),
    );
    const ordered = await order();
    const second = await ask(device, { activationCode: ordered.activation_code });
    const eimTransactionId = transactionIn(await packageFor(device), 0x82);
    const profileDownloadTriggerResult = { eimTransactionId, profileDownloadTriggerResultData };
    const replay = () =>
      provideEimPackageResult(transport, encodeEid(eid), { profileDownloadTriggerResult });
    await assert.rejects(replay, /undefinedError/);
    assert.equal((await find(second)).status, 'sent');
    // Of an eUICC that has told nothing before, the order says which profile it must be.
    const [open] = await context.store.eimOperations.packagesOf(eid, second.sid);
    assert.ok(open!.after_seq_number! >= 1);
    const here = await started().order({ GenerateMatchingId: 'true' });
    await context.transact(async ({ tables }) => {
      await tables.eimOperations.updatePackage(open!, { after_seq_number: null });
      await tables.eimOperations.update(second, { esim_profile_sid: here.sid });
    });
    await assert.rejects(replay, /undefinedError/);
    await context.transact(({ tables }) =>
      tables.eimOperations.update(second, { esim_profile_sid: null }),
    );
    await ipa.poll();
    const { status, result } = await find(second);
    assert.deepEqual([status, JSON.parse(result!)], ['completed', { iccid: ordered.iccid }]);
  });

  test('SGP.32 §2.11.2.3 direct: a download that has failed is told as profileDownloadError, and tried again', async () => {
    const { device, ipa } = await onboarded({ isDirect: true });
    const operation = await ask(device, { activationCode: `1$${foreign.address}$NONE-OF-THEM` });
    await ipa.poll();
    const { status, error_code: code, failures } = await find(operation);
    assert.deepEqual([status, code, failures], ['sent', 'undefinedError', 1]);
  });
});
