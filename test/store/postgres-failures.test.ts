// A PostgreSQL that is cut off: during the start, one line and nothing half done; while the server runs, 503 and not
// ready, then automatic recovery.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Client } from 'pg';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { startServer } from '../../src/server.ts';
import { StoreUnavailable } from '../../src/store/errors.ts';
import { commandLine } from '../cli/command.ts';
import { cutProxy } from '../cut-proxy.ts';
import { databaseWithTables, postgres, withoutPostgres as skip } from '../databases.ts';
import { freshDatabase } from '../postgres.ts';
import { eventually, startTestServer } from '../server.ts';

const FORM = { GenerateMatchingId: 'true' };
/** Number of cuts, from the first bytes until the server listens. */
const CUTS = 14;

describe('a PostgreSQL that is cut off', { skip }, () => {
  test('at any point of the first start: it ends with an explanation, and the next one completes the work', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-cut-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    await using proxy = await cutProxy(postgres!.url);
    const start = (url: string) => {
      const { config, secrets } = readConfig({
        SIMWRIGHT_DATA: folder,
        SIMWRIGHT_PORT: '0',
        SIMWRIGHT_ES9_PORT: '0',
        SIMWRIGHT_METRICS_PORT: 'off',
        SIMWRIGHT_TEST_STOCK: '10',
        SIMWRIGHT_DATABASE_URL: url,
      });
      return startServer(config, secrets, pino({ level: 'silent' }));
    };
    /** A new database, through the proxy. */
    const fresh = async () => {
      const url = new URL(proxy.url);
      url.pathname = new URL(await freshDatabase(postgres!.url)).pathname;
      return url.href;
    };
    await (await start(await fresh()))[Symbol.asyncDispose]();
    const all = proxy.bytes;

    for (let cut = 0; cut < CUTS; cut++) {
      const url = await fresh();
      // Queries of the background loops are not part of the start.
      const bytes = Math.floor((all * 0.9 * cut) / CUTS);
      proxy.cutAfter(bytes);
      await start(url).then(
        async (server) => {
          await server[Symbol.asyncDispose]();
          assert.fail(`the start needs no more than ${bytes} bytes`);
        },
        (error: unknown) => {
          assert.ok(error instanceof StoreUnavailable, `${bytes} bytes: ${String(error)}`);
          assert.match(error.message, /^PostgreSQL cannot answer: [^\n]+$/);
        },
      );
      proxy.mend();
      const server = await start(url);
      const { store } = server.context;
      const accounts = await store.accounts.list();
      assert.equal(accounts.length, 1, `${bytes} bytes`);
      const summary = await store.stock.summary(accounts[0]!.sid);
      assert.deepEqual(
        summary.map(({ state, count }) => [state, count]),
        [['Available', 10]],
      );
      await server[Symbol.asyncDispose]();
    }
  });

  test('in a start as a process: one line and exit code 1', async () => {
    await using proxy = await cutProxy(await freshDatabase(postgres!.url));
    await using simwright = await commandLine({
      SIMWRIGHT_PORT: '0',
      SIMWRIGHT_DATABASE_URL: proxy.url,
    });
    for (const bytes of [0, 2_000, 12_000]) {
      proxy.cutAfter(bytes);
      const { code, stdout, stderr } = await simwright.runAlone('start');
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(
        stderr,
        /^simwright: PostgreSQL cannot answer: [^\n]+; check that it is running and that SIMWRIGHT_DATABASE_URL is right\n$/,
      );
    }
  });

  test('while the server runs: 503 with the cause, then automatic recovery', async () => {
    await using proxy = await cutProxy(await databaseWithTables());
    await using server = await startTestServer({ databaseUrl: proxy.url });
    await server.order(FORM);
    proxy.cutAfter(0);

    for (const options of [{}, { form: FORM }]) {
      const { status, headers, json } = await server.request('/v1/ESimProfiles', options);
      assert.deepEqual([status, headers.get('Retry-After')], [503, '1']);
      assert.deepEqual(json, {
        code: 20503,
        message: 'Service Unavailable; try again',
        more_info: 'https://www.twilio.com/docs/errors/20503',
        status: 503,
      });
    }
    const ready = await server.request('/readyz', { as: null });
    assert.deepEqual([ready.status, ready.headers.get('Retry-After')], [503, '1']);
    const cause = 'PostgreSQL cannot be reached';
    assert.deepEqual(ready.json, { status: 'not ready', database: 'postgres', cause });
    assert.equal((await server.request('/healthz', { as: null })).status, 200);

    proxy.mend();
    assert.equal((await server.order(FORM)).status, 'available');
    await eventually(async () =>
      (await server.request('/readyz', { as: null })).status === 200 ? true : undefined,
    );
    const told = server.logged.filter((line) => /"msg":"(not ready|ready again)"/.test(line));
    assert.equal(told.length, 2);
  });

  test('a PostgreSQL turned read-only standby is not ready until it accepts writes again', async () => {
    const url = await databaseWithTables();
    await using server = await startTestServer({ databaseUrl: url });
    const become = async (readOnly: 'on' | 'off') => {
      const admin = new Client({ connectionString: postgres!.url });
      await admin.connect();
      const name = new URL(url).pathname.slice(1);
      await admin.query(`alter database ${name} set default_transaction_read_only = ${readOnly}`);
      await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = '${name}'`,
      );
      await admin.end();
    };

    await become('on');
    const cause = await eventually(async () => {
      const { json } = await server.request('/readyz', { as: null });
      return /read-only/.test(json.cause as string) ? (json.cause as string) : undefined;
    });
    assert.equal(cause, 'PostgreSQL is read-only');
    const ordered = await server.request('/v1/ESimProfiles', { form: FORM });
    assert.equal(ordered.status, 503);

    await become('off');
    assert.equal(
      await eventually(async () => {
        const { status } = await server.request('/v1/ESimProfiles', { form: FORM });
        return status === 503 ? undefined : status;
      }),
      201,
    );
  });
});
