// A device whose user does not give up: it begins again what was interrupted, and keeps notifications until they are told.
import assert from 'node:assert/strict';
import type { Euicc } from '../src/device/euicc.ts';
import { createEuicc } from '../src/device/euicc.ts';
import { Es9PlusError } from '../src/device/es9plus.ts';
import { Lpa } from '../src/device/lpa.ts';
import { completeEid } from '../src/rsp/identifiers.ts';
import { issueEuicc } from '../src/smdp/pki/issue-euicc.ts';
import { persist, placeOrder, whenStatus } from './client.ts';
import { NoAnswer } from './world.ts';
import type { World } from './world.ts';

export function newEid({ random }: Pick<World, 'random'>, prefix = '89049032'): string {
  return completeEid(prefix + random.digits(30 - prefix.length));
}

export function newEuicc(world: World, { eid = newEid(world), isIot = false } = {}): Euicc {
  const { pki, smdpAddress } = world;
  const [ci] = pki.cis;
  assert.ok(ci, 'a trial needs a CI');
  return createEuicc({
    eid,
    credentials: [issueEuicc(eid, ci.curve, pki, world.now())],
    cis: [ci.der],
    defaultDpAddress: smdpAddress,
    isIot,
  });
}

export const newPhone = (world: World): Lpa => new Lpa(newEuicc(world), { transport: world.es9 });

/** What the SM-DP+ says of an order whose every attempt was interrupted (§5.6.3). */
export const NO_ATTEMPTS_LEFT = '8.8.5/6.4';

/**
 * Orders a profile, downloads until it is installed, and tells the SM-DP+ so. If every attempt that an order has was
 * interrupted, the order must have failed, and another one is placed.
 * @param makeForm of each order
 * @returns the device, and the profile as it was when it became available
 */
export async function orderAndInstall(
  world: World,
  makeForm = (): Record<string, string> => ({}),
): Promise<{ phone: Lpa; sid: string; iccid: string }> {
  for (;;) {
    const { sid } = await placeOrder(world, { GenerateMatchingId: 'true', ...makeForm() });
    const { activation_code: code, iccid } = await whenStatus(world, sid, 'available');
    const phone = newPhone(world);
    const attempt = { code, iccid, refusals: [NO_ATTEMPTS_LEFT] };
    if (await installUnlessRefused(world, phone, attempt)) return { phone, sid, iccid };
    const { error_code } = await whenStatus(world, sid, 'failed');
    assert.equal(error_code, NO_ATTEMPTS_LEFT);
  }
}

interface Attempt {
  /** Activation code. */
  code: string;
  iccid: string;
  confirmationCode?: string;
  /** SubjectCode/ReasonCode of what the SM-DP+ will not change its mind about. */
  refusals?: readonly string[];
}

/** Downloads until the profile is installed, which the SM-DP+ is told, or is refused. @returns whether it is installed */
export async function installUnlessRefused(
  world: World,
  phone: Lpa,
  attempt: Attempt,
): Promise<boolean> {
  const isThere = await installUntold(world, phone, attempt);
  if (isThere) await tell(world, phone);
  return isThere;
}

/** Downloads until the profile is installed, or is refused; the notification of it remains. @returns whether it is installed */
export function installUntold(
  world: World,
  phone: Lpa,
  { code, iccid, confirmationCode, refusals = [] }: Attempt,
): Promise<boolean> {
  return persist(world, `${iccid} on the device`, async () => {
    try {
      await phone.download(code, { confirmationCode, sendsNotification: false });
    } catch (error) {
      if (isOneOf(refusals, error)) return isInstalled(phone.euicc, iccid);
      passes(error);
    }
    return isInstalled(phone.euicc, iccid) || undefined;
  });
}

function isOneOf(refusals: readonly string[], error: unknown): boolean {
  if (!(error instanceof Es9PlusError)) return false;
  return refusals.includes(`${error.subjectCode}/${error.reasonCode}`);
}

/** Sends the pending notifications until the SM-DP+ has accepted them all. */
export async function tell(world: World, phone: Lpa): Promise<void> {
  await persist(world, 'an answer to every notification', async () => {
    const { failed } = await phone.sendNotifications();
    for (const [, error] of failed) passes(error);
    return phone.euicc.state.notifications.length === 0 || undefined;
  });
}

function isInstalled({ state }: Euicc, iccid: string): boolean {
  return state.profiles.some((profile) => profile.iccid === iccid);
}

/**
 * Throws any error but those that pass by themselves: no answer; the SM-DP+ cannot reach its database; or its clock was
 * set, so that the time of the session is over and the device begins another.
 */
function passes(error: unknown): void {
  if (error instanceof NoAnswer) return;
  if (!(error instanceof Es9PlusError)) throw error;
  const { subjectCode, reasonCode } = error;
  // handleNotification is answered by an HTTP status alone.
  const isBusy = subjectCode === undefined || (subjectCode === '1.2' && reasonCode === '4.4');
  const isOver = subjectCode === '8.10.1' && reasonCode === '3.9';
  // The user is asked again.
  const isWrongCode = subjectCode === '8.2.7' && reasonCode === '3.8';
  if (!isBusy && !isOver && !isWrongCode) throw error;
}
