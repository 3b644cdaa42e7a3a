// Counts, together with what the events that are not counted yet will add to them.
import type { Count } from '../../store/statistics.ts';
import type { Store } from '../../store/store.ts';
import { apiDate } from '../../values/date.ts';
import { dateOfSid } from '../../values/sid.ts';
import { countEvents } from './count-events.ts';
import type { FindModels } from './count-events.ts';
import { firstHour } from './periods.ts';

/** Events that are counted when somebody asks. If there are more, the figures lag behind, and say so. */
const UNCOUNTED = 5_000;
const ATTEMPTS = 5;
/** Sorts after every event. */
const AFTER_ALL = 'EW';

/** What is needed to answer questions. */
export type StatisticsStore = Pick<
  Store,
  'statistics' | 'rspSessions' | 'rspLog' | 'now' | 'callbacks' | 'callbackPages'
>;

export interface UpToNow<T> {
  counted: T;
  uncounted: Count[];
  /** Up to where all is counted, if there are too many events behind. */
  dateCounted: string | null;
}

/**
 * Reads counts, and the events that are not counted. If events are counted meanwhile, reads again, so that none is missed
 * and none is there twice.
 */
export async function upToNow<T>(
  accountSid: string,
  store: StatisticsStore,
  findModels: FindModels,
  read: () => Promise<T>,
): Promise<UpToNow<T>> {
  const { statistics } = store;
  for (let attempt = 1; ; attempt++) {
    const mark = (await statistics.mark(accountSid)) ?? '';
    const [counted, { events, more }] = await Promise.all([
      read(),
      statistics.events(accountSid, mark, AFTER_ALL, UNCOUNTED),
    ]);
    const hour = firstHour(store.now());
    const uncounted = more ? [] : await countEvents(accountSid, events, hour, store, findModels);
    const isSame = mark === ((await statistics.mark(accountSid)) ?? '');
    if (!isSame && attempt < ATTEMPTS) continue;
    const reached = mark === '' ? new Date(0) : dateOfSid(mark);
    return { counted, uncounted, dateCounted: more ? apiDate(reached) : null };
  }
}
