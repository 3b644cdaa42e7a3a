// §5.3.5 HandleDownloadProgressInfo to operators over ES2+: at least once, in order for one profile, from real downloads.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Lpa } from '../../src/device/lpa.ts';
import { parseActivationCode } from '../../src/rsp/activation-code.ts';
import { authenticateMutually } from '../../src/device/lpa-authentication.ts';
import { attempt } from '../../src/progress/attempt.ts';
import { OperatorPeers } from '../../src/progress/peers.ts';
import { Lookups } from '../../src/outgoing/lookups.ts';
import { Slots } from '../../src/outgoing/slots.ts';
import { disable, enable, remove } from '../../src/rehearsal/phone-actions.ts';
import type { NewOperator } from '../../src/smdp/operators/operators.ts';
import { revokeOperator } from '../../src/smdp/operators/operators.ts';
import {
  retryManyReports,
  retryProgressReports,
} from '../../src/smdp/operators/progress-report.ts';
import {
  decodeResultData,
  ProfileInstallationResult,
} from '../../src/rsp/definitions/notification.ts';
import { decodeIccid } from '../../src/rsp/identifiers.ts';
import { certificatePem } from '../../src/rsp/pem.ts';
import type { ProgressReportRow } from '../../src/store/schema.ts';
import { newPhone } from '../es9plus/phone.ts';
import { startReceiver } from '../receiver.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { answering, peerCertificate, peerPki, startTlsPeer } from '../tls-peer.ts';
import type { TlsPeer } from '../tls-peer.ts';
import { es2plusDocument, es2plusSchema } from './openapi-document.ts';
import { newOperator, SUCCESS } from './operator.ts';
import type { TestOperator } from './operator.ts';

const pki = peerPki();
let server: TestServer;

before(async () => {
  server = await startTestServer({ es9: true, stock: 40, env: { SIMWRIGHT_ES2_PORT: '0' } });
});
after(() => server[Symbol.asyncDispose]());

/** The operator's server, which accepts the certificate of this SM-DP+. */
const startPeer = (options: Parameters<typeof startTlsPeer>[1] = {}) =>
  startTlsPeer(pki, {
    ...options,
    tls: { ca: server.server.context.pki.cis.map(certificatePem), ...options.tls },
  });

const operatorOf = (peer: TlsPeer, given: Partial<NewOperator> = {}) =>
  newOperator(server, { progressUrl: peer.url.href, progressCa: pki.ca, ...given });

interface Ordered {
  iccid: string;
  activationCode: string;
}

async function order(operator: TestOperator, confirm: object = {}): Promise<Ordered> {
  const { json } = await operator.call('downloadOrder', { profileType: 'default' });
  const { iccid } = json;
  const confirmed = await operator.call('confirmOrder', { iccid, releaseFlag: true, ...confirm });
  const flag = 'confirmationCode' in confirm ? '$$1' : '';
  const { smdpAddress } = server.config;
  return { iccid, activationCode: `1$${smdpAddress}$${confirmed.json.matchingId}${flag}` };
}

/** The reports about a profile, oldest first, once the probe accepts them. */
function reportsOf(
  iccid: string,
  probe: (reports: ProgressReportRow[]) => boolean = (reports) =>
    reports.every(({ state }) => state !== 'pending'),
): Promise<ProgressReportRow[]> {
  const { store } = server.server.context;
  return eventually(async () => {
    const account = server.account.username;
    const found = await store.progressReports.list(account, { subject: iccid, limit: 50 });
    return found.length > 0 && probe(found) ? found.toReversed() : undefined;
  });
}

const attemptsOf = ({ sid }: ProgressReportRow) =>
  server.server.context.store.progressReports.attempts(server.account.username, sid);
const errorsOf = async (report: ProgressReportRow) =>
  (await attemptsOf(report)).map(({ error }) => error);

/** As by hand. */
const retry = (...reports: ProgressReportRow[]) =>
  server.server.context.transact((unit) =>
    retryProgressReports(
      server.account.username,
      reports.map(({ sid }) => sid),
      unit,
    ),
  );

const steps = (peer: TlsPeer, iccid: string) =>
  peer.calls
    .filter(({ json }) => json.iccid === iccid)
    .map(({ json }) => {
      const { status, statusCodeData: code } = json.notificationPointStatus;
      return `${json.notificationPointId} ${code === undefined ? status : `${status} ${code.subjectCode}/${code.reasonCode}`}`;
    });

