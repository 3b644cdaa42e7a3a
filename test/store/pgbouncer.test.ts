// PgBouncer in transaction mode: what belongs to a session belongs to others.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { openPostgres } from '../../src/store/postgres.ts';
import type { Tables } from '../../src/store/schema.ts';
import { postgres, withoutPooler as skip } from '../databases.ts';
import { startPgBouncer } from '../pgbouncer.ts';
import type { PgBouncer } from '../pgbouncer.ts';
import { freshDatabase } from '../postgres.ts';
import { allEnded } from '../../src/store/together.ts';
import { askPostgres } from '../ask-postgres.ts';

describe('behind PgBouncer', { skip }, () => {
  let pooler: PgBouncer;
  before(async () => {
    pooler = await startPgBouncer(postgres!.url);
  });
  after(() => pooler[Symbol.asyncDispose]());

  const fresh = async () => pooler.urlOf(await freshDatabase(postgres!.url));
  const LIMITS = `select current_setting('lock_timeout') as lock,
    current_setting('idle_in_transaction_session_timeout') as idle,
    current_setting('statement_timeout') as statement`;
  const limits = async (db: Kysely<Tables>) => (await sql.raw(LIMITS).execute(db)).rows;

  test('statements are limited as without it, in transactions and outside, and nobody else is', async () => {
    const url = await fresh();
    for (const [patience, statement] of [
      ['short', '30s'],
      ['long', '0'],
    ] as const) {
      for (const each of [url, await freshDatabase(postgres!.url)]) {
        const backend = openPostgres(each, { patience });
        const expected = [{ lock: '10s', idle: '15s', statement }];
        assert.deepEqual(await limits(backend.reader), expected);
        assert.deepEqual(await backend.transaction(limits), expected);
        const read = backend.reader.transaction().setIsolationLevel('repeatable read');
        assert.deepEqual(await read.execute(limits), expected);
        await backend.close();
      }
    }
    assert.deepEqual(await askPostgres(url, LIMITS), [{ lock: '0', idle: '0', statement: '0' }]);
  });

  test('limits of the role or the database are kept; but what may take long is not ended by them', async () => {
    const url = await fresh();
    const name = new URL(url).pathname.slice(1);
    await askPostgres(postgres!.url, `alter database ${name} set lock_timeout = '7s'`);
    await askPostgres(postgres!.url, `alter database ${name} set statement_timeout = '8s'`);
    for (const [patience, statement] of [
      ['short', '8s'],
      ['long', '0'],
    ] as const) {
      const backend = openPostgres(url, { patience });
      const expected = [{ lock: '7s', idle: '15s', statement }];
      assert.deepEqual(await limits(backend.reader), expected);
      assert.deepEqual(await backend.transaction(limits), expected);
      await backend.close();
    }
  });

  test('statements that are asked for again and again find themselves in every session', async () => {
    const url = await fresh();
    const backend = openPostgres(url);
    const add = (number: number) => (db: Kysely<Tables>) =>
      sql<{ sum: number }>`select ${number}::int as sum from pg_sleep(0.01)`.execute(db);
    for (let round = 0; round < 5; round++) {
      const numbers = Array.from({ length: 12 }, (_, index) => index);
      const works = numbers.map((number) => backend.transaction(add(number)));
      assert.deepEqual(
        (await allEnded(works)).map(({ rows }) => rows[0]!.sum),
        numbers,
      );
    }
    await backend.close();
    // PgBouncer since 1.21 has names of its own for them.
    const [{ count }] = await askPostgres(
      url,
      `select count(*)::int as count from pg_prepared_statements where name not like 'PGBOUNCER%'`,
    );
    assert.equal(count, 0);
  });
});
