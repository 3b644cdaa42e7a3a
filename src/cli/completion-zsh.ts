import { quote, valueCases } from './completion-cases.ts';
import type { CompletedCommand, Completion } from './completion-tree.ts';

export function zshCompletion(tree: readonly CompletedCommand[]): string {
  const paths = tree.slice(1).map(({ path }) => quote(path));
  const commands = tree.map(({ path, commands: children, options, argument }) => {
    const names = children.map(({ name, description }) => quote(`${name}:${description}`));
    const flags = options.map(({ flag, description }) => quote(`${flag}:${description}`));
    const rest = argument === undefined ? '' : `; argument=${quote(completed(argument))}`;
    return `    ${quote(path)}) commands=(${names.join(' ')}); options=(${flags.join(' ')})${rest} ;;\n`;
  });
  return `#compdef simwright
_simwright() {
  local at='' argument='' previous="\${words[CURRENT-1]}"
  local -a commands options
  local -i i
  if compset -P '--*='; then previous="\${words[CURRENT]%%=*}"; fi
  for ((i = 2; i < CURRENT; i++)); do
    case "$at \${words[i]}" in
      ${paths.join('|')}) at="$at \${words[i]}" ;;
    esac
  done
  case "$at $previous" in
${valueCases(tree, completed)}  esac
  case "$at" in
${commands.join('')}  esac
  if [[ $PREFIX != -* ]]; then
    (( $#commands )) && { _describe -t commands command commands; return }
    [[ -n $argument ]] && { eval "$argument"; return }
  fi
  _describe -t options option options
}
if [[ $funcstack[1] == _simwright ]]; then _simwright "$@"; else compdef _simwright simwright; fi
`;
}

/** A shell command that offers the matching completions. */
function completed(value: Completion): string {
  if (value === 'unknown') return '_message value';
  if (value === 'file') return '_files';
  return value === 'folder' ? '_files -/' : `compadd -- ${value.words.map(quote).join(' ')}`;
}
