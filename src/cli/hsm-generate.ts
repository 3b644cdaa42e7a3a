import { Command, Option } from 'commander';
import { formatKeyUri } from '../pkcs11/uri.ts';
import type { CurveName } from '../rsp/curve.ts';
import { curveNames } from '../rsp/curve.ts';
import { withHsm } from './hsm.ts';
import { examples } from './options.ts';
import { print } from './output.ts';
import { UserError } from './user-error.ts';

const HELP = `
The private key is made in the HSM, is sensitive and not extractable, and only signs. An SM-DP+ needs two for each
CI: of DPauth and of DPpb. What comes next: simwright hsm request, whose file the CI signs, and simwright pki import.`;

/** `simwright hsm generate` */
export function hsmGenerateCommand(): Command {
  return new Command('generate')
    .description('make a key pair in the token')
    .argument('<LABEL>', 'its label, which no key in the token may have yet')
    .addOption(
      new Option('--curve <name>', 'the curve of the CI')
        .choices([...curveNames])
        .default('prime256v1'),
    )
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(['simwright hsm generate dpauth'], ['simwright hsm generate dppb']),
    )
    .action((label: string, { curve }: { curve: CurveName }) =>
      withHsm(
        async (hsm, { token }) => {
          const before = await hsm.do({ kind: 'keys' });
          if (before.some((key) => key.label === label)) {
            throw new UserError(
              `Expected a label that no key in the token has; '${label}' is there already`,
            );
          }
          const { idHex } = await hsm.do({ kind: 'generate', label, curve });
          print(`${formatKeyUri({ token: token.token }, { object: label, idHex })}\n`);
        },
        { isWriting: true },
      ),
    );
}
