// `npm run conformance`: runs a foreign suite against this server, and writes docs/conformance.md.
import { lookup } from 'node:dns/promises';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { VERSION } from '../../../src/version.ts';
import { CannotRun, FOUND, TROUBLE } from '../../../torture/exit-codes.ts';
import type { BuiltSuite, Ports, Ran } from './built-suite.ts';
import { findSuite, HOST, listCases, revisionOf, runCases, SUITE } from './built-suite.ts';
import { groupsOf } from './groups.ts';
import type { Curve, Group } from './groups.ts';
import { merged, readResults, writeResults } from './results.ts';
import type { Result } from './results.ts';

interface Options {
  suite: string;
  eim?: true;
  only?: string;
  starter: string;
  list?: true;
  keep?: true;
  write: boolean;
}

const PAGE = join(import.meta.dirname, '../../../docs/conformance.md');

const HELP = `
The suite is smdpp_Tests of Osmocom's osmo-ttcn3-hacks, the public tests of SGP.23 for SM-DP+s, in TTCN-3. It is not part of
Simwright, and nothing here builds it: follow its README (Eclipse TITAN, "make smdpp"), and link it with libcurl's OpenSSL
flavour, because with GnuTLS every call fails with status 0. FOLDER is the checkout; the program is in _build/smdpp.

It always calls ${HOST}, the host in its certificates, so that must lead here:
  echo '127.0.0.1 ${HOST}' | sudo tee -a /etc/hosts

For each group of cases, a server is started on free ports, with temporary data: the suite's certificates ("simwright pki
import"), a stock, and the orders that its cases expect, by their matching IDs, which have underscores
(SIMWRIGHT_TEST_MATCHING_IDS=on): expired, with its attempts used up, only confirmed, with policy rules, with an icon. Nothing
else of this machine is touched, and all of it listens on loopback only.

Afterwards docs/conformance.md has the verdict of every case, with the version and the date of its last run. What has never
been run stands as not run. The exit code is 0 if all cases that were run pass, 1 if not, 2 if they could not be run.

With --eim it is eIM_Tests of the same checkout ("make eim"): an IPA and an SM-DP+ in one, which asks for operations through a small
REST interface, which an adapter here turns into our API. It needs no line in /etc/hosts, and docs/conformance.md stays as it is;
docs/interop.md says which of its cases pass, and why the others do not.

Examples:
  $ npm run conformance -- --suite ../osmo-ttcn3-hacks
  $ npm run conformance -- --suite ../osmo-ttcn3-hacks --only 'Retry|ASN1' --keep
  $ npm run conformance -- --suite ../osmo-ttcn3-hacks --list
  $ npm run conformance -- --suite ../osmo-ttcn3-hacks --eim`;

const program = new Command('conformance')
  .description('runs a foreign suite of tests against this server')
  .requiredOption(
    '--suite <FOLDER>',
    'a checkout of osmo-ttcn3-hacks in which smdpp has been built',
  )
  .option('--eim', 'the suite for eIMs instead: a checkout in which eim has been built')
  .option('--only <PATTERN>', 'the cases whose names match, as a regular expression')
  .option('--list', 'list the groups with their cases, and run none')
  .option('--keep', 'keep data, logs and the output of the suite, and say where')
  .option('--no-write', 'leave docs/conformance.md as it is')
  .option('--starter <PROGRAM>', 'the program that starts suites of TITAN', 'ttcn3_start')
  .addHelpText('after', HELP)
  .exitOverride()
  .action(main);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : TROUBLE;
  if (!(error instanceof CommanderError)) {
    console.error(error instanceof CannotRun ? `conformance: ${error.message}` : error);
  }
}

async function main(options: Options): Promise<void> {
  if (options.eim) {
    await mainOfEim(options);
    return;
  }
  const suite = findSuite(options.suite, options.starter);
  const names = await listCases(suite);
  const only = new RegExp(options.only ?? '');
  const groups = groupsOf(names);
  const chosen = groups
    .map((group) => ({ ...group, cases: group.cases.filter(({ name }) => only.test(name)) }))
    .filter(({ cases }) => cases.length > 0);
  if (options.list) {
    for (const { name, cases } of chosen) {
      console.log([name, ...cases.map((one) => `  ${one.name}`)].join('\n'));
    }
    return;
  }
  await checkHost();
  const folder = await mkdtemp(join(tmpdir(), 'simwright-conformance-'));
  try {
    const ran = await runGroups(suite, chosen, folder);
    const results = resultsOf(groups, ran);
    if (options.write) {
      const run = { suite: SUITE, revision: await revisionOf(suite), results };
      writeResults(merged(readResults(), run));
      // Which reads the results when it is loaded first.
      const { renderPage } = await import('../page.ts');
      await writeFile(PAGE, renderPage());
    }
    summarise(results);
  } finally {
    if (options.keep) console.log(`Everything is in ${folder}`);
    else await rm(folder, { recursive: true });
  }
}

