// ES2+ over HTTPS with mutual TLS (§6.1, §6.2, §6.5): who may call, and what is answered to whatever comes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import * as fc from 'fast-check';
import { buildEs2Plus } from '../../src/es2plus/listener.ts';
import { functions } from '../../src/es2plus/functions.ts';
import { ES9PLUS_LIMITS } from '../../src/process/listener-limits.ts';
import { importOperatorCas } from '../../src/smdp/operators/operator-ca.ts';
import { openOperatorTrust } from '../../src/smdp/operators/operator-trust.ts';
import { rotateCertificate, revokeOperator } from '../../src/smdp/operators/operators.ts';
import { readOperatorFile } from '../../src/smdp/operators/operator-file.ts';
import { smdpRole } from '../../src/smdp/orders/smdp-role.ts';
import { errorsLogged } from '../es9plus/calls.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import type { Issued, OperatorCa } from './certificates.ts';
import { operatorCa } from './certificates.ts';
import type { Es2Reply, TestOperator } from './operator.ts';
import { agentOf, call, HEADERS, newOperator, post, SUCCESS } from './operator.ts';

const PATH = '/gsma/rsp2/es2plus/';
const UNKNOWN = { iccid: '8999999999999999999' };
/** What every function answers to one that may call: the profile is unknown. */
const SERVED = '8.2.1/3.9';

