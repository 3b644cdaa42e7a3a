import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { Config } from '../config.ts';
import { checkLive } from '../smdp/check/check-live.ts';
import type { LiveTarget } from '../smdp/check/check-live.ts';
import { checkPki } from '../smdp/check/check-pki.ts';
import type { Checked } from '../smdp/check/checked.ts';
import type { Finding, Verdict } from '../smdp/check/finding.ts';
import { gatherFiles, gatherStored } from '../smdp/check/gather.ts';
import { SignerError } from '../smdp/pki/external-signer.ts';
import type { ExternalSigner } from '../smdp/pki/external-signer.ts';
import { signingOf } from '../signing.ts';
import { withData } from './data.ts';
import type { CommandData } from './data.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { paint } from './paint.ts';
import type { Style } from './paint.ts';
import { reportError } from './report-error.ts';
import { EndWith, UsageError, UserError } from './user-error.ts';

interface Options extends JsonOption {
  live?: boolean;
  at?: string;
  strict?: boolean;
  all?: boolean;
}

/** As `simwright verify`: 1 is a finding, so whatever keeps the command from looking is 2. */
const FOUND = 1;
const TROUBLE = 2;

const HELP = `
Looks at what is stored, or at files before they are imported: chains, signatures, dates, keys, curves, key usages, policies,
OIDs and names as SGP.22 §4.5.2.1 has them; whether DPtls names SIMWRIGHT_SMDP_ADDRESS; test certificates; CRLs;
operators and their CAs; the clock. If ES9+ answers on this machine, also what it shows the devices of each CI; with
--live, what they see at SIMWRIGHT_SMDP_ADDRESS, from here.

Each is ok, a warning (it works, but look at it before going live), or a fault (devices or operators are refused, or will be).
Nothing is changed.

Exit codes: 0 no fault; 1 a fault, with --strict also a warning; 2 it could not be checked, or invalid command line.`;

/** `simwright pki check` */
export function pkiCheckCommand(): Command {
  return new Command('check')
    .description('check the certificates, and what is around them, before going live')
    .argument('[FILE...]', 'files that may be imported, instead of what is stored')
    .option('--live', 'connect to SIMWRIGHT_SMDP_ADDRESS, as devices do; it must answer')
    .option('--at <HOST:PORT>', 'connect there instead')
    .option('--strict', 'warnings are faults, for the exit code')
    .option('--all', 'also what is ok, with what was expected')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright pki check'],
        ['simwright pki check ci.pem dp*.pem'],
        ['simwright pki check --live --strict --json'],
      ),
    )
    .action(async (names: string[], options: Options) => {
      const findings = await findingsOf(names, options).catch((error: unknown) => {
        reportError(error);
        throw new EndWith(TROUBLE);
      });
      const counts = countsOf(findings);
      if (options.json === true) printJson({ ...counts, findings });
      else printFindings(findings, options.all === true);
      if (counts.faults > 0 || (options.strict === true && counts.warnings > 0)) {
        throw new EndWith(FOUND);
      }
    });
}

async function findingsOf(names: string[], options: Options): Promise<Finding[]> {
  let findings: Finding[] = [];
  await withData(async (data) => {
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
    findings = [
      ...gathered.findings,
      ...(await checkPki(given)),
      ...(target === undefined ? [] : await checkLive(target, given)),
    ];
  });
  return findings;
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

function countsOf(findings: readonly Finding[]) {
  const count = (wanted: Verdict) => findings.filter(({ verdict }) => verdict === wanted).length;
  return { faults: count('fault'), warnings: count('warning'), ok: count('ok') };
}

const SHOWN: Readonly<Record<Verdict, [text: string, style: Style]>> = {
  fault: ['FAULT  ', 'red'],
  warning: ['warning', 'yellow'],
  ok: ['ok     ', 'green'],
};

function printFindings(findings: readonly Finding[], all: boolean): void {
  for (const [subject, ofSubject] of Map.groupBy(findings, (one) => one.subject)) {
    print(`${paint(withoutControls(subject), 'bold')}\n`);
    for (const finding of ofSubject) if (all || finding.verdict !== 'ok') printFinding(finding);
    const fine = ofSubject.filter(({ verdict }) => verdict === 'ok').map(({ check }) => check);
    if (!all && fine.length > 0) print(`  ${label('ok')}  ${[...new Set(fine)].join(', ')}\n`);
    print('\n');
  }
  const { faults, warnings, ok } = countsOf(findings);
  print(`${plural(faults, 'fault')}, ${plural(warnings, 'warning')}, ${ok} ok\n`);
}

const plural = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;

function printFinding({ check, verdict, found, expected, advice }: Finding): void {
  const lines = [
    `${check}: ${found}`,
    `expected: ${expected}`,
    ...(advice === undefined ? [] : [`to do: ${advice}`]),
  ].map(withoutControls);
  print(`  ${label(verdict)}  ${lines.join(`\n${' '.repeat(11)}`)}\n`);
}

function label(verdict: Verdict): string {
  const [text, style] = SHOWN[verdict];
  return paint(text, style);
}

/** Names in certificates may hold anything. */
const withoutControls = (text: string) => text.replaceAll(/\p{Cc}/gu, '\u{FFFD}');
