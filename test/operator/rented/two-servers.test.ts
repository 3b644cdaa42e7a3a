// An operator's server in front of an SM-DP+'s, with mutual TLS between them, and kill -9 of either, in each round somewhere else.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACCOUNT } from '../../../src/cli/demo-parts.ts';
import { prepareTwoServers } from '../../../src/cli/demo-two-servers.ts';
import { readConfig } from '../../../src/config.ts';
import { loadMasterKey } from '../../../src/process/key-file.ts';
import { openStore } from '../../../src/store/open.ts';
import { startServer } from '../../../src/server.ts';
import { startProcess } from '../../process.ts';
import type { ServerProcess } from '../../process.ts';
import { basic, eventually } from '../../server.ts';
import { violated } from '../../verify/violated.ts';
import { runInProcess } from '../../cli/in-process.ts';

type Settings = Record<string, string>;

/** Rounds of kills; all points in operator/rented/crashes.test.ts, which kills nothing. */
const ROUNDS = process.env['EVERY_POINT'] === '1' ? 20 : 2;
const CREDENTIALS = basic({ username: ACCOUNT.sid, password: ACCOUNT.authToken });

async function call(url: string, form?: Settings): Promise<any> {
  const response = await fetch(url, {
    headers: { Authorization: CREDENTIALS },
    ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
  });
  assert.ok(response.ok, `${url}: ${response.status}`);
  return response.json();
}

const violationsOf = (settings: Settings): Promise<string[]> => {
  const { config } = readConfig(settings);
  return violated(config.database, loadMasterKey(config.masterKeyFile));
};

test('kill -9 of either server while orders are reserved and cancelled: each order has one profile or none, at both', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-two-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const settings = await prepareTwoServers(folder);
  const start = (of: Settings) => startProcess({ ...of, SIMWRIGHT_LOG_LEVEL: 'fatal' });
  const kill = async ({ process: child }: ServerProcess) => {
    const exited = once(child, 'exit');
    assert.equal(child.exitCode, null, 'it ended by itself');
    child.kill('SIGKILL');
    await exited;
  };
  let smdp = await start(settings.smdp);
  let operator = await start(settings.operator);
  const orders: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { url } = operator;
    const placing = Array.from({ length: 4 }, async () => {
      const { sid } = await call(`${url}/v1/ESimProfiles`, { GenerateMatchingId: 'true' });
      orders.push(sid);
      return sid;
    });
    const [first] = await Promise.all(placing);
    await sleep(5 + 37 * round);
    const cancelling = call(`${url}/v1/ESimProfiles/${first}/Cancel`, {}).catch(() => undefined);
    await sleep(11 * round);
    if (round % 2 === 0) {
      await kill(operator);
      operator = await start(settings.operator);
    } else {
      await kill(smdp);
      smdp = await start(settings.smdp);
    }
    await cancelling;
  }
  const rows = () =>
    Promise.all(orders.map((sid) => call(`${operator.url}/v1/ESimProfiles/${sid}`)));
  const isSettled = ({ status }: { status: string }) =>
    status === 'available' || status === 'failed';
  await eventually(async () => ((await rows()).every(isSettled) ? true : undefined));
  await eventually(async () => ((await tasksOf(settings.operator)) === 0 ? true : undefined));
  const settled = await rows();
  await Promise.all([kill(smdp), kill(operator)]);

  const key = ({ iccid, matching_id: id }: any) => `${iccid} ${id}`;
  const ours = settled.filter(({ status }: any) => status === 'available').map(key);
  assert.deepEqual(ours.toSorted(), (await releasedAt(settings.smdp)).map(key).toSorted());
  for (const { status, error_code: code } of settled) {
    if (status === 'failed') assert.equal(code, '83590');
  }
  assert.deepEqual(await violationsOf(settings.operator), []);
  assert.deepEqual(await violationsOf(settings.smdp), []);
});

test('what only a server with an SM-DP+ has is refused with the reason, by the API and the command line', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-two-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const { operator } = await prepareTwoServers(folder);
  const { config, secrets } = readConfig(operator);
  await using server = await startServer(config, secrets, pino({ level: 'silent' }));
  for (const path of [
    '/v1/Stock',
    '/v1/Operators',
    '/v1/Operators/OP00000000000000000000000000000000',
    '/v1/ProgressReports',
    '/v1/ProgressReports/PR00000000000000000000000000000000',
    '/v1/ESimProfiles/HP00000000000000000000000000000000/RspLog',
  ]) {
    const response = await fetch(server.context.publicUrl + path, {
      headers: { Authorization: CREDENTIALS },
    });
    assert.equal(response.status, 409, path);
    assert.match(await response.text(), /rented SM-DP\+ \(SIMWRIGHT_SMDP\)/);
  }
  const account = await fetch(`${server.context.publicUrl}/v1/Account`, {
    headers: { Authorization: CREDENTIALS },
  });
  assert.equal(((await account.json()) as any).smdp_plus, 'rented');
  assert.equal(server.es9Url, '');
  assert.equal((await server.context.store.pki.list()).length, 0);
  for (const command of [
    ['stock', 'summary'],
    ['device', 'create'],
  ]) {
    const ran = await runInProcess(command, operator, folder);
    assert.deepEqual([ran.code, ran.stdout], [1, '']);
    assert.match(ran.stderr, /SIMWRIGHT_SMDP is a rented SM-DP\+/);
  }
});

test('demo --two-servers: ordered over ES2+, downloaded, installed, called back, enabled and deleted in the history', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-demo-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const { code, stdout, stderr } = await runInProcess(['demo', '--two-servers'], {}, folder);
  assert.equal(code, 0, stderr);
  const steps = [
    /callback +HP\w+: downloaded → installed/,
    /history +released by the SM-DP\+/,
    /history +bound profile package delivered/,
    /history +installed on the device/,
    /history +enabled on the device/,
    /history +deleted on the device/,
  ];
  for (const step of steps) assert.match(stdout, step);
});

async function withStore<T>(
  settings: Settings,
  work: (store: Awaited<ReturnType<typeof openStore>>) => Promise<T>,
): Promise<T> {
  const store = await openStore(readConfig(settings).config.database);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
const tasksOf = (settings: Settings) =>
  withStore(settings, (store) => store.es2plusTasks.countUpTo(10));
const releasedAt = (settings: Settings) =>
  withStore(settings, async ({ subscriptions }) => {
    const rows = await subscriptions.list(settings['SIMWRIGHT_ACCOUNT_SID']!, { limit: 1_000 });
    return rows.filter(({ state }) => state !== 'Available');
  });
