import { Command } from 'commander';
import { callEs10 } from '../device/es10.ts';
import {
  DisableProfileRequest,
  DisableProfileResponse,
} from '../rsp/definitions/local-functions.ts';
import { encodeIccid } from '../rsp/identifiers.ts';
import { connectOption, deviceOption } from './device-data.ts';
import type { ConnectOption, DeviceOption } from './device-data.ts';
import { manageProfile } from './device-manage.ts';
import { examples, parseIccidOption } from './options.ts';

/** `simwright device disable` */
export function deviceDisableCommand(): Command {
  return new Command('disable')
    .description('disable the enabled profile')
    .argument('<ICCID>', 'the profile', parseIccidOption)
    .addOption(deviceOption())
    .addOption(connectOption())
    .addHelpText('after', examples(['simwright device disable 8988…']))
    .action((iccid: string, options: DeviceOption & ConnectOption) =>
      manageProfile(options, 'disable', iccid, (euicc) => {
        const request = DisableProfileRequest.encode({
          profileIdentifier: { iccid: encodeIccid(iccid) },
          refreshFlag: true,
        });
        return DisableProfileResponse.decode(callEs10(euicc, request)).disableResult;
      }),
    );
}
