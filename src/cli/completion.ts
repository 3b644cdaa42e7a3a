import { Argument, Command } from 'commander';
import { bashCompletion } from './completion-bash.ts';
import { fishCompletion } from './completion-fish.ts';
import { completionTree } from './completion-tree.ts';
import { zshCompletion } from './completion-zsh.ts';
import { examples } from './options.ts';
import { print } from './output.ts';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

const HELP = `
To complete the command simwright with the Tab key in every new shell, write the script to where the shell
looks for it, once and after each update. It needs simwright in the PATH: npm link, or npm install -g.`;

/** `simwright completion` */
export function completionCommand(): Command {
  return new Command('completion')
    .description('print a script with which a shell completes commands, options and their values')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['source <(simwright completion bash)', 'only in this bash session'],
        [
          'simwright completion bash > ~/.local/share/bash-completion/completions/simwright',
          'bash, with the package bash-completion',
        ],
        ['simwright completion zsh > "${fpath[1]}/_simwright"', 'zsh'],
        ['simwright completion fish > ~/.config/fish/completions/simwright.fish', 'fish'],
      ),
    )
    .action((shell: keyof typeof SCRIPTS, _options: object, command: Command) => {
      print(SCRIPTS[shell](completionTree(command.parent!)));
    });
}
