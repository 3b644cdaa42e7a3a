// What an eUICC of an IoT device has signed that it has done with a profile, in the history of its order.
import type { Unit } from '../unit.ts';
import { insertNotificationEvent } from './esim-profile.ts';

/** By the names of SGP.32. */
const DONE = {
  enable: 'enabled',
  disable: 'disabled',
  delete: 'deleted',
  setFallbackAttribute: 'made the fallback profile',
} as const;

/** @param said which command of which operation, and whether the eUICC has signed it */
export async function noteOnOrder(
  accountSid: string,
  iccid: string,
  { name, operation, isSigned }: { name: keyof typeof DONE; operation: string; isSigned: boolean },
  unit: Unit,
): Promise<void> {
  const profile = await unit.tables.esimProfiles.findByIccid(accountSid, iccid);
  if (profile === undefined) return;
  const by = isSigned ? 'a signed eUICC package' : 'an eUICC package, as the IPA says';
  await insertNotificationEvent(
    profile,
    { cause: `${DONE[name]} by ${by}`, detail: operation },
    unit,
  );
}
