// `simwright profile`
import type { Command } from 'commander';
import { profileActivationCommand } from '../profile-activation.ts';
import { profileBindCommand } from '../profile-bind.ts';
import { profileCancelCommand } from '../profile-cancel.ts';
import { profileCountCommand } from '../profile-count.ts';
import { profileExpireCommand } from '../profile-expire.ts';
import { profileExportCommand } from '../profile-export.ts';
import { profileLinkCreateCommand } from '../profile-link-create.ts';
import { profileLinkListCommand } from '../profile-link-list.ts';
import { profileLinkRevokeCommand } from '../profile-link-revoke.ts';
import { profileListCommand } from '../profile-list.ts';
import { profileLogCommand } from '../profile-log.ts';
import { profileOrderCommand } from '../profile-order.ts';
import { profileQrSheetCommand } from '../profile-qr-sheet.ts';
import { profileQrZipCommand } from '../profile-qr-zip.ts';
import { profileQrCommand } from '../profile-qr.ts';
import { profileReissueCommand } from '../profile-reissue.ts';
import { profileReorderCommand } from '../profile-reorder.ts';
import { profileReportCommand } from '../profile-report.ts';
import { profileShowCommand } from '../profile-show.ts';
import { profileUpdateCommand } from '../profile-update.ts';
import { profileWatchCommand } from '../profile-watch.ts';
import { group } from './group.ts';
import { refuseIfRented } from './refuse-if-rented.ts';

export const profileGroup = (): Command =>
  group(
    'profile',
    'order eSIM Profiles and follow their progress',
    [
      profileOrderCommand(),
      profileListCommand(),
      profileCountCommand(),
      profileExportCommand(),
      profileShowCommand(),
      profileCancelCommand(),
      profileReissueCommand(),
      profileBindCommand(),
      profileUpdateCommand(),
      profileExpireCommand(),
      profileReorderCommand(),
      profileQrCommand(),
      profileQrSheetCommand(),
      profileActivationCommand(),
      group(
        'link',
        'install links: pages to send to the person who gets an eSIM Profile',
        [profileLinkCreateCommand(), profileLinkListCommand(), profileLinkRevokeCommand()],
        ['simwright profile link create HP…', 'simwright profile link revoke HP… IL…'],
      ),
      profileQrZipCommand(),
      profileLogCommand().hook('preAction', refuseIfRented),
      profileReportCommand(),
      profileWatchCommand(),
    ],
    ['simwright profile order --matching-id --wait', 'simwright profile qr HP…'],
  );
