// `npm run torture`: trials that look for something lost.
import { Command, CommanderError } from 'commander';
import { pointsCommand } from './points/command.ts';
import { powerCutsCommand } from './power-cut/command.ts';
import { simulationCommand } from './simulation/command.ts';
import { stormCommand } from './storm/command.ts';

/** Of an invalid command line, or of a trial that could not be run; 1 is a violation. */
const TROUBLE = 2;

const program = new Command('torture').description(
  'looks for a violation of what docs/reliability.md promises',
);
program.addCommand(stormCommand(), { isDefault: true });
program.addCommand(powerCutsCommand());
program.addCommand(pointsCommand());
program.addCommand(simulationCommand());
for (const command of [program, ...program.commands]) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  const isHelp = error instanceof CommanderError && error.exitCode === 0;
  if (!(error instanceof CommanderError)) console.error(error);
  process.exitCode = isHelp ? 0 : TROUBLE;
}
