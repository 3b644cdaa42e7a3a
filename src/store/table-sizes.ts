// What the tables of a database take on its disk.
import type { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Tables } from './schema.ts';

export interface TableSize {
  name: string;
  rows: number;
  /** Whether the rows were not counted but estimated, as PostgreSQL last did. */
  isEstimate: boolean;
  /** With its indexes. */
  bytes: number;
  index_bytes: number;
}

/** Reads all pages, not rows: https://sqlite.org/dbstat.html */
export function sizesOnSqlite(connection: DatabaseSync): TableSize[] {
  const trees = connection
    .prepare(
      `select s.tbl_name as name, s.type, l.wr as clustered, d.pagetype, sum(d.ncell) as cells,
          sum(d.pgsize) as bytes
        from dbstat as d join sqlite_schema as s on s.name = d.name
        join pragma_table_list as l on l.name = s.tbl_name and l.schema = 'main'
        where s.tbl_name not like 'sqlite\\_%' escape '\\'
        group by s.tbl_name, s.type, d.name, d.pagetype`,
    )
    .all() as unknown as Tree[];
  const byTable = Map.groupBy(trees, ({ name }) => name);
  return Array.from(byTable, ([name, of]) => ({
    name,
    // Rows lie in the leaves; of a table that is clustered by its key, also between them.
    rows: sum(
      of.filter(
        (tree) => tree.type === 'table' && (tree.pagetype === 'leaf' || tree.clustered === 1),
      ),
      'cells',
    ),
    isEstimate: false,
    bytes: sum(of, 'bytes'),
    index_bytes: sum(
      of.filter(({ type }) => type === 'index'),
      'bytes',
    ),
  }));
}

interface Tree {
  name: string;
  type: 'table' | 'index';
  clustered: 0 | 1;
  pagetype: 'internal' | 'leaf' | 'overflow';
  cells: number;
  bytes: number;
}

function sum(trees: readonly Tree[], of: 'cells' | 'bytes'): number {
  return trees.reduce(
    (all, tree) => all + (tree.pagetype === 'overflow' && of === 'cells' ? 0 : tree[of]),
    0,
  );
}

/** Fewer are counted. */
const MANY_ROWS = 100_000;

export async function sizesOnPostgres(db: Kysely<Tables>): Promise<TableSize[]> {
  const { rows: found } = await sql<Omit<TableSize, 'isEstimate'>>`
    select relname::text as name, reltuples::int8 as rows, pg_total_relation_size(oid)::int8 as bytes,
      pg_indexes_size(oid)::int8 as index_bytes
    from pg_class where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
      and not relispartition
    order by relname collate "C"`.execute(db);
  const sizes: TableSize[] = [];
  for (const size of found) {
    const isEstimate = size.rows >= MANY_ROWS;
    sizes.push({ ...size, isEstimate, rows: isEstimate ? size.rows : await count(size.name, db) });
  }
  return sizes;
}

async function count(table: string, db: Kysely<Tables>): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from ${sql.table(table)}`.execute(db);
  return rows[0]!.count;
}
