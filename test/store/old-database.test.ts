// Databases left by the build of 2026-11-23 (435d5a8), in the middle of its work, continue under this one. The
// fixtures are dumps of the whole database with the state of its devices.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, after, test } from 'node:test';
import { sql } from 'kysely';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import type { Config, Secrets } from '../../src/config.ts';
import { openData } from '../../src/data.ts';
import { generateTestStock } from '../../src/smdp/stock/test-stock.ts';
import type { Euicc } from '../../src/device/euicc.ts';
import { openEuicc } from '../../src/device/euicc.ts';
import type { EuiccState } from '../../src/device/euicc-state.ts';
import { HttpsTransport } from '../../src/device/es9plus-transport.ts';
import { Lpa } from '../../src/device/lpa.ts';
import { startServer } from '../../src/server.ts';
import type { Server } from '../../src/server.ts';
import type { Backend } from '../../src/store/flavor.ts';
import { MIGRATIONS } from '../../src/store/migrate.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { loadOldDatabase, OLD_DATABASE } from '../../torture/old-database.ts';
import { onPlainDatabases } from '../databases.ts';
import type { TestDatabase } from '../databases.ts';
import { NO_CONTENT, SUCCESS, Steps } from '../es9plus/calls.ts';
import { startReceiver } from '../receiver.ts';
import type { Receiver } from '../receiver.ts';
import { basic, eventually } from '../server.ts';
import { violated } from '../verify/violated.ts';

const FIXTURES = join(import.meta.dirname, 'databases');
const { smdpAddress: SMDP_ADDRESS, masterKey: MASTER_KEY } = OLD_DATABASE;
const ACCOUNT = { username: OLD_DATABASE.account.sid, password: OLD_DATABASE.account.authToken };

type Order =
  | 'installed'
  | 'downloaded'
  | 'unsent'
  | 'coded'
  | 'byEid'
  | 'available'
  | 'refused'
  | 'noStock'
  | 'new'
  | 'reserving';

/** The state around the database when it was dumped. */
interface Around {
  sids: Record<Order, string>;
  devices: Record<'installed' | 'downloaded' | 'unsent' | 'byEid', EuiccState>;
  /** base64 */
  unsentNotification: string;
}

const aroundOf = (engine: 'sqlite' | 'postgres') =>
  JSON.parse(readFileSync(join(FIXTURES, `2026-11-23.${engine}.json`), 'utf8')) as Around;

/** A server on a database that was left. */
interface OldServer extends AsyncDisposable {
  server: Server;
  get(path: string): Promise<any>;
  /** The eSIM Profile, once it has the status. */
  becomes(sid: string, status: string): Promise<any>;
  phone(euicc: Euicc): Lpa;
  violates(): Promise<string[]>;
}

