// What the workers of a server must know together, whichever of them a client meets.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect } from 'node:tls';
import { after, before, test } from 'node:test';
import { issueCertificate } from '../../src/rsp/certificate-issue.ts';
import { serverContents } from '../../src/rsp/test-certificates.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import { certificatePem, privateKeyPem } from '../../src/rsp/pem.ts';
import { importPki } from '../../src/smdp/pki/pki-import.ts';
import { onEachDatabase } from '../databases.ts';
import { SUCCESS } from '../es9plus/calls.ts';
import { ownHolder } from '../es9plus/wrong-certificates.ts';
import { agentOf, call as callEs2, newOperator } from '../es2plus/operator.ts';
import { freePort } from '../postgres.ts';
import { revokeOperator } from '../../src/smdp/operators/operators.ts';
import { eventually } from '../server.ts';
import type { TestServer } from '../server.ts';
import { ACCOUNT, startWorkers } from './running.ts';
import type { Running } from './running.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

onEachDatabase('the workers of a server', (database) => {
  let server: Running;
  before(async () => {
    server = await startWorkers(await database.own(), {
      SIMWRIGHT_MAX_EVENT_STREAMS: '2',
      SIMWRIGHT_ES2_PORT: String(await freePort()),
    });
  });
  after(() => server[Symbol.asyncDispose]());

  /** The workers that have logged this, since there were so many lines. */
  const workersOf = (msg: string, from = 0) =>
    server.logged.slice(from).flatMap((line) => (line.msg === msg ? [Number(line.worker)] : []));

  /** Begins sessions until one is begun by the other worker than the one before, so that both have been met. */
  async function metBoth(call: () => Promise<unknown>, msg: string): Promise<void> {
    const from = server.logged.length;
    await eventually(async () => {
      await call();
      return new Set(workersOf(msg, from)).size === 2 ? true : undefined;
    });
  }

  test('the RSP log has the first call of a session that the other worker goes on with', async () => {
    await eventually(async () => {
      const order = await server.order();
      const steps = server.steps(order.matching_id);
      const from = server.logged.length;
      await steps.begin();
      const [first] = workersOf('ES9+ initiateAuthentication', from);
      const [second] = await eventually(() => {
        const found = workersOf('ES9+ authenticateClient', from);
        return found.length > 0 ? found : undefined;
      });
      if (first === second) return undefined;
      const { json } = await server.request(`/v1/ESimProfiles/${order.sid}/RspLog`);
      const [authenticated, initiated] = json.rsp_log;
      assert.equal(authenticated.function, 'authenticateClient');
      assert.equal(initiated.function, 'initiateAuthentication');
      assert.equal(initiated.lpa, 'gsma-rsp-lpad');
      assert.equal(initiated.address, '127.0.0.1');
      assert.doesNotMatch(initiated.request, /not kept/);
      assert.equal(json.rsp_log.length, 2);
      return true;
    });
  });

  test('§5.6.5 a session that one of them has ended is soon ended for all', async () => {
    await eventually(async () => {
      const order = await server.order();
      const steps = server.steps(order.matching_id);
      assert.equal((await steps.initiate()).result, SUCCESS);
      const authentication = steps.authenticateServer();
      const from = server.logged.length;
      await steps.cancel('endUserRejection');
      const [ended] = workersOf('ES9+ cancelSession', from);
      const reply = await steps.send('authenticateClient', authentication);
      // The other worker may not have heard of it yet.
      if (reply.result === SUCCESS) return undefined;
      assert.equal(reply.result, '8.10.1 / 3.9');
      return workersOf('ES9+ authenticateClient', from)[0] === ended ? undefined : true;
    });
  });

  /** Of so many at the same time, the most that are let through, and on a slow machine those whose time has come meanwhile. */
  async function letThrough(
    ask: () => Promise<{ status: number }>,
    { most, of, status, againMs }: Record<'most' | 'of' | 'status' | 'againMs', number>,
  ): Promise<void> {
    const began = performance.now();
    const answers = await Promise.all(Array.from({ length: of }, ask));
    const more = Math.floor((performance.now() - began) / againMs);
    const through = answers.filter((answer) => answer.status === status).length;
    assert.ok(through >= most && through <= most + more, `${through} of ${of}`);
    assert.equal(answers.filter((answer) => answer.status === 429).length, of - through);
  }

  test('ten failed sign-ins are the limit of a network for all of them together', async () => {
    const signIn = (token: string) =>
      server.request('/console/session', {
        body: { account_sid: ACCOUNT.username, auth_token: token },
        headers: { Authorization: '' },
      });
    await letThrough(() => signIn('wrong'), { most: 10, of: 14, status: 401, againMs: 6_000 });
    await eventually(async () => {
      const { status } = await signIn(ACCOUNT.password);
      if (status !== 429) await signIn('wrong');
      return status === 429 || undefined;
    });
    assert.equal(new Set(workersOf('POST /console/session')).size, 2);
  });

  test('thirty wrong install links are the limit of a network for all of them together', async () => {
    const visit = () => server.request(`/i/${'a'.repeat(26)}`, { headers: { Authorization: '' } });
    await letThrough(visit, { most: 30, of: 33, status: 404, againMs: 2_000 });
  });

  test('an account has one import at a time, wherever', async () => {
    // A body that does not end until all have been asked.
    const agents = Array.from({ length: 6 }, () => new Agent({ keepAlive: false }));
    const csv = `iccid,imsi,ki,opc\n${'\n'.repeat(300_000)}`;
    const answers = await Promise.all(
      agents.map((agent) => server.request('/v1/Stock/Imports', { csv, agent })),
    );
    const conflicts = answers.filter(({ status }) => status === 409);
    const imported = answers.filter(({ status }) => status !== 409);
    assert.ok(imported.length >= 1);
    assert.ok(conflicts.length >= 1, answers.map(({ status }) => status).join());
    for (const { json } of conflicts) assert.match(json.message, /import of this account/);
  });

  test('events of one are told to the listeners of both', async () => {
    const listen = async (): Promise<{ events: string; worker: boolean; end(): void }> => {
      const { request } = await import('node:http');
      const call = request(new URL('/v1/Events', server.url), {
        agent: false,
        headers: {
          Authorization: `Basic ${Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64')}`,
        },
      });
      call.end();
      const [response] = await once(call, 'response');
      const stream = { events: '', worker: response.statusCode === 200, end: () => call.destroy() };
      response.setEncoding('utf8').on('data', (text: string) => (stream.events += text));
      response.on('error', () => {});
      return stream;
    };
    // One stream for each of two workers is all that an account may have, so two streams are at both.
    const streams: Awaited<ReturnType<typeof listen>>[] = [];
    await eventually(async () => {
      const stream = await listen();
      if (stream.worker) streams.push(stream);
      else stream.end();
      return streams.length === 2 ? true : undefined;
    });
    assert.equal((await listen()).worker, false);
    const order = await server.order();
    for (const stream of streams) {
      await eventually(() => (stream.events.includes(order.sid) ? true : undefined));
      stream.end();
    }
  });

  test('ES2+ is served by all, and a repeated call gets the same order from the other', async () => {
    const es2Url = `https://127.0.0.1:${server.config.es2Port}`;
    const es2 = { account: ACCOUNT, server: { es2Url, context: server.data } };
    using operator = await newOperator(es2);
    const agent = agentOf({
      cert: operator.made.certificatePem,
      key: operator.made.keyPem,
      keepAlive: false,
    });
    const header = { functionRequesterIdentifier: 'x', functionCallIdentifier: 'workers' };
    const iccids = new Set<string>();
    await metBoth(async () => {
      const members = { header, profileType: 'default' };
      const { json } = await callEs2(es2, 'downloadOrder', members, agent);
      iccids.add(json.iccid);
    }, 'ES2+ downloadOrder');
    assert.equal(iccids.size, 1);
    await revokeOperator(operator.sid, undefined, server.data);
    const from = server.logged.length;
    await eventually(async () => {
      await callEs2(es2, 'releaseProfile', { header, iccid: '8999' }, agent);
      const refused = server.logged
        .slice(from)
        .filter(({ msg, code }) => msg === 'ES2+ releaseProfile' && code === '1.1/1.2');
      return new Set(refused.map(({ worker }) => worker)).size === 2 ? true : undefined;
    });
  });

  test('a new TLS certificate is served by all, without a restart', async () => {
    const ci = ownHolder({ server: { context: { pki: server.pki } } } as TestServer, 'ci');
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const basis = {
      serialNumber: Uint8Array.from([1, ...randomBytes(8)]),
      publicKey,
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 20 * DAY_MS),
    };
    const { smdpOid } = server.pki.identities[0]!;
    const contents = {
      ...serverContents(basis, 'dpTls', { smdpOid, hostName: 'localhost' }),
      dNSName: ['localhost'],
    };
    const certificate = parseCertificate(issueCertificate(contents, ci));
    const files = [certificatePem(certificate), privateKeyPem(privateKey)].map(
      (content, index) => ({
        name: `file ${index}`,
        content: Buffer.from(content),
      }),
    );
    await importPki(files, server.data);
    const serial = Buffer.from(basis.serialNumber).toString('hex').toUpperCase();
    const served = async () => {
      const { es9Port } = server.config;
      const socket = connect({ port: es9Port, host: '127.0.0.1', rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      const { serialNumber } = socket.getPeerCertificate();
      socket.destroy();
      return serialNumber.replace(/^0+(?=.{18})/, '');
    };
    const lines = () =>
      server.logged.filter(({ msg }) => /certificates have changed/.test(String(msg)));
    await eventually(() => (lines().length === 2 ? true : undefined));
    for (let n = 0; n < 12; n++) assert.equal(await served(), serial.replace(/^0+(?=.{18})/, ''));
    const order = await server.order();
    await metBoth(() => server.steps(order.matching_id).initiate(), 'ES9+ initiateAuthentication');
  });
});
