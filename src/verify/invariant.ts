// What must hold of a database at any time: between any two transactions, after any failure, while servers write.
import type { MasterKey } from '../process/keys.ts';
import type { Tables } from '../store/schema.ts';
import type { Snapshots } from '../store/snapshots.ts';

/** Something that contradicts an invariant. */
export interface Violation {
  /** The account that it is of, if it is of one. */
  accountSid: string | null;
  /** SID, ICCID or other name of what is wrong. */
  subject: string;
  /** What was expected, and what was found. */
  problem: string;
}

/** What the invariants examine, and what they need for it. */
export interface Evidence {
  snapshots: Snapshots;
  masterKey: MasterKey;
  /** Short ids of master keys with which nothing is sealed any more, unless that is still being changed. */
  retiredKeys: ReadonlySet<string>;
  /** By the clock that the database's users share; never before the newest entry. */
  now: Date;
  /** When a server last wrote something that is dated, as far as can be seen. */
  lastWritten: Date;
  /** Whether the profiles of orders are at a rented SM-DP+. */
  isRented: boolean;
  /** Is told how many rows more have been examined. */
  examined: (rows: number) => void;
  /** Is told what could not be examined, and why. */
  unexamined: (why: string) => void;
}

export interface Invariant {
  name: string;
  /** One sentence. */
  promise: string;
  /** The tables whose rows it examines one by one: how much there is to do. */
  tables: readonly (keyof Tables)[];
  check: (evidence: Evidence) => AsyncIterable<Violation>;
}

/** A violation by a row of a table with accounts. */
export function violation(
  { account_sid: accountSid }: { account_sid: string | null },
  subject: string,
  problem: string,
): Violation {
  return { accountSid, subject, problem };
}

/** What follows each other. */
export async function* oneByOne<T>(...parts: AsyncIterable<T>[]): AsyncIterable<T> {
  for (const part of parts) yield* part;
}
