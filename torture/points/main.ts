// `node torture/points/main.ts`: a failure at every point of every journey.
import { Command, InvalidArgumentError, Option } from 'commander';
import { exploreAll, FAULT_KINDS, onEachScene } from './explore-all.ts';
import type { FaultKind, Wanted } from './explore-all.ts';
import { callsOf } from './explore.ts';
import type { Exploration } from './explore.ts';
import { tryPoint } from './lender.ts';
import { FAULTS, faultsOf, formatPoint, parsePoint } from './point.ts';
import type { DatabaseKind, Point } from './point.ts';
import { bearProcess } from './process-life.ts';
import { SCENES } from './scene.ts';
import type { Scene } from './scene.ts';
import { Stage } from './stage.ts';
import type { Surroundings } from './stage.ts';
import { summaryOf } from './summary.ts';

const DATABASES: DatabaseKind[] = ['sqlite', 'postgres'];
const KINDS = Object.keys(FAULT_KINDS) as FaultKind[];

const HELP = `
A point is one call that the server makes: a statement, a commit, the sync of the log, a connection, a callback; or an
answer on its way to the client. Each is hit in a run of its own: the call fails, or the process dies there. Then the
journey must reach its end by itself, and \`simwright verify\` must find nothing.

Faults:
${Object.entries(FAULTS)
  .map(([fault, what]) => `  ${fault.padEnd(20)}${what}`)
  .join('\n')}

Examples:
  node torture/points/main.ts                                     every point (hours)
  node torture/points/main.ts --journey order --database sqlite --kind fail
  node torture/points/main.ts --journey order --database sqlite --list
  node torture/points/main.ts --journey order --database sqlite --point 'die@commit-of-insert-esim_profiles-1a2b#1'

Exit code: 0 nothing violated, 1 something was, 2 wrong usage or the point was not reached.`;

interface Options {
  journey: string[];
  database: DatabaseKind[];
  kind: FaultKind[];
  point?: Point;
  list?: true;
  sample?: number;
  seed: number;
  part?: Wanted['part'];
  share?: true;
  processes?: true;
}

const names = SCENES.map(({ name }) => name);
const program = new Command('points')
  .description('a failure at every point of every journey')
  .addOption(listed('--journey <names>', 'which, separated by commas', names).default(names))
  .addOption(listed('--database <names>', 'which', DATABASES).default(DATABASES))
  .addOption(listed('--kind <names>', 'only points of these kinds', KINDS).default(KINDS))
  .addOption(
    new Option('--point <point>', 'only this one: FAULT@CALL#OCCURRENCE').argParser((text) => {
      const point = parsePoint(text);
      if (point === undefined) throw new InvalidArgumentError('Expected FAULT@CALL#OCCURRENCE.');
      return point;
    }),
  )
  .option('--list', 'only print the points')
  .addOption(
    new Option('--sample <count>', 'at most so many points of each journey').argParser(count),
  )
  .addOption(new Option('--seed <number>', 'of all that is by chance').default(1).argParser(count))
  .addOption(
    new Option('--part <i/n>', 'only the i-th of n parts, to share the work').argParser((text) => {
      const [, number, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
      if (of === undefined) throw new InvalidArgumentError('Expected a part such as 1/2.');
      return { number: Number(number), of: Number(of) };
    }),
  )
  .option('--share', 'try points one after the other on one database, which is quicker')
  .option(
    '--processes',
    'with servers in processes of their own, which are killed: only points where they die',
  )
  .addHelpText('after', HELP)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();
const options = program.opts<Options>();

let shown = performance.now();
const { journey: journeys, database: databases, kind: kinds, seed, sample, part } = options;
const {
  point,
  list: lists = false,
  share: shares = false,
  processes: inProcesses = false,
} = options;
const wanted = { journeys, databases, kinds, seed, sample, part, shares, inProcesses };

if (lists) await onEachScene(wanted, list);
else if (point !== undefined) await onEachScene(wanted, (scene, on) => repeat(scene, on, point));
else {
  const explorations = await exploreAll(wanted, progress, tell);
  console.log(summaryOf(explorations));
  if (explorations.some(({ findings }) => findings.length > 0)) process.exitCode = 1;
}

function tell({ scene, database, findings }: Exploration): void {
  progress('');
  for (const { point: found, problems, command } of findings) {
    console.error(`${scene} on ${database}: ${found}\n  ${problems.join('\n  ')}\n  ${command}`);
  }
}

async function list(scene: Scene, around: Surroundings): Promise<void> {
  console.log(`${scene.name} on ${around.ground.kind}`);
  for (const { kind, name, occurrence, caller, text } of await callsOf(scene, around)) {
    const faults = faultsOf(kind, around.ground.kind).join(',');
    console.log(`  ${name}#${occurrence}  ${faults}  ${caller ?? ''}  ${text.slice(0, 100)}`);
  }
}

async function repeat(scene: Scene, around: Surroundings, at: Point): Promise<void> {
  const bear = inProcesses ? bearProcess : around.bear;
  await using stage = await Stage.open(scene, { ...around, bear });
  const { problems, hasStruck } = await tryPoint(stage, scene, at);
  for (const line of stage.logged) process.stderr.write(line);
  const outcome = hasStruck ? 'reached' : 'not reached';
  console.log(`${scene.name} on ${around.ground.kind}: ${formatPoint(at)}: ${outcome}`);
  for (const problem of problems) console.log(`  ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
  else if (hasStruck) console.log('  nothing violated');
  else process.exitCode ??= 2;
}

/** A line that changes on a terminal; elsewhere, one now and then. */
function progress(text: string): void {
  const { isTTY, columns } = process.stderr;
  if (isTTY) process.stderr.write(`\r\u001B[K${text.slice(0, columns - 1)}`);
  else if (text !== '' && performance.now() > shown + 10_000) {
    shown = performance.now();
    process.stderr.write(`${text}\n`);
  }
}

function listed(flags: string, description: string, known: readonly string[]): Option {
  return new Option(flags, `${description}: ${known.join(', ')}`).argParser((text) => {
    const given = text.split(',');
    const unknown = given.filter((name) => !known.includes(name));
    if (unknown.length === 0) return given;
    throw new InvalidArgumentError(
      `Unknown: ${unknown.join(', ')}; expected of ${known.join(', ')}.`,
    );
  });
}

function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}
