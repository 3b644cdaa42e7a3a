import { Command } from 'commander';
import { callEs10 } from '../device/es10.ts';
import { EnableProfileRequest, EnableProfileResponse } from '../rsp/definitions/local-functions.ts';
import { encodeIccid } from '../rsp/identifiers.ts';
import { connectOption, deviceOption } from './device-data.ts';
import type { ConnectOption, DeviceOption } from './device-data.ts';
import { manageProfile } from './device-manage.ts';
import { examples, parseIccidOption } from './options.ts';

/** `simwright device enable` */
export function deviceEnableCommand(): Command {
  return new Command('enable')
    .description('enable a profile; the one enabled before is disabled')
    .argument('<ICCID>', 'the profile', parseIccidOption)
    .addOption(deviceOption())
    .addOption(connectOption())
    .addHelpText('after', examples(['simwright device enable 8988…']))
    .action((iccid: string, options: DeviceOption & ConnectOption) =>
      manageProfile(options, 'enable', iccid, (euicc) => {
        const request = EnableProfileRequest.encode({
          profileIdentifier: { iccid: encodeIccid(iccid) },
          refreshFlag: true,
        });
        return EnableProfileResponse.decode(callEs10(euicc, request)).enableResult;
      }),
    );
}
