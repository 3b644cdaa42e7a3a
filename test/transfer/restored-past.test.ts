// A backup is restored after orders, downloads and callbacks that it does not know of: none of them happens twice.
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Config, DatabaseConfig } from '../../src/config.ts';
import { openData } from '../../src/data.ts';
import type { Data } from '../../src/data.ts';
import { releaseAllBut } from '../../src/past/release.ts';
import {
  findPast,
  holdAllBack,
  notePast,
  noticePast,
  RESTORED_PAST,
  resume,
  shownPast,
} from '../../src/past/restored-past.ts';
import { keepWitness } from '../../src/past/witness.ts';
import type { SmdpFunctions } from '../../src/es2plus/functions.ts';
import { holdProfile, returnHeld } from '../../src/operator/order-at-smdp.ts';
import { StoreMismatch } from '../../src/store/errors.ts';
import { backUp } from '../../src/transfer/backup.ts';
import { openBackup } from '../../src/transfer/backup-file.ts';
import { restoreBackup } from '../../src/transfer/restore.ts';
import { citusUrl, makeCitus, plainDatabase } from '../citus.ts';
import { onAllDatabasesAtOnce, onEachDatabase, postgres } from '../databases.ts';
import { SUCCESS, placeOf, Steps, stepsOf } from '../es9plus/calls.ts';
import { newEuicc } from '../es9plus/phone.ts';
import { freshDatabase } from '../postgres.ts';
import type { Receiver } from '../receiver.ts';
import { startReceiver } from '../receiver.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { startServer } from '../../src/server.ts';
import { openTestData } from '../data.ts';
import { violated } from '../verify/violated.ts';

const quiet = () => {};

