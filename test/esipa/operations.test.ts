// Operations on eUICCs (SGP.32): what each is, what is told of it, and what becomes of those that nobody has signed.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Es9PlusError } from '../../src/device/es9plus.ts';
import { ConnectionError } from '../../src/device/ipa/esipa-transport.ts';
import type { EsipaTransport } from '../../src/device/ipa/esipa-transport.ts';
import { Ipa as VirtualIpa } from '../../src/device/ipa/ipa.ts';
import type { EimContext } from '../../src/eim/eim.ts';
import { insertEuicc, newEuiccRow } from '../../src/eim/euiccs.ts';
import { considerOrder } from '../../src/eim/follow-orders.ts';
import { pushLeft } from '../../src/eim/push-orders.ts';
import { IpaEuiccDataRequest } from '../../src/rsp/definitions/eim-package.ts';
import { EsipaMessageFromEimToIpa } from '../../src/rsp/definitions/esipa.ts';
import { EuiccPackageRequest } from '../../src/rsp/definitions/euicc-package.ts';
import { encodeTlv, readDer } from '../../src/rsp/der.ts';
import { encodeIccid } from '../../src/rsp/identifiers.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { listen } from '../listener.ts';
import { startReceiver } from '../receiver.ts';
import { eventually } from '../server.ts';
import { eimApiOf } from './eim-of.ts';
import { Ipa, packageFor, transactionIn } from './ipa.ts';

const NOTHING = 1;
const EID_NOT_FOUND = 2;
const [ICCID, OTHER] = ['89882110000000000014', '89882110000000000022'];
const MINUTE_MS = 60_000;

