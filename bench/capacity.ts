// `npm run capacity`: what machines a load needs, and where it waits first. docs/capacity.md explains it.
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { startChild } from './child.ts';
import type { Costs, Measured } from './costs.ts';
import { KNOWN, measureCosts } from './costs.ts';
import { openDatabases } from './databases.ts';
import { thisBuild } from './other-build.ts';
import { progress } from './progress.ts';
import { table } from './report.ts';
import { sideOf } from './side.ts';
import type { Load, Machines, Used, WorkCost } from './simulation.ts';
import { COMPANY, simulate } from './simulation.ts';

/** Busier than this, a queue grows long by chance. */
const COMFORT = 0.6;
const FEW = 10_000;

interface Options {
  downloads: number;
  orders?: number;
  callbacks: number;
  handshakes: number;
  pages?: number;
  polls?: number;
  nodeCores?: number;
  databaseCores?: number;
  connections: number;
  fsyncMs?: number;
  seconds: number;
  cost: Partial<Costs>;
  measure?: true;
  data: string;
}

const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
const percent = (share: number) => `${(share * 100).toFixed(0)} %`;
const error = (share: number) => `${share > 1 ? '+' : ''}${percent(share - 1)}`;
const ms = (time: number) => (Number.isFinite(time) ? time.toFixed(1) : '–');

const KINDS = Object.keys(KNOWN) as (keyof Costs)[];

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) {
    throw new InvalidArgumentError('Expected a number that is not negative.');
  }
  return value;
}

function whole(text: string): number {
  const value = number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError('Expected a whole number from 1.');
  }
  return value;
}

function costOf(text: string, before: Partial<Costs>): Partial<Costs> {
  const [, kind, node, database] = /^(\w+)=([\d.]+)\/([\d.]+)$/.exec(text) ?? [];
  const known = KINDS.find((one) => one === kind);
  if (known === undefined) {
    throw new InvalidArgumentError(`Expected KIND=NODE/DATABASE, KIND one of ${KINDS.join(', ')}.`);
  }
  const { commits } = KNOWN[known];
  const cost = { node: Number(node), database: Number(database), commits };
  return { ...before, [known]: cost };
}

const options = new Command('capacity')
  .description('simulates nodes and a PostgreSQL under a load, from what each kind of work costs')
  .option('--downloads <count>', 'downloads a second', number, 1_000)
  .option('--orders <count>', 'orders a second (default: as many as downloads)', number)
  .option('--callbacks <count>', 'callbacks for each order', number, 4)
  .option('--handshakes <count>', 'TLS connections for each download, up to 4', number, 1)
  .option('--pages <count>', 'pages of 50 a second (default: one for each order)', number)
  .option('--polls <count>', 'If-None-Match polls a second (default: one for each order)', number)
  .option('--node-cores <count>', 'cores of all nodes together (default: what it needs)', whole)
  .option('--database-cores <count>', 'cores of PostgreSQL (default: what it needs)', whole)
  .option('--connections <count>', 'connections to PostgreSQL of each process', whole, 10)
  .option('--fsync-ms <count>', 'until a write is on disk, in milliseconds (default: 1)', number)
  .option('--seconds <count>', 'simulated time', whole, 10)
  .addOption(
    new Option('--cost <costs>', 'KIND=NODE/DATABASE in µs of CPU, instead of those known')
      .argParser(costOf)
      .default({}, 'none'),
  )
  .option('--measure', 'measure the costs on this machine first, with a PostgreSQL of its own')
  .option('--data <folder>', 'where --measure works', join(tmpdir(), 'simwright-bench'))
  .addHelpText(
    'after',
    `
Kinds of work and what they cost, in microseconds of CPU of a node and of PostgreSQL. Those of callback and poll, and of page
for PostgreSQL, are estimates; the others are measured (docs/benchmarks.md):
${KINDS.map((kind) => `  ${kind.padEnd(10)} ${KNOWN[kind].node}/${KNOWN[kind].database}`).join('\n')}

Examples:
  npm run capacity -- --downloads 100                       what 100 downloads a second need
  npm run capacity -- --downloads 300 --node-cores 1        where one process ends
  npm run capacity -- --fsync-ms 10 --connections 2         a slow disk, few connections
  npm run capacity -- --cost download=2000/1300             with costs of your own
  npm run capacity -- --measure                             with the costs of this machine`,
  )
  .parse()
  .opts<Options>();

const measured = options.measure === true ? await measureHere() : undefined;
const costs: Costs = { ...(measured?.costs ?? KNOWN), ...options.cost };
if (measured !== undefined) console.log(`${measurements(measured)}\n`);
console.log(report(costs));

