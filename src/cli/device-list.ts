import { Command } from 'commander';
import type { DeviceRecord } from '../device/device-store.ts';
import { deviceStore, kindOf } from './device-data.ts';
import { deviceRecord } from './device-text.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { printJson, printTable } from './output.ts';
import type { TableColumn } from './table.ts';

const COLUMNS: TableColumn<DeviceRecord>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'KIND', value: kindOf },
  { title: 'EID', value: ({ euicc }) => euicc.eid },
  { title: 'PROFILES', value: ({ euicc }) => euicc.profiles.length },
  { title: 'PENDING', value: ({ euicc }) => euicc.notifications.length },
];

/** `simwright device list` */
export function deviceListCommand(): Command {
  return new Command('list')
    .description('list the virtual devices')
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright device list']))
    .action((options: JsonOption) => {
      const devices = deviceStore().list();
      if (options.json) return printJson(devices.map(deviceRecord));
      printTable(
        COLUMNS,
        devices,
        'There are no devices yet; create one with: simwright device create',
      );
    });
}