/** All in one run, one after the other. Throws `CannotRun`. */
async function mainOfEim({ suite: from, starter, only = '', list, keep }: Options): Promise<void> {
  // Loaded only here: a server takes seconds.
  const { EIM, runEimCases } = await import('./eim-suite.ts');
  const suite = findSuite(from, starter, EIM);
  const pattern = new RegExp(only);
  const names = (await listCases(suite)).filter((name) => pattern.test(name));
  if (list) {
    console.log(names.join('\n'));
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'simwright-conformance-'));
  try {
    const ran = await runEimCases(suite, names, folder);
    console.log(`${EIM.program} at ${await revisionOf(suite)}`);
    printVerdicts(names, ran);
    summarise(names.map((name) => ran.get(caseOf(name)) ?? { verdict: 'not run' }));
  } finally {
    if (keep) console.log(`Everything is in ${folder}`);
    else await rm(folder, { recursive: true });
  }
}

/** `TC_…` */
function caseOf(name: string): string {
  return name.split('.')[1]!;
}

function printVerdicts(names: readonly string[], ran: ReadonlyMap<string, Ran>): void {
  for (const name of names) {
    const { verdict = 'not run', reason = '' } = ran.get(caseOf(name)) ?? {};
    console.log(`  ${verdict.padEnd(7)} ${name}${reason === '' ? '' : `: ${reason}`}`);
  }
}

/** Throws `CannotRun`. */
async function checkHost(): Promise<void> {
  const found = await lookup(HOST).catch(() => undefined);
  if (found?.address === '127.0.0.1') return;
  throw new CannotRun(
    `expected ${HOST} to be 127.0.0.1; it is ${found?.address ?? 'unknown'}. See --help`,
  );
}

async function runGroups(
  suite: BuiltSuite,
  groups: readonly Group[],
  folder: string,
): Promise<Map<string, Ran>> {
  // Loaded only here: a server takes seconds.
  const { freePort } = await import('../../postgres.ts');
  const { operatorIn, prepare, startFor } = await import('./prepared.ts');
  const ports: Ports = { nist: await freePort(), brp: await freePort(), es2: await freePort() };
  const prepared = new Map<Curve, string>();
  const all = new Map<string, Ran>();
  for (const [index, group] of groups.entries()) {
    const own = join(folder, String(index + 1).padStart(2, '0'));
    const names = group.cases.map(({ name }) => name);
    const { curve } = group;
    if (!prepared.has(curve)) prepared.set(curve, await prepare(suite, curve, folder, ports));
    const data = prepared.get(curve)!;
    await using stack = new AsyncDisposableStack();
    stack.use(await startFor(group, data, own, ports));
    const ran = await runCases(suite, names, join(own, 'suite'), operatorIn(data), ports);
    console.log(`${index + 1}/${groups.length} ${group.name}`);
    printVerdicts(names, ran);
    for (const name of names) {
      const found = ran.get(caseOf(name));
      if (found !== undefined) all.set(name, found);
    }
  }
  return all;
}

function resultsOf(groups: readonly Group[], ran: ReadonlyMap<string, Ran>): Result[] {
  const date = new Date().toISOString().slice(0, 10);
  return groups
    .flatMap(({ cases }) => cases)
    .map(({ name, clause, test }) => ({
      case: caseOf(name),
      clause,
      test,
      version: VERSION,
      date,
      verdict: 'not run',
      ...ran.get(name),
    }));
}

function summarise(results: readonly Pick<Result, 'verdict'>[]): void {
  const run = results.filter(({ verdict }) => verdict !== 'not run');
  const passed = run.filter(({ verdict }) => verdict === 'pass').length;
  console.log(`\n${passed} of ${run.length} pass; ${results.length - run.length} were not run`);
  if (passed < run.length) process.exitCode = FOUND;
}