async function measureHere(): Promise<Measured> {
  const folder = resolve(options.data, 'postgres');
  mkdirSync(folder, { recursive: true });
  await using databases = await openDatabases('postgres', folder);
  if (databases === undefined) {
    console.error('capacity: PostgreSQL is not installed here, so nothing can be measured');
    process.exit(1);
  }
  const url = await databases.filled(FEW);
  await using server = await startChild(url, folder);
  const side = await sideOf(await thisBuild(), 'postgres', url, server);
  const found = await measureCosts(side, folder, progress);
  progress('');
  return found;
}

const both = (used: Used | undefined) =>
  used === undefined ? '–' : `${used.node.toFixed(0)} and ${used.database.toFixed(0)}`;

function measurements({ costs: found, bytes, fsyncMs, additive }: Measured): string {
  const rows = KINDS.map((kind) => [
    kind,
    ...[found[kind], KNOWN[kind]].flatMap((cost) => [both(cost), both(cost.alone)]),
  ]);
  const head = [
    'CPU µs of node and PostgreSQL',
    `${COMPANY} at once`,
    'one alone',
    `known, ${COMPANY} at once`,
    'known, one alone',
  ];
  return [
    table(head, rows),
    `Written to the log: ${kib(bytes.order)} for an order, ${kib(bytes.download)} for a download. Stored for a profile that was ` +
      `ordered and downloaded: ${kib(bytes.stored)}. A page is on disk after ${fsyncMs.toFixed(2)} ms.`,
    'Orders, downloads and pages all at once, against what these costs say: ' +
      `node ${error(additive.node)}, PostgreSQL ${error(additive.database)}.`,
  ].join('\n\n');
}

function report(given: Costs): string {
  const loads = loadsOf(given);
  const need = (read: (cost: WorkCost) => number) =>
    loads.reduce((sum, load) => sum + load.perSecond * read(load), 0) / 1e6;
  const cores = { node: need(({ node }) => node), database: need(({ database }) => database) };
  const machines: Machines = {
    nodeCores: options.nodeCores ?? Math.ceil(cores.node / COMFORT),
    databaseCores: options.databaseCores ?? Math.ceil(cores.database / COMFORT),
    connections: options.connections,
    fsyncMs: options.fsyncMs ?? measured?.fsyncMs ?? 1,
  };
  progress('simulating');
  const { works, busy, group } = simulate(loads, machines, { seconds: options.seconds });
  progress('');
  const { nodeCores, databaseCores, connections, fsyncMs } = machines;
  const resources: [name: string, share: number][] = [
    [`nodes: ${count(nodeCores, 'process', 'processes')}, a core each`, busy.nodes],
    [`PostgreSQL: ${count(databaseCores, 'core', 'cores')}`, busy.database],
    [`connections: ${nodeCores * connections}`, busy.connections],
  ];
  const [first] = resources.toSorted(([, one], [, other]) => other - one);
  return [
    `Of CPU, this needs ${cores.node.toFixed(1)} cores of nodes and ${cores.database.toFixed(1)} of PostgreSQL where processes have ${COMPANY} of a kind to do ` +
      'at once; one that has fewer shares less, and is busier.',
    table(
      ['resource', 'busy'],
      resources.map(([name, share]) => [name, percent(share)]),
    ),
    table(
      ['work', 'offered/s', 'done/s', 'median ms', '99 % ms'],
      works.map(({ name, perSecond, done, middleMs, highMs }) => [
        name,
        perSecond.toFixed(0),
        done.toFixed(0),
        ms(middleMs),
        ms(highMs),
      ]),
    ),
    `The disk is written to ${percent(busy.disk)} of the time, ${group.toFixed(1)} transactions at once, ${fsyncMs.toFixed(2)} ms each.`,
    `First to end: ${first![0]}, ${percent(first![1])} busy.`,
  ].join('\n\n');
}

function count(many: number, one: string, more: string): string {
  return `${many} ${many === 1 ? one : more}`;
}

function loadsOf(given: Costs): Load[] {
  const { downloads, handshakes, callbacks } = options;
  const orders = options.orders ?? downloads;
  const connected = (used: Used): Used => ({
    node: used.node + handshakes * given.handshake.node,
    database: used.database + handshakes * given.handshake.database,
  });
  const { alone, commits } = given.download;
  return [
    { name: 'order', perSecond: orders, ...given.order },
    {
      name: 'download',
      perSecond: downloads,
      ...connected(given.download),
      ...(alone === undefined ? {} : { alone: connected(alone) }),
      commits,
    },
    { name: 'callback', perSecond: orders * callbacks, ...given.callback },
    { name: 'page', perSecond: options.pages ?? orders, ...given.page },
    { name: 'poll', perSecond: options.polls ?? orders, ...given.poll },
  ];
}
