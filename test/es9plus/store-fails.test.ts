// §3.5, §5.6.4: an LPA deletes a notification after any 2xx. So nothing is answered with 2xx before it is on disk,
// and no other call promises what was not stored.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { Client } from 'pg';
import { buildEs9Plus } from '../../src/es9plus/routes.ts';
import { onPlainDatabases, serverOn } from '../databases.ts';
import type { TestDatabase } from '../databases.ts';
import { startTcpProxy } from '../tcp-proxy.ts';
import type { TcpProxy } from '../tcp-proxy.ts';
import type { TestServer } from '../server.ts';
import { NO_CONTENT, post, stateOf, statusOf, stepsOf, SUCCESS, toBase64 } from './calls.ts';
import type { Es9Reply, Steps } from './calls.ts';
import { newEuicc, newPhone } from './phone.ts';

/** Runs statements on the server's database. */
type Run = (...statements: string[]) => Promise<void>;

function runner({ config }: TestServer, url: string | undefined): Run {
  return async (...statements) => {
    if (config.database.kind === 'sqlite') {
      using db = new DatabaseSync(config.database.file, { timeout: 5_000 });
      for (const statement of statements) db.exec(statement);
      return;
    }
    const client = new Client({ connectionString: url });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };
}

/** Makes writes to a table fail, and repairs it; on PostgreSQL, as with a full disk. */
interface Fault {
  title: string;
  status: Record<string, number>;
  begin: (table: string) => Record<string, string[]>;
  end: (table: string) => Record<string, string[]>;
}

const FAULTS: Fault[] = [
  {
    title: 'fails in the middle',
    status: { SQLite: 500, PostgreSQL: 503 },
    begin: (table) => ({
      SQLite: [
        `create trigger broken before insert on ${table} begin select raise(abort, 'broken'); end`,
        `create trigger broken_too before update on ${table}
          begin select raise(abort, 'broken'); end`,
      ],
      PostgreSQL: [
        `create function broken() returns trigger language plpgsql as
          $$ begin raise exception 'no space left' using errcode = '53100'; end $$`,
        `create trigger broken before insert or update on ${table}
          for each row execute function broken()`,
      ],
    }),
    end: (table) => ({
      SQLite: ['drop trigger broken', 'drop trigger broken_too'],
      PostgreSQL: [`drop trigger broken on ${table}`, 'drop function broken'],
    }),
  },
  {
    title: 'fails at commit',
    status: { SQLite: 500, PostgreSQL: 503 },
    begin: (table) => ({
      SQLite: [
        'create table broken_parent (id integer primary key)',
        `create table broken_child
          (id integer references broken_parent (id) deferrable initially deferred)`,
        `create trigger broken after insert on ${table}
          begin insert into broken_child values (1); end`,
        `create trigger broken_too after update on ${table}
          begin insert into broken_child values (1); end`,
      ],
      PostgreSQL: [
        `create function broken() returns trigger language plpgsql as
          $$ begin raise exception 'no space left' using errcode = '53100'; end $$`,
        `create constraint trigger broken after insert or update on ${table}
          deferrable initially deferred for each row execute function broken()`,
      ],
    }),
    end: (table) => ({
      SQLite: [
        'drop trigger broken',
        'drop trigger broken_too',
        'drop table broken_child',
        'drop table broken_parent',
      ],
      PostgreSQL: [`drop trigger broken on ${table}`, 'drop function broken'],
    }),
  },
];

