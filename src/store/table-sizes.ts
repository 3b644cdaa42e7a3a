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

/** @param isSpread whether Citus has spread tables, and says what they take on all servers */
export async function sizesOnPostgres(
  db: Kysely<Tables>,
  { isSpread }: { isSpread: boolean },
): Promise<TableSize[]> {
  const { rows: found } = await sql<Omit<TableSize, 'isEstimate'>>`
    select relname::text as name, ${isSpread ? SPREAD_SIZES : SIZES}
    from pg_class ${isSpread ? SPREAD : sql``}
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
      and not relispartition
    order by relname collate "C"`.execute(db);
  const sizes: TableSize[] = [];
  for (const size of found) {
    const isEstimate = size.rows >= MANY_ROWS;
    sizes.push({ ...size, isEstimate, rows: isEstimate ? size.rows : await count(size.name, db) });
  }
  return sizes;
}

const SIZES = sql`reltuples::int8 as rows, pg_total_relation_size(oid)::int8 as bytes,
  pg_indexes_size(oid)::int8 as index_bytes`;

/** Tables that are spread; those of the coordinator are as everywhere. */
const SPREAD = sql`left join pg_dist_partition on logicalrelid = oid and partmethod = 'h'`;
const ROWS_OF_SHARD = `select reltuples::int8 from pg_class where oid = '%s'::regclass`;
const SPREAD_SIZES = sql`
  case when logicalrelid is null then reltuples::int8
    else (select sum(result::int8)::int8 from run_command_on_shards(oid, ${sql.lit(ROWS_OF_SHARD)}) where success) end as rows,
  case when logicalrelid is null then pg_total_relation_size(oid)
    else citus_total_relation_size(oid) end::int8 as bytes,
  case when logicalrelid is null then pg_indexes_size(oid)
    else citus_total_relation_size(oid) - citus_table_size(oid) end::int8 as index_bytes`;

async function count(table: string, db: Kysely<Tables>): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from ${sql.table(table)}`.execute(db);
  return rows[0]!.count;
}
