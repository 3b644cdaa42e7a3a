import type { CompletedCommand, CompletedOption, Completion } from './completion-tree.ts';

export function fishCompletion(tree: readonly CompletedCommand[]): string {
  const paths = tree.slice(1).map(({ path }) => quote(path));
  const lines = tree.flatMap(({ path, commands, options, argument }) => {
    const rule = `complete -c simwright -n "__simwright_at ${quote(path)}"`;
    return [
      ...commands.map(
        ({ name, description }) => `${rule} -a ${quote(name)} -d ${quote(description)}`,
      ),
      ...options.map((option) => `${rule} ${optionRule(option)}`),
      ...(argument === undefined || argument === 'unknown' ? [] : [`${rule} ${filled(argument)}`]),
    ];
  });
  return `# fish completion for simwright
function __simwright_at
    set -l at ''
    set -l given (commandline -opc)
    set -e given[1]
    for word in $given
        switch "$at $word"
            case ${paths.join(' ')}
                set at "$at $word"
        end
    end
    test "$at" = "$argv[1]"
end
complete -c simwright -f
${lines.join('\n')}
`;
}

function optionRule({ flag, description, value }: CompletedOption): string {
  const rule = `-l ${flag.replace(/^--/, '')} -d ${quote(description)}`;
  if (value === undefined) return rule;
  return value === 'unknown' ? `${rule} -x` : `${rule} -r ${filled(value)}`;
}

function filled(value: Exclude<Completion, 'unknown'>): string {
  if (value === 'file') return '-F';
  if (value === 'folder') return `-f -a ${quote('(__fish_complete_directories)')}`;
  return `-f -a ${quote(value.words.join(' '))}`;
}

const quote = (text: string) =>
  `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`;
