// Local profile management: one of three functions, then sending the notifications that it produced.
import type { Euicc } from '../device/euicc.ts';
import type { Lpa } from '../device/lpa.ts';
import { withPhone } from './device-data.ts';
import type { ConnectOption, DeviceOption } from './device-data.ts';
import { print } from './output.ts';
import { UserError } from './user-error.ts';

type Operation = 'enable' | 'disable' | 'delete';

/** §5.7.16 to §5.7.18 */
const REFUSALS: Readonly<Record<number, string>> = {
  1: 'it has no such profile',
  3: 'a policy rule of the profile forbids it',
};
const WRONG_STATE: Readonly<Record<Operation, string>> = {
  enable: 'the profile is already enabled',
  disable: 'the profile is not enabled',
  delete: 'the profile is enabled; disable it first',
};

export function manageProfile(
  options: DeviceOption & ConnectOption,
  operation: Operation,
  iccid: string,
  run: (euicc: Euicc) => number,
): Promise<void> {
  return withPhone(options, async (phone) => {
    const result = run(phone.euicc);
    if (result !== 0) {
      const why = result === 2 ? WRONG_STATE[operation] : (REFUSALS[result] ?? `result ${result}`);
      throw new UserError(`The eUICC refuses to ${operation} ${iccid}: ${why}`);
    }
    print(`${iccid} is ${operation}d\n`);
    await sendPending(phone);
  });
}

export async function sendPending(phone: Lpa): Promise<void> {
  const { sent, failed } = await phone.sendNotifications();
  for (const { event, notificationAddress } of sent) {
    print(`${event} sent to ${notificationAddress}\n`);
  }
  for (const [{ event, notificationAddress }, { message }] of failed) {
    print(`${event} stays pending, ${notificationAddress} did not accept it: ${message}\n`);
  }
}
