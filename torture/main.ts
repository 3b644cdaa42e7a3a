// `npm run torture`: trials that look for something lost.
import { Command, CommanderError } from 'commander';
import { CannotRun, TROUBLE } from './exit-codes.ts';
import { pointsCommand } from './points/command.ts';
import { powerCutsCommand } from './power-cut/command.ts';
import { simulationCommand } from './simulation/command.ts';
import { stormCommand } from './storm/command.ts';

const HELP = `
Without a command, it is the storm: "npm run torture -- storm --help" explains its options, such as --minutes and --seed.
Ctrl-C ends any of them early, and it reports what it has found by then; a second one ends it at once.

Examples:
  $ npm run torture -- --minutes 10 --seed 1
  $ npm run torture -- simulation --seeds 1-1000
  $ npm run torture -- points --journeys order --databases sqlite
  $ npm run torture -- power-cuts --cuts 100`;

const program = new Command('torture')
  .description('looks for a violation of what docs/reliability.md promises')
  .addHelpText('after', HELP);
program.addCommand(stormCommand(), { isDefault: true });
program.addCommand(powerCutsCommand());
program.addCommand(pointsCommand());
program.addCommand(simulationCommand());
for (const command of [program, ...program.commands]) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : TROUBLE;
  if (!(error instanceof CommanderError)) report(error);
}

/** Only of a bug is it of use where it arose. */
function report(error: unknown): void {
  const isExpected = error instanceof CannotRun || (error instanceof Error && 'syscall' in error);
  console.error(isExpected ? `torture: ${error.message}` : error);
}
