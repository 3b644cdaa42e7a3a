// `npx node torture/points/main.ts`
import { CommanderError } from 'commander';
import { pointsCommand } from './command.ts';

/** Of an invalid command line, or of a run that was not possible; 1 is a violation. */
const TROUBLE = 2;

try {
  await pointsCommand().exitOverride().parseAsync();
} catch (error) {
  const isHelp = error instanceof CommanderError && error.exitCode === 0;
  if (!(error instanceof CommanderError)) console.error(error);
  process.exitCode = isHelp ? 0 : TROUBLE;
}
