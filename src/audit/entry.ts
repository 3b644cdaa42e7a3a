// An entry of the audit log: who changed what, from where, and how it was before and after. Never a secret.
import type { Act, Actor } from '../process/request-scope.ts';
import type { Pending } from '../store/audit-log.ts';
import type { AuditEntryRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import type { AuditKey } from './audit-key.ts';

/** Fields by their names, without secrets. */
export type Fields = Readonly<Record<string, unknown>>;

/** The account of what is of the server, and of none. */
export const OF_SERVER = '';

/** What changed of one subject. */
export interface Change {
  /** SID, ICCID or name. */
  subject: string;
  /** Absent: it did not exist, or that does not matter. */
  before?: Fields;
  /** Absent: it does not exist any more. */
  after?: Fields;
}

export type Outcome = 'done' | 'denied';

/** What the JSON of an entry has, in this order. */
export interface Entry {
  sid: string;
  date: string;
  account_sid: string | null;
  operation: string;
  outcome: Outcome;
  actor: Actor;
  address?: string;
  changes: (Change & { request_id?: string })[];
  /** The id of the key of its MAC. */
  key: string;
}

/** Who it is, in the column that entries are found by. */
export function actorName(by: Actor): string {
  if (by.type === 'command') return `${by.user}@${by.host}`;
  return by.type === 'server' ? 'server' : by.sid;
}

interface Entering {
  act: Act;
  /** '' for what is of no account. */
  accountSid: string;
  change: Change;
  outcome: Outcome;
  key: AuditKey;
  /** Makes the SID of the entry. */
  nextSid: () => { sid: string; date: Date };
}

/** SIDs with these prefixes are where the rows of their account are; see store/citus.ts. */
const WITH_ACCOUNT = /^(HP|HS|BT|BO|EG|IL|CB|ST)[0-9a-f]{32}$/;

/** The entry of a change, which those of the same caller in the same transaction join. */
export function pendingEntry({
  act,
  accountSid,
  change,
  outcome,
  key,
  nextSid,
}: Entering): Pending {
  const { operation, by, address, requestId } = act;
  const actor = actorName(by);
  const asked = requestId === undefined ? change : { request_id: requestId, ...change };
  return {
    group: JSON.stringify([accountSid, operation, actor, address, outcome, by]),
    change: asked,
    isBeside: !WITH_ACCOUNT.test(change.subject),
    enter(changes): AuditEntryRow {
      const { sid, date } = nextSid();
      const content: Entry = {
        sid,
        date: date.toISOString(),
        account_sid: accountSid === '' ? null : accountSid,
        operation,
        outcome,
        actor: by,
        ...(address === undefined ? {} : { address }),
        changes: changes as Entry['changes'],
        key: key.id,
      };
      const entry = JSON.stringify(content);
      return {
        account_sid: accountSid,
        sid,
        operation,
        actor,
        subject: changes.length === 1 ? change.subject : null,
        entry,
        mac: key.mac(entry),
      };
    },
  };
}

export const parseEntry = ({ entry }: Pick<AuditEntryRow, 'entry'>): Entry =>
  JSON.parse(entry) as Entry;

/** Only what differs of two states of the same. */
export function difference<State extends Fields>(
  before: State,
  after: State,
): { before: Fields; after: Fields } {
  const names = Object.keys({ ...before, ...after }).filter(
    (name) => JSON.stringify(before[name] ?? null) !== JSON.stringify(after[name] ?? null),
  );
  const of = (state: State) => Object.fromEntries(names.map((name) => [name, state[name] ?? null]));
  return { before: of(before), after: of(after) };
}

/** Something sent again because somebody asked for it. */
export function auditRetry(
  accountSid: string,
  subject: string,
  retried: number,
  { audit }: Pick<Unit, 'audit'>,
): Promise<void> {
  return audit(accountSid, { subject, after: { retried } });
}
