// Shared by the bash and zsh completions: quoting, and the branches of `case`.
import type { CompletedCommand, Completion } from './completion-tree.ts';

export const quote = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The branches by command and option, for options that require a value. */
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
