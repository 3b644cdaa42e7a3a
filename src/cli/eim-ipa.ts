// Where the IPA of an eUICC listens, on the command line.
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { IpaColumns } from '../eim/injection/ipa-columns.ts';
import { IPA_BINDINGS, ipaColumns } from '../eim/injection/ipa-columns.ts';
import type { EsipaBindingName, EuiccRow } from '../store/schema.ts';
import { UserError } from './user-error.ts';

export interface IpaOptions {
  ipaUrl?: string;
  ipaBinding?: EsipaBindingName;
  ipaCa?: string;
}

/** @param removal appended to the description of the URL */
export function addIpaOptions(command: Command, removal = ''): Command {
  return command
    .option(
      '--ipa-url <URL>',
      `where its IPA listens, if it does: what there is for the eUICC is sent there at once${removal}`,
    )
    .addOption(
      new Option(
        '--ipa-binding <binding>',
        'the binding of ESipa that it speaks; asn1 by default',
      ).choices(IPA_BINDINGS),
    )
    .option(
      '--ipa-ca <file>',
      `CAs of the IPA's certificate, or that certificate, in PEM; by default${removal && ", or with ''"}, those of the public web`,
    );
}

/** As given, which is checked. Throws `EuiccRefused`, `UserError`. */
export async function ipaOf({
  ipaUrl: url,
  ipaBinding: binding,
  ipaCa: file,
}: IpaOptions): Promise<Partial<IpaColumns>> {
  const ca = file === undefined || file === '' ? file : await readPem(file);
  return ipaColumns({ url, binding, ca });
}

async function readPem(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UserError(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  });
}

export const ipaWords = ({ ipa_url: url, ipa_binding: binding, ipa_ca: ca }: EuiccRow) =>
  url === null
    ? 'polls'
    : `listens at ${url} (${binding}${ca === null ? '' : ', under CAs of its own'})`;
