// The commands, each in a file of the same name.
import { Command } from 'commander';
import { readConfig, SETTINGS } from '../config.ts';
import { accountCallbackSecretCommand } from './account-callback-secret.ts';
import { accountCreateCommand } from './account-create.ts';
import { accountListCommand } from './account-list.ts';
import { accountRotateTokenCommand } from './account-rotate-token.ts';
import { accountShowCommand } from './account-show.ts';
import { accountUpdateCommand } from './account-update.ts';
import { auditExportCommand } from './audit-export.ts';
import { auditListCommand } from './audit-list.ts';
import { auditShowCommand } from './audit-show.ts';
import { auditVerifyCommand } from './audit-verify.ts';
import { backupCreateCommand, backupShowCommand, backupVerifyCommand } from './backup.ts';
import { batchCancelCommand } from './batch-cancel.ts';
import { batchCreateCommand } from './batch-create.ts';
import { batchListCommand } from './batch-list.ts';
import { batchResultCommand } from './batch-result.ts';
import { batchShowCommand } from './batch-show.ts';
import { batchWatchCommand } from './batch-watch.ts';
import { brandSetCommand } from './brand-set.ts';
import { brandShowCommand } from './brand-show.ts';
import { callbackListCommand } from './callback-list.ts';
import { callbackRehearseCommand } from './callback-rehearse.ts';
import { callbackRetryCommand } from './callback-retry.ts';
import { callbackShowCommand } from './callback-show.ts';
import { callbackTestCommand } from './callback-test.ts';
import { checkConfigCommand } from './check-config.ts';
import { checkProductionCommand } from './check-production.ts';
import { completionCommand } from './completion.ts';
import { consoleCommand } from './console.ts';
import { dataUsageCommand } from './data-usage.ts';
import { demoCommand } from './demo.ts';
import { deviceApduCommand } from './device-apdu.ts';
import { deviceCreateCommand } from './device-create.ts';
import { deviceDeleteCommand } from './device-delete.ts';
import { deviceDisableCommand } from './device-disable.ts';
import { deviceDiscoverCommand } from './device-discover.ts';
import { deviceDownloadCommand } from './device-download.ts';
import { deviceEnableCommand } from './device-enable.ts';
import { deviceListCommand } from './device-list.ts';
import { deviceNotificationsCommand } from './device-notifications.ts';
import { deviceOnboardCommand } from './device-onboard.ts';
import { devicePollCommand } from './device-poll.ts';
import { deviceShowCommand } from './device-show.ts';
import { hsmGenerateCommand } from './hsm-generate.ts';
import { hsmRequestCommand } from './hsm-request.ts';
import { hsmShowCommand } from './hsm-show.ts';
import { hsmTestCommand } from './hsm-test.ts';
import { installTextsCommand } from './install-texts.ts';
import { keyCreateCommand } from './key-create.ts';
import { keyListCommand } from './key-list.ts';
import { keyRevokeCommand } from './key-revoke.ts';
import { keyRotateCommand } from './key-rotate.ts';
import { keyStatusCommand } from './key-status.ts';
import {
  eimListCommand,
  eimOnboardingCommand,
  eimRegisterCommand,
  eimRemoveCommand,
  eimShowCommand,
} from './eim-euiccs.ts';
import {
  eimBulkCancelCommand,
  eimBulkListCommand,
  eimBulkPauseCommand,
  eimBulkResumeCommand,
  eimBulkShowCommand,
  eimBulkWatchCommand,
} from './eim-bulk.ts';
import { eimAskCommand } from './eim-ask.ts';
import { eimBulkCreateCommand } from './eim-bulk-create.ts';
import { eimBulkResultCommand } from './eim-bulk-result.ts';
import {
  eimGroupCreateCommand,
  eimGroupDeleteCommand,
  eimGroupListCommand,
  eimGroupOnboardingCommand,
  eimGroupRenameCommand,
  eimGroupShowCommand,
} from './eim-groups.ts';
import { eimImportCommand } from './eim-import.ts';
import {
  eimRangeCreateCommand,
  eimRangeDeleteCommand,
  eimRangeListCommand,
  eimRangeOnboardingCommand,
  eimRangeUpdateCommand,
} from './eim-ranges.ts';
import {
  eimCancelCommand,
  eimOperationCommand,
  eimOperationsCommand,
  eimPackagesCommand,
  eimRotateKeyCommand,
} from './eim-operations.ts';
import { eimUpdateCommand } from './eim-update.ts';
import { eimWatchCommand } from './eim-watch.ts';
import {
  operatorCaImportCommand,
  operatorCaListCommand,
  operatorCaRemoveCommand,
} from './operator-ca.ts';
import { operatorCreateCommand } from './operator-create.ts';
import { operatorListCommand } from './operator-list.ts';
import { operatorProgressListCommand } from './operator-progress-list.ts';
import { operatorProgressRetryCommand } from './operator-progress-retry.ts';
import { operatorProgressShowCommand } from './operator-progress-show.ts';
import { operatorRevokeCommand } from './operator-revoke.ts';
import { operatorRotateCommand } from './operator-rotate.ts';
import { operatorShowCommand } from './operator-show.ts';
import { operatorUpdateCommand } from './operator-update.ts';
import { inheritSettings, newProgram } from './new-program.ts';
import { examples, helpTitle } from './options.ts';
import { profileExportCommand } from './profile-export.ts';
import { profileLogCommand } from './profile-log.ts';
import { pkiCheckCommand } from './pki-check.ts';
import {
  pkiCrlAddCommand,
  pkiCrlFetchCommand,
  pkiCrlImportCommand,
  pkiCrlListCommand,
  pkiCrlRemoveCommand,
} from './pki-crl.ts';
import { pkiExportCommand } from './pki-export.ts';
import { pkiImportCommand } from './pki-import.ts';
import { pkiRemoveCommand } from './pki-remove.ts';
import { pkiShowCommand } from './pki-show.ts';
import { profileBindCommand } from './profile-bind.ts';
import { profileCancelCommand } from './profile-cancel.ts';
import { profileCountCommand } from './profile-count.ts';
import { profileExpireCommand } from './profile-expire.ts';
import { profileActivationCommand } from './profile-activation.ts';
import { profileLinkCreateCommand } from './profile-link-create.ts';
import { profileLinkListCommand } from './profile-link-list.ts';
import { profileLinkRevokeCommand } from './profile-link-revoke.ts';
import { profileListCommand } from './profile-list.ts';
import { profileOrderCommand } from './profile-order.ts';
import { profileQrCommand } from './profile-qr.ts';
import { profileQrSheetCommand } from './profile-qr-sheet.ts';
import { profileReissueCommand } from './profile-reissue.ts';
import { profileReorderCommand } from './profile-reorder.ts';
import { profileUpdateCommand } from './profile-update.ts';
import { profileQrZipCommand } from './profile-qr-zip.ts';
import { profileReportCommand } from './profile-report.ts';
import { profileShowCommand } from './profile-show.ts';
import { profileWatchCommand } from './profile-watch.ts';
import { moveCommand } from './move.ts';
import {
  restoreFromCommand,
  restoreReleaseCommand,
  restoreResumeCommand,
  restoreSinceCommand,
  restoreStatusCommand,
} from './restore.ts';
import { simListCommand } from './sim-list.ts';
import { simShowCommand } from './sim-show.ts';
import { simUpdateCommand } from './sim-update.ts';
import { startCommand } from './start.ts';
import { statisticsRecountCommand } from './statistics-recount.ts';
import { statisticsShowCommand } from './statistics-show.ts';
import { stockGenerateCommand } from './stock-generate.ts';
import { stockImportCommand } from './stock-import.ts';
import { stockListCommand } from './stock-list.ts';
import { stockSummaryCommand } from './stock-summary.ts';
import { stockThresholdCommand } from './stock-threshold.ts';
import { templateImportCommand } from './template-import.ts';
import { templateListCommand } from './template-list.ts';
import { templateShowCommand } from './template-show.ts';
import { UserError } from './user-error.ts';
import { verifyCommand } from './verify.ts';

