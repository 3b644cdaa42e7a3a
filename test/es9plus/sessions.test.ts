// §3.1.3 RSP sessions: any order and number of calls, devices and restarts.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createEuicc } from '../../src/device/euicc.ts';
import { readConfig } from '../../src/config.ts';
import { openData } from '../../src/data.ts';
import { issueEuicc } from '../../src/smdp/pki/issue-euicc.ts';
import { loadPki } from '../../src/smdp/pki/pki.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { startProcess } from '../process.ts';
import { freePort } from '../postgres.ts';
import { basic, eventually } from '../server.ts';
import { errorsLogged, NO_CONTENT, stateOf, statusOf, Steps, stepsOf, SUCCESS } from './calls.ts';
import type { Es9Reply } from './calls.ts';
import { newEid, newEuicc } from './phone.ts';

onEachDatabase('§3.1.3 sessions', (database) => {
  const running = serverOn(database, { es9: true, stock: 40 });
  after(() => assert.deepEqual(errorsLogged(running()), []));
  const newOrder = () => running().order({ GenerateMatchingId: 'true' });

  test('a repeated call gets the same bytes, and takes effect once', async () => {
    const server = running();
    const order = await newOrder();
    const steps = stepsOf(server, order.matching_id);
    await steps.initiate();
    const one = await steps.authenticate();
    const two = await steps.again('authenticateClient');
    assert.equal(two.text, one.text);
    const first = await steps.getPackage();
    const second = await steps.again('getBoundProfilePackage');
    assert.equal(second.text, first.text);
    assert.equal((await steps.again('authenticateClient')).text, one.text);
    const { subscription } = await stateOf(server, order.sid);
    assert.equal(subscription?.download_attempts, 1);
    await steps.notify(steps.load(second));
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
  });

  test('concurrent repeats of a call get the same bytes', async () => {
    const server = running();
    const order = await newOrder();
    const steps = stepsOf(server, order.matching_id);
    await steps.initiate();
    const members = steps.authenticateServer();
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => steps.send('authenticateClient', members)),
    );
    assert.equal(new Set(replies.map(({ text }) => text)).size, 1);
    assert.equal(steps.keep(replies[0]!).result, SUCCESS);
    const prepared = steps.prepareDownload();
    const packages = await Promise.all(
      Array.from({ length: 5 }, () => steps.send('getBoundProfilePackage', prepared)),
    );
    assert.equal(new Set(packages.map(({ text }) => text)).size, 1);
    const { subscription } = await stateOf(server, order.sid);
    assert.equal(subscription?.download_attempts, 1);
    await steps.notify(steps.load(packages[0]!));
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
  });

  test('an unexpected call → 8.10.1 / 3.9, and the session is unchanged', async () => {
    const server = running();
    const order = await newOrder();
    const steps = stepsOf(server, order.matching_id);
    await steps.initiate();
    const other = await stepsOf(server, (await newOrder()).matching_id).begin();
    const early = { ...other.prepareDownload(), transactionId: steps.transactionId };
    assert.equal((await steps.send('getBoundProfilePackage', early)).result, '8.10.1 / 3.9');
    const { session } = steps.euicc;
    const members = steps.authenticateServer();
    const changed = steps.authenticateServer();
    assert.equal(session, undefined);
    assert.equal(steps.keep(await steps.send('authenticateClient', members)).result, SUCCESS);
    // A different AuthenticateClient in the same session is not a repeat.
    assert.equal((await steps.send('authenticateClient', changed)).result, '8.10.1 / 3.9');
    const replayed = stepsOf(server, order.matching_id, steps.euicc);
    const result = await replayed.install();
    await replayed.notify(result);
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
    assert.equal((await replayed.again('getBoundProfilePackage')).result, '8.10.1 / 3.9');
    assert.equal((await replayed.again('authenticateClient')).result, '8.10.1 / 3.9');
  });

  test('the server is restarted between any two calls', async () => {
    const server = running();
    const order = await newOrder();
    const steps = stepsOf(server, order.matching_id);
    await steps.initiate();
    await server.restart();
    const authenticated = await steps.authenticate();
    assert.equal(authenticated.result, SUCCESS);
    await server.restart();
    assert.equal((await steps.again('authenticateClient')).text, authenticated.text);
    const reply = await steps.getPackage();
    assert.equal(reply.result, SUCCESS);
    await server.restart();
    assert.equal((await steps.again('getBoundProfilePackage')).text, reply.text);
    const result = steps.load(reply);
    await server.restart();
    assert.equal((await steps.notify(result)).result, NO_CONTENT);
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
  });

  for (const count of [2, 8]) {
    test(`${count} devices race for one MatchingID: one gets it, the others are refused with 8.1.1 / 3.8`, async () => {
      const server = running();
      const order = await newOrder();
      const devices = Array.from({ length: count }, () => stepsOf(server, order.matching_id));
      await Promise.all(devices.map((steps) => steps.initiate()));
      const offered = await Promise.all(devices.map((steps) => steps.authenticate()));
      assert.ok(offered.every(({ result }) => result === SUCCESS));
      const { subscription } = await stateOf(server, order.sid);
      assert.equal(subscription?.download_attempts, count, 'each attempt is counted');
      const replies = await Promise.all(devices.map((steps) => steps.getPackage()));
      const winners = devices.filter((_, index) => replies[index]!.result === SUCCESS);
      assert.equal(winners.length, 1);
      const others = replies.filter(({ result }) => result !== SUCCESS);
      assert.ok(others.every(({ result }) => result === '8.1.1 / 3.8'));
      // Further messages of the others have no effect.
      for (const steps of devices.filter((one) => one !== winners[0])) {
        assert.equal((await steps.cancel('endUserRejection')).result, SUCCESS);
      }
      const winner = winners[0]!;
      const reply = replies[devices.indexOf(winner)]!;
      await winner.notify(winner.load(reply));
      assert.equal(await statusOf(server, order.sid), 'installed Installed');
      assert.equal((await stateOf(server, order.sid)).profile?.eid, winner.euicc.eid);
    });
  }

  test('many sessions of one device that race for one profile: one package is installed', async () => {
    const server = running();
    const order = await newOrder();
    const eid = newEid();
    const devices = Array.from({ length: 4 }, () =>
      stepsOf(server, order.matching_id, newEuicc(server, { eid })),
    );
    await Promise.all(devices.map((steps) => steps.begin()));
    const replies = await Promise.all(devices.map((steps) => steps.getPackage()));
    assert.ok(replies.every(({ result }) => result === SUCCESS));
    await Promise.all(devices.map((steps, index) => steps.notify(steps.load(replies[index]!))));
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
    const { json } = await server.request(`/v1/ESimProfiles/${order.sid}/Events`);
    const causes: string[] = json.events.map(({ cause }: any) => cause);
    assert.equal(causes.filter((cause) => cause === 'installed on the device').length, 1);
  });

  test('more concurrent attempts than the order allows: not one too many', async () => {
    const server = running();
    const order = await newOrder();
    const devices = Array.from({ length: 14 }, () => stepsOf(server, order.matching_id));
    await Promise.all(devices.map((steps) => steps.initiate()));
    const replies = await Promise.all(devices.map((steps) => steps.authenticate()));
    const results = Map.groupBy(replies, ({ result }) => result);
    assert.equal(results.get(SUCCESS)?.length, 10);
    assert.equal(results.get('8.8.5 / 6.4')?.length, 4);
    assert.equal(await statusOf(server, order.sid), 'failed Error');
  });
});

