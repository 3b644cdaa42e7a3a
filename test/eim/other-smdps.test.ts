// The client of ES9+ that the eIM has for SM-DP+s of others: whom it calls, whom it trusts, and for how long it waits.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { SmdpUnavailable } from '../../src/eim/es9plus.ts';
import { otherSmdps } from '../../src/eim/other-smdps.ts';
import { whichSmdps } from '../../src/eim/which-smdps.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import type { Pki } from '../../src/smdp/pki/pki.ts';
import { testPki } from '../device/test-pki.ts';
import { peerCertificate, peerPki, startTlsPeer } from '../tls-peer.ts';
import type { TlsPeer } from '../tls-peer.ts';

const OPEN = { requestCert: false, rejectUnauthorized: false };
const CALLER = { userAgent: undefined, address: null };
const pki = peerPki();
const trusted = { cis: [parseCertificate(pki.ci.der)], crls: [] } as unknown as Pki;
const untrusted = { cis: [parseCertificate(testPki().ci.der)], crls: [] } as unknown as Pki;

describe('SIMWRIGHT_EIM_SMDPS', () => {
  const which = (list?: string) => {
    const { config } = readConfig({
      SIMWRIGHT_SMDP_ADDRESS: 'smdp.example.com',
      ...(list === undefined ? {} : { SIMWRIGHT_EIM_SMDPS: list }),
    });
    return whichSmdps(() => config);
  };

  test('any: all are reached, and ours alone is named', () => {
    const { reaches, isNamed, isBuiltIn } = which();
    assert.ok(reaches('other.example.org:8443'));
    assert.ok(!isNamed('other.example.org'));
    assert.ok(isNamed('SMDP.example.com:443') && isBuiltIn('SMDP.example.com:443'));
  });

  test('off: only ours', () => {
    const { reaches } = which('off');
    assert.ok(reaches('smdp.example.com'));
    assert.ok(!reaches('other.example.org') && !reaches('smdp.example.com:8443'));
  });

  test('hosts, with their ports, and whole domains', () => {
    const { reaches, isNamed } = which('one.example.org:8443, *.carrier.example');
    assert.ok(reaches('One.example.org:8443') && !reaches('one.example.org'));
    assert.ok(reaches('a.b.carrier.example') && !reaches('carrier.example'));
    assert.ok(!reaches('evilcarrier.example') && !reaches('a.carrier.example:1'));
    assert.ok(isNamed('a.carrier.example') && reaches('smdp.example.com'));
  });
});

