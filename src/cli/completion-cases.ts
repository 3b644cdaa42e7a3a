// What the completions of bash and zsh write alike: their strings, and the branches of their `case`.
import type { CompletedCommand, Completion } from './completion-tree.ts';

export const quote = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The branches by command and option, where the option must have a value. */
export function valueCases(
  tree: readonly CompletedCommand[],
  completed: (value: Completion) => string,
): string {
  const cases = tree.flatMap(({ path, options }) =>
    options.flatMap(({ flag, value }) =>
      value === undefined
        ? []
        : [`    ${quote(`${path} ${flag}`)}) ${completed(value)}; return ;;\n`],
    ),
  );
  return cases.join('');
}
