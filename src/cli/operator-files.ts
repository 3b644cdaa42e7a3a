// The files of `simwright operator`: certificates that are given, and those that are written.
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { X509Certificate } from 'node:crypto';
import { makeFolder } from '../process/private-files.ts';
import { certificatePem } from '../rsp/pem.ts';
import { loadPki } from '../smdp/pki/pki.ts';
import type { MadeCertificate } from '../smdp/operators/operator-ca.ts';
import { OperatorError } from '../smdp/operators/operator-error.ts';
import type { OperatorFile } from '../smdp/operators/operator-file.ts';
import { readOperatorFile } from '../smdp/operators/operator-file.ts';
import type { CommandData } from './data.ts';
import { UserError } from './user-error.ts';

/** Reads PEM or DER. */
export async function readGiven(name: string): Promise<OperatorFile> {
  const content = await readText(name);
  try {
    return readOperatorFile(content);
  } catch (cause) {
    if (!(cause instanceof OperatorError)) throw cause;
    throw new UserError(`${name}: ${cause.message}`, { cause });
  }
}

export async function readText(name: string): Promise<Buffer> {
  try {
    return await readFile(name);
  } catch (cause) {
    throw new UserError(`${name} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** Of a file with a chain, the first. */
export async function readClientCertificate(
  name: string | undefined,
): Promise<X509Certificate | undefined> {
  if (name === undefined) return undefined;
  const [first] = (await readGiven(name)).certificates;
  if (first !== undefined) return first;
  throw new UserError(`${name}: expected the client certificate of the operator; got a CRL`);
}

/** Where the files of an operator are, by default. */
export const folderOf = (sid: string, { config }: CommandData) =>
  join(config.data, 'operators', sid);

export interface WrittenFiles {
  certificate: string;
  key: string;
  /** Both. */
  both: string;
  /** The CIs under which this server has its certificates for TLS. */
  serverCa: string;
}

/** Writes what an operator needs, readable by its owner only. Earlier files there are replaced. */
export async function writeOperatorFiles(
  { certificatePem: certificate, keyPem: key }: MadeCertificate,
  folder: string,
  { store, masterKey, now }: CommandData,
): Promise<WrittenFiles> {
  const pki = await loadPki(store, masterKey, now);
  const cis = new Set(pki.tls.map(({ ci }) => certificatePem(ci)));
  const texts = {
    certificate: ['client.cert.pem', certificate],
    key: ['client.key.pem', key],
    both: ['client.pem', certificate + key],
    serverCa: ['server-ca.pem', [...cis].join('')],
  } as const;
  makeFolder(resolve(folder));
  const names = await Promise.all(
    Object.entries(texts).map(async ([name, [file, text]]) => {
      const path = join(folder, file);
      try {
        await writeFile(path, text, { mode: 0o600 });
        await chmod(path, 0o600);
      } catch (cause) {
        throw new UserError(`${path} cannot be written: ${(cause as Error).message}`, { cause });
      }
      return [name, path];
    }),
  );
  return Object.fromEntries(names) as WrittenFiles;
}

/** A command that shows whether it works. */
export function curlFor({ both, serverCa }: WrittenFiles, { config }: CommandData): string {
  const host = config.smdpAddress.replace(/:\d+$/, '');
  const path = '/gsma/rsp2/es2plus/downloadOrder';
  const body = JSON.stringify({
    header: { functionRequesterIdentifier: 'operator', functionCallIdentifier: '1' },
    profileType: 'default',
  });
  return (
    `curl --cert ${both} --cacert ${serverCa} -H 'Content-Type: application/json' \\\n` +
    `    -d '${body}' \\\n    https://${host}:${config.es2Port ?? 'PORT'}${path}`
  );
}
