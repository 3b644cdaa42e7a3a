// Finds entries of an account.
import type { Bounds, Page, Position } from '../store/pages.ts';
import { mergePage } from '../store/pages.ts';
import type { AuditEntryRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { dateOfSid, isSid, sidAt } from '../values/sid.ts';
import { parseEntry } from './entry.ts';

export interface AuditFilter {
  accountSid: string | undefined;
  operation?: string | undefined;
  actor?: string | undefined;
  subject?: string | undefined;
}

/**
 * Newest first. Orders that one caller has placed at the same time share an entry, which has no subject in its column: it is
 * found by the time in the SID of the order.
 */
export async function auditPage(
  { accountSid, operation, actor, subject }: AuditFilter,
  position: Position,
  size: number,
  bounds: Bounds,
  store: Pick<Store, 'auditEntryPages'>,
): Promise<Page<AuditEntryRow>> {
  const filter = { account_sid: accountSid, operation, actor, subject };
  const page = await store.auditEntryPages(filter, position, size, bounds);
  if (subject === undefined || accountSid === undefined || !isSid('esimProfile', subject)) {
    return page;
  }
  const shared = await findShared(accountSid, subject, store);
  const isWanted = (row: AuditEntryRow) =>
    (operation === undefined || row.operation === operation) &&
    (actor === undefined || row.actor === actor) &&
    (bounds.above === undefined || row.sid > bounds.above) &&
    (bounds.below === undefined || row.sid < bounds.below);
  return mergePage(page, shared.filter(isWanted), position, size);
}

/** An entry is made within seconds after the SID of its order. */
const BEFORE_MS = 1_000;
const AFTER_MS = 15_000;
const AT_ONCE = 1_000;

async function findShared(
  accountSid: string,
  subject: string,
  store: Pick<Store, 'auditEntryPages'>,
): Promise<AuditEntryRow[]> {
  const ordered = dateOfSid(subject).getTime();
  const below = sidAt('auditEntry', new Date(ordered + AFTER_MS));
  let than = sidAt('auditEntry', new Date(ordered - BEFORE_MS));
  for (;;) {
    const position = { kind: 'newer', than } as const;
    const { rows, more } = await store.auditEntryPages(
      { account_sid: accountSid },
      position,
      AT_ONCE,
      { below },
    );
    const found = rows.filter(
      (row) =>
        row.subject === null &&
        parseEntry(row).changes.some((change) => change.subject === subject),
    );
    if (found.length > 0 || !more) return found;
    than = rows[0]!.sid;
  }
}
