// A device whose user does not give up: it begins again what was interrupted, and keeps notifications until they are told.
import assert from 'node:assert/strict';
import type { Euicc } from '../src/device/euicc.ts';
import { createEuicc } from '../src/device/euicc.ts';
import { Es9PlusError } from '../src/device/es9plus.ts';
import { Lpa } from '../src/device/lpa.ts';
import { completeEid } from '../src/rsp/identifiers.ts';
import { issueEuicc } from '../src/smdp/pki/issue-euicc.ts';
import { DOWNLOAD_LIMIT } from '../src/smdp/download/ordered-profile.ts';
import { persist, placeOrder, whenStatus } from './client.ts';
import { NoAnswer } from './world.ts';
import type { World } from './world.ts';

export function newEid({ random }: Pick<World, 'random'>): string {
  return completeEid(`89049032${random.digits(22)}`);
}

export function newPhone(world: World): Lpa {
  const eid = newEid(world);
  const { pki, es9, smdpAddress } = world;
  const [ci] = pki.cis;
  assert.ok(ci, 'a trial needs a CI');
  const euicc = createEuicc({
    eid,
    credentials: [issueEuicc(eid, ci.curve, pki, world.now())],
    cis: [ci.der],
    defaultDpAddress: smdpAddress,
  });
  return new Lpa(euicc, { transport: es9 });
}

/**
 * Orders a profile, downloads until it is installed, and tells the SM-DP+ so. If every attempt that an order has was
 * interrupted, the order must have failed, and another one is placed.
 * @param makeForm of each order
 * @returns the profile as it was when it became available
 */
export async function orderAndInstall(
  world: World,
  phone: Lpa,
  makeForm: () => Record<string, string>,
): Promise<any> {
  for (;;) {
    const { sid } = await placeOrder(world, { GenerateMatchingId: 'true', ...makeForm() });
    const profile = await whenStatus(world, sid, 'available');
    if (await install(world, phone, profile)) return profile;
    const { error_code } = await whenStatus(world, sid, 'failed');
    assert.equal(error_code, '8.8.5/6.4', `${sid}: no attempts are left`);
  }
}

/** @returns false if there are no attempts left */
async function install(
  world: World,
  phone: Lpa,
  { activation_code: code, iccid }: { activation_code: string; iccid: string },
): Promise<boolean> {
  let attempts = 0;
  const end = await persist(world, `${iccid} on the device`, async () => {
    attempts++;
    try {
      await phone.download(code, { sendsNotification: false });
    } catch (error) {
      if (attempts > DOWNLOAD_LIMIT && isRefusal(error, '8.8.5', '6.4')) return 'no attempts left';
      passes(error);
    }
    return isInstalled(phone.euicc, iccid) ? 'installed' : undefined;
  });
  if (end !== 'installed') return false;
  await tell(world, phone);
  return true;
}

const isRefusal = (error: unknown, subjectCode: string, reasonCode: string) =>
  error instanceof Es9PlusError &&
  error.subjectCode === subjectCode &&
  error.reasonCode === reasonCode;

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
  // handleNotification is answered by an HTTP status alone.
  const isBusy = error.subjectCode === undefined || isRefusal(error, '1.2', '4.4');
  const isOver = isRefusal(error, '8.10.1', '3.9');
  if (!isBusy && !isOver) throw error;
}
