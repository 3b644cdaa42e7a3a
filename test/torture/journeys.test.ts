// Every journey reaches its end where nothing fails, and leaves nothing behind that contradicts an invariant.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { startServer } from '../../src/server.ts';
import { httpWorld } from '../../torture/http-world.ts';
import { inspect } from '../../torture/inspect.ts';
import { JOURNEYS } from '../../torture/journeys/index.ts';
import { loadOldDatabase, OLD_DATABASE } from '../../torture/old-database.ts';
import { Random } from '../../torture/random.ts';
import { startReceiver } from '../../torture/receiver.ts';
import { onEachDatabase } from '../databases.ts';

onEachDatabase('a journey where nothing fails', (database) => {
  for (const journey of JOURNEYS) {
    test(`${journey.name} reaches its end`, async () => {
      await using ending = new AsyncDisposableStack();
      const folder = await mkdtemp(join(tmpdir(), 'simwright-journey-'));
      ending.defer(() => rm(folder, { recursive: true, force: true }));
      const isOld = journey.database === 'old';
      const url = await (isOld ? database.fresh() : database.own());
      const { config, secrets } = readConfig({
        SIMWRIGHT_DATA: folder,
        SIMWRIGHT_PORT: '0',
        SIMWRIGHT_ES9_PORT: '0',
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
      const told: object[] = [];
      let ahead = 0;
      const { now } = context;
      context.now = () => new Date(now().getTime() + ahead);
      const { hostname: host, port } = new URL(server.es9Url);
      await journey.run(
        httpWorld({
          random: new Random(1),
          account: OLD_DATABASE.account,
          apiUrl: () => context.publicUrl,
          es9At: () => ({ host, port: Number(port) }),
          smdpAddress: config.smdpAddress,
          pki: context.pki,
          receiver,
          acknowledge: (resource) => told.push(resource),
          now: () => context.now(),
          async pass(ms) {
            ahead += ms;
            context.wake('housekeeping');
          },
        }),
      );
      const { violations } = await inspect(
        config.database,
        context.masterKey,
        told,
        ahead > 0 ? context.now() : undefined,
      );
      assert.deepEqual(violations, []);
    });
  }
});
