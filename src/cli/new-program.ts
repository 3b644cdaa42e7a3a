// The program without its commands, and that of `simwright start` alone.
import { Command } from 'commander';
import { VERSION } from '../version.ts';
import { helpTitle } from './options.ts';
import { startCommand } from './start.ts';

/** Has no commands yet; call `inheritSettings` when it has them all. */
export function newProgram(): Command {
  return new Command('simwright')
    .description('Self-hosted eSIM profile server: the Super SIM eSIM Profiles API and an SM-DP+.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .showHelpAfterError('(add --help for the options)')
    .configureHelp({ styleTitle: helpTitle })
    .exitOverride();
}

export function inheritSettings(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    inheritSettings(command);
  }
}

/** Quick to load: a server needs no other command. */
export function startProgram(): Command {
  const program = newProgram().addCommand(startCommand());
  inheritSettings(program);
  return program;
}
