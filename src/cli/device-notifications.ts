import { Command } from 'commander';
import { bindingOption, connectOption, deviceOption, withPhone } from './device-data.ts';
import type { BindingOption, ConnectOption, DeviceOption } from './device-data.ts';
import { sendPending } from './device-manage.ts';
import { NOTIFICATION_COLUMNS, notificationRecord } from './device-text.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { printJson, printTable } from './output.ts';

/** `simwright device notifications` */
export function deviceNotificationsCommand(): Command {
  return new Command('notifications')
    .description('list the pending notifications of a virtual phone, or send them')
    .option('--send', 'send them and remove those that were accepted')
    .addOption(deviceOption())
    .addOption(connectOption())
    .addOption(bindingOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright device notifications --send']))
    .action(
      (options: DeviceOption & ConnectOption & BindingOption & JsonOption & { send?: true }) =>
        withPhone(options, async (phone) => {
          if (options.send) return sendPending(phone);
          const { notifications } = phone.euicc.state;
          if (options.json) printJson(notifications.map(notificationRecord));
          else printTable(NOTIFICATION_COLUMNS, notifications, 'Nothing is pending.');
        }),
    );
}
