// The client of ES2+, against real TLS servers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Es2PlusClient, Es2PlusClientOptions } from '../../src/es2plus/client.ts';
import { es2plusClient } from '../../src/es2plus/client.ts';
import { PeerUnavailable } from '../../src/outgoing/peer-unavailable.ts';
import { attributeTypes } from '../../src/rsp/distinguished-name.ts';
import { FunctionExecutionError } from '../../src/rsp/function-execution-error.ts';
import { certificatePem } from '../../src/rsp/pem.ts';
import { Pki } from '../rsp/pki.ts';
import { answering, peerCertificate, peerPki, startTlsPeer, SUCCEEDED } from '../tls-peer.ts';
import type { PeerPki, TlsPeer } from '../tls-peer.ts';

const ICCID = '8999901234567890123';
const ORDER = { header: { functionCallIdentifier: 'call-1' }, profileType: 'default' };
const CANCEL = {
  header: { functionCallIdentifier: 'call-2' },
  iccid: ICCID,
  finalProfileStatusIndicator: 'Available',
} as const;
const PROGRESS = {
  header: { functionCallIdentifier: 'call-3' },
  iccid: ICCID,
  profileType: 'default',
  timestamp: '2026-06-01T12:00:00Z',
  notificationPointId: 3,
  notificationPointStatus: { status: 'Executed-Success' },
} as const;

const pki: PeerPki = peerPki();
let peer: TlsPeer;
let client: Es2PlusClient;

function clientOf(changes: Partial<Es2PlusClientOptions> = {}): Es2PlusClient {
  return es2plusClient({
    address: peer.url,
    ...pki.client,
    ca: [pki.ca],
    requester: 'operator.example',
    guard: undefined,
    timeouts: { connectMs: 5_000, answerMs: 5_000 },
    ...changes,
  });
}

before(async () => {
  peer = await startTlsPeer(pki);
  client = clientOf();
});
after(async () => {
  client.close();
  await peer[Symbol.asyncDispose]();
});

/** The failure of an order; `arrival` says whether the peer can have got it. */
async function failureOf(
  using: Es2PlusClient = client,
  call: () => Promise<unknown> = () => using.call('downloadOrder', ORDER),
): Promise<[why: string, arrival: string]> {
  try {
    await call();
  } catch (error) {
    if (using !== client) using.close();
    assert.ok(error instanceof PeerUnavailable, String(error));
    return [error.message, error.arrival];
  }
  throw new Error('it succeeded');
}

