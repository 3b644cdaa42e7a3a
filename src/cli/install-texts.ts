import { Command } from 'commander';
import { ENGLISH } from '../install/texts.ts';
import { examples } from './options.ts';
import { print } from './output.ts';

const HELP = `
A translation is a file with the same keys, named after its language (BCP 47): de.json, pt-BR.json. What stands in braces
stays as it is. SIMWRIGHT_INSTALL_TEXTS names the folder with the files; they are read at start. A page is in the
language that the browser prefers, or that ?lang= in its URL asks for. A file en.json replaces the English texts.`;

/** `simwright install-texts` */
export function installTextsCommand(): Command {
  return new Command('install-texts')
    .description('print the English texts of the install page, to translate them')
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright install-texts > texts/de.json', 'then translate the values'],
        ['SIMWRIGHT_INSTALL_TEXTS=texts simwright check-config', 'check the translations'],
      ),
    )
    .action(() => print(`${JSON.stringify(ENGLISH, null, 2)}\n`));
}
