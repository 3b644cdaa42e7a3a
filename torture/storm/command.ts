// `npm run torture`: the storm, on each database.
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseCount } from '../../src/cli/options.ts';
import { citusUrl, withoutCitus } from '../../test/citus.ts';
import { startCluster } from '../../test/postgres.ts';
import { FOUND, TROUBLE } from '../exit-codes.ts';
import { endsOnInterrupt } from '../interrupt.ts';
import { JOURNEYS } from '../journeys/index.ts';
import { preloadOption } from '../preload-option.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { SUITABLE } from './clients.ts';
import type { DatabaseKind } from './schedule.ts';
import { planFaults, planKills } from './schedule.ts';
import type { Outcome, StormOptions } from './storm.ts';
import { runStorm } from './storm.ts';
import { faultsInWords, inWords } from './tally.ts';
import { THIS_VERSION, versionOf } from './version.ts';

const DATABASES: readonly DatabaseKind[] = ['sqlite', 'postgres'];
const KNOWN: readonly DatabaseKind[] = [...DATABASES, 'citus'];

interface Options {
  minutes: number;
  cycles?: number;
  seed: number;
  databases: DatabaseKind[];
  nodes: number;
  workers: number;
  clients: number;
  folder?: string;
  preload: string[];
  schedule?: true;
  replace?: string;
  journeys?: string[];
}

const names = (journeys: readonly { name: string }[]) =>
  journeys.map(({ name }) => name).join(', ');
const LEFT_OUT = JOURNEYS.filter((journey) => !SUITABLE.includes(journey));

const HELP = `
Real servers ("simwright start"), on SQLite one, on PostgreSQL several, with real HTTP and TLS. Clients go on journeys
side by side (${names(SUITABLE)}) while servers are killed and paused, PostgreSQL or a node of Citus is killed, clocks
jump, disks and networks are slow or fail, and answers are lost. Then it is quiet: every journey must reach its end,
and "simwright verify --acknowledged" must find no violation. Left out, since they need days or an older database:
${names(LEFT_OUT)}; "points" and "simulation" have them.

The seed decides which faults come, in which order and after which pauses, and what clients do; how far real processes
get in between, it cannot decide, so repeat a failing seed more than once. While no server listens the next fault waits.
With --replace, the servers (three) on PostgreSQL or Citus run the given commit ("git worktree", with its own packages). One after the other is
stopped (SIGTERM; one in four is killed) and replaced by one of this build, then by one of the commit again, without a pause. Clients see one
address: a proxy that sends new connections to servers whose /readyz answers 200. While a server that drains is replaced, none
of them may be left without an answer. A commit that refuses the migrated database is replaced by this build for good.

Ctrl-C ends the faults, and what has been done by then is judged; journeys get ten seconds more. A run that finds
something keeps its folder: the logs, the database and what clients were told.

Exit codes: 0 nothing was violated; 1 something was; 2 it could not be run or was interrupted, or invalid command line.

Examples:
  $ npm run torture -- --minutes 10 --seed 1
  $ npm run torture -- --databases postgres --nodes 3 --minutes 60 --seed 2
  # servers of two workers, which are killed, too
  $ npm run torture -- --workers 2 --nodes 2 --minutes 10
  # kills and restarts alone
  $ npm run torture -- --cycles 1000 --databases sqlite
  # a rolling upgrade from a commit, and back, again and again, while clients go on
  $ npm run torture -- --nodes 3 --replace HEAD~1 --minutes 10
  # what would happen when
  $ npm run torture -- --seed 7 --minutes 1 --schedule`;

export function stormCommand(): Command {
  return new Command('storm')
    .description(
      'servers under kills and failures of every kind, then the invariants (the default)',
    )
    .option('--minutes <N>', 'how long the faults last', parseMinutes, 10)
    .option('--cycles <N>', 'instead: kill a server and start it again N times', parseCount(1e6))
    .option('--seed <N>', 'which storm', parseCount(0x7fff_ffff), 1)
    .addOption(
      new Option('--databases <LIST>', 'of sqlite, postgres and citus; the last at TEST_CITUS_URL')
        .argParser(parseDatabases)
        .default([...DATABASES], 'sqlite,postgres'),
    )
    .option('--nodes <N>', 'servers on PostgreSQL or Citus; SQLite has one', parseCount(20), 3)
    .option('--workers <N>', 'processes that serve, of each server', parseCount(20), 1)
    .option('--clients <N>', 'clients side by side', parseCount(1_000), 8)
    .option('--folder <FOLDER>', 'where to keep logs and database; by default a temporary folder')
    .addOption(preloadOption())
    .option(
      '--replace <COMMIT>',
      'instead of faults: behind a proxy, servers of this commit are replaced by those of this build, and back',
    )
    .option('--journeys <LIST>', 'which of them clients go on; by default all', parseJourneys)
    .option('--schedule', 'only print what would happen when')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      process.exitCode = await runAll(options);
    });
}

function parseMinutes(text: string): number {
  const minutes = Number(text);
  if (minutes > 0 && minutes <= 10_000) return minutes;
  throw new InvalidArgumentError(`Expected minutes, more than 0 and at most 10000; got '${text}'.`);
}

function parseJourneys(list: string): string[] {
  return list.split(',').map((name) => {
    if (SUITABLE.some((journey) => journey.name === name)) return name;
    throw new InvalidArgumentError(`Expected some of ${names(SUITABLE)}; got '${name}'.`);
  });
}

