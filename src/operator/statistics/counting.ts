// Counts events, oldest first, and notes how far it has come: docs/decisions/0040-statistics-from-events.md.
import type { Context } from '../../context.ts';
import type { Store } from '../../store/store.ts';
import { dateOfSid, sidAt } from '../../values/sid.ts';
import { countEvents } from './count-events.ts';
import type { FindModels } from './count-events.ts';
import { firstHour } from './periods.ts';

/** Events per transaction: few enough not to hold up anybody. */
const SLICE = { sqlite: 500, postgres: 1_000 };

/**
 * SIDs of events sort by the time when they were made. An event is written within 5 seconds after that (`TooLate`), and
 * becomes visible when its transaction ends. So whatever is older than this, and than the oldest transaction that has
 * written something, less those 5 seconds, is there or never will be.
 */
const SETTLED_MS = 30_000;
const WRITTEN_WITHIN_MS = 6_000;
/** Transactions run one at a time, and this one is the last; of two workers, one may be a millisecond behind. */
const ALONE_MS = 1_000;

export type CountingContext = Pick<Context, 'store' | 'transact'> & {
  findModels: FindModels;
};

/** Sorts after all events of which none can come anymore, to be read in a transaction. */
export async function settledBefore(
  { kind, statistics }: Pick<Store, 'kind' | 'statistics'>,
  now: Date,
): Promise<string> {
  if (kind === 'sqlite') return sidAt('event', new Date(now.getTime() - ALONE_MS));
  const writing = (await statistics.oldestWriter())?.getTime() ?? Infinity;
  const settled = Math.min(now.getTime() - SETTLED_MS, writing - WRITTEN_WITHIN_MS);
  return sidAt('event', new Date(settled));
}

export interface Counted {
  /** How many events. */
  events: number;
  /** Of the last event, if there is one. */
  date: Date | undefined;
  /** Whether more may be settled. */
  more: boolean;
}

const NOTHING: Counted = { events: 0, date: undefined, more: false };

/**
 * Counts the next events of an account, of which there may be none.
 * @param until events with greater SIDs are not counted yet; by default, those that may not be the next
 */
export async function countNext(
  accountSid: string,
  { store, transact, findModels }: CountingContext,
  until?: string,
): Promise<Counted> {
  const before = until ?? (await settledBefore(store, store.now()));
  // Most often there are none, and no transaction is needed to know.
  const mark = (await store.statistics.mark(accountSid)) ?? '';
  if ((await store.statistics.events(accountSid, mark, before, 1)).last === undefined) {
    return NOTHING;
  }
  return transact(async ({ tables, now }) => {
    const { statistics } = tables;
    const from = await statistics.claimMark(accountSid);
    // Somebody else is counting them.
    if (from === undefined) return { ...NOTHING, more: true };
    const limit = SLICE[store.kind];
    const { events, last, more } = await statistics.events(accountSid, from, before, limit);
    if (last === undefined) return NOTHING;
    const hour = firstHour(now);
    const counts = await countEvents(accountSid, events, hour, tables, findModels);
    await statistics.add(accountSid, counts, { from, to: last });
    await statistics.forgetHoursBefore(accountSid, hour);
    return { events: events.length, date: dateOfSid(last), more };
  });
}
