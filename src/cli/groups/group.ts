// Commands of one subject, `simwright GROUP COMMAND`.
import { Command } from 'commander';
import { examples } from '../options.ts';

/** @param samples examples for its help */
export function group(
  name: string,
  description: string,
  commands: Command[],
  samples: string[],
): Command {
  const parent = new Command(name).description(description);
  for (const command of commands) parent.addCommand(command);
  return parent.addHelpText('after', examples(...samples.map((sample): [string] => [sample])));
}
