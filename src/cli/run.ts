// A command line from its words to its exit code.
import { CommanderError } from 'commander';
import type { Command } from 'commander';
import { within } from '../process/request-scope.ts';
import type { Act } from '../process/request-scope.ts';
import { commandUser } from './command-user.ts';
import { startProgram } from './new-program.ts';
import { reportError } from './report-error.ts';
import { EndWith, UsageError } from './user-error.ts';

/** A command line that cannot be understood. */
const USAGE = 2;

/**
 * @param words what stands behind the name of the program
 * @returns the exit code, when the command is done
 */
export async function runCommand(words: string[]): Promise<number> {
  try {
    const program = words[0] === 'start' ? startProgram() : await allCommands();
    const parse = () => program.parseAsync(words, { from: 'user' });
    await (isServer(words) ? parse() : asCommand(program, parse));
    return 0;
  } catch (error) {
    if (error instanceof EndWith) return error.exitCode;
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    reportError(error);
    return error instanceof UsageError ? USAGE : 1;
  }
}

/** What its servers do is not what whoever has started them does. */
const isServer = ([name]: string[]) => name === 'start' || name === 'demo';

/** For the audit log: the command is part of an act of whoever has called it. */
function asCommand(program: Command, parse: () => Promise<unknown>): Promise<unknown> {
  const act: Act = { operation: '', by: commandUser() };
  program.hook('preAction', (_program, action) => {
    act.operation = pathOf(action);
  });
  return within(act, parse);
}

/** The name of a command with those of its groups. */
function pathOf(command: Command): string {
  const { parent } = command;
  if (parent === null) return '';
  return `${pathOf(parent)} ${command.name()}`.trim();
}

async function allCommands(): Promise<Command> {
  const { buildProgram } = await import('./program.ts');
  return buildProgram();
}