describe('§5.3.5 progress of an order over ES2+', () => {
  test('is reported at every notification point, with what §5.3.5 names, by the certificate of this SM-DP+', async () => {
    await using peer = await startPeer();
    using operator = await operatorOf(peer);
    const { iccid, activationCode } = await order(operator);
    const phone: Lpa = newPhone(server);
    await phone.download(activationCode);
    await enable(phone, iccid);
    await disable(phone, iccid);
    await remove(phone, iccid);
    const reports = await reportsOf(iccid, (all) => all.at(0)?.state === 'delivered');
    assert.deepEqual(steps(peer, iccid), [
      '1 Executed-Success',
      '3 Executed-Success',
      '4 Executed-Success',
      '101 Executed-Success',
      '102 Executed-Success',
      '5 Executed-Success',
    ]);
    const [checked, downloaded, installed] = peer.calls as [any, any, any];
    const { eid } = phone.euicc;
    const { functionCallIdentifier } = downloaded.json.header;
    assert.deepEqual(downloaded.json, {
      header: { functionRequesterIdentifier: server.config.smdpAddress, functionCallIdentifier },
      iccid,
      profileType: 'default',
      eid,
      timestamp: downloaded.json.timestamp,
      notificationPointId: 3,
      notificationPointStatus: { status: 'Executed-Success' },
    });
    assert.match(downloaded.json.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(checked.json.eid, eid);
    const result = Uint8Array.fromBase64(installed.json.resultData);
    const { profileInstallationResultData: data } = ProfileInstallationResult.decode(result);
    assert.equal(decodeIccid(data.value.notificationMetadata.iccid!), iccid);
    assert.deepEqual(decodeResultData(result), decodeResultData(data.der), 'of either form');
    for (const { path, caller, headers } of peer.calls) {
      assert.equal(path, '/gsma/rsp2/es2plus/handleDownloadProgressInfo');
      assert.equal(caller, 'localhost', 'the DPtls of this SM-DP+');
      assert.equal(headers['x-admin-protocol'], 'gsma/rsp/v2.5.0');
    }
    const identifiers = peer.calls.map(({ json }) => json.header.functionCallIdentifier);
    assert.equal(new Set(identifiers).size, 6);
    const [logged] = await attemptsOf(reports[0]!);
    assert.deepEqual([logged!.attempt, logged!.status_code, logged!.error], [1, 204, null]);
    const { json } = await server.request('/v1/ESimProfiles');
    assert.ok(json.esim_profiles.every((profile: any) => profile.iccid !== iccid));
  });

  test('has a code for what went wrong: an eUICC that cannot take it, wrong confirmation codes, a user who rejects it', async () => {
    await using peer = await startPeer();
    using operator = await operatorOf(peer);
    const { iccid, activationCode } = await order(operator, { confirmationCode: '1234' });
    const full = newPhone(server);
    Object.assign(full.euicc.state, { profileMemory: 10 });
    const phone = newPhone(server);
    for (let round = 0; round < 2; round++) {
      await assert.rejects(full.download(activationCode, { confirmationCode: '1234' }));
    }
    for (let round = 0; round < 5; round++) {
      await assert.rejects(phone.download(activationCode, { confirmationCode: '9999' }));
    }
    await reportsOf(iccid, (all) => all.at(0)?.state === 'delivered');
    const wrong = ['1 Executed-Success', '2 Executed-WithWarning 8.2.7/3.8'];
    assert.deepEqual(steps(peer, iccid), [
      '1 Executed-WithWarning 8.1/4.8',
      ...Array.from({ length: 4 }, () => wrong).flat(),
      '1 Executed-Success',
      '2 Failed 8.2.7/6.4',
    ]);
    const second = await order(operator);
    const session = await authenticateMutually(phone, parseActivationCode(second.activationCode)!);
    await phone.cancelSession(session, 'endUserRejection');
    await reportsOf(second.iccid, (all) => all[0]?.state === 'delivered');
    assert.deepEqual(steps(peer, second.iccid), ['1 Executed-Success', '3 Failed 8.8.5/3.8']);
  });
});

describe('§5.3.5 a report that cannot be delivered', () => {
  test('is sent again with the same functionCallIdentifier, before all that happened later', async () => {
    const down = await startPeer();
    await down[Symbol.asyncDispose]();
    using operator = await operatorOf(down);
    const { iccid, activationCode } = await order(operator);
    await newPhone(server).download(activationCode);
    const waiting = await reportsOf(iccid, ([last, , first]) => first?.attempts === 1 && !!last);
    assert.deepEqual(
      waiting.map(({ state, attempts }) => [state, attempts]),
      [
        ['pending', 1],
        ['pending', 0],
        ['pending', 0],
      ],
    );
    assert.deepEqual(await errorsOf(waiting[0]!), ['the connection was refused']);
    await using up = await startPeer({ port: Number(down.url.port) });
    // In the answer to the first of them, it dies.
    up.answer = (_call, request) => {
      up.answer = (_again, _request, response) => void response.writeHead(200).end('OK');
      request.socket.destroy();
    };
    await server.restart();
    await retry(waiting[2]!);
    await reportsOf(iccid, ([, , first]) => first?.attempts === 2);
    await retry(waiting[0]!);
    await reportsOf(iccid);
    assert.deepEqual(steps(up, iccid), [
      '1 Executed-Success',
      '1 Executed-Success',
      '3 Executed-Success',
      '4 Executed-Success',
    ]);
    const [first, again] = up.calls;
    assert.deepEqual(first!.json, again!.json);
    assert.deepEqual(await errorsOf(waiting[0]!), [
      'the connection was refused',
      'the connection was closed before a response arrived',
      null,
    ]);
  });

  test('because it is invalid for the operator is given up, and the next one goes; any other refusal may pass', async () => {
    await using peer = await startPeer();
    using operator = await operatorOf(peer);
    const refusing = (subjectCode: string, reasonCode: string) =>
      answering({
        header: {
          functionExecutionStatus: {
            status: 'Failed',
            statusCodeData: { subjectCode, reasonCode, message: 'so not' },
          },
        },
      });
    peer.answer = (call, ...http) => {
      const isFirst = call.json.notificationPointId === 1;
      refusing(isFirst ? '1.6' : '8.2.1', isFirst ? '2.1' : '3.9')(call, ...http);
    };
    const { iccid, activationCode } = await order(operator);
    const began = Date.now();
    await newPhone(server).download(activationCode);
    const [invalid, unknown] = await reportsOf(iccid, ([, second]) => second?.attempts === 1);
    const found = Date.now();
    assert.deepEqual([invalid!.state, unknown!.state], ['failed', 'pending']);
    assert.deepEqual(await errorsOf(invalid!), ['refused with 1.6/2.1: so not']);
    assert.deepEqual(await errorsOf(unknown!), ['refused with 8.2.1/3.9: so not']);
    const next = Date.parse(unknown!.next_attempt_at);
    assert.ok(next > began + 3_000 && next < found + 6_000, unknown!.next_attempt_at);
  });

  test('because nobody is there to take it is kept, and can be sent later, by hand', async () => {
    using operator = await newOperator(server);
    const { iccid, activationCode } = await order(operator);
    await newPhone(server).download(activationCode);
    const kept = await reportsOf(iccid);
    assert.deepEqual(
      kept.map(({ state, attempts }) => [state, attempts]),
      Array.from({ length: 3 }, () => ['kept', 0]),
    );
    await using peer = await startPeer();
    const { transact } = server.server.context;
    await transact(({ tables }) =>
      tables.operators.update(operator.sid, { progress_url: peer.url.href, progress_ca: pki.ca }),
    );
    await retry(...kept);
    await reportsOf(iccid, (all) => all.every(({ state }) => state === 'delivered'));
    assert.equal(peer.calls.length, 3);
    await revokeOperator(operator.sid, undefined, server.server.context);
    await retry(kept[0]!);
    const [again] = await reportsOf(iccid, (all) => all.at(-1)?.attempts === 2);
    assert.deepEqual([again!.state, peer.calls.length], ['kept', 3]);
  });

  test('because its server is not the one that was registered is not sent', async () => {
    const other = peerPki();
    await using peer = await startPeer({ certificate: peerCertificate(other) });
    using operator = await operatorOf(peer);
    const { iccid, activationCode } = await order(operator);
    await newPhone(server).download(activationCode);
    const [first] = await reportsOf(iccid, (all) => all.at(-1)?.attempts === 1);
    assert.deepEqual(await errorsOf(first!), ['the certificate is not trusted']);
    assert.equal(peer.calls.length, 0);
    // The same, if callbacks go to public addresses only.
    const { context } = server.server;
    const config = { ...context.config, callbackPrivateNetworks: false };
    const guarded = { ...context, config, pki: context.pki };
    const claimed = { ...first!, locked_until: '9999' };
    const peers = new OperatorPeers(new Lookups(new Slots()), guarded);
    let settled: unknown;
    const transact = async (work: any) =>
      work({ tables: { progressReports: { settle: (...given: unknown[]) => (settled = given) } } });
    await attempt(claimed, peers, { ...guarded, transact });
    const [, logged] = settled as [unknown, { error: string }];
    assert.equal(logged.error, 'the host has no public address');
  });
});

test('of many that are retried, one that is delivered meanwhile is not sent again', async () => {
  await using peer = await startPeer();
  peer.answer = (_call, _request, response) => void response.writeHead(500).end();
  using operator = await operatorOf(peer);
  const { iccid, activationCode } = await order(operator);
  await newPhone(server).download(activationCode);
  await reportsOf(iccid, (all) => all.at(-1)?.attempts === 1);
  peer.answer = (_call, _request, response) => void response.writeHead(204).end();
  const { store, transact } = server.server.context;
  const { count } = await retryManyReports(
    { account_sid: server.account.username, state: ['pending'], operator_sid: operator.sid },
    undefined,
    {},
    {
      store,
      // What was listed as pending is delivered before it is made due.
      async transact(work) {
        await retry(...(await reportsOf(iccid, () => true)));
        await reportsOf(iccid);
        return transact(work);
      },
    },
  );
  assert.equal(count, 0);
  assert.deepEqual(
    (await reportsOf(iccid, () => true)).map(({ state }) => state),
    ['delivered', 'delivered', 'delivered'],
  );
});

test('ListOperator, FetchOperator, ListProgressReport, FetchProgressReport, RetryProgressReport, RetryProgressReports: the account sees its operators and what they were told', async () => {
  await using peer = await startPeer();
  peer.answer = (_call, _request, response) => void response.writeHead(500).end('not now');
  using operator = await operatorOf(peer, {
    friendlyName: 'Seen',
    requesterIdentifier: 'operator.example',
  });
  const { iccid, activationCode } = await order(operator);
  await newPhone(server).download(activationCode);
  await reportsOf(iccid, (all) => all.at(-1)?.attempts === 1);
  const ask = async (path: string, options = {}) => {
    const { status, json } = await server.request(path, options);
    assert.ok(status < 300, path);
    return json;
  };
  const { operators } = await ask('/v1/Operators?PageSize=1');
  assert.deepEqual(
    operators.map(({ sid, friendly_name: name, is_told: isTold }: any) => [sid, name, isTold]),
    [[operator.sid, 'Seen', true]],
  );
  assert.equal(operators[0].certificates[0].subject, 'Seen');
  assert.deepEqual(await ask(`/v1/Operators/${operator.sid}`), operators[0]);
  const list = `/v1/ProgressReports?OperatorSid=${operator.sid}&State=pending`;
  const { progress_reports: pending } = await ask(list);
  assert.deepEqual(
    pending.map((report: any) => [report.notification_point, report.attempts.length]),
    [
      ['bppInstallation', 0],
      ['bppDownload', 0],
      ['eligibilityAndRetryLimitCheck', 1],
    ],
  );
  assert.deepEqual(await ask(`/v1/ProgressReports/${pending[2].sid}`), pending[2]);
  const [first] = pending[2].attempts;
  const { status_code: status, error, response: body } = first;
  assert.deepEqual([status, error, body], [500, 'answered 500; expected 2xx', 'not now']);
  assert.deepEqual(await ask(`/v1/ProgressReports?Iccid=${iccid}&State=delivered,kept`), {
    ...(await ask('/v1/ProgressReports?Iccid=none')),
    meta: (await ask(`/v1/ProgressReports?Iccid=${iccid}&State=delivered,kept`)).meta,
  });
  const other = await server.addAccount(0);
  for (const path of [`/v1/Operators/${operator.sid}`, `/v1/ProgressReports/${pending[0].sid}`]) {
    assert.equal((await server.request(path, { as: other })).status, 404);
  }
  peer.answer = (_call, _request, response) => void response.writeHead(204).end();
  const retryPath = `/v1/ProgressReports/Retry?State=pending&OperatorSid=${operator.sid}`;
  assert.deepEqual(await ask(retryPath, { method: 'POST' }), { retried: 3, next_url: null });
  await reportsOf(iccid);
  const again = await ask(`/v1/ProgressReports/${pending[2].sid}/Retry`, { method: 'POST' });
  assert.equal(again.state, 'pending');
  const delivered = await reportsOf(iccid);
  assert.deepEqual(
    delivered.map(({ attempts }) => attempts),
    [3, 1, 1],
  );
});

test('the OpenAPI document of ES2+ is true of what is answered and told', async () => {
  const { json: document } = await server.request('/es2plus/openapi.json', { as: null });
  assert.deepEqual(document, es2plusDocument);
  await using peer = await startPeer();
  using operator = await operatorOf(peer);
  const results: string[] = [];
  const call = async (name: string, members: object) => {
    const reply = await operator.call(name, members);
    const { responses } = document.paths[`/gsma/rsp2/es2plus/${name}`].post;
    const { schema, examples } = responses[reply.status].content['application/json'];
    es2plusSchema(schema, reply.json, name);
    results.push(reply.result);
    const isKnown = reply.result === SUCCESS || reply.result.replace('/', '_') in examples;
    assert.ok(isKnown, `${name} is refused with ${reply.result}`);
    return reply.json;
  };
  const { iccid } = await call('downloadOrder', { profileType: 'default' });
  await call('downloadOrder', { profileType: 'none' });
  await call('releaseProfile', { iccid });
  await call('confirmOrder', { iccid, releaseFlag: false, matchingId: '' });
  const { matchingId } = await call('confirmOrder', { iccid, releaseFlag: true });
  await call('cancelOrder', {
    iccid: '8999999999999999999',
    finalProfileStatusIndicator: 'Available',
  });
  await newPhone(server).download(`1$${server.config.smdpAddress}$${matchingId}`);
  await reportsOf(iccid);
  await call('cancelOrder', { iccid, finalProfileStatusIndicator: 'Available' });
  assert.deepEqual(results, [
    SUCCESS,
    '8.2.5/3.9',
    '8.2.1/3.5',
    '8.1.1/2.2',
    SUCCESS,
    '8.2.1/3.9',
    '8.2.1/3.3',
  ]);
  const { requestBody } = document.webhooks.handleDownloadProgressInfo.post;
  for (const { json } of peer.calls) {
    es2plusSchema(requestBody.content['application/json'].schema, json, 'what was told');
  }
  assert.equal(peer.calls.length, 3);
});

test('an operator that does not answer holds up no callback, and no other operator', async () => {
  await using silent = await startPeer();
  silent.answer = () => {};
  await using quick = await startPeer();
  await using receiver = await startReceiver();
  using slow = await operatorOf(silent);
  using other = await operatorOf(quick);
  const { username } = server.account;
  const { store, now, sids, transact, wake } = server.server.context;
  await transact(async ({ tables }) => {
    for (let index = 0; index < 200; index++) {
      const date = now().toISOString();
      await tables.progressReports.insert({
        account_sid: username,
        sid: sids.next('progressReport', now()),
        operator_sid: slow.sid,
        iccid: `slow ${index}`,
        order_number: 1,
        notification_point_id: 3,
        status: 'Executed-Success',
        request: '{"header":{}}',
        state: 'pending',
        attempts: 0,
        next_attempt_at: date,
        locked_until: null,
        date_created: date,
        date_settled: null,
      });
    }
  });
  wake('progress');
  await eventually(() => silent.calls.length === 8 || undefined);
  const { iccid, activationCode } = await order(other);
  await newPhone(server).download(activationCode);
  await reportsOf(
    iccid,
    (all) => all.length === 3 && all.every(({ state }) => state === 'delivered'),
  );
  await server.order({ GenerateMatchingId: 'true', CallbackUrl: receiver.url });
  await eventually(() => receiver.calls.length === 2 || undefined);
  assert.equal(
    silent.calls.length,
    8,
    'no attempt at the silent one has ended, which takes 15 seconds',
  );
  silent.dropConnections();
  await transact(({ tables }) => tables.operators.update(slow.sid, { progress_url: null }));
  assert.ok(await store.operators.find(slow.sid));
});
