// What a migration may do without breaking the version before: docs/decisions/0053-rolling-upgrades.md.
import type { Flavor, Migration } from '../../src/store/flavor.ts';
import { createdIndex, createdTable, needsOf, statementsOf } from '../../src/store/migrate.ts';

/** Tables in which there is a row for each profile or more: looking at every row takes long. */
const LARGE = new Set([
  'audit_entries',
  'callback_attempts',
  'callbacks',
  'esim_profile_events',
  'esim_profile_metadata',
  'esim_profiles',
  'progress_attempts',
  'progress_reports',
  'rsp_log',
  'rsp_sessions',
  'sims',
  'smds_events',
  'subscriptions',
]);
/** How SQLite is told statistics. */
const STATISTICS = /^(analyze sqlite_schema|(delete from|insert into) sqlite_stat1 )/;

/** @returns for each statement that is not allowed why; none of a migration that says which versions it breaks */
export function objectionsTo(migration: Migration, flavor: Flavor): string[] {
  if (needsOf(migration) !== undefined) return [];
  const statements = statementsOf(migration, flavor);
  const created = new Set(statements.map(createdTable));
  return statements.flatMap((statement) => {
    const objection = objectionTo(statement.trim().replace(/\s+/g, ' '), created);
    return objection === undefined ? [] : [`${objection}: ${statement}`];
  });
}

function objectionTo(
  statement: string,
  created: ReadonlySet<string | undefined>,
): string | undefined {
  if (createdTable(statement) !== undefined || STATISTICS.test(statement)) return undefined;
  const index = createdIndex(statement);
  if (index !== undefined) {
    if (created.has(index.table) || !statement.startsWith('create unique')) return undefined;
    return 'an older version may write two rows that a unique index refuses';
  }
  const [, watched] = /^create trigger \w+ before \w+ on (\w+) /.exec(statement) ?? [];
  if (watched !== undefined) {
    if (created.has(watched)) return undefined;
    return 'an older version may do what a trigger refuses; of new tables only';
  }
  if (/^create function \w+\(\) returns trigger /.test(statement)) return undefined;
  const [, table, definition] = /^alter table (\w+) add column \w+ (.+)$/.exec(statement) ?? [];
  if (table !== undefined && definition !== undefined) return objectionToColumn(table, definition);
  const [, filled] = /^insert into (\w+) /.exec(statement) ?? [];
  if (filled !== undefined) {
    if (created.has(filled) || filled === 'settings') return undefined;
    return 'an older version does not expect the rows; insert into new tables only';
  }
  if (/^(update|delete) /.test(statement)) {
    return 'it locks every row that it changes until the end; let a job do it, some rows at a time';
  }
  return 'an older version cannot live with it; expand only, and contract a release later';
}

function objectionToColumn(table: string, definition: string): string | undefined {
  if (/\bnot null\b/.test(definition) && !/\bdefault\b/.test(definition)) {
    return 'an older version inserts no value; the column must be nullable or have a default';
  }
  if (/\b(unique|primary key|references|generated)\b/.test(definition)) {
    return 'an older version may write what the constraint refuses';
  }
  if (/\bdefault\b(?! ('[^']*'|-?\d+))/.test(definition)) {
    return 'a default that is no constant rewrites the table';
  }
  if (LARGE.has(table) && /\bcheck\b/.test(definition)) {
    return 'a check of a new column reads every row while nobody can write';
  }
  return undefined;
}
