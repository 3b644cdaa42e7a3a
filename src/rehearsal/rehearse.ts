// A rehearsal: the whole life of a test profile, with its callbacks, for those who write a receiver. Nothing is pretended: a
// test subscription is ordered, and a virtual phone downloads it over ES9+. docs/decisions/0046-rehearsals.md.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { DeviceError } from '../device/device-error.ts';
import { Es9PlusError } from '../device/es9plus.ts';
import { CANCELLED, cancelOrder, REHEARSAL_TYPE } from '../operator/cancel-order.ts';
import { ChangeRefused } from '../operator/order-change.ts';
import { runAgain } from '../store/run-again.ts';
import { checkOrder, placeOrder, orderRules } from '../operator/placeOrder.ts';
import type { Order } from '../operator/placeOrder.ts';
import { reserve } from '../operator/reserve.ts';
import { PkiError } from '../smdp/pki/pki-certificate.ts';
import { generateTestStock } from '../smdp/stock/test-stock.ts';
import type { AccountRow, EsimProfileRow } from '../store/schema.ts';
import { apiDate } from '../values/date.ts';
import { callbackTeller } from './callback-teller.ts';
import { disable, enable, remove } from './phone-actions.ts';
import { testPhone } from './test-phone.ts';
import type { TestPhone } from './test-phone.ts';

/** From the beginning of one to the beginning of the next. */
const PAUSE_MS = 30_000;
/** No rehearsal takes longer; of one whose server has died, the place is free after it. */
const LIMIT_MS = 120_000;
/** What a rehearsal whose server has died has ordered ends after this. */
const LIFETIME_MS = 10 * 60_000;
const LOOK_MS = 50;
/** The callbacks about a profile that is installed: reserving, available, downloaded, installed. */
const CALLBACKS = 4;

export interface RehearsalStep {
  /** `ordered`, a status, a function of ES9+ or ES10, `enabled`, `disabled`, `deleted`, `callback`; last `finished` or `failed`. */
  step: string;
  /** Whether it is as it should be; a callback that was not delivered is not. */
  ok: boolean;
  detail: string;
  /** Once it is ordered. */
  esim_profile_sid: string | null;
  date: string;
}

export type Tell = (step: string, detail: string, ok?: boolean) => void;

export interface BegunRehearsal {
  /** Never rejects: a failure is the last step. Ends early if the signal is aborted. */
  run(tell: (step: RehearsalStep) => void, signal: AbortSignal): Promise<void>;
}

export type RehearsalContext = Pick<
  Context,
  'config' | 'store' | 'masterKey' | 'pki' | 'smdp' | 'rented' | 'transact' | 'now' | 'log'
>;

/** @returns why there is none, if so; or, of one account too many at once, the seconds after which to try again */
export type BeginRehearsal = (
  account: AccountRow,
  callback: Order['callback'],
) => Promise<BegunRehearsal | { refused: string } | { waitSeconds: number }>;

/** @param callback which was validated; by default, as the account says */
export async function beginRehearsal(
  account: AccountRow,
  callback: Order['callback'],
  context: RehearsalContext,
): ReturnType<BeginRehearsal> {
  if (context.rented !== undefined) {
    const why = 'a rehearsal needs the built-in SM-DP+, whose stock it makes itself';
    return { refused: `${why}; this server has a rented one (SIMWRIGHT_SMDP)` };
  }
  try {
    testPhone(context, () => {})[Symbol.dispose]();
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    const why = 'a rehearsal needs the test CI and the test EUM, which this server does not have';
    return { refused: `${why}: ${error.message}` };
  }
  const begun = context.now();
  const until = later(begun, LIMIT_MS);
  const isFree = await context.transact(async ({ tables: { accounts }, audit }) => {
    const isBegun = await accounts.beginRehearsal(account.sid, begun.toISOString(), until);
    if (isBegun) await audit(account.sid, { subject: account.sid, after: { rehearsal: 'begun' } });
    return isBegun;
  });
  if (!isFree) {
    const { rehearsal_until: busy } = (await context.store.accounts.find(account.sid)) ?? account;
    const waitMs = Date.parse(busy ?? until) - begun.getTime();
    return { waitSeconds: Math.max(1, Math.ceil(waitMs / 1000)) };
  }
  return {
    async run(tell, signal) {
      let sid: string | null = null;
      const told: Tell = (step, detail, ok = true) =>
        tell({ step, ok, detail, esim_profile_sid: sid, date: apiDate(context.now()) });
      try {
        const order = await orderTestProfile(account.sid, callback, context);
        ({ sid } = order);
        const ended = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
        await live(order, told, ended, context);
      } catch (error) {
        told('failed', inWords(error, context), false);
        if (sid !== null) await withdraw(account.sid, sid, context);
      } finally {
        await leave(account.sid, later(begun, PAUSE_MS), context);
      }
    },
  };
}

