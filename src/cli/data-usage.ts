import { Command } from 'commander';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { readConfig } from '../config.ts';
import { retentionOf } from '../process/table-retention.ts';
import type { Retention } from '../process/table-retention.ts';
import { openSnapshots } from '../store/open.ts';
import type { Tables } from '../store/schema.ts';
import type { Snapshots } from '../store/snapshots.ts';
import type { TableSize } from '../store/table-sizes.ts';
import { dateOfSid } from '../values/sid.ts';
import { bytesText } from './bytes-text.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import type { TableColumn } from './table.ts';

interface Usage extends TableSize {
  retention: string | null;
  /** Time of the oldest row. */
  oldest: string | null;
}

const COLUMNS: TableColumn<Usage>[] = [
  { title: 'TABLE', value: ({ name }) => name },
  {
    title: 'ROWS',
    value: ({ rows, isEstimate }) => `${isEstimate ? '~' : ''}${rows.toLocaleString('en')}`,
  },
  { title: 'SIZE', value: ({ bytes }) => bytesText(bytes) },
  { title: 'INDEXES', value: ({ index_bytes }) => bytesText(index_bytes) },
  { title: 'OLDEST', value: ({ oldest }) => oldest },
  { title: 'KEPT', value: ({ retention }) => retention, flexible: true },
];

const HELP = `
The largest first. Sizes are those on the disk, with indexes; the space of deleted rows is used again, so a file does
not shrink. Rows of large tables on PostgreSQL are estimates (~). Housekeeping deletes every hour what is past its time.`;

/** `simwright data usage` */
export function dataUsageCommand(): Command {
  return new Command('usage')
    .description('how much each table holds, since when, and when its rows are deleted')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .addHelpText('after', examples(['simwright data usage'], ['simwright data usage --json']))
    .action(async ({ json }: JsonOption) => {
      const { config } = readConfig();
      const snapshots = await openSnapshots(config.database);
      try {
        const tables = await usageOf(snapshots, retentionOf(config));
        const bytes = tables.reduce((sum, table) => sum + table.bytes, 0);
        if (json) {
          const shown = tables.map(({ isEstimate, oldest, ...table }) => ({
            ...table,
            rows_estimated: isEstimate,
            date_oldest: oldest,
          }));
          return printJson({ database: snapshots.kind, bytes, tables: shown });
        }
        printTable(COLUMNS, tables, '');
        print(`\n${bytesText(bytes)} in all.\n`);
      } finally {
        await snapshots.close();
      }
    });
}

async function usageOf(snapshots: Snapshots, rules: Record<string, Retention>): Promise<Usage[]> {
  const sizes = await snapshots.sizes();
  const usage: Usage[] = [];
  for (const size of sizes.toSorted((left, right) => right.bytes - left.bytes)) {
    const rule = rules[size.name];
    const oldest =
      size.rows === 0 || rule?.oldest === undefined
        ? null
        : await snapshots.read((db) => findOldest(size.name, rule.oldest!, db));
    usage.push({ ...size, retention: rule?.rule ?? null, oldest });
  }
  return usage;
}

async function findOldest(
  table: string,
  oldest: NonNullable<Retention['oldest']>,
  db: Kysely<Tables>,
): Promise<string | null> {
  const of = sql.table(table);
  if ('date' in oldest) {
    const { rows } = await sql<{ oldest: string | null }>`
      select min(${sql.ref(oldest.date)}) as oldest from ${of}`.execute(db);
    return rows[0]!.oldest;
  }
  // By the index behind each account.
  const { rows } = await sql<{ oldest: string | null }>`
    select min((select min(sid) from ${of} where account_sid = a.sid)) as oldest from accounts as a`.execute(
    db,
  );
  const sid = rows[0]!.oldest;
  return sid === null ? null : dateOfSid(sid).toISOString();
}
