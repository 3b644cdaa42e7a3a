// The simulation on the command line.
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseCount } from '../../src/cli/options.ts';
import { CannotRun, FOUND, TROUBLE } from '../exit-codes.ts';
import { listed } from '../listed-option.ts';
import { endsOnInterrupt } from '../interrupt.ts';
import { JOURNEYS } from '../journeys/index.ts';
import { simulateAll, simulateApart } from './seeds.ts';
import type { Asked, Seeds, Simulated, Tally } from './seeds.ts';

const MOST = 0x7fff_ffff;
const PROGRESS_EVERY_MS = 5_000;
/** Failed seeds that are shown. */
const SHOWN = 10;

const NAMES = JOURNEYS.map(({ name }) => name);

interface Options {
  journeys: string[];
  seeds: Seeds;
  seed?: number;
  processes: number;
  trace?: true;
  statements?: true;
}

const HELP = `
The whole server runs in one process, on a machine of its own: a fake clock, a fake network, a disk in memory that fails
(SQLite; PostgreSQL cannot be simulated), and chance from the seed. Clients go on journeys side by side
(${JOURNEYS.map(({ name }) => name).join(', ')}) while requests and answers get lost, late or come
twice, receivers of callbacks refuse, hang up or are slow, statements, commits and syncs fail, the server dies at any
call and starts again, the power is cut, clocks jump, the server is frozen. Then it is quiet: every journey must reach
its end, and what "simwright verify --acknowledged" checks must hold.

The same seed gives the same run, event by event, with the same --journeys, until a journey or a kind of trouble is added.

Exit codes: 0 nothing was violated; 1 something was; 2 it could not be run or was interrupted, or invalid command line.

Examples:
  # a quarter of an hour on two cores
  $ npm run torture -- simulation --seeds 1-10000
  # what happens in a run, with simulated times
  $ npm run torture -- simulation --seed 7 --trace
  # a new journey, alone
  $ npm run torture -- simulation --journeys rivals --seeds 1-100`;

export function simulationCommand(): Command {
  return new Command('simulation')
    .description('the whole server in one process with a fake clock, disk and network, by seed')
    .addOption(
      new Option('--seeds <FIRST-LAST>', 'which runs')
        .argParser(parseSeeds)
        .default({ first: 1, last: 1_000 }, '1-1000'),
    )
    .option('--seed <N>', 'only this run', parseCount(MOST))
    .addOption(listed('--journeys <NAMES>', 'among which the seed chooses', NAMES))
    .option(
      '--processes <N>',
      'how many at the same time',
      parseCount(1_000),
      availableParallelism(),
    )
    .option('--trace', 'with --seed: print what happens')
    .option('--statements', 'with --seed: the same, and each SQL statement')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      process.exitCode = await run(options);
    });
}

function parseSeeds(text: string): Seeds {
  const [first = 0, last = first] = text.split('-').map(Number);
  if (/^\d+(-\d+)?$/.test(text) && first >= 1 && first <= last && last <= MOST) {
    return { first, last };
  }
  throw new InvalidArgumentError(`Expected FIRST-LAST, as 1-1000; got '${text}'.`);
}

async function run(options: Options): Promise<number> {
  const { seeds, seed, journeys, processes, trace, statements } = options;
  const events = trace === true ? 'events' : undefined;
  if (seed === undefined && (trace ?? statements)) {
    throw new CannotRun('expected --seed with --trace and --statements, which print one run');
  }
  if (seed !== undefined)
    return runOne({ seed, journeys, keeps: statements === true ? 'statements' : events });
  const started = performance.now();
  let shown = started;
  const interrupted = endsOnInterrupt();
  const all = seeds.last - seeds.first + 1;
  const progress = (so: Tally, ran: Simulated) => {
    if (ran.violations.length > 0) console.error(inWords(ran));
    if (performance.now() < shown + PROGRESS_EVERY_MS) return;
    shown = performance.now();
    console.error(`simulation: ${so.runs} of ${all} seeds, ${so.failed.length} failed`);
  };
  const tally = await simulateAll(seeds, processes, { journeys, progress, enough: interrupted });
  if (tally.runs < all) console.log(`simulation: interrupted after ${tally.runs} of ${all} seeds`);
  console.log(summary(tally, (performance.now() - started) / 1_000, journeys));
  if (tally.failed.length > 0) return FOUND;
  return tally.runs < all ? TROUBLE : 0;
}

async function runOne(asked: Asked): Promise<number> {
  const { lines, ...ran } = await simulateApart(asked);
  if (asked.keeps !== undefined) console.log(`${lines.join('\n')}\n`);
  console.log(inWords(ran));
  return ran.violations.length === 0 ? 0 : FOUND;
}

function summary(tally: Tally, seconds: number, among: readonly string[]): string {
  const { runs, journeys, troubles, starts, examined, elapsed, failed } = tally;
  const count = (value: number) => value.toLocaleString('en');
  const [first] = failed;
  return [
    `simulation: ${failed.length} of ${count(runs)} seeds failed, in ${seconds.toFixed(0)} s`,
    `  ${count(journeys)} journeys under ${count(troubles)} troubles, ${count(starts)} starts of the server, ` +
      `${count(Math.round(elapsed / 3_600_000))} simulated hours; ${count(examined)} rows examined`,
    ...failed.slice(0, SHOWN).map(inWords),
    ...(failed.length > SHOWN ? [`  and ${failed.length - SHOWN} more`] : []),
    ...(first === undefined
      ? []
      : [
          `  To repeat it: npm run torture -- simulation --seed ${first.seed}${amongOf(among)} --trace`,
        ]),
  ].join('\n');
}

const amongOf = (among: readonly string[]) =>
  among.length === NAMES.length ? '' : ` --journeys ${among.join(',')}`;

function inWords({
  seed,
  plan,
  troubles,
  starts,
  elapsed,
  violations,
}: Omit<Simulated, 'lines'>): string {
  return [
    `seed ${seed}: ${plan}; ${troubles} troubles, ${starts} starts, ${(elapsed / 1_000).toFixed(1)} simulated s: ` +
      (violations.length === 0 ? 'nothing is violated' : `${violations.length} violations`),
    ...violations.map((one) => `  VIOLATED ${one}`),
  ].join('\n');
}
