import { existsSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { FileError, makeFolder } from '../process/private-files.ts';
import { certificatePem, privateKeyPem } from '../rsp/pem.ts';
import type { PkiRole } from '../smdp/pki/pki-certificate.ts';
import { loadPki } from '../smdp/pki/pki.ts';
import type { PkiCertificate } from '../smdp/pki/pki.ts';
import { withData } from './data.ts';
import { examples } from './options.ts';
import { print } from './output.ts';
import { UserError } from './user-error.ts';

const HELP = `
Writes ci.cert.pem, eum.cert.pem, dpauth.cert.pem, dppb.cert.pem and dptls.cert.pem: of the test PKI on
P-256 into DIR, on brainpoolP256r1 into DIR/brainpool; of an imported CI into a folder named by its key
identifier. Of several certificates of one kind the one in use is written.
With --with-test-keys only the test PKI is written, with its keys (ci.key.pem …), to issue other test eUICCs
under it. The keys of an imported PKI are never exported.`;

/** `simwright pki export` */
export function pkiExportCommand(): Command {
  return new Command('export')
    .description('write the certificates to files')
    .argument('<DIR>', 'the folder; created if it does not exist')
    .option('--with-test-keys', 'write the test PKI, with its private keys')
    .addHelpText('after', HELP)
    .addHelpText('after', examples(['simwright pki export ./pki --with-test-keys']))
    .action((folder: string, options: { withTestKeys?: true }) =>
      withData(async ({ store, masterKey, now }) => {
        const { certificates } = await loadPki(store, masterKey, now);
        const withKeys = options.withTestKeys ?? false;
        const chosen = certificates.filter(({ generated }) => generated || !withKeys);
        if (chosen.length === 0) {
          throw new UserError(
            withKeys && certificates.length > 0
              ? 'The PKI was imported, not generated here; its keys are not exported'
              : 'There are no certificates',
          );
        }
        const written = new Set<string>();
        for (const certificate of chosen) {
          await writeCertificate(certificate, join(folder, folderOf(certificate)), {
            withKeys,
            written,
          });
        }
        print(`${folder}: wrote ${written.size} files\n`);
        if (withKeys) print('Anyone with these keys can make eUICCs that the server accepts.\n');
      }),
    );
}

const FILE_NAMES: Readonly<Record<PkiRole, string>> = {
  ci: 'ci',
  eum: 'eum',
  dpAuth: 'dpauth',
  dpPb: 'dppb',
  dpTls: 'dptls',
};

function folderOf({ generated, ciPKIdHex, certificate }: PkiCertificate): string {
  if (!generated) return ciPKIdHex;
  return certificate.curve === 'prime256v1' ? '.' : 'brainpool';
}

async function writeCertificate(
  { role, certificate, privateKey }: PkiCertificate,
  folder: string,
  { withKeys, written }: { withKeys: boolean; written: Set<string> },
): Promise<void> {
  const name = join(folder, FILE_NAMES[role]);
  // The one in use comes first.
  if (written.has(`${name}.cert.pem`)) return;
  const files: [file: string, text: string, mode: number][] = [];
  if (withKeys && privateKey !== undefined) {
    files.push([`${name}.key.pem`, privateKeyPem(privateKey), 0o600]);
  }
  files.push([`${name}.cert.pem`, certificatePem(certificate), 0o644]);
  for (const [file, text, mode] of files) {
    try {
      makeFolder(folder);
      await write(file, text, mode);
    } catch (cause) {
      if (cause instanceof UserError || cause instanceof FileError) throw cause;
      throw new UserError(`${file} cannot be written: ${(cause as Error).message}`, { cause });
    }
    written.add(file);
  }
}

/** An existing file with another key is left alone: it might be the only copy. */
async function write(file: string, text: string, mode: number): Promise<void> {
  const isKey = mode === 0o600;
  const there = isKey && existsSync(file);
  if (there && (await readFile(file, 'utf8')) !== text) {
    throw new UserError(`${file} already holds another key; choose another folder`);
  }
  if (!there) await writeFile(file, text, { mode, flag: isKey ? 'wx' : 'w' });
  if (isKey) await chmod(file, mode);
}
