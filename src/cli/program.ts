// The commands, each in a file of the same name, and their groups.
import type { Command } from 'commander';
import { SETTINGS } from '../config.ts';
import { checkConfigCommand } from './check-config.ts';
import { checkProductionCommand } from './check-production.ts';
import { completionCommand } from './completion.ts';
import { consoleCommand } from './console.ts';
import { demoCommand } from './demo.ts';
import { accountGroup } from './groups/account.ts';
import { auditGroup } from './groups/audit.ts';
import { backupGroup } from './groups/backup.ts';
import { batchGroup } from './groups/batch.ts';
import { brandGroup } from './groups/brand.ts';
import { callbackGroup } from './groups/callback.ts';
import { dataGroup } from './groups/data.ts';
import { deviceGroup } from './groups/device.ts';
import { eimGroup } from './groups/eim.ts';
import { hsmGroup } from './groups/hsm.ts';
import { keyGroup } from './groups/key.ts';
import { operatorGroup } from './groups/operator.ts';
import { pkiGroup } from './groups/pki.ts';
import { profileGroup } from './groups/profile.ts';
import { refuseIfRented } from './groups/refuse-if-rented.ts';
import { restoreGroup } from './groups/restore.ts';
import { simGroup } from './groups/sim.ts';
import { statisticsGroup } from './groups/statistics.ts';
import { stockGroup } from './groups/stock.ts';
import { templateGroup } from './groups/template.ts';
import { installTextsCommand } from './install-texts.ts';
import { moveCommand } from './move.ts';
import { inheritSettings, newProgram } from './new-program.ts';
import { examples, helpTitle } from './options.ts';
import { startCommand } from './start.ts';
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
  program.addCommand(backupGroup());
  program.addCommand(restoreGroup());
  program.addCommand(moveCommand());
  program.addCommand(dataGroup());

  program.commandsGroup('Profiles:');
  program.addCommand(profileGroup());
  program.addCommand(batchGroup());
  program.addCommand(brandGroup());
  program.addCommand(installTextsCommand());
  program.addCommand(simGroup());
  program.addCommand(callbackGroup());
  program.addCommand(statisticsGroup());
  program.addCommand(deviceGroup());

  program.commandsGroup('What profiles are made of:');
  program.addCommand(stockGroup());
  program.addCommand(templateGroup());
  program.addCommand(pkiGroup());
  program.addCommand(hsmGroup());

  program.commandsGroup('Who may call:');
  program.addCommand(accountGroup());
  program.addCommand(keyGroup());
  program.addCommand(auditGroup());
  program.addCommand(eimGroup());
  program.addCommand(operatorGroup());

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

/** Groups about what a server with a rented SM-DP+ does not have; single commands of other groups have the hook themselves. */
const OF_SMDP = ['stock', 'template', 'pki', 'hsm', 'operator'];

function settingsHelp(): string {
  return SETTINGS.map(
    ([name, otherwise, meaning]) => `  ${name}\n      ${meaning} Default: ${otherwise}`,
  ).join('\n');
}
