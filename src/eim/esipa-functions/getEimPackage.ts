// SGP.32 §6.3.2.6 ESipa.GetEimPackage: an IPA asks what there is to do.
import type { EimContext } from '../eim.ts';
import { contactPackage } from '../first-contact/contact-package.ts';
import { handOut } from '../operations/hand-out.ts';
import { askForProfiles, changeEuicc } from '../euicc-changes.ts';
import type { GetEimPackageRequest } from '../../rsp/definitions/esipa.ts';
import { eimPackageErrors, stateChangeCauses } from '../../rsp/eim-codes.ts';
import { decodeEid } from '../../rsp/identifiers.ts';
import { nameOf } from '../../rsp/reasons.ts';
import type { EuiccRow } from '../../store/schema.ts';

/** A poll without work is noted so seldom that it costs nothing. */
const SEEN_EVERY_MS = 10 * 60 * 1_000;

/** @returns DER of the eIM package, or the number of an error. Throws `Conflict`. */
export async function getEimPackage(
  { eidValue, notifyStateChange, stateChangeCause }: GetEimPackageRequest,
  context: EimContext,
): Promise<Uint8Array | number> {
  const eid = decodeEid(eidValue);
  const euicc = await context.store.euiccs.polled(eid);
  if (euicc === undefined) {
    return (await contactPackage(eid, context)) ?? eimPackageErrors.eidNotFound;
  }
  if (euicc.state === 'left') return eimPackageErrors.eidNotFound;
  const isChanged = notifyStateChange !== undefined;
  if (isChanged) await listAnew(euicc, stateChangeCause, context);
  const der = isChanged || euicc.has_work === 1 ? await handOut(euicc, context) : undefined;
  await noteSeen(euicc, context);
  return der ?? eimPackageErrors.noEimPackageAvailable;
}

/** Something has changed without our doing: what is on the eUICC is asked anew. */
async function listAnew(
  { eid }: EuiccRow,
  stateChangeCause: number | undefined,
  { transact }: EimContext,
): Promise<void> {
  const cause =
    stateChangeCause === undefined ? undefined : nameOf(stateChangeCauses, stateChangeCause);
  await transact(async (unit) => {
    const euicc = await unit.tables.euiccs.lock(eid);
    if (euicc !== undefined) await askForProfiles(euicc, unit, cause);
  });
}

async function noteSeen(
  { eid, date_seen: seen }: EuiccRow,
  { transact, now }: EimContext,
): Promise<void> {
  const date = now();
  if (seen !== null && Date.parse(seen) > date.getTime() - SEEN_EVERY_MS) return;
  await transact(async (unit) => {
    const euicc = await unit.tables.euiccs.lock(eid);
    if (euicc !== undefined) await changeEuicc(euicc, { date_seen: date.toISOString() }, unit);
  });
}
