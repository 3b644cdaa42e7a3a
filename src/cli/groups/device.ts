// `simwright device`
import type { Command } from 'commander';
import { deviceApduCommand } from '../device-apdu.ts';
import { deviceCreateCommand } from '../device-create.ts';
import { deviceDeleteCommand } from '../device-delete.ts';
import { deviceDisableCommand } from '../device-disable.ts';
import { deviceDiscoverCommand } from '../device-discover.ts';
import { deviceDownloadCommand } from '../device-download.ts';
import { deviceEnableCommand } from '../device-enable.ts';
import { deviceListCommand } from '../device-list.ts';
import { deviceListenCommand } from '../device-listen.ts';
import { deviceNotificationsCommand } from '../device-notifications.ts';
import { deviceOnboardCommand } from '../device-onboard.ts';
import { devicePollCommand } from '../device-poll.ts';
import { deviceShowCommand } from '../device-show.ts';
import { group } from './group.ts';
import { refuseIfRented } from './refuse-if-rented.ts';

export const deviceGroup = (): Command =>
  group(
    'device',
    'virtual phones that download profiles, and IoT devices that poll an eIM',
    [
      deviceCreateCommand().hook('preAction', refuseIfRented),
      deviceListCommand(),
      deviceShowCommand(),
      deviceDownloadCommand(),
      deviceDiscoverCommand(),
      deviceEnableCommand(),
      deviceDisableCommand(),
      deviceDeleteCommand(),
      deviceNotificationsCommand(),
      deviceOnboardCommand(),
      devicePollCommand(),
      deviceListenCommand(),
      deviceApduCommand(),
    ],
    [
      'simwright device create',
      "simwright device download 'LPA:1$localhost:8443$…'",
      'simwright device create --iot',
    ],
  );