describe('ES2+ by a client', () => {
  test('§5.3.1 downloadOrder: the request as §6.5 has it, over mutual TLS, and the members of the response', async () => {
    peer.answer = answering({ header: SUCCEEDED, iccid: ICCID, more: 1 });
    assert.deepEqual(await client.call('downloadOrder', ORDER), { iccid: ICCID, more: 1 });
    const { path, headers, json, caller } = peer.calls.at(-1)!;
    assert.equal(path, '/gsma/rsp2/es2plus/downloadOrder');
    assert.deepEqual(
      [headers['content-type'], headers['x-admin-protocol'], headers.host, caller],
      ['application/json', 'gsma/rsp/v2.5.0', peer.url.host, 'localhost'],
    );
    assert.deepEqual(json, {
      header: { functionRequesterIdentifier: 'operator.example', functionCallIdentifier: 'call-1' },
      profileType: 'default',
    });
  });

  test('a path of the address is kept before that of the function', async () => {
    peer.answer = answering({ header: SUCCEEDED, iccid: ICCID });
    const tenant = clientOf({ address: new URL('/tenants/7/', peer.url) });
    await tenant.call('downloadOrder', ORDER);
    tenant.close();
    assert.equal(peer.calls.at(-1)?.path, '/tenants/7/gsma/rsp2/es2plus/downloadOrder');
  });

  test('an answer in pieces, without Content-Length, with a warning', async () => {
    peer.answer = (_call, _request, response) => {
      const status = { functionExecutionStatus: { status: 'Executed-WithWarning' } };
      const text = JSON.stringify({ header: status, iccid: ICCID });
      response.write(text.slice(0, 20));
      setImmediate(() => response.end(text.slice(20)));
    };
    assert.deepEqual(await client.call('downloadOrder', ORDER), { iccid: ICCID });
  });

  test('§5.2.6 Failed is thrown with its codes, also those of others; Expired likewise', async () => {
    const refused = async (functionExecutionStatus: unknown) => {
      peer.answer = answering({ header: { functionExecutionStatus } });
      const error = await client.call('downloadOrder', ORDER).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof FunctionExecutionError);
      return [error.subjectCode, error.reasonCode, error.message];
    };
    const statusCodeData = { subjectCode: '8.2.1', reasonCode: '3.9', message: 'no\u0000 such' };
    assert.deepEqual(await refused({ status: 'Failed', statusCodeData }), [
      '8.2.1',
      '3.9',
      'no  such',
    ]);
    const own = { subjectCode: '9.9.9', reasonCode: '7.77' };
    assert.deepEqual(await refused({ status: 'Expired', statusCodeData: own }), [
      '9.9.9',
      '7.77',
      'The call had expired',
    ]);
    assert.deepEqual(await refused({ status: 'Failed' }), ['8', '4.2', 'No reason was given']);
    const nonsense = { subjectCode: "8'; drop", reasonCode: 3.1 };
    assert.deepEqual(await refused({ status: 'Failed', statusCodeData: nonsense }), [
      '8',
      '4.2',
      'No reason was given',
    ]);
  });

  test('204 and a header alone are the response of a function without data', async () => {
    peer.answer = (_call, _request, response) => void response.writeHead(204).end();
    await client.call('cancelOrder', CANCEL);
    peer.answer = answering({ header: SUCCEEDED });
    await client.call('cancelOrder', CANCEL);
  });

  test('§5.3.5 handleDownloadProgressInfo has no output data: anything with 2xx is success but a refusal', async () => {
    for (const [status, body] of [
      [204, ''],
      [200, ''],
      [200, 'OK'],
      [202, '{"taken":true}'],
    ] as const) {
      peer.answer = (_call, _request, response) => void response.writeHead(status).end(body);
      await client.call('handleDownloadProgressInfo', PROGRESS);
    }
    peer.answer = answering({ header: { functionExecutionStatus: { status: 'Failed' } } });
    await assert.rejects(
      client.call('handleDownloadProgressInfo', PROGRESS),
      FunctionExecutionError,
    );
  });

  test('an answer that cannot be read: the peer may have done it', async () => {
    const told = async (body: string, status = 200) => {
      peer.answer = (_call, _request, response) => void response.writeHead(status).end(body);
      return failureOf();
    };
    const header = JSON.stringify(SUCCEEDED);
    assert.deepEqual(await told('<html>'), ['the response is not a JSON object', 'sent']);
    assert.deepEqual(await told('[]'), ['the response is not a JSON object', 'sent']);
    assert.deepEqual(await told('{"iccid":"1"}'), [
      'the response has no functionExecutionStatus',
      'sent',
    ]);
    assert.deepEqual(await told(`{"header":${header}}`), [
      "the response of downloadOrder must have required property 'iccid'",
      'sent',
    ]);
    assert.deepEqual(await told('', 204), [
      "the response of downloadOrder must have required property 'iccid'",
      'sent',
    ]);
    assert.deepEqual(await told(' '.repeat(300_000)), ['the response is too long', 'sent']);
    assert.deepEqual(await told('sorry', 503), ['answered 503; expected 2xx', 'sent']);
    assert.deepEqual(await told('no', 403), ['answered 403; expected 2xx', 'sent']);
  });

  test('a redirect is not followed', async () => {
    const count = peer.calls.length;
    peer.answer = (_call, _request, response) =>
      void response.writeHead(307, { Location: peer.url.href }).end();
    assert.deepEqual(await failureOf(), ['answered 307; redirects are not followed', 'sent']);
    assert.equal(peer.calls.length, count + 1);
  });

  test('a peer that is too slow, or hangs up, may have done it', async () => {
    peer.answer = () => {};
    const hasty = clientOf({ timeouts: { connectMs: 5_000, answerMs: 40 } });
    assert.deepEqual(await failureOf(hasty), ['timed out while waiting for a response', 'sent']);
    // Each piece comes in time, the whole does not.
    peer.answer = (_call, request, response) => {
      const drip = setInterval(() => response.write(' '), 15);
      request.socket.on('close', () => clearInterval(drip));
    };
    const patient = clientOf({ timeouts: { connectMs: 5_000, answerMs: 60 } });
    assert.deepEqual(await failureOf(patient), ['timed out while waiting for a response', 'sent']);
    peer.answer = (_call, request) => request.socket.destroy();
    assert.deepEqual(await failureOf(clientOf()), [
      'the connection was closed before a response arrived',
      'sent',
    ]);
    peer.answer = (_call, request, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('{', () => request.socket.destroy());
    };
    assert.deepEqual(await failureOf(clientOf()), [
      'the connection was closed before a response arrived',
      'sent',
    ]);
  });

  test('one that the caller has cancelled', async () => {
    const cancelling = new AbortController();
    peer.answer = () => cancelling.abort();
    const call = () => client.call('downloadOrder', ORDER, cancelling.signal);
    assert.deepEqual(await failureOf(client, call), ['cancelled', 'sent']);
    assert.deepEqual(await failureOf(client, call), ['cancelled', 'not sent']);
  });
});

