// A command line from its words to its exit code.
import { CommanderError } from 'commander';
import type { Command } from 'commander';
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
    await program.parseAsync(words, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof EndWith) return error.exitCode;
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    reportError(error);
    return error instanceof UsageError ? USAGE : 1;
  }
}

async function allCommands(): Promise<Command> {
  const { buildProgram } = await import('./program.ts');
  return buildProgram();
}
