// PostgreSQL opened only to be examined, in transactions that cannot write.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { SPREAD_BY } from './citus.ts';
import { StoreDamaged } from './errors.ts';
import type { Backend } from './flavor.ts';
import { indexesOf } from './migrate.ts';
import { errorCode } from './postgres-errors.ts';
import type { Tables } from './schema.ts';
import type { Snapshots, Soundness } from './snapshots.ts';
import { sizesOnPostgres } from './table-sizes.ts';

const INSUFFICIENT_PRIVILEGE = '42501';
const NOT_ALLOWED = /^permission denied/;
const NO_AMCHECK =
  'the content of the indexes was not examined: that takes the extension amcheck ' +
  '(create extension amcheck) and the right to execute bt_index_check';

/** Throws `StoreUnavailable`, and closes the backend then. */
export async function postgresSnapshots(backend: Backend): Promise<Snapshots> {
  try {
    await backend.look();
  } catch (error) {
    await backend.close();
    throw error;
  }
  const { reader, flavor, clock } = backend;
  const read: Snapshots['read'] = (work) =>
    reader
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(work);

  async function examine(): Promise<Soundness> {
    const indexes = await read(listIndexes);
    const names = new Set(indexes.map(({ name }) => name));
    const problems = [
      ...[...indexesOf(flavor)]
        .filter(([name]) => !names.has(name))
        .map(([name, table]) => `the index ${name} of ${table} is missing`),
      ...indexes
        .filter(({ valid }) => !valid)
        .map(({ name, table }) => `the index ${name} of ${table} is not valid`),
    ];
    const check = await read(findAmcheck);
    if (check === undefined) return { problems, unexamined: NO_AMCHECK };
    for (const { oid, valid, btree } of indexes) {
      if (!valid || !btree) continue;
      const found = await examineIndex(oid, check);
      if (found === 'not allowed') return { problems, unexamined: NO_AMCHECK };
      if (found !== undefined) problems.push(found);
    }
    for (const table of flavor.isSpread ? Object.keys(SPREAD_BY) : []) {
      const found = await read((db) => examineShards(table, check, db));
      if (found.some((one) => NOT_ALLOWED.test(one))) return { problems, unexamined: NO_AMCHECK };
      problems.push(...found);
    }
    return { problems };
  }

  /** Each in a transaction of its own, which a damaged index ends. */
  async function examineIndex(oid: number, check: string): Promise<string | undefined> {
    try {
      await read((db) =>
        // Takes no lock that a writer waits for.
        sql`select ${sql.raw(check)}(index => ${oid}::oid::regclass, heapallindexed => true)`.execute(
          db,
        ),
      );
      return undefined;
    } catch (error) {
      if (errorCode(error) === INSUFFICIENT_PRIVILEGE) return 'not allowed';
      if (!(error instanceof StoreDamaged)) throw error;
      return (error.cause as Error).message;
    }
  }

  return {
    kind: 'postgres',
    flavor,
    read,
    async now() {
      await clock.compare();
      return clock.now();
    },
    sizes: () => read((db) => sizesOnPostgres(db, flavor)),
    examine,
    close: () => backend.close(),
  };
}

interface Index {
  oid: number;
  name: string;
  table: string;
  valid: boolean;
  btree: boolean;
}

async function listIndexes(db: Kysely<Tables>): Promise<Index[]> {
  const { rows } = await sql<Index>`
    select i.indexrelid::int8 as oid, c.relname as name, t.relname as table,
      i.indisvalid and i.indisready as valid, m.amname = 'btree' as btree
    from pg_index as i
    join pg_class as c on c.oid = i.indexrelid
    join pg_class as t on t.oid = i.indrelid
    join pg_am as m on m.oid = c.relam
    where c.relnamespace = current_schema()::regnamespace and c.relpersistence = 'p'
    order by c.relname`.execute(db);
  return rows;
}

/** Those of a table that Citus has spread, on its workers. */
async function examineShards(table: string, check: string, db: Kysely<Tables>): Promise<string[]> {
  const ofShard = `select count(${check}(index => i.indexrelid, heapallindexed => true)::text)
    from pg_index as i join pg_class as c on c.oid = i.indexrelid join pg_am as m on m.oid = c.relam
    where i.indrelid = '%s'::regclass and i.indisvalid and i.indisready and m.amname = 'btree'`;
  const { rows } = await sql<{ result: string }>`
    select result from run_command_on_shards(${table}::text::regclass, ${ofShard})
    where not success order by shardid`.execute(db);
  return rows.map(({ result }) => result.replace(/^ERROR: +/, ''));
}

/** The function that checks a B-tree, where it is installed. */
async function findAmcheck(db: Kysely<Tables>): Promise<string | undefined> {
  const { rows } = await sql<{ name: string }>`
    select quote_ident(n.nspname) || '.bt_index_check' as name
    from pg_extension as e join pg_namespace as n on n.oid = e.extnamespace
    where e.extname = 'amcheck'`.execute(db);
  return rows[0]?.name;
}