const EXAMPLES = examples(
  ['simwright start', 'serve the API and the SM-DP+; data in ./data'],
  ['simwright profile order --matching-id --wait', 'order a profile, wait for its activation code'],
  ['simwright profile qr HP…', 'the QR code that a phone scans'],
  ['simwright profile watch HP…', 'follow its progress'],
  ['simwright stock import subscriptions.csv --dry-run'],
);

const EXIT_CODES = `
Exit codes: 0 success; 1 failure; 2 invalid command line.
Colours are used on terminals; NO_COLOR=1 turns them off, FORCE_COLOR=1 on.`;

export function buildProgram(): Command {
  const program = newProgram();

  program.commandsGroup('Serve:');
  program.addCommand(startCommand());
  program.addCommand(demoCommand());
  program.addCommand(consoleCommand());
  program.addCommand(checkConfigCommand());
  program.addCommand(checkProductionCommand());
  program.addCommand(verifyCommand());

  program.commandsGroup('The database:');
  program.addCommand(
    group(
      'backup',
      'write the database into a file while the server runs, and look at such files',
      [backupShowCommand(), backupVerifyCommand()],
      ['simwright backup', 'simwright backup verify simwright.backup'],
    ).addCommand(backupCreateCommand(), { isDefault: true }),
  );
  program.addCommand(
    group(
      'restore',
      'restore a backup, and say what may be given out again',
      [
        restoreStatusCommand(),
        restoreReleaseCommand(),
        restoreResumeCommand(),
        restoreSinceCommand(),
      ],
      ['simwright restore simwright.backup', 'simwright restore status'],
    ).addCommand(restoreFromCommand(), { isDefault: true }),
  );
  program.addCommand(moveCommand());
  program.addCommand(
    group(
      'data',
      'what the database holds, and for how long',
      [dataUsageCommand()],
      ['simwright data usage'],
    ),
  );

  program.commandsGroup('Profiles:');
  program.addCommand(
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
    ),
  );
  program.addCommand(
    group(
      'batch',
      'order many eSIM Profiles at once',
      [
        batchCreateCommand(),
        batchListCommand(),
        batchShowCommand(),
        batchWatchCommand(),
        batchResultCommand(),
        batchCancelCommand(),
      ],
      [
        'simwright batch create --count 1000 --matching-id --wait',
        'simwright batch create devices.csv --dry-run',
        'simwright batch result BT… --output result.csv',
      ],
    ),
  );
  program.addCommand(
    group(
      'brand',
      'how install pages look: name, colour, logo, whom to ask',
      [brandShowCommand(), brandSetCommand()],
      ["simwright brand set --name 'Example Mobile' --logo logo.png"],
    ),
  );
  program.addCommand(installTextsCommand());
  program.addCommand(
    group(
      'sim',
      'Sims, the subscriptions in eSIM Profiles',
      [simListCommand(), simShowCommand(), simUpdateCommand()],
      ['simwright sim list --iccid 8988…', 'simwright sim update HS… --status active'],
    ),
  );
  program.addCommand(
    group(
      'callback',
      'callbacks and their delivery',
      [
        callbackListCommand(),
        callbackShowCommand(),
        callbackRetryCommand(),
        callbackTestCommand(),
        callbackRehearseCommand(),
      ],
      ['simwright callback list --state failed', 'simwright callback retry --failed'],
    ),
  );
  program.addCommand(
    group(
      'statistics',
      'what has become of the orders',
      [statisticsShowCommand(), statisticsRecountCommand()],
      ['simwright statistics show --days 7'],
    ),
  );
  program.addCommand(
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
        deviceApduCommand(),
      ],
      [
        'simwright device create',
        "simwright device download 'LPA:1$localhost:8443$…'",
        'simwright device create --iot',
      ],
    ),
  );

  program.commandsGroup('What profiles are made of:');
  program.addCommand(
    group(
      'stock',
      'the subscriptions from which orders are filled',
      [
        stockImportCommand(),
        stockGenerateCommand(),
        stockSummaryCommand(),
        stockThresholdCommand(),
        stockListCommand(),
      ],
      ['simwright stock import subscriptions.csv --dry-run', 'simwright stock summary'],
    ),
  );
  program.addCommand(
    group(
      'template',
      'the templates for profile packages',
      [templateImportCommand(), templateListCommand(), templateShowCommand()],
      ['simwright template import fleet.der --profile-type fleet'],
    ),
  );
  program.addCommand(
    group(
      'pki',
      'the certificates of the SM-DP+ and of the CIs it trusts',
      [
        pkiShowCommand(),
        pkiCheckCommand(),
        pkiExportCommand(),
        pkiImportCommand(),
        pkiRemoveCommand(),
        group(
          'crl',
          'the CRLs of the CAs that are trusted, and from where they are fetched',
          [pkiCrlFetchCommand(), pkiCrlImportCommand(), pkiCrlAddCommand(), pkiCrlRemoveCommand()],
          ['simwright pki crl list', 'simwright pki crl fetch'],
        ).addCommand(pkiCrlListCommand(), { isDefault: true }),
      ],
      ['simwright pki show'],
    ),
  );
  program.addCommand(
    group(
      'hsm',
      'keys of DPauth and DPpb in an HSM (PKCS #11), named by SIMWRIGHT_HSM',
      [hsmShowCommand(), hsmGenerateCommand(), hsmRequestCommand(), hsmTestCommand()],
      ['simwright hsm show'],
    ),
  );

  program.commandsGroup('Who may call:');
  program.addCommand(
    group(
      'account',
      'the accounts and their auth tokens',
      [
        accountCreateCommand(),
        accountListCommand(),
        accountShowCommand(),
        accountUpdateCommand(),
        accountRotateTokenCommand(),
        accountCallbackSecretCommand(),
      ],
      ["simwright account create --name 'Lab 2'"],
    ),
  );
  program.addCommand(
    group(
      'key',
      'the API keys of an account, and the master key of the server',
      [
        keyCreateCommand(),
        keyListCommand(),
        keyRevokeCommand(),
        keyRotateCommand(),
        keyStatusCommand(),
      ],
      ['simwright key create --name dashboard --read-only', 'simwright key rotate'],
    ),
  );

  program.addCommand(
    group(
      'audit',
      'who changed what: a log that is only ever added to, and sealed',
      [auditListCommand(), auditShowCommand(), auditVerifyCommand(), auditExportCommand()],
      ['simwright audit list --actor SK…', 'simwright audit verify'],
    ),
  );

  program.addCommand(
    group(
      'eim',
      'IoT devices: the eUICCs that the eIM manages, and operations on them',
      [
        eimRegisterCommand(),
        eimListCommand(),
        eimShowCommand(),
        eimUpdateCommand(),
        eimOnboardingCommand(),
        eimAskCommand(),
        eimOperationsCommand(),
        eimOperationCommand(),
        eimWatchCommand(),
        eimCancelCommand(),
        eimPackagesCommand(),
        eimRemoveCommand(),
        group(
          'range',
          'EIDs whose eUICCs are registered on first contact',
          [
            eimRangeCreateCommand(),
            eimRangeListCommand(),
            eimRangeUpdateCommand(),
            eimRangeDeleteCommand(),
            eimRangeOnboardingCommand(),
          ],
          ['simwright eim range create 89049032 --limit 500'],
        ),
        eimRotateKeyCommand(),
        eimImportCommand(),
        group(
          'group',
          'groups of eUICCs, such as one for each site',
          [
            eimGroupListCommand(),
            eimGroupShowCommand(),
            eimGroupCreateCommand(),
            eimGroupRenameCommand(),
            eimGroupDeleteCommand(),
            eimGroupOnboardingCommand(),
          ],
          ['simwright eim group list', 'simwright eim group onboarding Berlin --output berlin.zip'],
        ),
        group(
          'bulk',
          'one operation on each of many eUICCs',
          [
            eimBulkCreateCommand(),
            eimBulkListCommand(),
            eimBulkShowCommand(),
            eimBulkWatchCommand(),
            eimBulkResultCommand(),
            eimBulkPauseCommand(),
            eimBulkResumeCommand(),
            eimBulkCancelCommand(),
          ],
          [
            'simwright eim bulk create listProfileInfo --group Berlin --wait',
            'simwright eim bulk watch BO…',
          ],
        ),
      ],
      [
        'simwright eim register 89049032000000000000000000000163 --name "Pump 7"',
        'simwright eim onboarding 89049032000000000000000000000163',
        'simwright profile order --eid 89049032000000000000000000000163',
        'simwright eim ask 89049032000000000000000000000163 listProfileInfo --wait',
      ],
    ),
  );

  program.addCommand(
    group(
      'operator',
      'operators that order over ES2+, and their certificates',
      [
        operatorCreateCommand(),
        operatorListCommand(),
        operatorShowCommand(),
        operatorUpdateCommand(),
        operatorRotateCommand(),
        operatorRevokeCommand(),
        group(
          'progress',
          'what operators were told of their profiles (§5.3.5), and sending it again',
          [operatorProgressShowCommand(), operatorProgressRetryCommand()],
          [
            'simwright operator progress --state failed',
            'simwright operator progress retry --unsent',
          ],
        ).addCommand(operatorProgressListCommand(), { isDefault: true }),
        group(
          'ca',
          'the CAs whose certificates operators may use, and their CRLs',
          [operatorCaImportCommand(), operatorCaListCommand(), operatorCaRemoveCommand()],
          ['simwright operator ca import mno-ca.pem', 'simwright operator ca list'],
        ),
      ],
      ["simwright operator create --name 'Example Mobile'", 'simwright operator list'],
    ),
  );

  program.commandsGroup('Help:');
  program.addCommand(completionCommand());
  program.helpCommand('help [command]', 'show the help of a command');
  for (const command of program.commands) {
    if (OF_SMDP.includes(command.name())) command.hook('preAction', refuseIfRented);
  }
  inheritSettings(program);
  program.addHelpText('after', EXAMPLES);
  program.addHelpText('after', EXIT_CODES);
  program.addHelpText(
    'after',
    `\n${helpTitle('Settings (environment variables, or lines of a file .env):')}\n${settingsHelp()}`,
  );
  return program;
}

/** @param samples examples for its help */
function group(name: string, description: string, commands: Command[], samples: string[]): Command {
  const parent = new Command(name).description(description);
  for (const command of commands) parent.addCommand(command);
  return parent.addHelpText('after', examples(...samples.map((sample): [string] => [sample])));
}

/** Groups about what a server with a rented SM-DP+ does not have; single commands of other groups have the hook themselves. */
const OF_SMDP = ['stock', 'template', 'pki', 'hsm', 'operator'];

function refuseIfRented(): void {
  const { config } = readConfig();
  if (config.rentedSmdp === undefined) return;
  throw new UserError(
    `SIMWRIGHT_SMDP is a rented SM-DP+, ${config.rentedSmdp.url}: it has the stock, the operators, the certificates and the log ` +
      'of ES9+; here, there are none',
  );
}

function settingsHelp(): string {
  return SETTINGS.map(
    ([name, otherwise, meaning]) => `  ${name}\n      ${meaning} Default: ${otherwise}`,
  ).join('\n');
}
