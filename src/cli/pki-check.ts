import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { Config } from '../config.ts';
import { checkLive } from '../smdp/check/check-live.ts';
import type { LiveTarget } from '../smdp/check/check-live.ts';
import { checkPki } from '../smdp/check/check-pki.ts';
import type { Checked } from '../smdp/check/checked.ts';
import type { Finding } from '../smdp/check/finding.ts';
import { gatherFiles, gatherStored } from '../smdp/check/gather.ts';
import { SignerError } from '../smdp/pki/external-signer.ts';
import type { ExternalSigner } from '../smdp/pki/external-signer.ts';
import { signingOf } from '../signing.ts';
import { withData } from './data.ts';
import type { CommandData } from './data.ts';
import { EXIT_CODES, findingsOptions, tellFindings } from './findings-text.ts';
import type { FindingsOptions } from './findings-text.ts';
import { examples } from './options.ts';
import { UsageError, UserError } from './user-error.ts';

export interface LiveOptions {
  live?: boolean;
  at?: string;
}

type Options = FindingsOptions & LiveOptions;

const HELP = `
Looks at what is stored, or at files before they are imported: chains, signatures, dates, keys, curves, key usages, policies,
OIDs and names as SGP.22 §4.5.2.1 has them; whether DPtls names SIMWRIGHT_SMDP_ADDRESS; test certificates; CRLs;
operators and their CAs; the clock. If ES9+ answers on this machine, also what it shows the devices of each CI; with
--live, what they see at SIMWRIGHT_SMDP_ADDRESS, from here.

Each is ok, a warning (it works, but look at it before going live), or a fault (devices or operators are refused, or will be).
Nothing is changed.

${EXIT_CODES}`;

/** `simwright pki check` */
export function pkiCheckCommand(): Command {
  const command = new Command('check')
    .description('check the certificates, and what is around them, before going live')
    .argument('[FILE...]', 'files that may be imported, instead of what is stored')
    .option('--live', 'connect to SIMWRIGHT_SMDP_ADDRESS, as devices do; it must answer')
    .option('--at <HOST:PORT>', 'connect there instead');
  return findingsOptions(command)
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright pki check'],
        ['simwright pki check ci.pem dp*.pem'],
        ['simwright pki check --live --strict --json'],
      ),
    )
    .action((names: string[], options: Options) =>
      tellFindings(async () => {
        let findings: Finding[] = [];
        await withData(async (data) => {
          findings = await pkiFindings(names, options, data);
        });
        return findings;
      }, options),
    );
}

/** @param names of files that are checked instead of what is stored */
export async function pkiFindings(
  names: readonly string[],
  options: LiveOptions,
  data: CommandData,
): Promise<Finding[]> {
  const { config, secrets, store, masterKey, now } = data;
  await using signing = signingOf(config, secrets);
  const stored = await gatherStored(store, masterKey);
  const files = await Promise.all(names.map(readGiven));
  const gathered = files.length === 0 ? stored : gatherFiles(files, stored);
  await store.clock.compare();
  const given: Checked = {
    ...gathered,
    config,
    now,
    aheadMs: store.clock.aheadMs,
    prove: proveBy(signing.signers),
  };
  const target = targetOf(options, files.length > 0, data);
  return [
    ...gathered.findings,
    ...(await checkPki(given)),
    ...(target === undefined ? [] : await checkLive(target, given)),
  ];
}

async function readGiven(name: string) {
  try {
    return { name, content: await readFile(name) };
  } catch (cause) {
    throw new UserError(`${name} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function proveBy(signers: ExternalSigner | undefined): Checked['prove'] {
  return (
    signers &&
    (async (one) => {
      try {
        await signers.check([one]);
        return undefined;
      } catch (error) {
        if (!(error instanceof SignerError)) throw error;
        return error.message;
      }
    })
  );
}

function targetOf(
  { live, at }: Options,
  isOfFiles: boolean,
  { config }: CommandData,
): LiveTarget | undefined {
  if (at !== undefined || live === true) {
    return { ...parseTarget(at ?? config.smdpAddress), unanswered: 'fault' };
  }
  return isOfFiles ? undefined : ownListener(config);
}

/** An address without a port is on 443, as in an activation code. */
function parseTarget(text: string): { host: string; port: number } {
  const [, host, port = '443'] = /^(.+?)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === undefined || host.includes(':') || Number(port) > 65_535 || Number(port) === 0) {
    throw new UsageError(`expected HOST or HOST:PORT; got ${text}`);
  }
  return { host, port: Number(port) };
}

function ownListener({ es9Host, es9Port }: Config): LiveTarget | undefined {
  if (es9Port === 0) return undefined;
  const anywhere: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
  // The server need not run.
  return { host: anywhere[es9Host] ?? es9Host, port: es9Port, unanswered: 'ok' };
}