onEachDatabase('operations of the eIM', (database) => {
  const started = serverOn(database, { es9: true, stock: 20, env: { SIMWRIGHT_ESIPA_PORT: '0' } });
  let context: EimContext;
  before(() => {
    context = started().server.context as EimContext;
  });
  const { api, euiccOf, ask, shown } = eimApiOf(started);
  const registered = async (form: Record<string, string> = {}, isIot = false) => {
    const ipa = new Ipa(started(), { isIot });
    const { status, json } = await api('/v1/Euiccs', { form: { Eid: ipa.eid, ...form } });
    assert.equal(status, 201, json.message);
    return ipa;
  };
  /** Its certificates are known. */
  const associated = async (form: Record<string, string> = {}) => {
    const ipa = await registered(form);
    assert.deepEqual(await ipa.provide(ipa.dataFor(await packageFor(ipa))), []);
    return ipa;
  };
  /** A virtual IoT eUICC that knows the eIM. */
  const onboarded = async () => {
    const ipa = await registered({}, true);
    const { json } = await api(`/v1/Euiccs/${ipa.eid}/Onboarding`);
    ipa.onboard(Uint8Array.fromBase64(json.add_initial_eim_request));
    await ipa.provide(ipa.dataFor(await packageFor(ipa)));
    return ipa;
  };
  const carryOut = async (ipa: Ipa, form: Record<string, string>) => {
    const operation = await ask(ipa, form);
    await ipa.provide(ipa.load(await packageFor(ipa)));
    return shown(operation);
  };
  /** As if the last attempt had been so long ago. */
  const later = async ({ eid, sid }: { eid: string; sid: string }, minutes: number) => {
    const { date_failed: failed, date_due: due } = (await context.store.eimOperations.find(
      eid,
      sid,
    ))!;
    const earlier = (date: string | null) =>
      date && new Date(Date.parse(date) - minutes * MINUTE_MS).toISOString();
    await context.transact(({ tables }) =>
      tables.eimOperations.update(
        { eid, sid },
        { date_failed: earlier(failed), date_due: earlier(due) },
      ),
    );
  };

  test('SGP.32 §2.11.1.1.3 configureImmediateEnable, getRAT and setDefaultDpAddress: carried out, and shown of the eUICC', async () => {
    const ipa = await onboarded();
    const configured = await carryOut(ipa, {
      Kind: 'configureImmediateEnable',
      ImmediateEnable: 'true',
      SmdpOid: '1.3.6.1.4.1',
      Address: 'smdp.example.com',
    });
    assert.equal(configured.status, 'completed');
    assert.deepEqual(ipa.euicc.state.iot!.immediateEnable, {
      isAllowed: true,
      smdpOid: '1.3.6.1.4.1',
      smdpAddress: 'smdp.example.com',
    });
    // The standard forbids it as long as profiles are enabled at once.
    const refused = await carryOut(ipa, { Kind: 'setDefaultDpAddress', Address: 'a.example.com' });
    assert.deepEqual([refused.status, refused.error_code], ['failed', 'undefinedError']);
    await carryOut(ipa, { Kind: 'configureImmediateEnable', ImmediateEnable: 'false' });
    await carryOut(ipa, { Kind: 'setDefaultDpAddress', Address: 'a.example.com:8443' });
    const { result } = await carryOut(ipa, { Kind: 'getRAT' });
    await carryOut(ipa, { Kind: 'listEim' });
    const euicc = await euiccOf(ipa);
    assert.deepEqual(euicc.immediate_enable, {
      allowed: false,
      smdp_oid: null,
      smdp_address: null,
    });
    assert.equal(euicc.default_smdp_address, 'a.example.com:8443');
    assert.deepEqual(euicc.rules, result.rules);
    assert.ok(euicc.date_rules);
    assert.deepEqual(euicc.eim_ids, ['localhost']);
    assert.ok(euicc.date_eim_ids);
    await carryOut(ipa, { Kind: 'setDefaultDpAddress', Address: '' });
    assert.equal((await euiccOf(ipa)).default_smdp_address, '');
  });

  test('an order of before the registration is pushed by the job, if the server died once the registration was stored', async () => {
    const ipa = new Ipa(started());
    const account = started().account.username;
    const { sid, iccid } = await started().order({ Eid: ipa.eid });
    const given = {
      eid: ipa.eid,
      friendlyName: null,
      resultSignature: 'associationToken',
      unsignedResults: true,
    } as const;
    await context.transact(async (unit) => {
      await insertEuicc(newEuiccRow(account, given, { key: 1, groupSid: null }, unit), unit);
    });
    const downloads = async () =>
      (await context.store.eimOperations.ofOrder(ipa.eid, sid)).map(({ kind }) => kind);
    assert.equal(await pushLeft(context), false);
    assert.deepEqual(await downloads(), [], 'its server may still do it');
    await pushLeft({ ...context, now: () => new Date(Date.now() + 61_000) });
    assert.deepEqual(await downloads(), ['download']);
    assert.equal((await context.store.euiccs.find(ipa.eid))!.orders_due, null);
    await ipa.download(await packageFor(ipa));
    assert.equal(ipa.euicc.state.profiles[0]!.iccid, iccid);
    // One that was registered as usual is not looked at again.
    const other = await registered();
    assert.equal((await context.store.euiccs.find(other.eid))!.orders_due, null);
  });

  test('SGP.32 §2.11.1.1 a package of several commands is executed in its order, with one counter', async () => {
    const ipa = await onboarded();
    const orders: any[] = [];
    for (let count = 0; count < 2; count++) {
      const order = await started().order({ Eid: ipa.eid });
      const trigger = await eventually(async () => {
        const polled = await ipa.poll();
        return polled instanceof Uint8Array ? polled : undefined;
      });
      await (await ipa.download(trigger)).sendNotifications();
      await ipa.provide(ipa.load(await packageFor(ipa)));
      orders.push(order);
    }
    const [first, second] = orders;
    const { counter } = await euiccOf(ipa);
    const Commands = JSON.stringify([
      { kind: 'listProfileInfo' },
      { kind: 'disable', iccid: second.iccid },
      { kind: 'delete', iccid: second.iccid },
      { kind: 'enable', iccid: first.iccid },
    ]);
    const done = await carryOut(ipa, { Kind: 'package', Commands });
    assert.equal(done.status, 'completed');
    assert.deepEqual(
      done.result.commands.map(({ kind, code }: any) => `${kind} ${code}`),
      ['listProfileInfo ok', 'disable ok', 'delete ok', 'enable ok'],
    );
    assert.equal(done.result.commands[0].profiles.length, 2);
    const euicc = await euiccOf(ipa);
    assert.equal(euicc.counter, counter + 1);
    assert.deepEqual(
      euicc.profiles.map(({ iccid, state, esim_profile_sid: sid }: any) => [iccid, state, sid]),
      [[first.iccid, 'enabled', first.sid]],
    );
    assert.ok(euicc.date_listed);
    // What the eUICC has signed is in the history of each order.
    const { json: history } = await api(`/v1/ESimProfiles/${second.sid}/Events`);
    const signed = history.events.filter(({ cause }: any) => / signed /.test(cause));
    assert.deepEqual(
      signed.map(({ type, cause, detail }: any) => [type, cause, detail === done.sid]),
      [
        ['notification', 'deleted by a signed eUICC package', true],
        ['notification', 'disabled by a signed eUICC package', true],
        ['notification', 'enabled by a signed eUICC package', false],
      ],
    );
  });

  test('SGP.32 §2.11.2.1 a package ends at the first command that fails; those before it count', async () => {
    const ipa = await associated();
    const Commands = JSON.stringify([
      { kind: 'disable', iccid: ICCID },
      { kind: 'delete', iccid: ICCID },
      { kind: 'enable', iccid: OTHER },
    ]);
    const operation = await ask(ipa, { Kind: 'package', Commands });
    const request = await packageFor(ipa);
    assert.deepEqual(
      EuiccPackageRequest.decode(request).euiccPackageSigned.value.euiccPackage.psmoList,
      [
        { disable: { iccid: encodeIccid(ICCID) } },
        { delete: { iccid: encodeIccid(ICCID) } },
        { enable: { iccid: encodeIccid(OTHER) } },
      ],
    );
    await ipa.provide(ipa.resultOf(request, [{ disableResult: 0 }, { deleteResult: 3 }]));
    const { status, error_code: code, result } = await shown(operation);
    assert.deepEqual([status, code], ['failed', 'disallowedByPolicy']);
    assert.deepEqual(result.commands, [
      { kind: 'disable', code: 'ok' },
      { kind: 'delete', code: 'disallowedByPolicy' },
    ]);
  });

  test('CreateBulkOperation: a package of several commands on each eUICC, told as of one', async () => {
    const ipa = await associated();
    const Commands = JSON.stringify([{ kind: 'getRAT' }, { kind: 'disable', iccid: ICCID }]);
    const form = { Kind: 'package', Commands, Eids: ipa.eid };
    const { json: bulk } = await api('/v1/Euiccs/BulkOperations', { form });
    assert.match(bulk.sid ?? bulk.message, /^BO/);
    const request = await eventually(async () => {
      const polled = await ipa.poll();
      return polled instanceof Uint8Array ? polled : undefined;
    });
    await ipa.provide(ipa.resultOf(request, [{ getRATResult: [] }, { disableResult: 0 }]));
    const { json } = await api(`/v1/Euiccs/${ipa.eid}/Operations`);
    const [operation] = json.operations;
    assert.deepEqual([operation.bulk_sid, operation.status], [bulk.sid, 'completed']);
    const { json: list } = await api(`/v1/Euiccs/${ipa.eid}/Events`);
    const told = list.events.filter(({ operation_sid: sid }: any) => sid === operation.sid);
    assert.deepEqual(
      told.map((event: any) => event.status),
      ['completed', 'sent', 'queued'],
    );
  });

  test('CreateEuiccOperation: a request that is repeated with its Idempotency-Key is one operation', async () => {
    const ipa = await associated();
    const path = `/v1/Euiccs/${ipa.eid}/Operations`;
    const send = (form: Record<string, string>) =>
      api(path, { form, headers: { 'Idempotency-Key': `list ${ipa.eid}` } });
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => send({ Kind: 'listProfileInfo' })),
    );
    assert.deepEqual(
      answers.map(({ status, json }) => [status, json.sid]),
      answers.map(() => [201, answers[0]!.json.sid]),
    );
    const { json: list } = await api(path);
    const listings = list.operations.filter(({ kind }: any) => kind === 'listProfileInfo');
    assert.equal(listings.length, 1);
    assert.equal((await send({ Kind: 'getRAT' })).status, 422);
  });

  test('CreateEuiccOperation: addresses and eIMs are limited in bytes, and commands that cannot stand together are refused', async () => {
    const ipa = await associated();
    const refused = async (form: Record<string, string>, expected: RegExp) => {
      const { status, json } = await api(`/v1/Euiccs/${ipa.eid}/Operations`, { form });
      assert.equal(status, 400);
      assert.match(json.message, expected);
    };
    const commands = (...list: unknown[]) => ({ Kind: 'package', Commands: JSON.stringify(list) });
    await refused({ Kind: 'setDefaultDpAddress', Address: 'smdp.exämple.com' }, /must be a host/);
    await refused({ Kind: 'deleteEim', EimId: 'ä'.repeat(65) }, /128 bytes of UTF-8/);
    await refused({ Kind: 'configureImmediateEnable' }, /needs ImmediateEnable/);
    await refused(
      { Kind: 'configureImmediateEnable', ImmediateEnable: 'true', SmdpOid: '9.9' },
      /SmdpOid must be an object identifier/,
    );
    await refused({ Kind: 'package' }, /package needs Commands/);
    await refused({ Kind: 'package', Commands: '[{' }, /Commands: expected JSON/);
    await refused(commands(), /a list of 1 to 16 commands/);
    await refused(commands({ kind: 'download' }), /expected a kind of enable, disable/);
    await refused(commands({ kind: 'enable', icid: ICCID }), /command 1: icid is none of kind/);
    await refused(commands({ kind: 'enable' }), /enable needs Iccid/);
    await refused(commands({ kind: 'listEim' }, { kind: 'getRAT' }), /not both/);
    const enable = { kind: 'enable', iccid: ICCID };
    await refused(commands(enable, enable), /more than one enable/);
    await refused(commands(enable, { kind: 'listProfileInfo' }), /listProfileInfo after enable/);
  });

  test('StreamEuiccEvent, ListEuiccEvent: what happens to an eUICC and to operations on it, in its order; orders are told elsewhere', async () => {
    await using events = await listen(started(), { path: '/v1/EuiccEvents' });
    await using orders = await listen(started());
    const ipa = await associated();
    const operation = await ask(ipa, { Kind: 'enable', Iccid: ICCID });
    await ipa.provide(ipa.resultOf(await packageFor(ipa), [{ enableResult: 0 }]));
    const dropped = await ask(ipa, { Kind: 'listEim' });
    await api(`/v1/Euiccs/${ipa.eid}/Operations/${dropped.sid}`, { method: 'DELETE' });
    const { json: list } = await api(`/v1/Euiccs/${ipa.eid}/Events`);
    const inWords = ({ kind, previous_status: previous, status, changed }: any) =>
      `${kind ?? 'euicc'}: ${previous ?? ''} ${status}${changed === null ? '' : ` ${changed}`}`;
    const expected = [
      'euicc:  registered',
      'euiccData:  queued',
      'euiccData: queued sent',
      'euicc: registered registered date_seen',
      'euiccData: sent completed',
      'enable:  queued',
      'enable: queued sent',
      'euicc: registered associated',
      'enable: sent completed',
      'listEim:  queued',
      'listEim: queued cancelled',
    ];
    assert.deepEqual(list.events.toReversed().map(inWords), expected);
    const told = await eventually(() => {
      const own = events.messages.filter(({ data }: any) => data.event.eid === ipa.eid);
      return own.length === expected.length ? own : undefined;
    });
    assert.deepEqual(
      told.map(({ data }: any) => data.event),
      list.events.toReversed(),
    );
    const last = told.find(({ data }: any) => data.event.operation_sid === operation.sid)!.data;
    assert.equal(last.euicc.eid, ipa.eid);
    assert.equal(last.operation.kind, 'enable');
    assert.deepEqual(orders.messages, []);
    const { history } = await shown(operation);
    assert.deepEqual(
      history.map(({ status }: any) => status),
      ['queued', 'sent', 'completed'],
    );
    await using one = await listen(started(), {
      path: '/v1/EuiccEvents',
      query: { EuiccSid: ipa.eid, LastEventId: `EV${'0'.repeat(32)}` },
    });
    await eventually(() => (one.messages.length === expected.length ? true : undefined));
    const as = await started().addAccount(0);
    assert.equal((await api(`/v1/EuiccEvents?EuiccSid=${ipa.eid}`, { as })).status, 404);
  });

  test('UpdateEuicc, UpdateAccount: callbacks in the order of the eUICC, to the URL of the operation, of its eUICC, or of the account if it wants them', async () => {
    await using receiver = await startReceiver();
    await using own = await startReceiver();
    await using ofAccount = await startReceiver();
    const set = (form: Record<string, string>) => api('/v1/Account', { form });
    await set({ CallbackUrl: ofAccount.url });
    const quiet = await associated();
    const ipa = await associated({ CallbackUrl: receiver.url, FriendlyName: 'Pump 7' });
    const one = await ask(ipa, { Kind: 'enable', Iccid: ICCID, CallbackUrl: own.url });
    await ipa.provide(ipa.resultOf(await packageFor(ipa), [{ enableResult: 1 }]));
    const other = await ask(ipa, { Kind: 'listEim', CallbackUrl: 'none' });
    const path = `/v1/Euiccs/${ipa.eid}`;
    assert.equal((await api(path, { method: 'DELETE' })).status, 204);
    const words = ({ parameters: p }: { parameters: Record<string, string> }) =>
      [p['Kind'] ?? 'euicc', p['PreviousStatus'] ?? '', p['Status'], p['Changed']].join(' ').trim();
    const expected = [
      'euicc  registered',
      'euiccData  queued',
      'euiccData queued sent',
      'euicc registered registered DateSeen',
      'euiccData sent completed',
      'euicc registered associated',
      'euicc associated removed',
    ];
    await eventually(() => (receiver.calls.length >= expected.length ? true : undefined));
    assert.deepEqual(receiver.calls.map(words), expected);
    const [first] = receiver.calls;
    assert.equal(first!.parameters['FriendlyName'], 'Pump 7');
    assert.match(first!.headers['webhook-signature'] as string, /^v1,/);
    await eventually(() => (own.calls.length >= 3 ? true : undefined));
    assert.deepEqual(own.calls.map(words), [
      'enable  queued',
      'enable queued sent',
      'enable sent failed',
    ]);
    const { DateUpdated, ...told } = own.calls[2]!.parameters;
    assert.ok(DateUpdated);
    assert.deepEqual(told, {
      AccountSid: started().account.username,
      ApiVersion: 'v1',
      EuiccSid: one.euicc_sid,
      Eid: ipa.eid,
      OperationSid: one.sid,
      Kind: 'enable',
      Status: 'failed',
      PreviousStatus: 'sent',
      Iccid: ICCID,
      ErrorCode: 'iccidOrAidNotFound',
      ErrorMessage: 'The eUICC answered enable with iccidOrAidNotFound',
    });
    // Its operation was cancelled with it, and told nobody.
    assert.equal((await shown(other)).status, 404);
    const { json: callbacks } = await api(`/v1/Callbacks?EuiccSid=${one.euicc_sid}`);
    assert.equal(callbacks.callbacks.length, expected.length + 3);
    assert.equal(callbacks.callbacks[0].euicc_sid, one.euicc_sid);
    // Of the account only once it wants them.
    assert.deepEqual(ofAccount.calls, []);
    assert.equal((await set({ EuiccCallbacks: 'true' })).json.euicc_callbacks, true);
    const asked = await ask(quiet, { Kind: 'listProfileInfo' });
    assert.equal((await ofAccount.next()).parameters['OperationSid'], asked.sid);
    const off = await api(`/v1/Euiccs/${quiet.eid}`, {
      form: { CallbackUrl: 'none', FriendlyName: 'x' },
    });
    assert.deepEqual([off.json.callback_url, off.json.friendly_name], ['none', 'x']);
    const url = 'https://hook:secret@example.com/status';
    const masked = await api(`/v1/Euiccs/${quiet.eid}`, { form: { CallbackUrl: url } });
    assert.equal(masked.json.callback_url, 'https://***:***@example.com/status');
    await set({ CallbackUrl: '', EuiccCallbacks: 'false' });
  });

  test('an error that nobody has signed ends nothing at once: it is tried again, over hours', async () => {
    const ipa = await registered();
    const request = await packageFor(ipa);
    const refusal = encodeTlv(0xa0, encodeTlv(0x02, Uint8Array.of(1)));
    const { json: list } = await api(`/v1/Euiccs/${ipa.eid}/Operations`);
    const [data] = list.operations;
    const fail = async () => {
      assert.deepEqual(await ipa.provide(refusal), []);
      return shown(data);
    };
    const first = await fail();
    assert.deepEqual(
      [first.status, first.error_code, first.failed_attempts],
      ['sent', 'invalidPackageFormat', 1],
    );
    assert.equal(await ipa.poll(), NOTHING, 'a device that polls again at once waits');
    assert.equal((await fail()).failed_attempts, 1, 'whoever repeats it counts once');
    const intervals = [1, 5, 30];
    for (const [index, minutes] of intervals.entries()) {
      await later(data, minutes - 0.5);
      if (minutes > 1) {
        assert.deepEqual(await packageFor(ipa), request);
        assert.equal((await fail()).failed_attempts, index + 1, 'too soon to count');
      }
      await later(data, 1.5);
      assert.deepEqual(await packageFor(ipa), request, 'the same bytes again');
      assert.equal((await fail()).failed_attempts, index + 2);
    }
    // The device itself has its turn in between.
    const right = await registered();
    const asked = await packageFor(right);
    assert.deepEqual(await right.provide(refusal), []);
    assert.deepEqual(await right.provide(right.dataFor(asked)), []);
    const { json: completed } = await api(`/v1/Euiccs/${right.eid}/Operations`);
    assert.deepEqual(
      [completed.operations[0].status, completed.operations[0].error_code],
      ['completed', null],
    );
    await later(data, 121);
    const last = await fail();
    assert.deepEqual([last.status, last.error_code], ['failed', 'invalidPackageFormat']);
    assert.match(last.error_message, /in 5 attempts/);
    assert.deepEqual(
      last.history.map(({ status }: any) => status),
      ['queued', 'sent', 'sent', 'sent', 'sent', 'sent', 'failed'],
    );
  });

  test('an euiccSignature1 that the SM-DP+ refuses ends nothing at once: the device waits a minute, and may then do it right', async () => {
    const ipa = await onboarded();
    const order = await started().order({ GenerateMatchingId: 'true' });
    const download = await ask(ipa, {
      Kind: 'download',
      ActivationCode: order.activation_code,
    });
    ipa.onRelay = (name, members) => {
      if (name !== 'authenticateClient') return;
      const response = Buffer.from(members['authenticateServerResponse']!, 'base64');
      // The last byte of the 64 behind tag and length.
      response[response.indexOf(Buffer.of(0x5f, 0x37, 64)) + 66]! ^= 1;
      members['authenticateServerResponse'] = response.toString('base64');
    };
    await assert.rejects(ipa.download(await packageFor(ipa)), Es9PlusError);
    const failed = await shown(download);
    assert.deepEqual(
      [failed.status, failed.error_code, failed.failed_attempts],
      ['sent', '8.1/6.1', 1],
    );
    assert.equal(await ipa.poll(), NOTHING, 'a device that polls again at once waits');
    ipa.onRelay = () => {};
    await later(download, 1.5);
    await ipa.download(await packageFor(ipa));
    assert.equal((await shown(download)).status, 'completed');
  });

  test('certificates that are not those of the eUICC change nothing, and end nothing at once', async () => {
    const ipa = await registered();
    const thief = new Ipa(started());
    const request = await packageFor(ipa);
    assert.deepEqual(await ipa.provide(thief.dataFor(request, { associationToken: 99 })), []);
    const euicc = (await context.store.euiccs.find(ipa.eid))!;
    assert.deepEqual([euicc.association_token, euicc.euicc_certificate], [null, null]);
    const { json } = await api(`/v1/Euiccs/${ipa.eid}/Operations`);
    assert.deepEqual(
      [json.operations[0].status, json.operations[0].error_code],
      ['sent', 'certificateInvalid'],
    );
    assert.deepEqual(await ipa.provide(ipa.dataFor(request)), []);
    assert.equal((await euiccOf(ipa)).has_certificate, true);
  });

  test('CancelEuiccOperation: a download whose last attempt has failed, as the IPA says; DeleteEuicc: its operations end first', async () => {
    const ipa = await associated();
    const order = await started().order({ GenerateMatchingId: 'true' });
    const form = { Kind: 'download', ActivationCode: order.activation_code };
    const download = await ask(ipa, form);
    await packageFor(ipa);
    const path = `/v1/Euiccs/${ipa.eid}/Operations/${download.sid}`;
    assert.equal((await api(path, { method: 'DELETE' })).status, 409);
    const refusal = encodeTlv(0xa0, encodeTlv(0x02, Uint8Array.of(127)));
    await ipa.provide(refusal);
    assert.equal((await api(path, { method: 'DELETE' })).status, 204);
    assert.equal((await shown(download)).status, 'cancelled');
    await ask(ipa, form);
    const trigger = await packageFor(ipa);
    const { sid } = await euiccOf(ipa);
    assert.equal((await api(`/v1/Euiccs/${ipa.eid}`, { method: 'DELETE' })).status, 204);
    const { rows } = await context.store.euiccEventPages({ euicc_sid: sid }, { kind: 'first' }, 2);
    assert.deepEqual(
      rows.map(({ kind, status, previous_status: previous }) => [kind, status, previous]),
      [
        [null, 'removed', 'registered'],
        ['download', 'cancelled', 'sent'],
      ],
    );
    assert.equal(await ipa.poll(), EID_NOT_FOUND);
    await assert.rejects(ipa.download(trigger));
  });

  const giveUp = async ({ eid }: Ipa, { sid }: { sid: string }) => {
    const path = `/v1/Euiccs/${eid}/Operations/${sid}?GiveUp=true`;
    assert.equal((await api(path, { method: 'DELETE' })).status, 204);
  };

  /** Once the eUICC has installed the profile of the next download, and before the eIM is told. */
  const beforeTold = (ipa: Ipa, work: () => Promise<void>) => {
    ipa.onRelay = async (name) => {
      if (name !== 'handleNotification') return;
      ipa.onRelay = () => {};
      await work();
    };
  };

  test('CancelEuiccOperation with GiveUp: one that was sent fails with noResult, the next one is sent, and a signed result still counts', async () => {
    const ipa = await onboarded();
    const given = await ask(ipa, { Kind: 'getRAT' });
    const next = await ask(ipa, { Kind: 'listEim' });
    const request = await packageFor(ipa);
    const path = `/v1/Euiccs/${ipa.eid}/Operations/${given.sid}`;
    const refused = await api(path, { method: 'DELETE' });
    assert.equal(refused.status, 409);
    assert.match(refused.json.message, /^The operation is sent, .*; GiveUp=true ends it/);
    assert.equal((await api(`${path}?GiveUp=perhaps`, { method: 'DELETE' })).status, 400);
    const answer = () => api(`${path}?GiveUp=true`, { method: 'DELETE' });
    assert.equal((await answer()).status, 204);
    const failed = await shown(given);
    assert.deepEqual(
      [failed.status, failed.error_code, failed.error_message],
      ['failed', 'noResult', 'It was given up before a result had come'],
    );
    assert.equal((await answer()).status, 409);
    const listing = await packageFor(ipa);
    assert.equal((await shown(next)).status, 'sent');
    // The device executes both after all.
    const [first] = await context.store.eimOperations.packagesOf(ipa.eid, given.sid);
    assert.equal(first!.state, 'dead');
    assert.deepEqual(await ipa.provide(ipa.load(request)), [1]);
    assert.equal((await shown(given)).status, 'completed');
    assert.deepEqual(await ipa.provide(ipa.load(listing)), [2]);
    assert.equal((await shown(next)).status, 'completed');
  });

  test('CancelEuiccOperation with GiveUp: a download whose device has begun it may still be installed; one that waits is cancelled', async () => {
    const ipa = await onboarded();
    const order = await started().order({ GenerateMatchingId: 'true' });
    const form = { Kind: 'download', ActivationCode: order.activation_code };
    const download = await ask(ipa, form);
    const waiting = await ask(ipa, { Kind: 'listEim' });
    const trigger = await packageFor(ipa);
    await giveUp(ipa, waiting);
    assert.equal((await shown(waiting)).status, 'cancelled');
    beforeTold(ipa, async () => {
      await giveUp(ipa, download);
      assert.equal((await shown(download)).error_code, 'noResult');
    });
    await ipa.download(trigger);
    const { status, result } = await shown(download);
    assert.deepEqual([status, result], ['completed', { iccid: order.iccid }]);
  });

  const profilesOf = async (ipa: Ipa) =>
    (await euiccOf(ipa)).profiles.map(({ iccid, state }: any) => [iccid, state]);
  const downloaded = async (ipa: Ipa) => {
    const order = await started().order({ GenerateMatchingId: 'true' });
    const { activation_code: ActivationCode } = order;
    const download = await ask(ipa, { Kind: 'download', ActivationCode });
    await ipa.download(await packageFor(ipa));
    assert.equal((await shown(download)).status, 'completed');
    return order;
  };

  test('a result that comes after a later one completes its operation, and what is on the eUICC is listed', async () => {
    const ipa = await onboarded();
    const { sid, iccid } = await downloaded(ipa);
    const enable = await ask(ipa, { Kind: 'enable', Iccid: iccid });
    const late = ipa.load(await packageFor(ipa));
    await giveUp(ipa, enable);
    await carryOut(ipa, { Kind: 'getRAT' });
    assert.deepEqual(await profilesOf(ipa), [[iccid, 'disabled']]);
    await ipa.provide(late);
    assert.equal((await shown(enable)).status, 'completed');
    await ipa.provide(ipa.load(await packageFor(ipa)));
    assert.deepEqual(await profilesOf(ipa), [[iccid, 'enabled']]);
    const { json } = await api(`/v1/ESimProfiles/${sid}/Events`);
    assert.match(JSON.stringify(json.events), new RegExp(enable.sid));
    // The same of what is known of its eIMs.
    await carryOut(ipa, { Kind: 'listEim' });
    const deleting = await ask(ipa, { Kind: 'deleteEim', EimId: 'eim.example.org' });
    const lateOfEims = ipa.load(await packageFor(ipa));
    await giveUp(ipa, deleting);
    await carryOut(ipa, { Kind: 'getRAT' });
    await ipa.provide(lateOfEims);
    const { json: list } = await api(`/v1/Euiccs/${ipa.eid}/Operations?Status=queued`);
    assert.deepEqual(
      list.operations.map(({ kind }: any) => kind),
      ['listEim'],
    );
  });

  test('an installation that is told after a later result does not say how the profile is: it is listed', async () => {
    const ipa = await onboarded();
    const order = await started().order({ GenerateMatchingId: 'true' });
    const download = await ask(ipa, {
      Kind: 'download',
      ActivationCode: order.activation_code,
      Enable: 'true',
    });
    beforeTold(ipa, async () => {
      await giveUp(ipa, download);
      await carryOut(ipa, { Kind: 'listProfileInfo' });
      await carryOut(ipa, { Kind: 'enable', Iccid: order.iccid });
    });
    await ipa.download(await packageFor(ipa));
    assert.equal((await shown(download)).status, 'completed');
    assert.deepEqual(await profilesOf(ipa), [[order.iccid, 'enabled']]);
    const { json } = await api(`/v1/Euiccs/${ipa.eid}/Operations?Status=queued`);
    assert.deepEqual(
      json.operations.map(({ kind }: any) => kind),
      ['listProfileInfo'],
    );
  });

  test('CancelEuiccOperation with GiveUp: what was sent once is given up, whatever has become of it since', async () => {
    const ipa = await onboarded();
    const order = await started().order({ GenerateMatchingId: 'true' });
    const download = await ask(ipa, {
      Kind: 'download',
      ActivationCode: order.activation_code,
    });
    beforeTold(ipa, async () => {
      // By which it could be cancelled.
      await ipa.provide(encodeTlv(0xa0, encodeTlv(0x02, Uint8Array.of(127))));
      await giveUp(ipa, download);
    });
    await ipa.download(await packageFor(ipa));
    assert.equal((await shown(download)).status, 'completed');
    const enable = await ask(ipa, { Kind: 'enable', Iccid: order.iccid });
    const request = await packageFor(ipa);
    const lost = ipa.load(request);
    // A replayError, after which it is queued again.
    await ipa.provide(ipa.load(request));
    assert.equal((await shown(enable)).status, 'queued');
    await giveUp(ipa, enable);
    await ipa.provide(lost);
    assert.equal((await shown(enable)).status, 'completed');
    assert.deepEqual(await profilesOf(ipa), [[order.iccid, 'enabled']]);
  });

  test('what was cancelled, and executed all the same, changes what is on the eUICC: it is listed', async () => {
    const ipa = await onboarded();
    const order = await started().order({ GenerateMatchingId: 'true' });
    const ActivationCode = order.activation_code;
    const download = await ask(ipa, { Kind: 'download', ActivationCode });
    beforeTold(ipa, async () => {
      await ipa.provide(encodeTlv(0xa0, encodeTlv(0x02, Uint8Array.of(127))));
      const path = `/v1/Euiccs/${ipa.eid}/Operations/${download.sid}`;
      assert.equal((await api(path, { method: 'DELETE' })).status, 204);
    });
    await ipa.download(await packageFor(ipa));
    assert.equal((await shown(download)).status, 'cancelled');
    await ipa.provide(ipa.load(await packageFor(ipa)));
    assert.deepEqual(await profilesOf(ipa), [[order.iccid, 'disabled']]);
  });

  test('SGP.32 §2.11.1.1.2 deleteEim of ours, given up and executed all the same, ends what was handed out after it', async () => {
    const ipa = await onboarded();
    const deleting = await ask(ipa, { Kind: 'deleteEim', EimId: 'localhost' });
    const request = await packageFor(ipa);
    const next = await ask(ipa, { Kind: 'getRAT' });
    await giveUp(ipa, deleting);
    await packageFor(ipa);
    await ipa.provide(ipa.load(request));
    assert.equal((await euiccOf(ipa)).status, 'left');
    const { status, error_code, error_message } = await shown(next);
    assert.deepEqual(
      [status, error_code, error_message],
      ['failed', 'noResult', 'The eUICC no longer knows this eIM'],
    );
  });

  test('euiccData that is given up counts when it comes', async () => {
    const ipa = await registered();
    const { json } = await api(`/v1/Euiccs/${ipa.eid}/Operations`);
    const request = await packageFor(ipa);
    await giveUp(ipa, json.operations[0]);
    await ipa.provide(ipa.dataFor(request));
    assert.equal((await shown(json.operations[0])).status, 'completed');
    assert.equal((await euiccOf(ipa)).has_certificate, true);
  });

  test('an association token that nobody has signed: the one with which the eUICC has signed stays, and a wrong one costs a minute', async () => {
    const ipa = await onboarded();
    const right = ipa.associationToken;
    const tell = async (associationToken: number) =>
      ipa.provide(ipa.dataFor(await packageFor(ipa), { associationToken }));
    const tokens = async () => {
      const { association_token: token, reported } = (await context.store.euiccs.find(ipa.eid))!;
      return [token, JSON.parse(reported ?? '{}').told_association_token];
    };
    await carryOut(ipa, { Kind: 'listProfileInfo' });
    await ask(ipa, { Kind: 'euiccData' });
    await tell(99);
    assert.deepEqual(await tokens(), [right, 99]);
    assert.equal((await carryOut(ipa, { Kind: 'getRAT' })).status, 'completed');
    assert.deepEqual(await tokens(), [right, undefined]);
    // As if the eUICC had a new one, and after each package that it does not accept, for a minute.
    const wrong = 98;
    await context.transact(({ tables }) =>
      tables.euiccs.update(ipa.eid, { association_token: wrong }),
    );
    const operation = await ask(ipa, { Kind: 'getRAT' });
    const request = await packageFor(ipa);
    assert.deepEqual(await ipa.provide(ipa.load(request)), []);
    assert.deepEqual(await tokens(), [wrong, right]);
    assert.deepEqual(await packageFor(ipa), request);
    const sent = (await context.store.eimOperations.newestPackage(ipa.eid, operation.sid))!;
    const earlier = new Date(Date.now() - 2 * MINUTE_MS).toISOString();
    await context.transact(({ tables }) =>
      tables.eimOperations.updatePackage(sent, { date_sent: earlier }),
    );
    const turned = await packageFor(ipa);
    const counterIn = (der: Uint8Array) =>
      EuiccPackageRequest.decode(der).euiccPackageSigned.value.counterValue;
    assert.equal(counterIn(turned), counterIn(request));
    await ipa.provide(ipa.load(turned));
    assert.equal((await shown(operation)).status, 'completed');
    assert.deepEqual(await tokens(), [right, undefined]);
  });

  test('an order is not pushed to an eUICC that another account has registered meanwhile', async () => {
    const ipa = await registered();
    const { account } = started();
    const { sid } = await started().order({ Eid: ipa.eid });
    await eventually(async () => {
      const { json } = await api(`/v1/Euiccs/${ipa.eid}/Operations`);
      return json.operations.some((one: any) => one.esim_profile_sid === sid) || undefined;
    });
    await context.transact(({ tables }) => tables.eimOperations.deleteAll(ipa.eid));
    const other = await started().addAccount(0);
    const moved: EimContext['transact'] = async (work) => {
      assert.equal((await api(`/v1/Euiccs/${ipa.eid}`, { method: 'DELETE' })).status, 204);
      const { status } = await api('/v1/Euiccs', { form: { Eid: ipa.eid }, as: other });
      assert.equal(status, 201);
      return context.transact(work);
    };
    await considerOrder(account.username, sid, { ...context, transact: moved });
    const { json } = await api(`/v1/Euiccs/${ipa.eid}/Operations`, { as: other });
    assert.deepEqual(
      json.operations.map(({ kind }: any) => kind),
      ['euiccData'],
    );
  });

  test('a certificate with a key that RSP does not have is one that anybody may send: it is answered like any other', async () => {
    const ipa = await registered();
    const ecPublicKey = Buffer.from('2a8648ce3d0201', 'hex');
    const spoiled = Buffer.from(ipa.issued.euiccCertificate);
    spoiled[spoiled.indexOf(ecPublicKey) + ecPublicKey.length - 1] = 2;
    const data = encodeTlv(
      0xbf52,
      encodeTlv(
        0xa0,
        encodeTlv(0xa5, readDer(ipa.issued.eumCertificate).contents),
        encodeTlv(0xa6, readDer(spoiled).contents),
      ),
    );
    // As an IPA of v1.0.1 sends it, which names no EID.
    const answer = await ipa.asn1(encodeTlv(0xbf50, data));
    assert.equal(
      EsipaMessageFromEimToIpa.decode(answer).provideEimPackageResultResponse
        ?.provideEimPackageResultError,
      EID_NOT_FOUND,
    );
    assert.ok(!started().logged.some((line) => line.includes('ESipa function failed')));
  });

  test('what an IPA tells as its default SM-DP+ may be any text: a long one is not kept, and a download from there is handed out', async () => {
    for (const [address, kept] of [
      ['\0', '\0'],
      ['x'.repeat(8_000), null],
    ] as const) {
      const ipa = await registered();
      const data = readDer(readDer(ipa.dataFor(await packageFor(ipa))).contents).contents;
      const told = encodeTlv(0x81, Buffer.from(address));
      assert.deepEqual(await ipa.provide(encodeTlv(0xbf52, encodeTlv(0xa0, told, data))), []);
      const { capabilities, default_smdp_address: reported } = await euiccOf(ipa);
      assert.deepEqual([capabilities.default_smdp_address, reported], [kept, kept]);
      await ask(ipa, { Kind: 'download', ContactDefaultSmdp: 'true' });
      await packageFor(ipa);
    }
  });

  test('a result that was lost, and that the IPA does not send again, is asked for: the eUICC executes nothing twice', async () => {
    const ipa = await associated();
    const operation = await ask(ipa, { Kind: 'enable', Iccid: ICCID });
    const request = await packageFor(ipa);
    const lost = ipa.resultOf(request, [{ enableResult: 0 }]);
    const kept = ipa.sequence;
    const sent = (await context.store.eimOperations.newestPackage(ipa.eid, operation.sid))!;
    const earlier = new Date(Date.now() - 2 * MINUTE_MS).toISOString();
    await context.transact(({ tables }) =>
      tables.eimOperations.updatePackage(sent, { date_sent: earlier }),
    );
    assert.deepEqual(await packageFor(ipa), request);
    // The eUICC has executed it before.
    assert.deepEqual(await ipa.provide(ipa.refusalOf(request, 4)), []);
    const question = await packageFor(ipa);
    assert.deepEqual(IpaEuiccDataRequest.decode(question).tagList, Uint8Array.of(0xa2));
    const answer = encodeTlv(
      0xbf52,
      encodeTlv(0xa0, encodeTlv(0xa2, lost), encodeTlv(0x87, transactionIn(question, 0x83))),
    );
    assert.deepEqual(await ipa.provide(answer), [kept]);
    const { status, history } = await shown(operation);
    assert.equal(status, 'completed');
    assert.equal(history.length, 3);
    assert.equal(await ipa.poll(), NOTHING);
    assert.equal((await euiccOf(ipa)).counter, 1);
  });

  test('a result that the eUICC does not keep: the operation is signed again', async () => {
    for (const hasError of [false, true]) {
      const ipa = await associated();
      const operation = await ask(ipa, { Kind: 'enable', Iccid: ICCID });
      const request = await packageFor(ipa);
      const sent = (await context.store.eimOperations.newestPackage(ipa.eid, operation.sid))!;
      await context.transact(({ tables }) => tables.eimOperations.updatePackage(sent, { sent: 2 }));
      await ipa.provide(ipa.refusalOf(request, 4));
      const question = await packageFor(ipa);
      const transaction = (tag: number) => encodeTlv(tag, transactionIn(question, 0x83));
      const answer = hasError
        ? encodeTlv(0xa1, transaction(0x80), encodeTlv(0x02, Uint8Array.of(1)))
        : encodeTlv(0xa0, encodeTlv(0xa2), transaction(0x87));
      assert.deepEqual(await ipa.provide(encodeTlv(0xbf52, answer)), []);
      const again = await packageFor(ipa);
      assert.equal(readDer(again).tag, 0xbf51);
      await ipa.provide(ipa.resultOf(again, [{ enableResult: 0 }]));
      assert.equal((await shown(operation)).status, 'completed');
    }
  });

  test('a result that the IPA has denied to keep, and tells in the end: what was signed again has failed only because of it', async () => {
    const ipa = await associated();
    const operation = await ask(ipa, { Kind: 'enable', Iccid: ICCID });
    const request = await packageFor(ipa);
    const first = ipa.resultOf(request, [{ enableResult: 0 }]);
    const kept = ipa.sequence;
    const sent = (await context.store.eimOperations.newestPackage(ipa.eid, operation.sid))!;
    await context.transact(({ tables }) => tables.eimOperations.updatePackage(sent, { sent: 2 }));
    await ipa.provide(ipa.refusalOf(request, 4));
    const question = await packageFor(ipa);
    const transaction = encodeTlv(0x87, transactionIn(question, 0x83));
    await ipa.provide(encodeTlv(0xbf52, encodeTlv(0xa0, encodeTlv(0xa2), transaction)));
    await ipa.provide(ipa.resultOf(await packageFor(ipa), [{ enableResult: 2 }]));
    const { status, error_code: code } = await shown(operation);
    assert.deepEqual([status, code], ['failed', 'profileNotInDisabledState']);
    for (let times = 1; times <= 2; times += 1) {
      assert.deepEqual(await ipa.provide(first), [kept]);
      const { history, ...ended } = await shown(operation);
      assert.deepEqual([ended.status, ended.error_code], ['completed', null]);
      assert.equal(history.filter((one: any) => one.status === 'completed').length, 1);
    }
  });

  test('SGP.32 §3.4.1 a rollback: the picture is that of before, and the profiles are listed anew', async () => {
    const ipa = await associated();
    await ask(ipa, { Kind: 'listProfileInfo' });
    const profileInfoListOk = [ICCID, OTHER].map((iccid, index) => ({
      iccid: encodeIccid(iccid),
      profileState: index,
    }));
    const listed = [{ listProfileInfoResult: { profileInfoListOk } }];
    await ipa.provide(ipa.resultOf(await packageFor(ipa), listed));
    const operation = await ask(ipa, { Kind: 'enable', Iccid: ICCID, Rollback: 'true' });
    const request = await packageFor(ipa);
    await ipa.provide(ipa.resultOf(request, [{ enableResult: 0 }, { rollbackResult: 0 }]));
    assert.equal((await shown(operation)).error_code, 'rollback');
    const { profiles } = await euiccOf(ipa);
    assert.deepEqual(
      profiles.map(({ iccid, state }: any) => [iccid, state]),
      [
        [ICCID, 'disabled'],
        [OTHER, 'enabled'],
      ],
    );
    const { psmoList } = EuiccPackageRequest.decode(await packageFor(ipa)).euiccPackageSigned.value
      .euiccPackage;
    assert.ok(psmoList![0]!.listProfileInfo);
  });

  test('a virtual device whose results are never sent again is asked for them', async () => {
    const ipa = await onboarded();
    const { transport: real } = ipa;
    let isDown = true;
    const transport: EsipaTransport = {
      async send(message) {
        if (isDown && Buffer.from(message).readUInt16BE() === 0xbf50) {
          throw new ConnectionError('connection lost');
        }
        return real.send(message);
      },
    };
    const device = new VirtualIpa(ipa.euicc, { transport, retries: 0 });
    const operation = await ask(ipa, { Kind: 'setDefaultDpAddress', Address: 'a.example.com' });
    await assert.rejects(device.pollOnce(), /connection lost/);
    isDown = false;
    const sent = (await context.store.eimOperations.newestPackage(ipa.eid, operation.sid))!;
    await context.transact(({ tables }) => tables.eimOperations.updatePackage(sent, { sent: 2 }));
    // Without looking for results that it keeps.
    for (let count = 0; count < 2; count++) assert.ok(await device.pollOnce());
    assert.equal((await shown(operation)).status, 'completed');
    assert.equal((await euiccOf(ipa)).counter, 1);
    assert.deepEqual(ipa.euicc.state.iot!.results, []);
  });
});
