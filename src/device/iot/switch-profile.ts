// The switch from one profile to another that the device itself begins: rollback, fallback, immediate enable.
import type { ProfileState } from '../euicc-state.ts';
import { notify } from '../notifications.ts';
import type { IotEuicc } from './iot-euicc.ts';

export function switchProfile(euicc: IotEuicc, to: ProfileState, refreshFlag: boolean): void {
  const from = euicc.state.profiles.find(({ isEnabled }) => isEnabled);
  if (from !== undefined) {
    from.isEnabled = false;
    notify(euicc, from, 'notificationDisable');
  }
  to.isEnabled = true;
  notify(euicc, to, 'notificationEnable');
  if (refreshFlag) euicc.refreshes = true;
}