describe('ES2+ by a client over a kept connection', () => {
  test('uses it again for the next call', async () => {
    peer.answer = answering({ header: SUCCEEDED, iccid: ICCID });
    const own = clientOf();
    for (let round = 0; round < 3; round++) await own.call('downloadOrder', ORDER);
    own.close();
    const connections = peer.calls.slice(-3).map(({ connection }) => connection);
    assert.equal(new Set(connections).size, 1);
  });

  test('that was dropped in between, calls again through a new one, with the same functionCallIdentifier', async () => {
    peer.answer = answering({ header: SUCCEEDED, iccid: ICCID });
    const own = clientOf();
    await own.call('downloadOrder', ORDER);
    // The peer takes the next call, and drops the connection instead of an answer: as if it had died just then.
    let dropped = 0;
    peer.answer = (call, request, response) => {
      if (dropped++ === 0) request.socket.destroy();
      else answering({ header: SUCCEEDED, iccid: ICCID })(call, request, response);
    };
    const count = peer.calls.length;
    assert.deepEqual(await own.call('downloadOrder', ORDER), { iccid: ICCID });
    const [first, second, ...more] = peer.calls.slice(count);
    assert.deepEqual([first?.json, more.length], [second?.json, 0]);
    assert.notEqual(first?.connection, second?.connection);
    own.close();
  });

  test('to a peer that has gone, may have reached it before', async () => {
    const gone = await startTlsPeer(pki);
    gone.answer = answering({ header: SUCCEEDED, iccid: ICCID });
    const own = clientOf({ address: gone.url });
    await own.call('downloadOrder', ORDER);
    gone.answer = (_call, request) => {
      void gone[Symbol.asyncDispose]();
      request.socket.destroy();
    };
    assert.deepEqual(await failureOf(own), ['the connection was refused', 'sent']);
    // With no connection to it any more, nothing can arrive.
    assert.deepEqual(await failureOf(clientOf({ address: gone.url })), [
      'the connection was refused',
      'not sent',
    ]);
  });
});

describe('ES2+ by a client sends nothing to', () => {
  async function to(
    other: { certificate?: ReturnType<typeof peerCertificate> },
    changes: Partial<Es2PlusClientOptions> = {},
  ): Promise<[string, string]> {
    await using server = await startTlsPeer(pki, other);
    const failure = await failureOf(clientOf({ address: server.url, ...changes }));
    assert.equal(server.calls.length, 0);
    return failure;
  }

  test('a server of another CA', async () => {
    const other = peerPki();
    const certificate = peerCertificate(other);
    assert.deepEqual(await to({ certificate }), ['the certificate is not trusted', 'not sent']);
  });

  test('a server of another name', async () => {
    const certificate = pki.server('dpTls', (contents) => ({
      ...contents,
      dNSName: ['other.example'],
    }));
    assert.deepEqual(await to({ certificate }), [
      'the certificate is for another host',
      'not sent',
    ]);
  });

  test('a server whose certificate has expired', async () => {
    const certificate = peerCertificate(pki, (contents) => ({
      ...contents,
      notAfter: new Date(Date.now() - 1_000),
    }));
    assert.deepEqual(await to({ certificate }), [
      'the certificate has expired or is not valid yet',
      'not sent',
    ]);
  });

  test('an address that is guarded, by number or by name', async () => {
    const guard = (address: string) => address !== '127.0.0.1';
    assert.deepEqual(await to({}, { guard }), ['the host has no public address', 'not sent']);
    const named = new URL(peer.url);
    named.hostname = 'localhost';
    const nowhere = () => false;
    assert.deepEqual(await failureOf(clientOf({ address: named, guard: nowhere })), [
      'the host has no public address',
      'not sent',
    ]);
  });

  test('a peer that never finishes the handshake', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const address = new URL(`https://127.0.0.1:${port}`);
    const hasty = clientOf({ address, timeouts: { connectMs: 40, answerMs: 5_000 } });
    assert.deepEqual(await failureOf(hasty), ['timed out while connecting', 'not sent']);
    silent.close();
  });

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`a server that refuses our certificate, with ${maxVersion}`, async () => {
      await using server = await startTlsPeer(pki, { tls: { maxVersion } });
      const other = peerPki();
      const [why, arrival] = await failureOf(clientOf({ address: server.url, ...other.client }));
      assert.equal(server.calls.length, 0);
      // Its reset may overtake its alert (RFC 9293 §3.5.3); then nobody can know.
      if (why === 'the connection was closed before a response arrived') return;
      assert.deepEqual([why, arrival], ['the certificate of this server was refused', 'not sent']);
    });
  }
});

test('ES2+ by a client trusts the CA that is registered, even if it is not a root', async () => {
  const issuing = new Pki();
  const intermediate = issuing.issueServer('dpTls', {
    subject: [{ type: attributeTypes.CN, value: 'Intermediate CA' }],
    keyUsage: ['keyCertSign'],
    basicConstraints: { cA: true },
  });
  const leaf = issuing.issueServer('dpTls', { iPAddress: ['127.0.0.1'] }, intermediate);
  const certificate = { der: leaf.certificate.der, privateKey: leaf.privateKey };
  await using server = await startTlsPeer(pki, { certificate });
  server.answer = answering({ header: SUCCEEDED, iccid: ICCID });
  const own = clientOf({ address: server.url, ca: [certificatePem(intermediate.certificate)] });
  assert.deepEqual(await own.call('downloadOrder', ORDER), { iccid: ICCID });
  own.close();
});