/** @param then what happened to the database before today's server starts on it */
async function startOn(
  database: TestDatabase,
  then: (config: Config, secrets: Secrets) => Promise<void> = async () => {},
): Promise<OldServer> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'simwright-old-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const url = await database.fresh();
  const { config, secrets } = readConfig({
    SIMWRIGHT_DATA: folder,
    SIMWRIGHT_PORT: '0',
    SIMWRIGHT_ES9_PORT: '0',
    SIMWRIGHT_SMDP_ADDRESS: SMDP_ADDRESS,
    SIMWRIGHT_MASTER_KEY: MASTER_KEY,
    SIMWRIGHT_LOG_LEVEL: 'fatal',
    ...(url === undefined ? {} : { SIMWRIGHT_DATABASE_URL: url }),
  });
  await loadOldDatabase(config.database);
  await then(config, secrets);
  const server = opened.use(await startServer(config, secrets, pino({ level: config.logLevel })));
  async function get(path: string): Promise<any> {
    const answer = await fetch(new URL(path, server.context.publicUrl), {
      headers: { Authorization: basic(ACCOUNT) },
    });
    assert.equal(answer.status, 200, path);
    return answer.json();
  }
  const running = opened.move();
  return {
    server,
    get,
    becomes: (sid, status) =>
      eventually(async () => {
        const profile = await get(`/v1/ESimProfiles/${sid}`);
        return profile.status === status ? profile : undefined;
      }),
    phone(euicc) {
      const { hostname: host, port } = new URL(server.es9Url);
      const cis = server.context.pki.cis.map(({ der }) => der);
      const connectTo = { host, port: Number(port) };
      return new Lpa(euicc, { transport: new HttpsTransport({ cis, connectTo }) });
    },
    violates: () => violated(server.context.config.database, server.context.masterKey),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

onPlainDatabases('a database of 2026-11-23', (database) => {
  const engine = database.name === 'SQLite' ? 'sqlite' : 'postgres';
  const { sids, devices, unsentNotification } = aroundOf(engine);
  let old: OldServer;
  let server: Server;

  before(async () => {
    old = await startOn(database);
    server = old.server;
  });
  after(() => old[Symbol.asyncDispose]());

  const get = (path: string) => old.get(path);
  const fetchProfile = (order: Order) => get(`/v1/ESimProfiles/${sids[order]}`);
  const becomes = (order: Order, status: string) => old.becomes(sids[order], status);
  const phone = (euicc: Euicc) => old.phone(euicc);
  const steps = (matchingId: string, euicc: Euicc) =>
    new Steps({ url: server.es9Url }, SMDP_ADDRESS, euicc, matchingId);
  const violates = () => old.violates();

  test('violates nothing, once the server has begun', async () => {
    // What expired before the dump is deleted first.
    await eventually(async () => ((await violates()).length === 0 ? true : undefined));
  });

  test('has no callback URL of the account, whose orders have their own or none', async () => {
    const { callback_url: url, callback_method: method } = await get('/v1/Account');
    assert.deepEqual([url, method], [null, 'POST']);
  });

  test('has its orders with their statuses, and processes waiting ones', async () => {
    for (const [order, status] of [
      ['installed', 'installed'],
      ['downloaded', 'downloaded'],
      ['unsent', 'downloaded'],
      ['coded', 'available'],
      ['byEid', 'available'],
      ['available', 'available'],
      ['refused', 'failed'],
      ['noStock', 'failed'],
      ['new', 'available'],
      ['reserving', 'available'],
    ] as const) {
      const { sid } = await becomes(order, status);
      assert.equal(sid, sids[order]);
    }
    const { esim_profiles: listed } = await get('/v1/ESimProfiles');
    assert.deepEqual(
      listed.map(({ sid }: any) => sid),
      Object.values(sids).toSorted().toReversed(),
    );
  });

  test('024: its orders of before are in the statistics, which count each once', async () => {
    const { esim_profiles: counted, devices: models } = await get('/v1/Statistics?Intervals=366');
    const { esim_profiles: listed } = await get('/v1/ESimProfiles');
    const statuses = Map.groupBy(listed as { status: string }[], ({ status }) => status);
    for (const [status, count] of Object.entries(counted)) {
      assert.equal(count, statuses.get(status)?.length ?? 0, status);
    }
    // The log of that version is in rows of its own.
    assert.deepEqual(
      models.map(({ tac, installed }: any) => [tac, installed]),
      [['35693803', 1]],
    );
  });

  test('has the history, the Sim, the callbacks and the log of an installed profile', async () => {
    const { events } = await get(`/v1/ESimProfiles/${sids.installed}/Events`);
    assert.deepEqual(
      events.map((event: any) => [event.status, event.cause]),
      [
        ['installed', 'installed on the device'],
        ['downloaded', 'bound profile package delivered'],
        ['available', 'released by the SM-DP+'],
        ['reserving', 'reservation begun'],
        ['new', 'ordered through the API'],
      ],
    );
    const { sim_sid: simSid } = await fetchProfile('installed');
    const sim = await get(`/v1/Sims/${simSid}`);
    assert.deepEqual([sim.unique_name, sim.status], ['Meter 1', 'active']);
    const { callbacks } = await get(`/v1/ESimProfiles/${sids.installed}/Callbacks`);
    assert.deepEqual(
      callbacks.map(({ state }: any) => state),
      Array.from({ length: 4 }, () => 'delivered'),
    );
    const { rsp_log: log } = await get(`/v1/ESimProfiles/${sids.installed}/RspLog`);
    assert.deepEqual(
      log.map(({ binding }: any) => binding),
      Array.from({ length: 4 }, () => 'json'),
    );
  });

  test('an earlier order can be installed by a link', async () => {
    const links = new URL(
      `/v1/ESimProfiles/${sids.available}/InstallLinks`,
      server.context.publicUrl,
    );
    const headers = { Authorization: basic(ACCOUNT) };
    const answer = await fetch(links, { method: 'POST', headers });
    assert.equal(answer.status, 201);
    const { page_url: url } = (await answer.json()) as { page_url: string };
    const { matching_id: matchingId } = await fetchProfile('available');
    const page = await (await fetch(url)).text();
    assert.ok(page.includes(`LPA:1$${SMDP_ADDRESS}$${matchingId}`));
  });

  test('an interrupted download is resumed by its device', async () => {
    const euicc = openEuicc(devices.downloaded);
    const { matching_id: matchingId } = await fetchProfile('downloaded');
    await phone(euicc).download(`LPA:1$${SMDP_ADDRESS}$${matchingId}`);
    assert.equal((await becomes('downloaded', 'installed')).eid, euicc.eid);
  });

  test('a notification of an earlier download is accepted', async () => {
    const euicc = openEuicc(devices.unsent);
    const { matching_id: matchingId } = await fetchProfile('unsent');
    const reply = await steps(matchingId, euicc).notify(Buffer.from(unsentNotification, 'base64'));
    assert.equal(reply.result, NO_CONTENT);
    assert.equal((await becomes('unsent', 'installed')).eid, euicc.eid);
  });

  test('earlier wrong confirmation codes are still counted', async () => {
    const { matching_id: matchingId } = await fetchProfile('coded');
    const euicc = openEuicc(devices.installed);
    const results: string[] = [];
    for (let attempt = 2; attempt <= 5; attempt++) {
      const begun = await steps(matchingId, euicc).begin();
      results.push((await begun.getPackage('9999')).result);
    }
    assert.deepEqual(results, ['8.2.7 / 3.8', '8.2.7 / 3.8', '8.2.7 / 3.8', '8.2.7 / 6.4']);
    await becomes('coded', 'failed');
  });

  test('earlier orders are downloaded: by EID, and by matching ID', async () => {
    const euicc = openEuicc(devices.byEid);
    await phone(euicc).download(`1$${SMDP_ADDRESS}$`);
    await becomes('byEid', 'installed');
    const { matching_id: matchingId } = await fetchProfile('available');
    const reply = await steps(matchingId, openEuicc(devices.installed)).initiate();
    assert.equal(reply.result, SUCCESS);
    await phone(openEuicc(devices.installed)).download(`1$${SMDP_ADDRESS}$${matchingId}`);
    await becomes('available', 'installed');
  });

  test('and violates nothing after all this', async () => {
    assert.deepEqual(await violates(), []);
  });
});

/** Statements of then, on an open database. */
interface Run {
  columns(table: string): Promise<string[]>;
  execute(statement: string): Promise<void>;
}

function runOn(backend: Backend): Run {
  return {
    async columns(table) {
      const tables = await backend.reader.introspection.getTables();
      return tables.find(({ name }) => name === table)!.columns.map(({ name }) => name);
    },
    async execute(statement) {
      await backend.transaction((db) => sql.raw(statement).execute(db));
    },
  };
}

/** From the level of 2026-11-23 on. */
const LEVELS = Object.keys(MIGRATIONS).filter((name) => name >= '007');
/** What is written at a level besides an order: in what its migration adds. */
const ROWS: Record<string, (account: string, url: string) => string[]> = {
  '020-install-links': (account) => [
    `insert into brands (account_sid, name, date_updated) values ('${account}', 'Meters', '2026-11-29T00:00:00Z')`,
  ],
  '025-stock-thresholds': (account) => [
    `insert into stock_thresholds (account_sid, profile_type, sid, threshold, state, callback_method, date_created,
      date_updated) values ('${account}', 'default', 'ST${'0'.repeat(32)}', 1, 'sufficient', 'POST',
      '2026-11-29T00:00:00Z', '2026-11-29T00:00:00Z')`,
  ],
  // Orders without a URL of their own are then told to it.
  '027-callbacks': (account, url) => [
    `update accounts set callback_url = '${url}/account' where sid = '${account}'`,
  ],
  '028-operators': (account) => [
    `insert into operators (sid, account_sid, friendly_name, date_created, date_updated)
      values ('OP${'0'.repeat(32)}', '${account}', 'Reseller', '2026-11-29T00:00:00Z', '2026-11-29T00:00:00Z')`,
  ],
};
const CHOSEN = 'CHOSEN-BY-ITS-OWNER';

onPlainDatabases('a database that was used at each level since 2026-11-23', (database) => {
  const engine = database.name === 'SQLite' ? 'sqlite' : 'postgres';
  const { sids, devices } = aroundOf(engine);
  const account = OLD_DATABASE.account.sid;
  const numberOf = (level: string) => level.slice(0, 3);
  const orderAt = (level: string) => `${sids.new.slice(0, -3)}${numberOf(level)}`;
  let old: OldServer;
  let receiver: Receiver;

  /** An order that nobody has worked on yet, as the code of then has written it. */
  async function write(level: string, run: Run): Promise<void> {
    const sid = orderAt(level);
    const copied = async (table: string, key: string, values: Record<string, string>) => {
      const columns = await run.columns(table);
      const selected = columns.map((column) => values[column] ?? column);
      await run.execute(
        `insert into ${table} (${columns.join()}) select ${selected.join()} from ${table} where ${key} = '${sids.new}'`,
      );
    };
    await copied('esim_profiles', 'sid', {
      sid: `'${sid}'`,
      resource: `replace(resource, '${sids.new}', '${sid}')`,
      callback_url: level < '027' ? `'${receiver.url}/${numberOf(level)}'` : 'null',
      ...(level >= '033' ? { chosen_matching_id: `'${CHOSEN}${numberOf(level)}'` } : {}),
    });
    await copied('esim_profile_events', 'esim_profile_sid', {
      esim_profile_sid: `'${sid}'`,
      sid: `substr(sid, 1, 31) || '${numberOf(level)}'`,
    });
    for (const statement of ROWS[level]?.(account, receiver.url) ?? [])
      await run.execute(statement);
  }

  before(async () => {
    receiver = await startReceiver();
    old = await startOn(database, async (config, secrets) => {
      const { database: at } = config;
      for (const level of LEVELS) {
        const backend = at.kind === 'sqlite' ? openSqlite(at.file) : openPostgres(at.url);
        await backend.migrate(
          Object.fromEntries(Object.entries(MIGRATIONS).filter(([name]) => name <= level)),
        );
        await write(level, runOn(backend));
        await backend.close();
      }
      const data = await openData(config, secrets);
      await data.transact((unit) =>
        generateTestStock(account, LEVELS.length, undefined, data.masterKey, unit),
      );
      await data.store.close();
    });
  });
  after(async () => {
    await old[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
  });

  for (const level of LEVELS) {
    test(`an order written after ${level} is carried out, downloaded and told of`, async () => {
      const sid = orderAt(level);
      const { matching_id: matchingId } = await old.becomes(sid, 'available');
      if (level >= '033') assert.equal(matchingId, `${CHOSEN}${numberOf(level)}`);
      await old.phone(openEuicc(devices.byEid)).download(`1$${SMDP_ADDRESS}$${matchingId}`);
      const { profile_type: type } = await old.becomes(sid, 'installed');
      assert.equal(type, 'default');
      const url = `${receiver.url}/${level < '027' ? numberOf(level) : 'account'}`;
      const told = await eventually(() => {
        const calls = receiver.calls.filter(
          (call) => call.url === url && call.parameters['ESimProfileSid'] === sid,
        );
        return calls.length === 4 ? calls : undefined;
      });
      assert.deepEqual(
        new Set(told.map(({ parameters }) => parameters['Status'])),
        new Set(['reserving', 'available', 'downloaded', 'installed']),
      );
    });
  }

  test('what was written into new tables is there', async () => {
    assert.equal((await old.get('/v1/Account/Brand')).name, 'Meters');
    const { operators } = await old.get('/v1/Operators');
    assert.deepEqual(
      operators.map((operator: any) => operator.friendly_name),
      ['Reseller'],
    );
  });

  test('and it violates nothing', async () => assert.deepEqual(await old.violates(), []));
});
