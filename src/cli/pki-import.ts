import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { importPki, PkiImportRefused } from '../smdp/pki/pki-import.ts';
import type { PkiFile } from '../smdp/pki/pki-import.ts';
import { signingOf } from '../signing.ts';
import { withData } from './data.ts';
import { BY_HAND, keyElsewhere } from './hsm.ts';
import { examples } from './options.ts';
import { print, printTable } from './output.ts';
import { PKI_COLUMNS, printWarnings } from './pki-show.ts';
import { UsageError, UserError } from './user-error.ts';

const HELP = `
The files are PEM or DER: CI, EUM, DPauth, DPpb and DPtls certificates, the private keys of the last three,
and CRLs, whole or in parts; of one CI or several. Each is assigned by its key identifiers and verified; all are
imported, or nothing if there is any error. Certificates that an SM-DP+ has no use for, such as those of eUICCs,
are skipped. Of several certificates of one kind the newest is used. With SIMWRIGHT_HSM (or SIMWRIGHT_SIGNER)
set, DPauth and DPpb may come without their keys: the HSM must sign for each, and its signature is verified.
A key in it may be named instead of a file, by its PKCS #11 URI or not at all: it is found by the public key of
its certificate. Running servers read them within two seconds; downloads in progress finish with the certificates that they began with.`;

const more = (file: string, others: string[] = []) => [...others, file];

/** `simwright pki import` */
export function pkiImportCommand(): Command {
  return new Command('import')
    .description('import the certificates and keys of another CI')
    .argument('[FILE...]', 'certificates and private keys', more)
    .option(
      '--crl <FILE>',
      "a CI's CRL, or a part of one, replacing the previous one; may be repeated",
      more,
    )
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright pki import ci.pem dp*.pem --crl ci.crl'],
        [
          "simwright pki import ci.pem dpauth.pem dppb.pem 'pkcs11:object=dpauth' 'pkcs11:object=dppb'",
        ],
      ),
    )
    .action((names: string[] | undefined, options: { crl?: string[] }) =>
      withData(async (data) => {
        const { config, secrets, now } = data;
        const all = [...(names ?? []), ...(options.crl ?? [])];
        if (all.length === 0) throw new UsageError('Name the files');
        const files = await Promise.all(all.filter((name) => !isUri(name)).map(readPkiFile));
        await using signing = signingOf(config, secrets, BY_HAND);
        const elsewhere = await Promise.all(
          all.filter(isUri).map((uri) => keyElsewhere(signing.hsm, uri)),
        );
        try {
          const { added, known, passedOver, crls, pki } = await importPki(
            files,
            data,
            signing.signers,
            elsewhere,
          );
          printTable(PKI_COLUMNS, added, 'No certificate is new');
          if (known.length > 0) print(`${countOf(known.length)} already here\n`);
          for (const title of passedOver) print(`Skipped: ${title}\n`);
          if (crls > 0) print(crls === 1 ? 'Imported 1 CRL\n' : `Imported ${crls} CRLs\n`);
          printWarnings(pki, now);
        } catch (error) {
          if (!(error instanceof PkiImportRefused)) throw error;
          const lines = error.problems.map((problem) => `\n${problem}`);
          throw new UserError(`Nothing was imported:${lines.join('')}`, { cause: error });
        }
      }),
    );
}

const isUri = (name: string) => name.startsWith('pkcs11:');

async function readPkiFile(name: string): Promise<PkiFile> {
  try {
    return { name, content: await readFile(name) };
  } catch (cause) {
    throw new UserError(`${name} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function countOf(count: number): string {
  return count === 1 ? '1 certificate was' : `${count} certificates were`;
}
