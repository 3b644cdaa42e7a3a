import { Command } from 'commander';
import { removeCi } from '../smdp/pki/pki-import.ts';
import { withData } from './data.ts';
import { examples } from './options.ts';
import { print } from './output.ts';
import { UserError } from './user-error.ts';

/** `simwright pki remove` */
export function pkiRemoveCommand(): Command {
  return new Command('remove')
    .description('stop trusting a CI, and remove all certificates and keys under it')
    .argument('<CI>', 'its key identifier, as shown by simwright pki show')
    .addHelpText(
      'after',
      '\nIn production remove the test PKI: anyone with its keys can make eUICCs that the server accepts. ' +
        'It is not generated again. Running servers stop trusting the CI within two seconds.',
    )
    .addHelpText(
      'after',
      examples(['simwright pki remove F54172BDF98A95D65CBEB88A38A1C11D800A85C3']),
    )
    .action((ciPKId: string) =>
      withData(async ({ transact }) => {
        const removed = await transact((unit) => removeCi(ciPKId.toUpperCase(), unit));
        if (removed === 0) throw new UserError(`There is no CI ${ciPKId}`);
        print(`Removed ${removed === 1 ? '1 certificate' : `${removed} certificates`}\n`);
      }),
    );
}
