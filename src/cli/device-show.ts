import { Command } from 'commander';
import { chooseDevice, deviceOption, deviceStore, nameGiven } from './device-data.ts';
import type { DeviceOption } from './device-data.ts';
import {
  EIM_COLUMNS,
  NOTIFICATION_COLUMNS,
  PROFILE_COLUMNS,
  deviceFields,
  deviceRecord,
  iotFields,
} from './device-text.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import { renderFields } from './table.ts';

/** `simwright device show` */
export function deviceShowCommand(): Command {
  return new Command('show')
    .description('show a virtual device, its profiles, its pending notifications, and its eIMs')
    .argument('[NAME]', 'the device, as --device')
    .addOption(deviceOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright device show --device phone']))
    .action((name: string | undefined, options: DeviceOption & JsonOption) => {
      const device = chooseDevice(deviceStore(), nameGiven(name, options));
      if (options.json) return printJson(deviceRecord(device));
      print(renderFields(deviceFields(device)));
      print('\nProfiles\n');
      printTable(PROFILE_COLUMNS, device.euicc.profiles, 'none');
      const { iot } = device.euicc;
      if (iot !== undefined) {
        print('\neIMs\n');
        printTable(EIM_COLUMNS, iot.eims, 'none; see: simwright device onboard');
        print(`\n${renderFields(iotFields(iot))}`);
      }
      print('\nPending notifications\n');
      printTable(NOTIFICATION_COLUMNS, device.euicc.notifications, 'none');
    });
}
