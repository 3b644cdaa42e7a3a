// The commands, each in a file of its name.
import { Command } from 'commander';
import { SETTINGS } from '../config.ts';
import { startCommand } from './start.ts';

export function buildProgram(): Command {
  const program = new Command('simwright')
    .description('Self-hosted eSIM profile server: the Super SIM eSIM Profiles API and an SM-DP+.')
    .helpCommand(true)
    .showHelpAfterError('(add --help for the options)')
    .exitOverride();
  program.addCommand(startCommand());
  for (const command of program.commands) command.copyInheritedSettings(program);
  program.addHelpText('after', `\nSettings (environment variables):\n${settingsHelp()}`);
  return program;
}

function settingsHelp(): string {
  return SETTINGS.map(
    ([name, otherwise, meaning]) => `  ${name}\n      ${meaning} Default: ${otherwise}`,
  ).join('\n');
}
