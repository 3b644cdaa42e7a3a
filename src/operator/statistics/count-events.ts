// What the events of eSIM Profiles count for. An event is written in the transaction that changes the status, and never
// changes; what is looked up for it has reached its last value by then. So the same events always count for the same.
import type { EsimProfileStatus, StatisticsWhat } from '../../store/schema.ts';
import type { Count, StatusEvent } from '../../store/statistics.ts';
import type { Transaction } from '../../store/store.ts';
import { CANCELLED, EXPIRED } from '../cancel-order.ts';
import { boundOf } from './durations.ts';
import { periodOf } from './periods.ts';

/** TACs (3GPP TS 23.003 §6.2.1) that devices gave when they came for orders, by the SID of the order, as far as known. */
export type FindModels = (
  accountSid: string,
  orders: readonly string[],
  tables: Pick<Transaction, 'rspSessions' | 'rspLog'>,
) => Promise<Map<string, string>>;

/** The digits of an EID that say who made the eUICC (SGP.02 §2.2.2): 89, the country and the issuer. */
const EUM_DIGITS = 8;
/** Between the parts of a detail; in no status, TAC, EID or code. */
const SEPARATOR = '>';
/** Cancelled or expired: not the doing of a device. */
export const ENDED_BY_US: readonly string[] = [CANCELLED.error_code, EXPIRED.error_code];
const UNKNOWN_CODE = 'unknown';

/** @param parts the last one may have any form */
export const detailOf = (...parts: string[]) => parts.join(SEPARATOR);

/** @returns the first part, and the rest */
export function partsOf(detail: string): [first: string, rest: string] {
  const at = detail.indexOf(SEPARATOR);
  return at === -1 ? [detail, ''] : [detail.slice(0, at), detail.slice(at + 1)];
}

class Counts {
  readonly #counts = new Map<string, Count>();
  readonly #firstHour: string;

  constructor(firstHour: string) {
    this.#firstHour = firstHour;
  }

  /** @param date as the API writes dates */
  add(what: StatisticsWhat, date: string, detail: string): void {
    this.#add('day', periodOf(date, 'day'), what, detail);
    if (what === 'step') this.#add('all', '', what, detail);
    const hour = periodOf(date, 'hour');
    if (what !== 'taken' && hour >= this.#firstHour) this.#add('hour', hour, what, detail);
  }

  #add(unit: Count['unit'], period: string, what: StatisticsWhat, detail: string): void {
    const key = [period, what, detail].join('\0');
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { unit, period, what, detail, count: 1 });
    else known.count++;
  }

  all(): Count[] {
    return [...this.#counts.values()];
  }
}

const hasCome = (status: EsimProfileStatus | null) =>
  status === 'available' || status === 'downloaded';

/**
 * @param firstHour earlier hours are not counted
 * @returns all with different keys
 */
export async function countEvents(
  accountSid: string,
  events: readonly StatusEvent[],
  firstHour: string,
  tables: Pick<Transaction, 'statistics' | 'rspSessions' | 'rspLog'>,
  findModels: FindModels,
): Promise<Count[]> {
  const { statistics } = tables;
  const counts = new Counts(firstHour);
  const sidsOf = (which: (event: StatusEvent) => boolean) =>
    events.filter(which).map((event) => event.esim_profile_sid);
  const ended = sidsOf(({ status, previous_status: from }) => {
    return status === 'installed' || (status === 'failed' && hasCome(from));
  });
  const orders = await statistics.orders(
    accountSid,
    sidsOf(({ status }) => status === 'available' || status === 'installed' || status === 'failed'),
  );
  const since = await statistics.availableSince(accountSid, ended);
  const models = await findModels(accountSid, ended, tables);
  for (const event of events) {
    const { esim_profile_sid: sid, status, previous_status: from, date_created: date } = event;
    counts.add('step', date, detailOf(from ?? '', status));
    if (status !== 'installed' && status !== 'failed') continue;
    const order = orders.get(sid);
    const code = order?.error_code ?? UNKNOWN_CODE;
    if (status === 'failed') counts.add('failure', date, detailOf(from ?? '', code));
    if (!hasCome(from)) continue;
    const available = since.get(sid);
    if (available !== undefined) {
      const how = status === 'failed' ? 'failed' : detailOf('installed', boundOf(available, date));
      counts.add('end', available, how);
    }
    const model = models.get(sid);
    const isOurs = status === 'failed' && ENDED_BY_US.includes(code);
    if (isOurs || (from === 'available' && model === undefined)) continue;
    const outcome = status === 'installed' ? status : code;
    counts.add('device', date, detailOf(model ?? '', outcome));
    counts.add('euicc', date, detailOf(order?.eid?.slice(0, EUM_DIGITS) ?? '', outcome));
  }
  const available = events.filter(({ status }) => status === 'available');
  for (const { type, date } of await takenBy(accountSid, available, orders, statistics)) {
    counts.add('taken', date, type);
  }
  return counts.all();
}

/** The profile types of the subscriptions that orders have taken from stock. */
async function takenBy(
  accountSid: string,
  available: readonly StatusEvent[],
  orders: Awaited<ReturnType<Transaction['statistics']['orders']>>,
  statistics: Transaction['statistics'],
): Promise<{ type: string; date: string }[]> {
  const reserved = available.flatMap(({ esim_profile_sid: sid, date_created: date }) => {
    const order = orders.get(sid);
    return order === undefined || order.iccid === null ? [] : [{ date, ...order }];
  });
  const old = await statistics.orders(
    accountSid,
    reserved.flatMap((order) => order.replaces_sid ?? []),
  );
  // One that was released again has the subscription of the order that it replaces.
  const taking = reserved.filter(
    ({ iccid, replaces_sid: replaced }) => replaced === null || old.get(replaced)?.iccid !== iccid,
  );
  const types = await statistics.profileTypes(
    accountSid,
    taking.map(({ iccid }) => iccid!),
  );
  return taking.flatMap(({ iccid, date }) => {
    const type = types.get(iccid!);
    return type === undefined ? [] : [{ type, date }];
  });
}
