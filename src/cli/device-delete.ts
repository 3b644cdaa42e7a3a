import { Command } from 'commander';
import { callEs10 } from '../device/es10.ts';
import { DeleteProfileRequest, DeleteProfileResponse } from '../rsp/definitions/local-functions.ts';
import { encodeIccid } from '../rsp/identifiers.ts';
import { connectOption, deviceOption } from './device-data.ts';
import type { ConnectOption, DeviceOption } from './device-data.ts';
import { manageProfile } from './device-manage.ts';
import { examples, parseIccidOption } from './options.ts';

/** `simwright device delete` */
export function deviceDeleteCommand(): Command {
  return new Command('delete')
    .description('delete a disabled profile')
    .argument('<ICCID>', 'the profile', parseIccidOption)
    .addOption(deviceOption())
    .addOption(connectOption())
    .addHelpText('after', examples(['simwright device delete 8988…']))
    .action((iccid: string, options: DeviceOption & ConnectOption) =>
      manageProfile(options, 'delete', iccid, (euicc) => {
        const request = DeleteProfileRequest.encode({ iccid: encodeIccid(iccid) });
        return DeleteProfileResponse.decode(callEs10(euicc, request)).deleteResult;
      }),
    );
}
