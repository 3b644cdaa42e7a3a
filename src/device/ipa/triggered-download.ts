// What a ProfileDownloadTriggerRequest asks for (SGP.32 §2.11.1.3), whichever way the IPA reaches SM-DP+s and SM-DSs.
import { parseActivationCode } from '../../rsp/activation-code.ts';
import type { ProfileDownloadTriggerRequest } from '../../rsp/definitions/eim-package.ts';
import { DeviceError } from '../device-error.ts';
import type { Download, Lpa } from '../lpa.ts';

/** @param isByEim whether the eIM may know alone from where (eimDownloadDataHandling) */
export async function downloadTriggered(
  lpa: Lpa,
  { profileDownloadData }: ProfileDownloadTriggerRequest,
  { isByEim = false } = {},
): Promise<Download> {
  if (profileDownloadData === undefined && isByEim) return lpa.downloadByEim();
  const { activationCode, contactDefaultSmdp, contactSmds } = profileDownloadData ?? {};
  if (activationCode !== undefined && parseActivationCode(activationCode) !== undefined) {
    return lpa.download(activationCode);
  }
  if (contactDefaultSmdp !== undefined) return lpa.downloadFromDefault();
  if (contactSmds === undefined) {
    throw new DeviceError('This IPA downloads only what a trigger names.');
  }
  // Other events become triggers of their own, or wait for the next one.
  const [event] = await lpa.discover(contactSmds.smdsAddress);
  if (event === undefined) throw new DeviceError('No event waits at the SM-DS.');
  return lpa.downloadEvent(event);
}
