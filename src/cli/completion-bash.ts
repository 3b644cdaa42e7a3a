import { quote, valueCases } from './completion-cases.ts';
import type { CompletedCommand, Completion } from './completion-tree.ts';

/** For bash 3.2, which macOS has, and later. */
export function bashCompletion(tree: readonly CompletedCommand[]): string {
  const paths = tree.slice(1).map(({ path }) => quote(path));
  const commands = tree.map(({ path, commands: children, options, argument }) => {
    const flags = quote(options.map(({ flag }) => flag).join(' '));
    const names = quote(children.map(({ name }) => name).join(' '));
    const rest = children.length > 0 ? `_simwright_words ${names}` : completed(argument);
    return `    ${quote(path)}) options=${flags}; if [[ $cur != -* ]]; then ${rest}; fi ;;\n`;
  });
  return `# bash completion for simwright
_simwright_words() { COMPREPLY+=($(compgen -W "$1" -- "$cur")); }
_simwright_paths() {
  local IFS=$'\\n'
  COMPREPLY+=($(compgen "$1" -- "$cur"))
  compopt -o filenames 2>/dev/null
}
_simwright() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" at='' options='' i
  COMPREPLY=()
  # --option=value comes in three words
  if [[ $cur == '=' ]]; then cur=''
  elif [[ $prev == '=' ]]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
      ${paths.join('|')}) at="$at \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at $prev" in
${valueCases(tree, completed)}  esac
  case "$at" in
${commands.join('')}  esac
  if [[ \${#COMPREPLY[@]} -eq 0 && ( -z $cur || $cur == -* ) ]]; then _simwright_words "$options"; fi
}
complete -F _simwright simwright
`;
}

/** A shell command that adds the matching completions. */
function completed(value: Completion | undefined): string {
  if (value === undefined || value === 'unknown') return ':';
  if (value === 'file') return '_simwright_paths -f';
  return value === 'folder'
    ? '_simwright_paths -d'
    : `_simwright_words ${quote(value.words.join(' '))}`;
}