onPlainDatabases('§5.6.4 a failing store', (database) => {
  let proxy: TcpProxy | undefined;
  let url: string | undefined;
  /** The server connects to PostgreSQL through a proxy that can be cut. */
  const proxied: TestDatabase = {
    ...database,
    async own() {
      url = await database.own();
      if (url === undefined) return undefined;
      proxy = await startTcpProxy(url);
      return proxy.url;
    },
  };
  const running = serverOn(proxied, { es9: true, stock: 40 });
  after(() => proxy?.cut());
  const run: Run = (...statements) => runner(running(), url)(...statements);

  async function loaded(): Promise<{ order: any; steps: Steps; result: Uint8Array }> {
    const order = await running().order({ GenerateMatchingId: 'true' });
    const steps = stepsOf(running(), order.matching_id);
    return { order, steps, result: await steps.install() };
  }

  async function installedTimes(sid: string): Promise<number> {
    const { json } = await running().request(`/v1/ESimProfiles/${sid}/Events`);
    return json.events.filter(({ cause }: any) => cause === 'installed on the device').length;
  }

  async function assertKeptInTheEnd(order: any, steps: Steps): Promise<void> {
    assert.equal(await statusOf(running(), order.sid), 'downloaded Downloaded');
    for (let time = 0; time < 2; time += 1) {
      assert.equal((await steps.again('handleNotification')).result, NO_CONTENT);
      assert.equal(await statusOf(running(), order.sid), 'installed Installed');
      assert.equal(await installedTimes(order.sid), 1);
    }
  }

  for (const { title, status, begin, end } of FAULTS) {
    for (const table of ['rsp_notifications', 'rsp_sessions', 'subscriptions']) {
      test(`that ${title}, at ${table}: the notification is kept by the LPA, and counts once`, async () => {
        const { order, steps, result } = await loaded();
        await run(...begin(table)[database.name]!);
        const reply = await steps.notify(result);
        await run(...end(table)[database.name]!);
        assert.equal(reply.status, status[database.name]);
        await assertKeptInTheEnd(order, steps);
      });
    }

    test(`that ${title}: no other call promises what was not stored, and each works when repeated`, async () => {
      const order = await running().order({ GenerateMatchingId: 'true' });
      const steps = stepsOf(running(), order.matching_id);
      const calls: [table: string, call: () => Promise<Es9Reply>][] = [
        ['rsp_sessions', () => steps.authenticate()],
        ['subscriptions', () => steps.getPackage()],
      ];
      await steps.initiate();
      for (const [table, call] of calls) {
        const untouched = await stateOf(running(), order.sid);
        await run(...begin(table)[database.name]!);
        const failed = await call();
        await run(...end(table)[database.name]!);
        assert.match(failed.result, /^1\.2 \/ 4\.[24]$/);
        assert.deepEqual(await stateOf(running(), order.sid), untouched);
        const [name] = Object.keys(steps.sent).slice(-1) as ['authenticateClient'];
        assert.equal(steps.keep(await steps.again(name)).result, SUCCESS);
      }
      assert.equal((await stateOf(running(), order.sid)).subscription?.download_attempts, 1);
      await run(...begin('rsp_sessions')[database.name]!);
      const failed = await steps.cancel('endUserRejection');
      await run(...end('rsp_sessions')[database.name]!);
      assert.match(failed.result, /^1\.2 \/ 4\.[24]$/);
      assert.equal(await statusOf(running(), order.sid), 'downloaded Downloaded');
      assert.equal((await steps.again('cancelSession')).result, SUCCESS);
      assert.equal(await statusOf(running(), order.sid), 'failed Error');
    });
  }

  test('that does not answer in time: 503, and the notification counts once', async () => {
    const { order, steps, result } = await loaded();
    const quick = buildEs9Plus(running().server.context, undefined, 100);
    const place = { url: await quick.listen({ host: '127.0.0.1', port: 0 }) };
    const release = await hold();
    const pendingNotification = toBase64(result);
    const { status, headers, text } = await post(place, 'handleNotification', {
      pendingNotification,
    });
    assert.deepEqual([status, headers['retry-after']], [503, '10']);
    assert.deepEqual(JSON.parse(text), {
      header: {
        functionExecutionStatus: {
          status: 'Failed',
          statusCodeData: {
            subjectCode: '1.2',
            reasonCode: '4.4',
            message: 'The SM-DP+ is busy; try again',
          },
        },
      },
    });
    await release();
    assert.equal((await steps.notify(result)).result, NO_CONTENT);
    assert.equal(await statusOf(running(), order.sid), 'installed Installed');
    assert.equal(await installedTimes(order.sid), 1);
    await quick.close();
  });

  /** Another process holds a write transaction open. */
  async function hold(): Promise<() => Promise<void>> {
    const { config } = running();
    if (config.database.kind === 'sqlite') {
      const db = new DatabaseSync(config.database.file);
      db.exec('begin immediate');
      return async () => db.close();
    }
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query('begin; lock table rsp_notifications in access exclusive mode');
    return () => client.end();
  }

  test('that cannot be reached: the virtual device keeps its notification until it is back', async (t) => {
    if (proxy === undefined) return t.skip('SQLite is always within reach');
    const server = running();
    const order = await server.order({ GenerateMatchingId: 'true' });
    const euicc = newEuicc(server);
    const phone = newPhone(server, {
      euicc,
      hooks: {
        request: (name, request) => {
          if (name === 'handleNotification') proxy!.cut();
          return request;
        },
      },
    });
    await phone.download(order.activation_code);
    assert.equal(euicc.state.notifications.length, 1);
    const answered = await stepsOf(server, order.matching_id).initiate();
    assert.ok(answered.result === SUCCESS || answered.result === '1.2 / 4.4');
    await proxy.mend();
    assert.equal(await statusOf(server, order.sid), 'downloaded Downloaded');
    await newPhone(server, { euicc }).sendNotifications();
    assert.deepEqual(euicc.state.notifications, []);
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
    assert.equal(await installedTimes(order.sid), 1);
  });
});
