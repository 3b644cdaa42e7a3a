// The commands in the form that shell completions need, read from the program.
import type { Argument, Command, Option } from 'commander';

/** What can be completed in a place: these words, files, folders, or nothing known. */
export type Completion = { words: readonly string[] } | 'file' | 'folder' | 'unknown';

export interface CompletedOption {
  /** With its dashes. */
  flag: string;
  description: string;
  /** Its required value; undefined if it has none. */
  value: Completion | undefined;
}

export interface CompletedCommand {
  /** Words that lead to it, each preceded by a space; empty for the program. */
  path: string;
  commands: { name: string; description: string }[];
  options: CompletedOption[];
  /** Its arguments; undefined if it has none. */
  argument: Completion | undefined;
}

/** Every command, the program first, with its completions. */
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

/** The name of a value tells its type: `<FILE.csv>`, `<DIR>`. */
function valueOf({ argChoices }: Option | Argument, name: string): Completion {
  if (argChoices !== undefined) return { words: argChoices };
  if (name.includes('FILE')) return 'file';
  return name.includes('DIR') ? 'folder' : 'unknown';
}