/** Cancels what nobody has installed. */
async function withdraw(
  accountSid: string,
  sid: string,
  { transact, smdp, log }: RehearsalContext,
): Promise<void> {
  const cause = { cause: 'its rehearsal was broken off' };
  const cancel = () =>
    transact(async (unit) => {
      const order = await unit.tables.esimProfiles.find(accountSid, sid);
      await cancelOrder(order!, 'Unavailable', CANCELLED, cause, { smdp }, unit);
    });
  try {
    await runAgain(cancel);
  } catch (error) {
    if (!(error instanceof ChangeRefused)) {
      log.warn({ err: error, sid }, 'the order of a rehearsal was not cancelled');
    }
  }
}

/** Lets the next one begin at a time. Not done if the server is stopping; then it may begin after `LIMIT_MS`. */
async function leave(
  accountSid: string,
  next: string,
  { transact, log }: Pick<Context, 'transact' | 'log'>,
): Promise<void> {
  try {
    await transact(({ tables }) => tables.accounts.update(accountSid, { rehearsal_until: next }));
  } catch (error) {
    log.warn({ err: error }, 'the end of a rehearsal was not recorded');
  }
}

/** In one transaction, so that no other order gets the subscription, nor this one another. */
async function orderTestProfile(
  accountSid: string,
  callback: Order['callback'],
  { transact, masterKey, config, smdp }: RehearsalContext,
): Promise<EsimProfileRow> {
  return transact(async (unit) => {
    const wanted: Order = {
      accountSid,
      generateMatchingId: true,
      profileType: REHEARSAL_TYPE,
      callback,
      expiresAt: new Date(Math.floor(unit.now.getTime() / 1000) * 1000 + LIFETIME_MS),
      friendlyName: 'Rehearsal',
      metadata: { rehearsal: 'true' },
      cause: { cause: 'ordered for a rehearsal' },
    };
    const checked = checkOrder(wanted, orderRules(config, unit.now));
    await generateTestStock(accountSid, 1, REHEARSAL_TYPE, masterKey, unit);
    const order = await placeOrder(checked, masterKey, unit);
    return reserve(order, unit, { config, masterKey, smdp });
  });
}

/** The life of the profile, from its order to its deletion on the device. */
async function live(
  order: EsimProfileRow,
  tell: Tell,
  signal: AbortSignal,
  context: RehearsalContext,
): Promise<void> {
  const { store } = context;
  const callbacks = callbackTeller(order, tell, store);
  tell('ordered', `${order.sid}, of the profile type ${REHEARSAL_TYPE}, with ICCID ${order.iccid}`);
  if (order.activation_code === null) throw new Error(`${order.sid} is ${order.status}`);
  tell(order.status, order.activation_code);
  using made: TestPhone = testPhone(context, (step, verified) => tell(step, verified));
  const { phone } = made;
  const { iccid } = await phone.download(order.activation_code);
  await callbacks.look();
  const installed = await store.esimProfiles.find(order.account_sid, order.sid);
  tell(installed?.status ?? 'failed', `on the eUICC ${phone.euicc.eid}`);
  tell('enabled', await enable(phone, iccid));
  tell('disabled', await disable(phone, iccid));
  const account = await store.accounts.find(order.account_sid);
  const releases = account?.release_again ?? 'off';
  if (releases === 'off' || releases === 'failure') tell('deleted', await remove(phone, iccid));
  // Otherwise its deletion would be answered with another order.
  else tell('deleted', `not done, since the account releases again what was deleted`);
  while (callbacks.seen < CALLBACKS) {
    await sleep(LOOK_MS, undefined, { signal });
    await callbacks.look();
  }
  const { delivered } = callbacks;
  tell('finished', `${delivered} of ${CALLBACKS} callbacks delivered`, delivered === CALLBACKS);
}

function inWords(error: unknown, { log }: Pick<Context, 'log'>): string {
  if (error instanceof DeviceError || error instanceof Es9PlusError) return error.message;
  if (error instanceof Error && error.name === 'AbortError') {
    return 'it took too long, or its client has gone; what was ordered is cancelled';
  }
  if (error instanceof Error && 'syscall' in error) {
    return 'the SM-DP+ does not answer on this machine; is the server running, with the same settings?';
  }
  log.error({ err: error }, 'a rehearsal failed');
  return "it failed here; the server's log says why";
}

const later = (date: Date, ms: number) => new Date(date.getTime() + ms).toISOString();