describe('ES9+ to an SM-DP+ of somebody else', () => {
  let peer: TlsPeer;
  before(async () => {
    peer = await startTlsPeer(pki, { tls: OPEN });
  });
  after(() => peer[Symbol.asyncDispose]());
  beforeEach(() => {
    peer.calls.length = 0;
    peer.answer = (_call, _request, response) => void response.end('{}');
  });

  function clientWith(env: Record<string, string> = {}, of: Pki = trusted, timeouts?: object) {
    const { config } = readConfig(env);
    const log = pino({ level: 'silent' });
    const context = { config, pki: of, now: () => new Date(), log };
    const limits = { connectMs: 5_000, answerMs: 5_000, ...timeouts };
    return otherSmdps(
      whichSmdps(() => config),
      context,
      limits,
    );
  }
  const callWith = async (client: ReturnType<typeof clientWith>, host = 'localhost') => {
    const address = `${host}:${peer.url.port}`;
    try {
      return await client.call('initiateAuthentication', address, { a: 'b' }, CALLER);
    } catch (error) {
      assert.ok(error instanceof SmdpUnavailable, String(error));
      return error.message.replace(/^.*?:\d+: /, '');
    } finally {
      client.close();
    }
  };

  test('under a CI that we trust is called, with the headers of an LPA and no certificate', async () => {
    assert.deepEqual(await callWith(clientWith()), { status: 200, body: '{}' });
    const [call] = peer.calls;
    assert.equal(call!.path, '/gsma/rsp2/es9plus/initiateAuthentication');
    assert.equal(call!.headers['user-agent'], 'gsma-rsp-lpad');
    assert.equal(call!.headers['content-type'], 'application/json');
    assert.equal(call!.caller, undefined);
    assert.equal(call!.body, '{"a":"b"}');
  });

  test('in a private network is not called without SIMWRIGHT_CALLBACK_PRIVATE_NETWORKS, unless a setting names it', async () => {
    const off = { SIMWRIGHT_CALLBACK_PRIVATE_NETWORKS: 'off' };
    for (const host of ['localhost', '127.0.0.1']) {
      assert.equal(await callWith(clientWith(off), host), 'the host has no public address');
    }
    assert.deepEqual(peer.calls, []);
    const named = { ...off, SIMWRIGHT_EIM_SMDPS: `localhost:${peer.url.port}` };
    assert.deepEqual(await callWith(clientWith(named)), { status: 200, body: '{}' });
  });

  test('under another CI is called with SIMWRIGHT_EIM_SMDP_CA alone, and one that the CA has certified needs no role of RSP', async (context) => {
    assert.equal(await callWith(clientWith({}, untrusted)), 'the certificate is not trusted');
    const publicly = { SIMWRIGHT_EIM_SMDP_CA: 'public' };
    assert.equal(await callWith(clientWith(publicly, untrusted)), 'the certificate is not trusted');
    const folder = await mkdtemp(join(tmpdir(), 'simwright-ca-'));
    context.after(() => rm(folder, { recursive: true }));
    const file = join(folder, 'ca.pem');
    await writeFile(file, pki.ca);
    const withFile = { SIMWRIGHT_EIM_SMDP_CA: file };
    assert.deepEqual(await callWith(clientWith(withFile, untrusted)), { status: 200, body: '{}' });
  });

  test('under a CI must have the role of an SM-DP+, whatever else is trusted', async () => {
    const certificate = pki.server('dpAuth', (contents) => ({
      ...contents,
      dNSName: ['localhost'],
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'],
    }));
    await using other = await startTlsPeer(pki, { certificate, tls: OPEN });
    for (const env of [{}, { SIMWRIGHT_EIM_SMDP_CA: 'public' }]) {
      const client = clientWith(env);
      const address = `localhost:${other.url.port}`;
      await assert.rejects(
        client.call('initiateAuthentication', address, {}, CALLER),
        SmdpUnavailable,
      );
      client.close();
    }
    assert.deepEqual(other.calls, []);
  });

  test('for another host is not called', async () => {
    const certificate = peerCertificate(pki, (contents) => ({
      ...contents,
      dNSName: ['smdp.example.com'],
      iPAddress: [],
    }));
    await using other = await startTlsPeer(pki, { certificate, tls: OPEN });
    const client = clientWith();
    const calling = client.call('cancelSession', `localhost:${other.url.port}`, {}, CALLER);
    await assert.rejects(calling, /the certificate is for another host/);
    client.close();
  });

  test('that does not answer is given up, and holds no more than its share of calls', async () => {
    peer.answer = () => {};
    const client = clientWith({}, trusted, { connectMs: 60_000, answerMs: 300 });
    const address = `localhost:${peer.url.port}`;
    const calls = Array.from({ length: 65 }, () =>
      client
        .call('initiateAuthentication', address, {}, CALLER)
        .then(String, (error: Error) => error.message.replace(address, 'it')),
    );
    const ended = await Promise.all(calls);
    assert.equal(ended[64], 'it: 64 calls are waiting for it');
    assert.deepEqual(
      [...new Set(ended.slice(0, 64))],
      ['it: timed out while waiting for a response'],
    );
    client.close();
  });

  test('that no setting names leaves room for other work, by whatever names it is called', async () => {
    peer.answer = () => {};
    const slow = { connectMs: 60_000, answerMs: 300 };
    const client = clientWith({ SIMWRIGHT_MAX_REQUESTS: '320' }, trusted, slow);
    const at = (host: string) =>
      client
        .call('initiateAuthentication', `${host}:${peer.url.port}`, {}, CALLER)
        .then(String, (error: Error) => error.message);
    const hosts = Array.from({ length: 81 }, (_, count) => (count % 2 ? 'localhost' : '127.0.0.1'));
    const ended = await Promise.all(hosts.map(at));
    assert.match(ended[80]!, /: 80 calls are waiting for such SM-DP\+s$/);
    assert.ok(!ended.slice(0, 80).some((why) => why.includes('are waiting')));
    assert.doesNotMatch(await at('localhost'), /are waiting/);
    client.close();
  });

  test('keeps its connection from call to call', async () => {
    const client = clientWith();
    const address = `localhost:${peer.url.port}`;
    await client.call('initiateAuthentication', address, {}, CALLER);
    await client.call('authenticateClient', address.toUpperCase(), {}, CALLER);
    assert.equal(new Set(peer.calls.map(({ connection }) => connection)).size, 1);
    client.close();
  });
});
