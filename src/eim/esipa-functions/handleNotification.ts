// SGP.32 §6.3.2.4 ESipa.HandleNotification, which has no response: only its status tells the IPA whether to keep the notification.
import type { EimContext } from '../eim.ts';
import type { Caller } from '../es9plus.ts';
import { forwardNotification } from './forward-notification.ts';
import { provideEimPackageResult } from './provideEimPackageResult.ts';
import type { HandleNotificationEsipa } from '../../rsp/definitions/esipa.ts';

/** @returns whether it was taken over. Throws `Conflict`, `SmdpUnavailable`. */
export async function handleNotification(
  { pendingNotification, provideEimPackageResult: result }: HandleNotificationEsipa,
  caller: Caller,
  context: EimContext,
): Promise<boolean> {
  if (result !== undefined) {
    const { error } = await provideEimPackageResult(result, caller, context);
    return error === undefined;
  }
  return (await forwardNotification(pendingNotification, undefined, caller, context)) !== undefined;
}
