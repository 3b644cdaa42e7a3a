// `node torture/points/main.ts`: a failure at every point of every journey.
import { Command, InvalidArgumentError, Option } from 'commander';
import { callsOf, explore } from './explore.ts';
import type { Exploration } from './explore.ts';
import { freePorts, openGround } from './grounds.ts';
import { tryPoint } from './lender.ts';
import { bearer } from './life.ts';
import { bearProcess } from './process-life.ts';
import { dies, FAULTS, faultsOf, formatPoint, parsePoint } from './point.ts';
import type { DatabaseKind, Fault, Point } from './point.ts';
import { SCENES } from './scene.ts';
import type { Scene } from './scene.ts';
import { Stage } from './stage.ts';
import type { Surroundings } from './stage.ts';
import { summaryOf } from './summary.ts';

const KINDS: Record<string, (fault: Fault) => boolean> = {
  fail: (fault) => !dies(fault) && fault !== 'lose',
  die: dies,
  lose: (fault) => fault === 'lose',
};

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

Exit code: 0 nothing violated, 1 something was, 2 wrong usage.`;

interface Options {
  journey: string[];
  database: DatabaseKind[];
  kind?: string[];
  point?: Point;
  list?: true;
  sample?: number;
  seed: number;
  part?: { number: number; of: number };
  share?: true;
  processes?: true;
}

const names = SCENES.map(({ name }) => name);
const program = new Command('points')
  .description('a failure at every point of every journey')
  .addOption(listed('--journey <names>', 'which, separated by commas', names).default(names))
  .addOption(
    listed('--database <names>', 'which', ['sqlite', 'postgres']).default(['sqlite', 'postgres']),
  )
  .addOption(listed('--kind <names>', 'only points of these kinds', Object.keys(KINDS)))
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

const explorations: Exploration[] = [];
let shown = performance.now();
const ports = await freePorts();
for (const kind of options.database) {
  await using ground = await openGround(kind, ports);
  if (ground === undefined) {
    console.error(`${kind}: skipped, not installed here`);
    continue;
  }
  for (const scene of SCENES.filter(({ name }) => options.journey.includes(name))) {
    // Nobody wakes the housekeeping of another process, and it takes its time.
    if (options.processes && scene.journey.passesTime) continue;
    await run(scene, { ground, ports, bear: bearer(), seed: options.seed });
  }
}
if (explorations.length > 0) console.log(summaryOf(explorations));
if (explorations.some(({ findings }) => findings.length > 0)) process.exitCode = 1;

async function run(scene: Scene, around: Surroundings): Promise<void> {
  const { sample, part, kind: kinds, point, share, processes } = options;
  if (options.list) return list(scene, around);
  if (point !== undefined) return repeat(scene, around, point);
  const title = `${scene.name} on ${around.ground.kind}`;
  const exploration = await explore(
    scene,
    around,
    {
      wants: ({ fault }) =>
        (!processes || dies(fault)) &&
        (kinds === undefined || kinds.some((name) => KINDS[name]!(fault))),
      ...(processes ? { bear: bearProcess } : {}),
      shares: share === true,
      ...(sample === undefined ? {} : { sample }),
      ...(part === undefined ? {} : { part }),
    },
    (done, of, named) => progress(`${title}: ${done}/${of} ${named}`),
  );
  progress('');
  explorations.push(exploration);
  for (const finding of exploration.findings) {
    console.error(
      `${title}: ${finding.point}\n  ${finding.problems.join('\n  ')}\n  ${finding.command}`,
    );
  }
}

async function list(scene: Scene, around: Surroundings): Promise<void> {
  console.log(`${scene.name} on ${around.ground.kind}`);
  for (const { kind, name, occurrence, caller, text } of await callsOf(scene, around)) {
    const faults = faultsOf(kind, around.ground.kind).join(',');
    console.log(`  ${name}#${occurrence}  ${faults}  ${caller ?? ''}  ${text.slice(0, 100)}`);
  }
}

async function repeat(scene: Scene, around: Surroundings, point: Point): Promise<void> {
  const bear = options.processes ? bearProcess : around.bear;
  await using stage = await Stage.open(scene, { ...around, bear });
  const { problems, hasStruck } = await tryPoint(stage, scene, point);
  for (const line of stage.logged) process.stderr.write(line);
  const outcome = hasStruck ? 'reached' : 'not reached';
  console.log(`${scene.name} on ${around.ground.kind}: ${formatPoint(point)}: ${outcome}`);
  for (const problem of problems) console.log(`  ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
  else if (hasStruck) console.log('  nothing violated');
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
