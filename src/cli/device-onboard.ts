import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { callEs10 } from '../device/es10.ts';
import { openEuicc } from '../device/euicc.ts';
import { configurationOf } from '../device/iot/associated-eims.ts';
import { AddInitialEimRequest, AddInitialEimResponse } from '../rsp/definitions/iot-functions.ts';
import { DerError } from '../rsp/der-error.ts';
import { addInitialEimErrors } from '../rsp/eim-codes.ts';
import { nameOf } from '../rsp/reasons.ts';
import { chooseDevice, deviceOption, deviceStore, type DeviceOption } from './device-data.ts';
import { EIM_COLUMNS } from './device-text.ts';
import { examples } from './options.ts';
import { printTable } from './output.ts';
import { UserError } from './user-error.ts';

/** `simwright device onboard` */
export function deviceOnboardCommand(): Command {
  return new Command('onboard')
    .description('give a virtual IoT device its first eIM')
    .argument('<FILE>', 'AddInitialEimRequest, as simwright eim onboarding writes it')
    .addOption(deviceOption())
    .addHelpText(
      'after',
      '\nThe IPA passes the file to the eUICC (SGP.32 §5.9.4), once: an eUICC that knows an eIM learns of others from that one only\n' +
        '(simwright eim ask EUICC addEim).',
    )
    .addHelpText('after', examples(['simwright device onboard 89049032….ber']))
    .action(async (file: string, options: DeviceOption) => {
      const store = deviceStore();
      const device = chooseDevice(store, options.device, 'IoT device');
      const request = await readRequest(file);
      const { euicc: state } = device;
      const euicc = openEuicc(state, { keep: () => store.save({ ...device, euicc: state }) });
      const { addInitialEimError: error } = AddInitialEimResponse.decode(callEs10(euicc, request));
      const eims = euicc.state.iot?.eims ?? [];
      if (error !== undefined) {
        const known = eims.map((eim) => configurationOf(eim).eimId).join(', ');
        const why =
          error === addInitialEimErrors.associatedEimAlreadyExists
            ? `it knows ${known} already; that one can make it know another: simwright eim ask ${euicc.eid} addEim`
            : (nameOf(addInitialEimErrors, error) ?? `error ${error}`);
        throw new UserError(`The eUICC of '${device.name}' takes no eIM from ${file}: ${why}`);
      }
      printTable(EIM_COLUMNS, eims, 'none');
    });
}

async function readRequest(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new UserError(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  });
  const der = Uint8Array.from(bytes);
  try {
    AddInitialEimRequest.decode(der);
    return der;
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new UserError(`${file} is no AddInitialEimRequest (BF57): ${cause.message}`, { cause });
  }
}
