// The commands as a shell completes them, read from the program.
import type { Argument, Command, Option } from 'commander';

/** What may come in a place: these words, files, folders, or something that only the user knows. */
export type Completion = { words: readonly string[] } | 'file' | 'folder' | 'unknown';

export interface CompletedOption {
  /** With its dashes. */
  flag: string;
  description: string;
  /** What must follow it; undefined: nothing must. */
  value: Completion | undefined;
}

export interface CompletedCommand {
  /** Words that lead to it, each with a blank before it; empty for the program. */
  path: string;
  commands: { name: string; description: string }[];
  options: CompletedOption[];
  /** What its arguments are; undefined: it has none. */
  argument: Completion | undefined;
}

/** Every command, the program first, with what may follow it. */
export function completionTree(command: Command, path = ''): CompletedCommand[] {
  const help = command.createHelp();
  const [argument] = command.registeredArguments;
  const self: CompletedCommand = {
    path,
    commands: help.visibleCommands(command).map((child) => ({
      name: child.name(),
      description: child.description(),
    })),
    options: help.visibleOptions(command).map((option) => ({
      flag: option.long ?? option.short!,
      description: option.description,
      value: option.required ? valueOf(option, option.flags) : undefined,
    })),
    argument: argument && valueOf(argument, argument.name()),
  };
  const children = command.commands.flatMap((child) =>
    completionTree(child, `${path} ${child.name()}`),
  );
  return [self, ...children];
}

/** The name of a value tells what it is: `<FILE.csv>`, `<DIR>`. */
function valueOf({ argChoices }: Option | Argument, name: string): Completion {
  if (argChoices !== undefined) return { words: argChoices };
  if (name.includes('FILE')) return 'file';
  return name.includes('DIR') ? 'folder' : 'unknown';
}
