// Migrates a database to the newest schema, even if several processes start at once.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { StoreMismatch } from './errors.ts';
import type { Flavor, Migrations } from './flavor.ts';
import { init } from './migrations/001-init.ts';
import { smdp } from './migrations/002-smdp.ts';
import { es9plus } from './migrations/003-es9plus.ts';
import { search } from './migrations/004-search.ts';
import { events } from './migrations/005-events.ts';
import { consoleTables } from './migrations/006-console.ts';
import { expiry } from './migrations/007-expiry.ts';
import { idempotency } from './migrations/008-idempotency.ts';
import { callbacks } from './migrations/009-callbacks.ts';
import { sessions } from './migrations/010-sessions.ts';
import { sharedSecrets } from './migrations/011-shared-secrets.ts';
import { finding } from './migrations/012-finding.ts';
import { tlsFailures } from './migrations/013-tls-failures.ts';
import { endedReason } from './migrations/014-ended-reason.ts';
import { sessionRetention } from './migrations/015-session-retention.ts';
import { sessionOrder } from './migrations/016-session-order.ts';
import { leanDownloads } from './migrations/017-lean-downloads.ts';
import { afterTheOrder } from './migrations/019-after-the-order.ts';
import { installLinks } from './migrations/020-install-links.ts';
import { labels } from './migrations/021-labels.ts';
import { batches } from './migrations/022-batches.ts';
import { statisticsCounts } from './migrations/024-statistics.ts';
import { stockThresholds } from './migrations/025-stock-thresholds.ts';
import { fewerPages } from './migrations/026-fewer-pages.ts';
import { accountCallbacks } from './migrations/027-callbacks.ts';
import { operators } from './migrations/028-operators.ts';
import { progressReports } from './migrations/029-progress-reports.ts';
import { rentedSmdp } from './migrations/030-rented-smdp.ts';
import { smds } from './migrations/031-smds.ts';
import { rspLogBinding } from './migrations/032-rsp-log-binding.ts';
import { chosenMatchingId } from './migrations/033-chosen-matching-id.ts';
import { whereabouts } from './migrations/037-whereabouts.ts';
import type { Tables } from './schema.ts';

export const MIGRATIONS: Migrations = {
  '001-init': init,
  '002-smdp': smdp,
  '003-es9plus': es9plus,
  '004-search': search,
  '005-events': events,
  '006-console': consoleTables,
  '007-expiry': expiry,
  '008-idempotency': idempotency,
  '009-callbacks': callbacks,
  '010-sessions': sessions,
  '011-shared-secrets': sharedSecrets,
  '012-finding': finding,
  '013-tls-failures': tlsFailures,
  '014-ended-reason': endedReason,
  '015-session-retention': sessionRetention,
  '016-session-order': sessionOrder,
  '017-lean-downloads': leanDownloads,
  '019-after-the-order': afterTheOrder,
  '020-install-links': installLinks,
  '021-labels': labels,
  '022-batches': batches,
  '024-statistics': statisticsCounts,
  '025-stock-thresholds': stockThresholds,
  '026-fewer-pages': fewerPages,
  '027-callbacks': accountCallbacks,
  '028-operators': operators,
  '029-progress-reports': progressReports,
  '030-rented-smdp': rentedSmdp,
  '031-smds': smds,
  '032-rsp-log-binding': rspLogBinding,
  '033-chosen-matching-id': chosenMatchingId,
  '037-whereabouts': whereabouts,
};

export const NEWER_VERSION =
  'The database was made by a newer version of Simwright; run that version, or a newer one';

/** The indexes that a database has after all migrations, with their tables. */
export function indexesOf(flavor: Flavor): Map<string, string> {
  const indexes = new Map<string, string>();
  for (const statement of Object.values(MIGRATIONS).flatMap((statements) => statements(flavor))) {
    const [, created, table] = /^create (?:unique )?index (\w+) on (\w+)/.exec(statement) ?? [];
    if (created !== undefined && table !== undefined) indexes.set(created, table);
    const [, dropped] = /^drop index (\w+)/.exec(statement) ?? [];
    if (dropped !== undefined) indexes.delete(dropped);
  }
  return indexes;
}

/**
 * @param ownTransaction whether the migrator opens its own transaction Throws `StoreMismatch` if a newer version made
 * the database.
 */
export async function runMigrations(
  db: Kysely<Tables>,
  flavor: Flavor,
  migrations: Migrations,
  { ownTransaction }: { ownTransaction: boolean },
): Promise<void> {
  const migrator = new Migrator({
    db,
    disableTransactions: !ownTransaction,
    provider: {
      getMigrations: async () =>
        Object.fromEntries(
          Object.entries(migrations).map(([name, statements]) => [
            name,
            {
              async up(target) {
                for (const statement of statements(flavor)) {
                  await sql.raw(statement).execute(target);
                }
              },
            },
          ]),
        ),
    },
  });
  const { error } = await migrator.migrateToLatest();
  if (error instanceof Error && /previously executed migration/.test(error.message)) {
    throw new StoreMismatch(NEWER_VERSION, { cause: error });
  }
  if (error !== undefined) throw error;
}
