import { Command } from 'commander';
import { chooseDevice, deviceStore } from './device-data.ts';
import {
  NOTIFICATION_COLUMNS,
  PROFILE_COLUMNS,
  deviceFields,
  deviceRecord,
} from './device-text.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import { renderFields } from './table.ts';

/** `simwright device show` */
export function deviceShowCommand(): Command {
  return new Command('show')
    .description('show a virtual phone, its profiles and its pending notifications')
    .argument('[NAME]', 'the device; optional if there is only one')
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright device show phone']))
    .action((name: string | undefined, options: JsonOption) => {
      const device = chooseDevice(deviceStore(), name);
      if (options.json) return printJson(deviceRecord(device));
      print(renderFields(deviceFields(device)));
      print('\nProfiles\n');
      printTable(PROFILE_COLUMNS, device.euicc.profiles, 'none');
      print('\nPending notifications\n');
      printTable(NOTIFICATION_COLUMNS, device.euicc.notifications, 'none');
    });
}
