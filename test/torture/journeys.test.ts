// Every journey reaches its end where nothing fails, and leaves nothing behind that contradicts an invariant.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import type { DatabaseConfig } from '../../src/config.ts';
import { startServer } from '../../src/server.ts';
import { openStore } from '../../src/store/open.ts';
import { DOWNLOAD_LIMIT } from '../../src/smdp/download/ordered-profile.ts';
import { httpWorld } from '../../torture/http-world.ts';
import { inspect } from '../../torture/inspect.ts';
import type { Journey } from '../../torture/journey.ts';
import { callback } from '../../torture/journeys/callback.ts';
import { JOURNEYS } from '../../torture/journeys/index.ts';
import { loadOldDatabase, OLD_DATABASE } from '../../torture/old-database.ts';
import { Random } from '../../torture/random.ts';
import { startReceiver } from '../../torture/receiver.ts';
import { NoAnswer } from '../../torture/world.ts';
import type { World } from '../../torture/world.ts';
import { onEachDatabase } from '../databases.ts';
import type { TestDatabase } from '../databases.ts';

onEachDatabase('a journey where nothing fails', (database) => {
  for (const journey of JOURNEYS) {
    test(`${journey.name} reaches its end`, async () => {
      await runOn(database, journey);
    });
  }

  test('a device whose every attempt is interrupted gets a new order', async () => {
    let left = DOWNLOAD_LIMIT;
    const { orders } = await runOn(database, callback, (world) => ({
      ...world,
      sleep: (ms) => world.sleep(ms / 10),
      es9: {
        async send(functionName, smdpAddress, request) {
          if (functionName === 'getBoundProfilePackage' && left-- > 0) throw new NoAnswer('cut');
          return world.es9.send(functionName, smdpAddress, request);
        },
      },
    }));
    assert.deepEqual(orders, ['failed', 'available']);
  });
});

/** @returns the last status that the client was told of each order */
async function runOn(
  database: TestDatabase,
  journey: Journey,
  change = (world: World): World => world,
): Promise<{ orders: string[] }> {
  await using ending = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'simwright-journey-'));
  ending.defer(() => rm(folder, { recursive: true, force: true }));
  const isOld = journey.database === 'old';
  const url = await (isOld ? database.fresh() : database.own());
  const { config, secrets } = readConfig({
    SIMWRIGHT_DATA: folder,
    SIMWRIGHT_PORT: '0',
    SIMWRIGHT_ES9_PORT: '0',
    SIMWRIGHT_ESIPA_PORT: '0',
    SIMWRIGHT_METRICS_PORT: 'off',
    SIMWRIGHT_SMDP_ADDRESS: OLD_DATABASE.smdpAddress,
    SIMWRIGHT_LOG_LEVEL: 'fatal',
    SIMWRIGHT_MASTER_KEY: OLD_DATABASE.masterKey,
    SIMWRIGHT_ACCOUNT_SID: OLD_DATABASE.account.sid,
    SIMWRIGHT_AUTH_TOKEN: OLD_DATABASE.account.authToken,
    ...(url === undefined ? {} : { SIMWRIGHT_DATABASE_URL: url }),
  });
  if (isOld) await loadOldDatabase(config.database);
  const server = ending.use(await startServer(config, secrets, pino({ level: 'fatal' })));
  const { context } = server;
  const receiver = ending.use(await startReceiver());
  const told: { sid: string; status: string }[] = [];
  let ahead = 0;
  const { now } = context;
  context.now = () => new Date(now().getTime() + ahead);
  const { hostname: host, port } = new URL(server.es9Url);
  const world = httpWorld({
    random: new Random(1),
    account: OLD_DATABASE.account,
    apiUrl: () => context.publicUrl,
    es9At: () => ({ host, port: Number(port) }),
    esipaAt: () => ({ host, port: Number(new URL(server.esipaUrl!).port) }),
    smdpAddress: config.smdpAddress,
    pki: context.pki,
    receiver,
    acknowledge: (resource) => told.push(resource as (typeof told)[0]),
    now: () => context.now(),
    async pass(ms) {
      ahead += ms;
      context.wake('housekeeping');
    },
  });
  await journey.run(change(world));
  await server[Symbol.asyncDispose]();
  if (ahead > 0) await unlockCallbacks(config.database);
  const { violations } = await inspect(
    config.database,
    context.masterKey,
    told,
    ahead > 0 ? context.now() : undefined,
  );
  assert.deepEqual(violations, []);
  return { orders: Array.from(new Map(told.map(({ sid, status }) => [sid, status])).values()) };
}

/** An attempt that a leap of the server's clock overtook leaves a lock of the database's time, which is not ahead. */
async function unlockCallbacks(database: DatabaseConfig): Promise<void> {
  const store = await openStore(database);
  await store.transaction(({ callbacks }) => callbacks.unlockAll());
  await store.close();
}
