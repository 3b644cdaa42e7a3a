// The trial of every point on the command line.
import { Command, InvalidArgumentError } from 'commander';
import { parseCount } from '../../src/cli/options.ts';
import type { Wanted } from './explore-all.ts';
import { FAULTS, FAULT_KINDS, faultsOf, formatPoint, parsePoint } from './point.ts';
import type { DatabaseKind, FaultKind, Point } from './point.ts';
import { SCENES } from './scene.ts';
import { FOUND, TROUBLE } from '../exit-codes.ts';
import { listed } from '../listed-option.ts';
import { endsOnInterrupt } from '../interrupt.ts';
import { summaryOf } from './summary.ts';

const MOST = 0x7fff_ffff;
const PROGRESS_EVERY_MS = 5_000;
const DATABASES: DatabaseKind[] = ['sqlite', 'postgres'];
const KINDS = Object.keys(FAULT_KINDS) as FaultKind[];
const NAMES = SCENES.map(({ name }) => name);

const HELP = `
A point is one call that the server makes: a statement, a commit, the sync of the log, a connection, a callback; or an
answer on its way to the client; or a step of an IoT device. Each is hit in a run of its own, with a real server, real HTTP and TLS and a real
database: the call fails, or the process dies there. Then the journey must reach its end by itself, and what
"simwright verify --acknowledged" checks must hold. first-start and start are an order, with the points of the start.

Faults:
${Object.entries(FAULTS)
  .map(([fault, what]) => `  ${fault.padEnd(20)}${what}`)
  .join('\n')}

A point is named by what it is, FAULT@CALL#OCCURRENCE. Work in the background takes turns that differ from run to run,
so a point may not come again; those are listed.

Exit codes: 0 nothing was violated; 1 something was; 2 it could not be run or was interrupted, --point was not reached,
or invalid command line.

Examples:
  # every point: an hour and a half on two cores, half as long with --share
  $ npm run torture -- points --part 1/2 & npm run torture -- points --part 2/2
  $ npm run torture -- points --journeys order --databases sqlite --kinds fail
  # which points there are, and one of them again
  $ npm run torture -- points --journeys order --databases sqlite --list
  $ npm run torture -- points --journeys order --databases sqlite --point die@begin#4`;

interface Options extends Pick<Wanted, 'sample' | 'part' | 'seed'> {
  journeys: string[];
  databases: DatabaseKind[];
  kinds: FaultKind[];
  point?: Point;
  list?: true;
  share?: true;
  processes?: true;
}

export function pointsCommand(): Command {
  return new Command('points')
    .description('a failure at every point of every journey')
    .addOption(listed('--journeys <NAMES>', 'which, separated by commas', NAMES))
    .addOption(listed('--databases <NAMES>', 'which', DATABASES))
    .addOption(listed('--kinds <KINDS>', 'only points of these kinds', KINDS))
    .option('--point <POINT>', 'only this one', parseGivenPoint)
    .option('--list', 'only print the points')
    .option('--sample <N>', 'at most so many points of each journey', parseCount(MOST))
    .option('--seed <N>', 'which sample, and what clients do', parseCount(MOST), 1)
    .option('--part <I/N>', 'only part I of N, to share the work', parsePart)
    .option('--share', 'points one after the other on one database: quicker, with more traces')
    .option('--processes', 'kill servers that are processes of their own')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      process.exitCode = await run(options);
    });
}

async function run(options: Options): Promise<number> {
  const { journeys, databases, kinds, seed, sample, part } = options;
  const { list: lists, point, share: shares, processes = false } = options;
  const wanted = { journeys, databases, kinds, seed, sample, part, shares, inProcesses: processes };
  if (lists) return list(wanted);
  if (point !== undefined) return repeat(wanted, point);
  const { exploreAll } = await import('./explore-all.ts');
  const interrupted = endsOnInterrupt();
  const explorations = await exploreAll(wanted, {
    onRun: progressTo(process.stderr),
    onFinding: (text) => console.error(text),
    enough: interrupted,
  });
  if (interrupted.aborted) console.log('points: interrupted');
  console.log(summaryOf(explorations));
  if (explorations.some(({ findings }) => findings.length > 0)) return FOUND;
  return explorations.length === 0 || interrupted.aborted ? TROUBLE : 0;
}

async function list(wanted: Wanted): Promise<number> {
  // Loaded only here: it puts its own functions in the place of the drivers'.
  const { onEachScene } = await import('./explore-all.ts');
  const { callsOf } = await import('./explore.ts');
  await onEachScene(wanted, async (scene, around) => {
    const { kind: database } = around.ground;
    console.log(`${scene.name} on ${database}`);
    for (const { kind, name, occurrence, caller, text } of await callsOf(scene, around)) {
      const faults = faultsOf(kind, database).join(',');
      console.log(`  ${name}#${occurrence}  ${faults}  ${caller ?? ''}  ${text.slice(0, 100)}`);
    }
  });
  return 0;
}

/** Once per journey and database. */
async function repeat(wanted: Wanted, point: Point): Promise<number> {
  const { onEachScene } = await import('./explore-all.ts');
  const { tryPoint } = await import('./lender.ts');
  const { bearProcess } = await import('./process-life.ts');
  const { Stage } = await import('./stage.ts');
  const codes: number[] = [];
  await onEachScene(wanted, async (scene, around) => {
    const bear = wanted.inProcesses === true ? bearProcess : around.bear;
    await using stage = await Stage.open(scene, { ...around, bear });
    const { problems, hasStruck } = await tryPoint(stage, scene, point);
    for (const line of stage.logged) process.stderr.write(line);
    const outcome = hasStruck ? 'nothing is violated' : 'not reached';
    console.log(
      `${scene.name} on ${around.ground.kind}: ${formatPoint(point)}: ` +
        (problems.length === 0 ? outcome : `${problems.length} violations`),
    );
    for (const problem of problems) console.log(`  VIOLATED ${problem}`);
    codes.push(problems.length > 0 ? FOUND : hasStruck ? 0 : TROUBLE);
  });
  return codes.find((code) => code === FOUND) ?? Math.max(...codes, 0);
}

/** Writes a line now and then. */
function progressTo(stream: NodeJS.WritableStream): (text: string) => void {
  let shown = performance.now();
  return (text) => {
    if (performance.now() < shown + PROGRESS_EVERY_MS) return;
    shown = performance.now();
    stream.write(`points: ${text}\n`);
  };
}

function parseGivenPoint(text: string): Point {
  const point = parsePoint(text);
  if (point !== undefined) return point;
  throw new InvalidArgumentError(`Expected FAULT@CALL#OCCURRENCE, as die@begin#4; got '${text}'.`);
}

function parsePart(text: string): NonNullable<Wanted['part']> {
  const [, number = 0, of = 0] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (number >= 1 && number <= of) return { number, of };
  throw new InvalidArgumentError(`Expected I/N, as 1/2; got '${text}'.`);
}
