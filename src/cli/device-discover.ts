import { Command } from 'commander';
import type { EventEntry } from '../device/es11.ts';
import type { Lpa } from '../device/lpa.ts';
import { confirmationCodeOption, readConfirmationCode } from './confirmation-code.ts';
import { connectOption, deviceOption, parseSmds, withPhone } from './device-data.ts';
import type { ConnectOption, DeviceOption } from './device-data.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import type { TableColumn } from './table.ts';
import { UsageError } from './user-error.ts';

interface Options extends DeviceOption, ConnectOption, JsonOption {
  smds?: string;
  download?: true;
  confirmationCode?: string;
}

const COLUMNS: TableColumn<EventEntry>[] = [
  { title: 'EVENT ID', value: ({ eventId }) => eventId },
  { title: 'AT', flexible: true, value: ({ rspServerAddress }) => rspServerAddress },
];

/** `simwright device discover` */
export function deviceDiscoverCommand(): Command {
  return new Command('discover')
    .description('ask an SM-DS what waits for a virtual phone, and download it')
    .option('--download', 'download every profile that waits, the first one first')
    .option('--smds <address>', "the SM-DS to ask, instead of the eUICC's root SM-DS", parseSmds)
    .addOption(confirmationCodeOption('given to the user, for the profiles that wait'))
    .addOption(deviceOption())
    .addOption(connectOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['simwright device discover'],
        ['simwright device discover --download', 'a profile without an activation code'],
        ['simwright device discover --smds smds.example.com'],
      ),
    )
    .action((options: Options) => withPhone(options, (phone) => discover(phone, options)));
}

async function discover(phone: Lpa, options: Options): Promise<void> {
  if (options.confirmationCode !== undefined && options.download === undefined) {
    throw new UsageError('--confirmation-code is for --download');
  }
  const confirmationCode = await readConfirmationCode(options.confirmationCode);
  const events = await phone.discover(options.smds);
  if (options.download === undefined) {
    if (options.json) printJson(events.map(eventRecord));
    else printTable(COLUMNS, events, 'Nothing waits for this device.');
    return;
  }
  const installed = [];
  for (const event of events) {
    const { iccid, metadata } = await phone.downloadEvent(event, { confirmationCode });
    installed.push({
      ...eventRecord(event),
      iccid,
      service_provider_name: metadata.serviceProviderName,
      profile_name: metadata.profileName,
    });
    if (!options.json) print(`Installed ${iccid}, event ${event.eventId}\n`);
  }
  if (options.json) printJson(installed);
  else if (events.length === 0) print('Nothing waits for this device.\n');
}

const eventRecord = ({ eventId, rspServerAddress }: EventEntry) => ({
  event_id: eventId,
  rsp_server_address: rspServerAddress,
});