let server: TestServer;
let operator: TestOperator;
let ca: OperatorCa;
before(async () => {
  server = await startTestServer({
    stock: 30,
    env: { SIMWRIGHT_ES2_PORT: '0', SIMWRIGHT_EID_CHECK_DIGITS: 'off' },
  });
  operator = await newOperator(server);
  ca = operatorCa('CA of operators');
  await importCas(Buffer.from(ca.cert));
});
after(async () => {
  operator[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

const importCas = (...files: Uint8Array[]) =>
  importOperatorCas(files.map(readOperatorFile), server.server.context);

/** Calls with a certificate. */
async function callWith({ cert, key }: { cert?: string; key?: string }): Promise<Es2Reply> {
  const agent = agentOf({ cert, key, keepAlive: false });
  const reply = await call(server, 'releaseProfile', UNKNOWN, agent);
  agent.destroy();
  return reply;
}

const register = async (issued: Issued) => (await newOperator(server, {}, issued.x509)).sid;

describe('§6.1 a client certificate', () => {
  test('is needed: without one, 1.1/1.1', async () => {
    const { status, result, json, headers } = await callWith({});
    assert.deepEqual([status, result], [403, '1.1/1.1']);
    assert.match(
      json.header.functionExecutionStatus.statusCodeData.message,
      /client certificate is needed/,
    );
    assert.equal(headers.connection, 'close');
  });

  test('of no operator is refused with 1.1/1.1, also under a CA that is trusted', async () => {
    for (const unknown of [ca.issue(), operatorCa('Somebody').issue()]) {
      const { status, result } = await callWith(unknown);
      assert.deepEqual([status, result], [403, '1.1/1.1']);
    }
  });

  test('that is registered is accepted, over TLS 1.2 and 1.3, and says whose call it is', async () => {
    const issued = ca.issue();
    const sid = await register(issued);
    assert.equal((await callWith(issued)).result, SERVED);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const agent = agentOf({ ...issued, minVersion: version, maxVersion: version });
      assert.equal((await call(server, 'releaseProfile', UNKNOWN, agent)).result, SERVED);
      // A resumed session has the certificate, too.
      assert.equal((await call(server, 'releaseProfile', UNKNOWN, agent)).result, SERVED);
      agent.destroy();
    }
    const [line] = server.logged.filter((text) => text.includes(sid));
    assert.match(line!, /"msg":"ES2\+ releaseProfile"/);
  });

  test('is not asked for over TLS 1.1', async () => {
    const agent = agentOf({
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    await assert.rejects(call(server, 'releaseProfile', UNKNOWN, agent), /alert protocol version/);
  });

  test('that has expired is refused with 1.1/6.3, one that is not valid yet with 1.1/6.1', async () => {
    const { context } = server.server;
    const trust = async (now: Date) => openOperatorTrust({ ...context, now: () => now });
    const issued = ca.issue();
    await register(issued);
    const client = {
      certificate: issued.x509,
      fingerprint: issued.x509.fingerprint256.replaceAll(':', ''),
    };
    const { notBefore, notAfter } = issued.certificate;
    const at = async (date: Date, aside: number) =>
      (await trust(new Date(date.getTime() + aside))).identify(client);
    await assert.rejects(at(notBefore, -1_000), { subjectCode: '1.1', reasonCode: '6.1' });
    await at(notBefore, 0);
    await at(notAfter, 0);
    await assert.rejects(at(notAfter, 1_000), { subjectCode: '1.1', reasonCode: '6.3' });
  });

  test('that its CA has revoked is refused with 1.1/1.2', async () => {
    const [good, bad] = [ca.issue(), ca.issue()];
    await register(good);
    await register(bad);
    assert.equal((await callWith(bad)).result, SERVED);
    await importCas(ca.crl([bad]));
    await eventually(async () => ((await callWith(bad)).result === '1.1/1.2' ? true : undefined));
    assert.equal((await callWith(good)).result, SERVED);
    await importCas(ca.crl([]));
  });

  test('of a CA that is no longer trusted is refused with 1.1/6.1', async () => {
    const other = operatorCa('CA to be removed');
    await importCas(Buffer.from(other.cert));
    const issued = other.issue();
    await register(issued);
    const trust = await openOperatorTrust(server.server.context);
    const client = {
      certificate: issued.x509,
      fingerprint: issued.x509.fingerprint256.replaceAll(':', ''),
    };
    await trust.identify(client);
    const listed = trust.clientCas();
    await server.server.context.transact(({ tables }) =>
      tables.operators.deleteCa(other.x509.fingerprint256.replaceAll(':', '')),
    );
    await trust.renew();
    await assert.rejects(trust.identify(client), { subjectCode: '1.1', reasonCode: '6.1' });
    assert.equal(trust.clientCas().length, listed.length - 1);
  });

  test('that another one replaces is refused with 1.1/1.2 when its time has come; then the operator’s, when it is revoked', async () => {
    const { context } = server.server;
    const replaced = await newOperator(server);
    const { made } = await rotateCertificate(replaced.sid, undefined, 1, context);
    const client = ({ certificate }: { certificate: typeof replaced.made.certificate }) => ({
      certificate,
      fingerprint: certificate.fingerprint256.replaceAll(':', ''),
    });
    const trustAt = (aside: number) =>
      openOperatorTrust({ ...context, now: () => new Date(context.now().getTime() + aside) });
    const [now, later] = [await trustAt(0), await trustAt(3_601_000)];
    for (const either of [replaced.made, made!]) await now.identify(client(either));
    const refusal = { subjectCode: '1.1', reasonCode: '1.2' };
    await assert.rejects(later.identify(client(replaced.made)), refusal);
    await later.identify(client(made!));
    await revokeOperator(replaced.sid, undefined, context);
    await now.renew();
    await assert.rejects(now.identify(client(made!)), refusal);
    replaced[Symbol.dispose]();
  });
});

test('an operator that was registered or revoked just now is known at once to all its calls, also after the database was away', async () => {
  const { context } = server.server;
  const { store } = context;
  let isAway = false;
  const operators = {
    changeToken: () => store.operators.changeToken(),
    list: () => store.operators.list(),
    listCas: () => store.operators.listCas(),
    async listCertificates() {
      if (isAway) throw new Error('away');
      return store.operators.listCertificates();
    },
  } as unknown as typeof store.operators;
  const trust = await openOperatorTrust({
    ...context,
    store: { operators } as typeof store,
  });
  const { sid, made } = await newOperator(server);
  const client = {
    certificate: made.certificate,
    fingerprint: made.certificate.fingerprint256.replaceAll(':', ''),
  };
  const peers = await Promise.all(Array.from({ length: 5 }, () => trust.identify(client)));
  assert.deepEqual(new Set(peers.map(({ operatorSid }) => operatorSid)), new Set([sid]));
  await revokeOperator(sid, undefined, context);
  isAway = true;
  await assert.rejects(trust.renew(), /away/);
  isAway = false;
  await trust.renew();
  await assert.rejects(trust.identify(client), { subjectCode: '1.1', reasonCode: '1.2' });
});

test('§5.2.6 an operator whose identifier is pinned is refused under another with 1.1/1.2', async () => {
  using pinned = await newOperator(server, { requesterIdentifier: '2.999.7' });
  const as = (functionRequesterIdentifier: string) =>
    pinned.call('releaseProfile', {
      ...UNKNOWN,
      header: { functionRequesterIdentifier, functionCallIdentifier: '1' },
    });
  assert.equal((await as('2.999.8')).result, '1.1/1.2');
  assert.equal((await as('2.999.7')).result, SERVED);
});

test('§5.3 operators of different accounts do not see each other’s profiles: 8.2.1/3.9', async () => {
  const other = await server.addAccount(25);
  using stranger = await newOperator(server, { accountSid: other.username });
  const [last] = (
    await server.server.context.store.subscriptions.list(server.account.username, { limit: 100 })
  ).slice(-1);
  const { iccid } = last!;
  const members = { iccid, releaseFlag: true, finalProfileStatusIndicator: 'Available' };
  for (const name of ['downloadOrder', 'confirmOrder', 'cancelOrder', 'releaseProfile']) {
    assert.equal((await stranger.call(name, members)).result, '8.2.1/3.9', name);
  }
  using colleague = await newOperator(server);
  assert.equal((await operator.call('downloadOrder', { iccid })).result, SUCCESS);
  for (const name of ['downloadOrder', 'confirmOrder', 'cancelOrder', 'releaseProfile']) {
    assert.equal((await colleague.call(name, members)).result, '8.2.1/1.2', name);
  }
});

describe('§6.5.2 a request', () => {
  const header = { functionRequesterIdentifier: 'x', functionCallIdentifier: 'y' };
  const send = (body: unknown, headers = {}) =>
    post(
      server,
      `${PATH}confirmOrder`,
      typeof body === 'string' ? body : JSON.stringify(body),
      operator.agent,
      { ...HEADERS, ...headers },
    );
  const valid = { header, ...UNKNOWN, releaseFlag: true };

  for (const [title, body, code] of [
    ['that is not JSON', '{', '1.3.1/2.1'],
    ['that is empty', '', '1.3.1/2.1'],
    ['that is not an object', [], '1.3.1/2.1'],
    ['without a header', { ...UNKNOWN, releaseFlag: true }, '1.6/2.2'],
    [
      'without a call identifier',
      { ...valid, header: { functionRequesterIdentifier: 'x' } },
      '1.6/2.2',
    ],
    [
      'with an empty identifier',
      { ...valid, header: { ...header, functionCallIdentifier: '' } },
      '1.6/2.1',
    ],
    ['with a header that is text', { ...valid, header: 'x' }, '1.6/2.1'],
    ['without an ICCID', { header, releaseFlag: true }, '1.6/2.2'],
    ['with an ICCID that is null', { ...valid, iccid: null }, '1.6/2.2'],
    ['with an ICCID that is a number', { ...valid, iccid: 8999 }, '8.2.1/2.1'],
    ['with a short ICCID', { ...valid, iccid: '8999' }, '8.2.1/2.1'],
    ['with a long ICCID', { ...valid, iccid: '8'.repeat(21) }, '8.2.1/2.1'],
    ['with letters in its ICCID', { ...valid, iccid: '89999999999999G' }, '8.2.1/2.1'],
    ['with an EID of 31 digits', { ...valid, eid: '8'.repeat(31) }, '8.1.1/2.1'],
    ['with a flag that is text', { ...valid, releaseFlag: 'true' }, '1.6/2.1'],
    ['with a NUL', { ...valid, matchingId: 'A\0' }, '8.2.6/2.1'],
    ['with half a surrogate pair', { ...valid, confirmationCode: '\ud800' }, '8.2.7/2.1'],
    ['with members of its own', { ...valid, extra: { a: [1] } }, SERVED],
    ['with optional members that are null', { ...valid, eid: null, matchingId: null }, SERVED],
  ] as [string, unknown, string][]) {
    test(`${title}: ${code}`, async () => {
      const { status, result, headers } = await send(body);
      assert.deepEqual([status, result], [200, code]);
      assert.equal(headers['content-type'], 'application/json;charset=UTF-8');
      assert.equal(headers['x-admin-protocol'], 'gsma/rsp/v2.5.0');
    });
  }

  test('§6.2 in a version that we share is served, in another refused with 1.3.2/3.1', async () => {
    for (const version of ['gsma/rsp/v2.0.0', 'gsma/rsp/v2.2', 'gsma/rsp/v3.1.0']) {
      assert.equal((await send(valid, { 'X-Admin-Protocol': version })).result, SERVED);
    }
    for (const version of ['gsma/rsp/v1.0.0', 'gsma/rsp/v4.0.0', 'http']) {
      assert.equal((await send(valid, { 'X-Admin-Protocol': version })).result, '1.3.2/3.1');
    }
  });

  test('that is too long is refused with 1.3.1/2.1, and its connection ends', async () => {
    const { result, headers } = await send(JSON.stringify({ ...valid, x: 'x'.repeat(300_000) }));
    assert.deepEqual([result, headers.connection], ['1.3.1/2.1', 'close']);
  });

  test('to another path, or with another method, is not found', async () => {
    const to = (path: string, method?: string) =>
      post(server, path, method === 'GET' ? '' : '{}', operator.agent, HEADERS, method);
    assert.equal((await to(`${PATH}placeOrder`)).status, 404);
    assert.equal((await to(`${PATH}handleDownloadProgressInfo`)).status, 404);
    assert.equal((await to('/gsma/rsp2/es9plus/initiateAuthentication')).status, 404);
    assert.equal((await to(`${PATH}confirmOrder`, 'GET')).status, 404);
    assert.equal((await to(`${PATH}confirmOrder?x=y`)).result, '1.6/2.2');
  });

  test('leaves nothing of members that are not of the function, and is the same with or without them', async () => {
    const { iccid } = (await operator.call('downloadOrder', { profileType: 'default' })).json;
    const order = { iccid, releaseFlag: false };
    const junk = { extra: 'x'.repeat(100_000), other: { a: 1 } };
    assert.equal((await operator.call('confirmOrder', { ...order, ...junk })).result, SUCCESS);
    assert.equal((await operator.call('confirmOrder', order)).result, SUCCESS);
    const { store } = server.server.context;
    const { requests } = (await store.subscriptions.find(server.account.username, iccid))!;
    assert.deepEqual(JSON.parse(requests!).confirmOrder, order);
  });

  test('§5.3 names an ICCID in any form: 19 digits, 19 and F, 20 digits; the answer has the form that is kept', async () => {
    const { iccid } = (await operator.call('downloadOrder', { profileType: 'default' })).json;
    assert.equal(iccid.length, 19);
    assert.equal(
      (await operator.call('downloadOrder', { profileType: 'default', iccid: `${iccid}F` })).result,
      '8.2.1/3.3',
    );
    const confirmed = await operator.call('confirmOrder', {
      iccid: `${iccid}f`,
      releaseFlag: false,
    });
    assert.equal(confirmed.result, SUCCESS);
    assert.equal((await operator.call('releaseProfile', { iccid: `${iccid}F` })).result, SUCCESS);
    assert.equal((await operator.call('releaseProfile', { iccid })).result, SUCCESS);
    assert.equal((await operator.call('releaseProfile', { iccid: `${iccid}0` })).result, SERVED);
  });
});

describe('§5.3 any input', () => {
  const CASES = 60;
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('', 'F', '\0'));
  const value = fc.oneof(text, fc.jsonValue({ maxDepth: 2 }), fc.constant(undefined));
  const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));

  for (const [name, { request, direction }] of Object.entries(functions)) {
    if (direction !== 'operator to SM-DP+') continue;
    test(`of ${name} is answered with success or a code, never 1.2/4.2, and kept out of the log of errors`, async () => {
      const member = (key: string) =>
        key === 'header'
          ? fc.oneof(
              value,
              fc.record({ functionRequesterIdentifier: text, functionCallIdentifier: value }),
              fc.constant({ functionRequesterIdentifier: 'x', functionCallIdentifier: 'fuzz' }),
            )
          : fc.oneof(
              value,
              digits(key === 'eid' ? 32 : 19),
              fc.boolean(),
              fc.constantFrom('Available', 'default', 'A-1'),
            );
      const members = fc.record(
        Object.fromEntries(Object.keys(request.properties).map((key) => [key, member(key)])),
      );
      const body = fc.oneof(
        members.map((given) => Buffer.from(JSON.stringify(given) ?? '')),
        fc.uint8Array({ maxLength: 200 }),
        fc.json().map((given) => Buffer.from(given)),
      );
      await fc.assert(
        fc.asyncProperty(body, async (bytes) => {
          const reply = await post(server, PATH + name, bytes, operator.agent);
          assert.equal(reply.status, 200);
          assert.match(reply.result, /^(Executed-Success|[\d.]+\/[\d.]+)$/);
          assert.notEqual(reply.result, '1.2/4.2');
        }),
        { numRuns: CASES },
      );
      assert.deepEqual(errorsLogged(server), []);
    });
  }
});

test('clients that are silent, slow or half gone hold nothing for longer than the limits', async () => {
  const { context } = server.server;
  const trust = await openOperatorTrust(context);
  const limits = {
    ...ES9PLUS_LIMITS,
    handshakeMs: 5_000,
    headersMs: 300,
    requestMs: 300,
    idleMs: 300,
    checkEveryMs: 50,
  };
  const listener = buildEs2Plus([smdpRole(trust, context)], context, limits);
  const url = new URL(await listener.listen({ host: '127.0.0.1', port: 0 }));
  const { certificatePem: cert, keyPem: key } = operator.made;
  async function connect(): Promise<TLSSocket> {
    const socket = connectTls({
      port: Number(url.port),
      host: url.hostname,
      rejectUnauthorized: false,
      allowHalfOpen: true,
      cert,
      key,
    } as never);
    socket.on('error', () => {}).resume();
    await once(socket, 'secureConnect');
    return socket;
  }
  const head = `POST ${PATH}confirmOrder HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{`;
  const sockets = await Promise.all(
    ['', head.slice(0, 20), head, head].map(async (sent) => {
      const socket = await connect();
      if (sent !== '') socket.write(sent);
      return socket;
    }),
  );
  sockets[3]!.end();
  await Promise.all(
    sockets.map(async (socket) => {
      if (!socket.readableEnded) await once(socket, 'end');
    }),
  );
  for (const socket of sockets) socket.destroy();
  await listener.close();
});

for (const [what, agent] of [
  ['', () => operator.agent],
  [', also to a caller that is looked for', () => agentOf({ keepAlive: false, ...ca.issue() })],
] as const) {
  test(`when the database is away, the answer is 1.2/4.4, and soon${what}`, async () => {
    const { context } = server.server;
    const never = () => new Promise<never>(() => {});
    const { identify, ...trust } = await openOperatorTrust(context);
    const role = smdpRole(
      { ...trust, identify: (client) => identify(client).catch(never) },
      { ...context, transact: never },
    );
    const listener = buildEs2Plus([role], context, ES9PLUS_LIMITS, 50);
    const url = await listener.listen({ host: '127.0.0.1', port: 0 });
    const request = httpsRequest(new URL(`${PATH}releaseProfile`, url), {
      method: 'POST',
      agent: agent(),
      headers: HEADERS,
    });
    request.end(
      JSON.stringify({
        header: { functionRequesterIdentifier: 'x', functionCallIdentifier: 'y' },
        ...UNKNOWN,
      }),
    );
    const [response] = await once(request, 'response');
    const chunks = await response.toArray();
    const { statusCodeData } = JSON.parse(Buffer.concat(chunks).toString()).header
      .functionExecutionStatus;
    assert.deepEqual(
      [response.statusCode, statusCodeData.subjectCode, statusCodeData.reasonCode],
      [200, '1.2', '4.4'],
    );
    await listener.close();
  });
}