onAllDatabasesAtOnce('a restored past', (database) => {
  let folder: string;
  let server: TestServer;
  let receiver: Receiver;
  let refuses = true;
  let config: Config;
  let past: TestServer;
  /** Of orders before and after the backup. */
  let open: any,
    bound: any,
    waiting: any,
    taken: string,
    later: any,
    told: string | string[] | undefined;

  /** What has been restored is spread when it is there. */
  const isSpread = database.name === 'Citus';
  const target = async (): Promise<DatabaseConfig> => {
    if (isSpread) return { kind: 'postgres', url: await plainDatabase(citusUrl!) };
    return database.name === 'SQLite' && postgres !== undefined
      ? { kind: 'postgres', url: await freshDatabase(postgres.url) }
      : { kind: 'sqlite', file: join(folder, 'restored.db') };
  };

  const withRestored = async <T>(work: (data: Data) => Promise<T>): Promise<T> => {
    const data = await openData(config, server.secrets);
    try {
      return await work(data);
    } finally {
      await data.store.close();
    }
  };

  /** An order at the SM-DP+ that is not confirmed yet. */
  const ofOperator = () => ({ accountSid: server.account.username, identifier: 'taken' });
  const withSmdp = <T>(
    { server: { context } }: TestServer,
    work: (smdp: SmdpFunctions) => Promise<T>,
  ): Promise<T> =>
    context.transact((unit) => {
      const { accountSid, identifier: subject } = ofOperator();
      return work(context.smdp(accountSid, unit, { subject, task: { kind: 'return' } }));
    });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simwright-past-'));
    receiver = await startReceiver((_call, _in, out) => {
      out.writeHead(refuses ? 503 : 204).end();
    });
    const databaseUrl = isSpread ? undefined : await database.own();
    server = await startTestServer({
      es9: true,
      stock: 10,
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
    });
    const { masterKey } = server.server.context;
    open = await server.order({ GenerateMatchingId: 'true', CallbackUrl: receiver.url });
    bound = await server.order({ GenerateMatchingId: 'true', Eid: newEuicc(server).eid });
    waiting = await server.order({ GenerateMatchingId: 'true', Eid: newEuicc(server).eid });
    taken = await withSmdp(server, (smdp) => holdProfile(ofOperator(), smdp));
    told = (await receiver.next()).headers['i-twilio-idempotency-token'];

    const file = join(folder, 'simwright.backup');
    await backUp(server.config.database, file, masterKey, 'test', quiet);

    later = await server.order({ GenerateMatchingId: 'true' });
    await stepsOf(server, open.matching_id).install();
    await server.server[Symbol.asyncDispose]();

    // At the same address, for the requests of the test.
    const port = Number(new URL(server.url).port);
    config = { ...server.config, port, database: await target() };
    const backup = await openBackup(file);
    const noted = shownPast({
      of: backup.head.date_taken,
      date_noticed: backup.head.date_taken,
      noticed_by: 'restore',
      is_held: false,
      date_resumed: null,
    });
    await restoreBackup(backup, masterKey, config.database, { [RESTORED_PAST]: noted }, quiet);
    if (isSpread) await makeCitus((config.database as { url: string }).url);
  });
  after(async () => {
    await past?.server[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  test('is whole, and violates nothing, also when all is held back that may have been given out', async () => {
    const held = await withRestored(async (data) => {
      const noted = (await findPast(data.store))!;
      // A restore that was interrupted here holds back again.
      await holdAllBack(noted, data, quiet);
      assert.equal(await holdAllBack(noted, data, quiet), 0);
      return data.store.heldSubscriptions.counts();
    });
    assert.deepEqual(
      held.map(({ state, count }) => [state, count]),
      [
        ['Allocated', 1],
        ['Released', 3],
        ['Unavailable', 6],
      ],
    );
    assert.deepEqual(await violated(config.database, server.server.context.masterKey), []);
  });

  test('is not served before somebody has said so', async () => {
    const { log } = server.server.context;
    await assert.rejects(startServer(config, server.secrets, log), (error: Error) => {
      assert.ok(error instanceof StoreMismatch);
      assert.match(
        error.message,
        /^The database is a restored past, of 20.*simwright restore resume$/,
      );
      return true;
    });
    await withRestored(async (data) => resume((await findPast(data.store))!, data.transact));
    refuses = false;
    const started = await startServer(config, server.secrets, log);
    past = { ...server, config, server: started };
  });

  test('sends callbacks that were pending then with the same token', async () => {
    const again = await eventually(() =>
      receiver.calls.find((call, index) => index > 0 && call.parameters['Status'] === 'reserving'),
    );
    assert.equal(again.headers['i-twilio-idempotency-token'], told);
  });

  test('gives no subscription to an order that was free then', async () => {
    const order = await server.order({ GenerateMatchingId: 'true' });
    assert.deepEqual([order.status, order.error_code], ['failed', '83500']);
  });

  test('8.2/1.2 for a device with a code that anybody may have used since', async () => {
    const steps = new Steps(
      placeOf(past),
      config.smdpAddress,
      newEuicc(past),
      open.matching_id as string,
    );
    await steps.initiate();
    assert.equal((await steps.authenticate()).result, '8.2 / 1.2');
  });

  test('lets an eUICC download what was ordered for it, which is installed there or nowhere', async () => {
    const euicc = newEuicc(past, { eid: bound.eid as string });
    const steps = new Steps(placeOf(past), config.smdpAddress, euicc, bound.matching_id as string);
    await steps.begin();
    assert.equal((await steps.getPackage()).result, SUCCESS);
  });

  test('lets nobody choose an eUICC for an order that another one may have since', async () => {
    const call = withSmdp(past, (smdp) =>
      smdp.confirmOrder({
        header: {
          functionRequesterIdentifier: server.account.username,
          functionCallIdentifier: 'taken',
        },
        iccid: taken,
        eid: newEuicc(past).eid,
        releaseFlag: true,
      }),
    );
    await assert.rejects(call, /is held back since a backup was restored$/);
  });

  test('gives out again what is known to be free, and never what is in use', async () => {
    const inUse = new Set<string>([later.iccid, open.iccid, waiting.iccid, taken]);
    const sum = await withRestored((data) => releaseAllBut(inUse, data, quiet));
    assert.deepEqual(sum, { released: 6, kept: 1, held: 3 });
    const given = new Set<unknown>();
    for (let count = 0; count < 5; count++) {
      given.add((await server.order({ GenerateMatchingId: 'true' })).iccid);
    }
    assert.equal(given.size, 5);
    for (const iccid of [later.iccid, open.iccid, bound.iccid, waiting.iccid, taken, null]) {
      assert.ok(!given.has(iccid));
    }
    assert.equal((await server.order({ GenerateMatchingId: 'true' })).error_code, '83500');
  });

  test('does not return to stock what is held back when its order is cancelled', async () => {
    for (const { sid } of [open, waiting]) {
      const path = `/v1/ESimProfiles/${sid}/Cancel`;
      assert.equal((await server.request(path, { form: {} })).status, 200);
    }
    await withSmdp(past, (smdp) => returnHeld({ ...ofOperator(), iccid: taken }, smdp));
    const { store } = past.server.context;
    for (const iccid of [open.iccid, waiting.iccid, taken] as string[]) {
      const row = await store.subscriptions.find(server.account.username, iccid);
      assert.deepEqual([row?.state, row?.held_since === null], ['Unavailable', false]);
    }
    assert.deepEqual(await violated(config.database, past.server.context.masterKey), []);
  });
});

onEachDatabase('a database that was restored by other means', (database) => {
  test('is noticed when its folder has seen a later state of it', async () => {
    await using data = await openTestData(database);
    await keepWitness(data.config, data.transact);
    assert.equal(await noticePast(data.config, data), undefined);
    const kept = await data.store.settings.find('witness');
    const file = join(data.config.data, 'witness.json');
    await copyFile(file, `${file}.before`);
    const until = new Date(data.store.now().getTime() + 10);
    await eventually(() => (data.store.now() > until ? true : undefined));
    await keepWitness(data.config, data.transact);
    // As if all of the database were as it was.
    await data.transact(({ tables }) => tables.settings.set('witness', kept!));
    const behind = await noticePast(data.config, data);
    assert.equal(behind?.toISOString(), kept!.split(' ')[1]);
    const past = await findPast(data.store);
    assert.deepEqual([past?.noticed_by, past?.is_held], ['server', true]);

    await resume(past!, data.transact);
    assert.equal(await noticePast(data.config, data), undefined);
  });

  test('is a restored past when somebody says so', async () => {
    await using data = await openTestData(database);
    await notePast(new Date('2026-11-23T03:00:00Z'), 'operator', data.transact);
    const past = await findPast(data.store);
    assert.deepEqual(
      [past?.of, past?.noticed_by, past?.is_held, past?.date_resumed],
      ['2026-11-23T03:00:00.000Z', 'operator', false, null],
    );
  });
});