function parseDatabases(list: string): DatabaseKind[] {
  return list.split(',').map((name) => {
    const known = KNOWN.find((one) => one === name);
    if (known !== undefined) return known;
    throw new InvalidArgumentError(`Expected some of sqlite, postgres, citus; got '${list}'.`);
  });
}

async function runAll(options: Options): Promise<number> {
  const interrupted = endsOnInterrupt();
  const { replace } = options;
  // One server after the other: so not on SQLite, which has one.
  const databases = options.databases.filter(
    (database) => replace === undefined || database !== 'sqlite',
  );
  if (databases.length === 0) {
    console.log('Several servers are replaced in turns, which needs postgres or citus');
    return TROUBLE;
  }
  let ran = 0;
  let found = 0;
  for (const database of databases) {
    const nodes = database === 'sqlite' ? 1 : options.nodes;
    if (options.schedule === true) {
      printSchedule(options, database, nodes);
      ran++;
      continue;
    }
    if (database === 'postgres' && !(await hasPostgres())) {
      console.log('postgres: skipped, PostgreSQL is not installed here');
      continue;
    }
    if (database === 'citus' && citusUrl === undefined) {
      console.log(`citus: skipped, ${String(withoutCitus)}`);
      continue;
    }
    ran++;
    if (!(await runOn(database, nodes, options, interrupted))) found++;
    if (interrupted.aborted) break;
  }
  if (found > 0) return FOUND;
  return ran === databases.length && !interrupted.aborted ? 0 : TROUBLE;
}

async function hasPostgres(): Promise<boolean> {
  const cluster = await startCluster();
  await cluster?.stop();
  return cluster !== undefined;
}

/** @returns whether nothing was violated */
async function runOn(
  database: DatabaseKind,
  nodes: number,
  options: Options,
  interrupted: AbortSignal,
): Promise<boolean> {
  const { minutes, cycles, seed, clients, workers, preload, replace } = options;
  using temporary = options.folder === undefined ? temporaryFolder(`storm-${database}`) : undefined;
  const folder = temporary?.path ?? join(resolve(options.folder!), database);
  using older = replace === undefined ? undefined : versionOf(replace);
  const journeys = (older?.journeys ?? SUITABLE).filter(
    (journey) => SUITABLE.includes(journey) && (options.journeys?.includes(journey.name) ?? true),
  );
  const storm: StormOptions = {
    seed,
    database,
    nodes,
    workers,
    clients,
    until: cycles === undefined ? { ms: minutes * 60_000 } : { cycles },
    folder,
    preloads: preload,
    journeys,
    ...(older === undefined ? {} : { versions: [older, THIS_VERSION] as const }),
    enough: interrupted,
    progress: (phase, tally) => {
      console.error(`${database}, ${phase}: ${inWords(tally)}; ${faultsInWords(tally)}`);
    },
  };
  const outcome = await runStorm(storm);
  if (interrupted.aborted) console.log(`${database}: interrupted`);
  console.log(summary(database, outcome));
  if (outcome.violations.length === 0) return true;
  temporary?.keep();
  console.log(`  Logs, database and what clients were told: ${folder}`);
  console.log(`  To repeat it: ${repeatCommand(database, options)}\n`);
  return false;
}

function summary(database: DatabaseKind, outcome: Outcome): string {
  const { violations, abandoned, examined, starts, stormMs, quietMs } = outcome;
  const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`;
  return [
    `${database}: ${violations.length} violations in ${examined.toLocaleString('en')} rows`,
    `  Faults, in ${seconds(stormMs)}: ${faultsInWords(outcome)}; ${starts} starts of servers`,
    `  Work: ${inWords(outcome)}; quiet after ${seconds(quietMs)}`,
    ...(abandoned.length === 0 ? [] : [`  Journeys not awaited: ${abandoned.join(', ')}`]),
    ...violations.map((one) => `  VIOLATED ${one}`),
  ].join('\n');
}

/** Everything that decides the faults. */
function repeatCommand(database: DatabaseKind, options: Options): string {
  const { minutes, cycles, seed, nodes, workers, clients, preload, replace, journeys } = options;
  return [
    `npm run torture -- --databases ${database} --seed ${seed}`,
    cycles === undefined ? `--minutes ${minutes}` : `--cycles ${cycles}`,
    `--nodes ${nodes} --workers ${workers} --clients ${clients}`,
    ...(replace === undefined ? [] : [`--replace ${replace}`]),
    ...(journeys === undefined ? [] : [`--journeys ${journeys.join(',')}`]),
    ...preload.map((file) => `--preload ${file}`),
  ].join(' ');
}

function printSchedule(
  { seed, minutes, cycles, workers }: Options,
  database: DatabaseKind,
  nodes: number,
): void {
  console.log(`${database}:`);
  if (cycles !== undefined) {
    for (const { node, moment, afterMs } of planKills(seed, nodes, cycles)) {
      console.log(`  kill server ${node + 1} after ${afterMs} ms of ${moment}`);
    }
    return;
  }
  let seconds = 0;
  for (const { afterMs, fault } of planFaults(seed, database, nodes, workers)) {
    seconds += afterMs / 1_000;
    if (seconds > minutes * 60) return;
    console.log(`  ${seconds.toFixed(1).padStart(7)} s  ${JSON.stringify(fault)}`);
  }
}
