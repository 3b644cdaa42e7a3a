// `simwright operator ca`: the CAs whose certificates operators may use.
import { Command } from 'commander';
import { importOperatorCas, removeOperatorCa } from '../smdp/operators/operator-ca.ts';
import { isCrlOutdated } from '../smdp/operators/operator-crl.ts';
import { subjectOf } from '../smdp/operators/operator-file.ts';
import type { TrustedCa } from '../smdp/operators/operator-trust.ts';
import { readRegister } from '../smdp/operators/operator-trust.ts';
import { withData } from './data.ts';
import { readGiven } from './operator-files.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import type { TableColumn } from './table.ts';
import { UserError } from './user-error.ts';

const more = (file: string, others: string[] = []) => [...others, file];

/** `simwright operator ca import` */
export function operatorCaImportCommand(): Command {
  return new Command('import')
    .description('trust a CA for certificates of operators, or import its CRL')
    .argument('<FILE...>', 'CA certificates and CRLs, PEM or DER', more)
    .addHelpText(
      'after',
      '\nThe CA that has issued the certificates of operators, a root or one below it, with keys of any kind. A CRL replaces\n' +
        'the one before, unless that is newer. All files are imported, or none if there is an error. These CAs are trusted\n' +
        'for operators alone, not for eUICCs; see simwright pki import for those.',
    )
    .addHelpText('after', examples(['simwright operator ca import mno-ca.pem mno-ca.crl']))
    .action((names: string[]) =>
      withData(async (data) => {
        const files = await Promise.all(names.map(readGiven));
        const { added, known, crls } = await importOperatorCas(files, data);
        for (const title of added) print(`Imported ${title}\n`);
        for (const title of known) print(`${title} is here already\n`);
        if (crls > 0) print(crls === 1 ? 'Imported 1 CRL\n' : `Imported ${crls} CRLs\n`);
      }),
    );
}

const columns = (now: Date): TableColumn<TrustedCa>[] => [
  { title: 'FINGERPRINT', value: ({ fingerprint }) => fingerprint },
  { title: 'MADE', value: ({ isOurs }) => (isOurs ? 'here, for tests' : 'elsewhere') },
  {
    title: 'VALID UNTIL',
    value: ({ certificate }) => certificate.validToDate.toISOString().slice(0, 10),
    style: ({ certificate }) => (certificate.validToDate < now ? 'red' : undefined),
  },
  {
    title: 'CRL',
    value: ({ crl }) => {
      if (crl === undefined) return 'none';
      const outdated = isCrlOutdated(crl, now) ? ', out of date' : '';
      return `${crl.thisUpdate.toISOString().slice(0, 10)}${outdated}`;
    },
  },
  { title: 'SUBJECT', value: ({ certificate }) => subjectOf(certificate) },
];

/** `simwright operator ca list` */
export function operatorCaListCommand(): Command {
  return new Command('list')
    .description('list the CAs that are trusted for operators')
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright operator ca list']))
    .action(({ json }: JsonOption) =>
      withData(async (data) => {
        const { cas } = await readRegister(data);
        if (!json) return printTable(columns(data.now), [...cas], 'There are none');
        printJson(
          cas.map(({ fingerprint, certificate, crl, isOurs }) => ({
            fingerprint,
            subject: subjectOf(certificate),
            valid_until: certificate.validToDate.toISOString(),
            generated: isOurs,
            crl_this_update: crl?.thisUpdate.toISOString() ?? null,
            crl_next_update: crl?.nextUpdate?.toISOString() ?? null,
            crl_revoked: crl?.revoked.size ?? null,
          })),
        );
      }),
    );
}

/** `simwright operator ca remove` */
export function operatorCaRemoveCommand(): Command {
  return new Command('remove')
    .description('stop trusting a CA, and with it the certificates that it has issued')
    .argument('<FINGERPRINT>', 'its SHA-256, as shown by simwright operator ca list')
    .addHelpText('after', examples(['simwright operator ca remove 5A12…']))
    .action((given: string) =>
      withData(async ({ transact }) => {
        const fingerprint = given.replaceAll(':', '').toUpperCase();
        const isRemoved = await transact((unit) => removeOperatorCa(fingerprint, unit));
        if (!isRemoved) throw new UserError(`There is no CA ${given}`);
        print('Removed\n');
      }),
    );
}
