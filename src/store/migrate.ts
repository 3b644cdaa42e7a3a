// All migrations. What a new one may do: docs/decisions/0053-rolling-upgrades.md.
import type { Flavor, Migration, Migrations } from './flavor.ts';
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
import { requestIds } from './migrations/040-request-ids.ts';
import { restoredPast } from './migrations/041-restored-past.ts';
import { keyRoles } from './migrations/043-key-roles.ts';
import { masterKeys } from './migrations/044-master-keys.ts';
import { crlPoints } from './migrations/046-crl-points.ts';
import { auditLog } from './migrations/047-audit-log.ts';
import { eim } from './migrations/050-eim.ts';
import { euiccEvents } from './migrations/052-euicc-events.ts';
import { fleets } from './migrations/053-fleets.ts';
import { otherSmdps } from './migrations/051-other-smdps.ts';
import { firstContact } from './migrations/054-first-contact.ts';
import { whatWasBegun } from './migrations/057-what-was-begun.ts';
import { rspSession } from './migrations/056-rsp-session.ts';
import { injection } from './migrations/055-injection.ts';

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
  '040-request-ids': requestIds,
  '041-restored-past': restoredPast,
  '043-key-roles': keyRoles,
  '044-master-keys': masterKeys,
  '046-crl-points': crlPoints,
  '047-audit-log': auditLog,
  '050-eim': eim,
  '052-euicc-events': euiccEvents,
  '053-fleets': fleets,
  '051-other-smdps': otherSmdps,
  '054-first-contact': firstContact,
  '057-what-was-begun': whatWasBegun,
  '056-rsp-session': rspSession,
  '055-injection': injection,
};

/** The last one of before versions could work side by side: see decision 53. */
export const LAST_TOGETHER = '033-chosen-matching-id';

export const newestOf = (migrations: Migrations): string =>
  Object.keys(migrations).toSorted().at(-1) ?? '';

export function statementsOf(migration: Migration, flavor: Flavor): string[] {
  return typeof migration === 'function' ? migration(flavor) : migration.statements(flavor);
}

/** Which migration a version must know to live with this one; undefined: none but those that it knows anyway. */
export function needsOf(migration: Migration): string | undefined {
  return typeof migration === 'function' ? undefined : migration.needs;
}

/** The index that a statement creates, and its table. */
export function createdIndex(statement: string): { index: string; table: string } | undefined {
  const [, index, table] = /^create (?:unique )?index (\w+)\s+on (\w+)/.exec(statement) ?? [];
  return index === undefined || table === undefined ? undefined : { index, table };
}

export const createdTable = (statement: string): string | undefined =>
  /^create table (\w+)/.exec(statement)?.[1];

/** The indexes that a database has after all migrations, with their tables. */
export function indexesOf(flavor: Flavor): Map<string, string> {
  const indexes = new Map<string, string>();
  for (const statement of Object.values(MIGRATIONS).flatMap((one) => statementsOf(one, flavor))) {
    const created = createdIndex(statement);
    if (created !== undefined) indexes.set(created.index, created.table);
    const [, dropped] = /^drop index (\w+)/.exec(statement) ?? [];
    if (dropped !== undefined) indexes.delete(dropped);
  }
  return indexes;
}