const ACCOUNT = { username: `AC${'1'.repeat(32)}`, password: 'a'.repeat(32) };

async function fetchJson(url: string, init: RequestInit = {}): Promise<any> {
  const response = await fetch(url, { ...init, headers: { Authorization: basic(ACCOUNT) } });
  assert.ok(response.ok);
  return JSON.parse(await response.text());
}

onEachDatabase('§3.1.3 kill -9', (database) => {
  test('between any two calls of a download loses nothing', async (context) => {
    const data = await mkdtemp(join(tmpdir(), 'simwright-kill-'));
    context.after(() => rm(data, { recursive: true, force: true }));
    const databaseUrl = await database.own();
    const smdpAddress = `localhost:${await freePort()}`;
    const env: Record<string, string> = {
      SIMWRIGHT_DATA: data,
      SIMWRIGHT_PORT: '0',
      SIMWRIGHT_ES9_PORT: smdpAddress.split(':')[1]!,
      SIMWRIGHT_METRICS_PORT: 'off',
      SIMWRIGHT_SMDP_ADDRESS: smdpAddress,
      SIMWRIGHT_LOG_LEVEL: 'error',
      SIMWRIGHT_ACCOUNT_SID: ACCOUNT.username,
      SIMWRIGHT_AUTH_TOKEN: ACCOUNT.password,
      SIMWRIGHT_TEST_STOCK: '5',
      ...(databaseUrl === undefined ? {} : { SIMWRIGHT_DATABASE_URL: databaseUrl }),
    };
    let node = await startProcess(env);
    context.after(() => node.process.kill('SIGKILL'));
    const crash = async () => {
      const ended = once(node.process, 'exit');
      node.process.kill('SIGKILL');
      await ended;
      node = await startProcess(env);
    };
    const created = await fetchJson(`${node.url}/v1/ESimProfiles`, {
      method: 'POST',
      body: new URLSearchParams({ GenerateMatchingId: 'true' }),
    });
    const fetchProfile = () => fetchJson(`${node.url}/v1/ESimProfiles/${created.sid}`);
    const order = await eventually(async () => {
      const profile = await fetchProfile();
      return profile.status === 'available' ? profile : undefined;
    });

    const euicc = await issueUnder(env);
    const place = { url: `https://${smdpAddress}` };
    const steps = new Steps(place, smdpAddress, euicc, order.matching_id);
    /** After a kill, a repeated call gets the same bytes. */
    const survives = async (
      name: 'authenticateClient' | 'getBoundProfilePackage',
      reply: Es9Reply,
    ) => {
      assert.equal(reply.result, SUCCESS);
      await crash();
      assert.equal((await steps.again(name)).text, reply.text);
    };
    assert.equal((await steps.initiate()).result, SUCCESS);
    await crash();
    await survives('authenticateClient', await steps.authenticate());
    const reply = await steps.getPackage();
    await survives('getBoundProfilePackage', reply);
    assert.equal((await fetchProfile()).status, 'downloaded');
    assert.equal((await steps.notify(steps.load(reply))).result, NO_CONTENT);
    await crash();
    assert.equal((await steps.again('handleNotification')).result, NO_CONTENT);
    assert.equal((await fetchProfile()).status, 'installed');
    const ended = once(node.process, 'exit');
    node.process.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  });
});

/** An eUICC under the test PKI of a server in another process, issued from its data. */
async function issueUnder(env: Record<string, string>) {
  const { config, secrets } = readConfig(env);
  const { store, masterKey } = await openData(config, secrets);
  try {
    const pki = await loadPki(store, masterKey, new Date());
    const eid = newEid();
    return createEuicc({
      eid,
      credentials: [issueEuicc(eid, 'prime256v1', pki, new Date())],
      cis: pki.cis.map(({ der }) => der),
    });
  } finally {
    await store.close();
  }
}
