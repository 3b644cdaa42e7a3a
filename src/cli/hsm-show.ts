import { Command } from 'commander';
import type { HsmKey } from '../pkcs11/messages.ts';
import { formatKeyUri } from '../pkcs11/uri.ts';
import { withHsm } from './hsm.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import { renderFields } from './table.ts';
import type { TableColumn } from './table.ts';

const HELP = `
Logs in to the token of SIMWRIGHT_HSM, a PKCS #11 URI (RFC 7512), with SIMWRIGHT_HSM_PIN:
  pkcs11:token=LABEL?module-path=FILE
  pkcs11:serial=SERIAL?module-path=FILE
FILE is the PKCS #11 module that came with the HSM. If it has no such token, the tokens that it shows are listed.
Only EC keys on P-256 and brainpoolP256r1 are shown. EXTRACTABLE should be no: otherwise the key can leave the HSM.`;

const COLUMNS: TableColumn<HsmKey>[] = [
  { title: 'LABEL', value: ({ label }) => label },
  { title: 'ID', value: ({ idHex }) => idHex },
  { title: 'CURVE', value: ({ curve }) => curve },
  { title: 'SIGNS', value: ({ isSigning }) => (isSigning ? 'yes' : 'no') },
  {
    title: 'EXTRACTABLE',
    value: ({ isExtractable }) => (isExtractable ? 'yes' : 'no'),
    style: ({ isExtractable }) => (isExtractable ? 'red' : undefined),
  },
  { title: 'PUBLIC KEY', value: ({ spki }) => (spki === undefined ? 'not there' : 'there') },
];

/** `simwright hsm show` */
export function hsmShowCommand(): Command {
  return new Command('show')
    .description('show the token and its keys')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .addHelpText('after', examples(['simwright hsm show']))
    .action((options: JsonOption) =>
      withHsm(async (hsm, { token, module, hardware, firmware, sessions }) => {
        const keys = await hsm.do({ kind: 'keys' });
        if (options.json) {
          printJson({
            token: { ...token, hardware, firmware },
            module,
            sessions,
            keys: keys.map((key) => ({
              uri: formatKeyUri({ token: token.token }, { object: key.label, idHex: key.idHex }),
              label: key.label,
              id: key.idHex,
              curve: key.curve,
              signs: key.isSigning,
              extractable: key.isExtractable,
              public_key: key.spki === undefined ? null : Buffer.from(key.spki).toString('base64'),
            })),
          });
          return;
        }
        print(
          renderFields([
            ['Token', token.token],
            ['Serial', token.serial],
            ['Model', `${token.manufacturer}, ${token.model}`],
            ['Firmware', firmware],
            [
              'Module',
              `${module.file}: ${module.description} ${module.version}, Cryptoki ${module.cryptoki}`,
            ],
            ['Sessions', `${sessions} for each process`],
          ]),
        );
        print('\n');
        printTable(COLUMNS, keys, 'There is no key yet; see: simwright hsm generate --help');
      }),
    );
}
