// `npm run bench`: the figures for lists, orders, downloads and memory, each as a ratio measured in this run; and the
// console's, as measured by a browser.
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { measureAgainst, OSMO_SMDPP_MICROSECONDS } from './against.ts';
import { startChild } from './child.ts';
import { measureCitus } from './citus.ts';
import type { Server } from './child.ts';
import { measureConsole } from './console.ts';
import { openDatabases } from './databases.ts';
import type { Databases, Kind } from './databases.ts';
import { measureDownloads, WAYS } from './downloads.ts';
import type { DownloadSamples } from './downloads.ts';
import { measureBatches } from './batches.ts';
import { measureEs2 } from './es2.ts';
import { measureIot } from './iot.ts';
import { freshDatabase, startPostgres } from '../test/postgres.ts';
import { measureExports } from './exports.ts';
import { measureMetrics } from './metrics.ts';
import { measureHandshakes } from './handshakes.ts';
import { asks, etagOfPolled, measure, notModified } from './lists.ts';
import type { Probe, Sample } from './lists.ts';
import { measureOrders } from './orders.ts';
import { measureOverload } from './overload.ts';
import { startOsmoSmdpp } from './osmo-smdpp.ts';
import { startPrism } from './prism.ts';
import { measurePackages } from './packages.ts';
import { measureSize } from './size.ts';
import { progress } from './progress.ts';
import { measureWorkers } from './workers.ts';
import type { Detail, Figure } from './report.ts';
import { detailTable, figureTable, median } from './report.ts';

/** 10 times the requests per second of a mock server (Prism 5 on the official specification) on one core. */
const TEN_MOCK_SERVERS = 11_000;
const PRISM = 'page of one by Prism';
const FEW = 10_000;
const ROUNDS = 5;
const ORDERS = 1_000;
const MIB = 1024 * 1024;

interface Options {
  profiles: number;
  databases: Kind[];
  seconds: number;
  only?: string[];
  data: string;
  against?: string;
  citus?: true;
  rounds: number;
}

const options = new Command('bench')
  .description('measures the server against the figures of its design; prints Markdown')
  .addOption(
    new Option('--profiles <count>', 'profiles in the list').default(1_000_000).argParser(Number),
  )
  .addOption(
    new Option(
      '--databases <list>',
      'sqlite, postgres, and citus at TEST_CITUS_URL, separated by commas',
    )
      .default(['sqlite', 'postgres'])
      .argParser((list) => list.split(',')),
  )
  .addOption(
    new Option('--seconds <count>', `seconds per measurement, over ${ROUNDS} rounds`)
      .default(5)
      .argParser(Number),
  )
  .addOption(
    new Option(
      '--only <rows>',
      'memory, pages, filters, size, orders, batches, downloads, overload, workers, exports, packages, handshakes, es2, iot, console, idle, metrics: only these',
    ).argParser((list) => list.split(',')),
  )
  .option(
    '--against <commit>',
    'downloads, orders and pages of another build, checked out beside this one, and of this one in turns',
  )
  .option(
    '--citus',
    'downloads, orders, pages and idle on PostgreSQL, and on the cluster of TEST_CITUS_URL, in turns',
  )
  .addOption(
    new Option('--rounds <count>', 'rounds of --against, --citus and of workers')
      .default(20)
      .argParser(Number),
  )
  .option(
    '--data <folder>',
    'where to keep the filled databases',
    join(tmpdir(), 'simwright-bench'),
  )
  .addHelpText(
    'after',
    `
Programs of others are run beside ours where the environment names them (docs/benchmarks.md says how to get them):
  OSMO_SMDPP=<folder>         a checkout of pysim, whose osmo-smdpp downloads are compared with
  OSMO_SMDPP_PYTHON=<program> the Python that has its packages (default: python3)
  PRISM=<folder>              where @stoplight/prism-cli is installed, which pages of one are compared with
  PRISM_SPEC=<file>           the official specification that it serves`,
  )
  .parse()
  .opts<Options>();

const wanted = (row: string) => options.only === undefined || options.only.includes(row);

const { model } = cpus()[0]!;
console.log(`Node ${process.versions.node}, ${cpus().length} × ${model}\n`);
if (options.against !== undefined) {
  const { databases: kinds, profiles, rounds, data: folder } = options;
  const compared = { kinds, profiles, rounds, folder, wanted, onProgress: progress };
  console.log(await measureAgainst(options.against, compared));
  process.exit();
}
if (options.citus === true) {
  const { profiles, rounds, data: folder } = options;
  console.log(await measureCitus({ profiles, rounds, folder, wanted, onProgress: progress }));
  process.exit();
}
if (wanted('handshakes')) {
  console.log(await measureHandshakes((round) => progress(`handshakes, round ${round}`)));
}
if (wanted('es2')) {
  console.log(await measureEs2((round) => progress(`ES2+, round ${round}`)));
}
if (wanted('packages')) {
  console.log(measurePackages((round) => progress(`packages, round ${round}`)));
}
if (wanted('iot')) {
  for (const kind of options.databases) {
    const cluster = kind === 'postgres' ? await startPostgres({ durable: true }) : undefined;
    if (kind === 'citus' || (kind === 'postgres' && cluster === undefined)) continue;
    const url = cluster && (await freshDatabase(cluster.url));
    const onRound = (round: number) => progress(`IoT devices on ${kind}, round ${round}`);
    console.log(`## IoT devices, ${kind}\n\n${await measureIot(url ?? '', onRound)}`);
    await cluster?.stop();
  }
}
const ALONE = ['handshakes', 'es2', 'iot', 'packages'];
const needDatabases = options.only?.some((row) => !ALONE.includes(row)) ?? true;
for (const kind of needDatabases ? options.databases : []) await bench(kind);

async function bench(kind: Kind): Promise<void> {
  const folder = resolve(options.data, kind);
  await using databases = await openDatabases(kind, folder);
  if (databases === undefined) {
    console.log(`## ${kind}: skipped, not installed here\n`);
    return;
  }
  if (wanted('workers')) await benchWorkers(databases, folder);
  if (options.only?.every((row) => [...ALONE, 'workers'].includes(row)) === true) return;
  const url = await databases.filled(options.profiles);
  const figures: Figure[] = [];
  const details: Detail[] = [];
  const notes: string[] = [];
  if (wanted('size')) {
    const few = { url: await databases.filled(FEW), profiles: FEW };
    const measured = await measureSize(
      few,
      { url, profiles: options.profiles },
      {
        kind,
        folder,
        rounds: ROUNDS,
        turnMs: (options.seconds * 1000) / ROUNDS,
        onProgress: progress,
      },
    );
    figures.push(...measured.figures);
    details.push(...measured.details);
  }
  // Takes long, so only if it is asked for.
  if (options.only?.includes('overload') === true) {
    const { rounds, seconds } = options;
    const given = { kind, url, folder, rounds: Math.min(rounds, ROUNDS), seconds };
    const measured = await measureOverload({ ...given, onProgress: progress });
    figures.push(...measured.figures);
    notes.push(measured.details);
  }
  await using server = await startChild(url, folder);
  const atStart = (await server.usage()).rss;

  const samples = await measureLists(server);
  figures.push(...listFigures(samples));
  for (const [work, taken] of samples) {
    details.push({ work, rates: taken.map(({ rate }) => rate), cpu: taken.map(({ cpu }) => cpu) });
  }
  if (wanted('orders')) {
    const { orders, inserts, cpu, ratios, latencies } = await measureOrders(
      kind,
      server,
      url,
      ROUNDS,
      ORDERS,
    );
    figures.push({
      work: `order to \`available\`, 16 at a time`,
      against: 'time of a bare durable insert',
      reach: '≤ 3',
      values: inserts.map((rate, round) => rate / orders[round]!),
      reached: (ratio) => ratio <= 3,
    });
    if (ratios.length > 0) {
      figures.push({
        work: `order to \`available\`, 16 at a time, by CPU`,
        against: 'CPU of a bare durable insert',
        reach: '≤ 3',
        values: ratios,
        reached: (ratio) => ratio <= 3,
      });
    }
    details.push({ work: 'order to `available`', rates: orders, cpu });
    details.push({ work: 'bare insert', rates: inserts, cpu: [] });
    notes.push(
      `A single order is \`available\` ${median(latencies).toFixed(1)} ms after its POST ` +
        `(median of ${latencies.length}; slowest ${Math.max(...latencies).toFixed(1)} ms).`,
    );
  }
  if (wanted('downloads')) {
    await using osmo = await startOsmoSmdpp();
    const taken = await measureDownloads(
      server,
      url,
      ROUNDS,
      options.seconds / ROUNDS,
      (round) => progress(`downloads, round ${round}/${ROUNDS}`),
      osmo,
    );
    figures.push(...downloadFigures(taken));
    const all = [['cryptography of a download alone', taken.floor] as const, ...taken.ways];
    if (osmo !== undefined) all.push(['download by osmo-smdpp', taken.osmo]);
    for (const [work, of] of all) {
      details.push({ work, rates: of.map(({ rate }) => rate), cpu: of.map(({ cpu }) => cpu) });
    }
    notes.push(`The load costs ${Math.round(median(taken.load))} µs of CPU per download.`);
  }
  if (wanted('batches')) {
    notes.push(await measureBatches(server, url, (way) => progress(`batches, ${way}`)));
  }
  if (wanted('exports')) {
    notes.push(
      await measureExports(server, options.profiles, (way) => progress(`exports, ${way}`)),
    );
  }
  if (wanted('metrics')) notes.push(await measureMetrics(server, options.profiles));
  if (wanted('console')) {
    const loads = await measureConsole(server.url, ROUNDS);
    notes.push(loads ?? 'The console was not measured, because there is no Chromium here.');
  }
  if (wanted('memory')) figures.push(...memoryFigures(atStart, (await server.usage()).rss));

  console.log(`## ${databases.version}, ${options.profiles.toLocaleString('en')} profiles\n`);
  if (figures.length > 0) console.log(`${figureTable(figures)}\n\n${detailTable(details)}\n`);
  for (const note of notes) console.log(`${note}\n`);
}

async function benchWorkers(databases: Databases, folder: string): Promise<void> {
  console.log(`## ${databases.version}, workers\n`);
  for (const newConnections of [false, true]) {
    const { figure, details } = await measureWorkers(
      databases,
      folder,
      options.rounds,
      newConnections,
      (round) => progress(`workers, round ${round}`),
    );
    progress('');
    console.log(`${figureTable([figure])}\n\n${details}\n`);
  }
}

async function measureLists(server: Server): Promise<Map<string, Sample[]>> {
  const all = asks(options.profiles);
  const probes: Probe[] = [];
  const add = (name: string, text: Probe['text'], status = 200) => {
    probes.push({ name, text, status, server });
  };
  const pages = ['from memory', 'random page', 'polled page', 'random page of one'];
  if (wanted('pages')) {
    for (const name of pages) add(name, all[name]!);
    const text = notModified(await etagOfPolled(server));
    add('polled page, If-None-Match', () => text, 304);
  }
  if (wanted('filters')) {
    for (const [name, text] of Object.entries(all)) if (!pages.includes(name)) add(name, text);
  }
  await using prism = wanted('pages') ? await startPrism() : undefined;
  if (prism !== undefined) {
    probes.push({ name: PRISM, text: all['random page of one']!, status: 200, server: prism });
  }
  const turnMs = (options.seconds * 1000) / ROUNDS;
  return await measure(probes, ROUNDS, turnMs, (round) =>
    progress(`lists, round ${round}/${ROUNDS}`),
  );
}

function listFigures(samples: Map<string, Sample[]>): Figure[] {
  const figures: Figure[] = [];
  const rates = (name: string) => samples.get(name)?.map(({ rate }) => rate) ?? [];
  const cpu = (name: string) => samples.get(name)?.map((sample) => sample.cpu) ?? [];
  const atLeast = (
    work: string,
    reference: string,
    least: number,
    by: 'clock' | 'cpu' = 'clock',
  ) => {
    const byClock = rates(work).map((rate, round) => rate / rates(reference)[round]!);
    const byCpu = cpu(work).map((time, round) => cpu(reference)[round]! / time);
    figures.push({
      work,
      against: by === 'clock' ? reference : `server CPU of ${reference}`,
      reach: `≥ ${least}`,
      values: by === 'clock' ? byClock : byCpu,
      cpu: byCpu,
      reached: (ratio) => ratio >= least,
    });
  };
  const atMost = (work: string, reference: string, most: number) => {
    const references = rates(reference);
    figures.push({
      work,
      against: `time of ${reference}`,
      reach: `≤ ${most}`,
      values: rates(work).map((rate, round) => references[round]! / rate),
      cpu: cpu(work).map((time, round) => time / cpu(reference)[round]!),
      reached: (ratio) => ratio <= most,
    });
  };
  if (wanted('pages')) {
    atLeast('random page', 'from memory', 0.2, 'cpu');
    atLeast('polled page', 'from memory', 0.5);
    atLeast('polled page, If-None-Match', 'from memory', 0.8);
    const prism = cpu(PRISM);
    if (prism.length > 0) {
      figures.push({
        work: 'random page of one',
        against: `CPU of ${PRISM}`,
        reach: '≥ 10',
        values: cpu('random page of one').map((time, round) => prism[round]! / time),
        reached: (ratio) => ratio >= 10,
      });
    } else {
      figures.push({
        work: 'random page of one',
        against: '10 mock servers (not run here)',
        reach: `≥ ${TEN_MOCK_SERVERS}/s`,
        values: rates('random page of one'),
        unit: '/s',
        reached: (rate) => rate >= TEN_MOCK_SERVERS,
      });
    }
  }
  if (wanted('filters')) {
    for (const name of Object.keys(asks(options.profiles))) {
      if (name === 'page 1' || figures.some(({ work }) => work === name)) continue;
      if (samples.has(name) && name !== 'from memory') atMost(name, 'page 1', 1.3);
    }
  }
  return figures;
}

function downloadFigures({ floor, ways, osmo }: DownloadSamples): Figure[] {
  return WAYS.filter(({ devices }) => devices > 1).flatMap(({ name }, index): Figure[] => {
    const samples = ways.get(name)!;
    const isToReach = index === 0;
    const againstFloor: Figure = {
      work: name,
      against: 'its cryptography alone',
      reach: isToReach ? '≥ 0.5' : '–',
      values: samples.map(({ rate }, round) => rate / floor[round]!.rate),
      cpu: samples.map(({ cpu }, round) => floor[round]!.cpu / cpu),
      reached: (ratio) => ratio >= 0.5,
    };
    const isBeside = osmo.length > 0;
    const osmoCpu = (round: number) => (isBeside ? osmo[round]!.cpu : OSMO_SMDPP_MICROSECONDS);
    const againstOsmo: Figure = {
      work: name,
      against: `CPU of osmo-smdpp${isBeside ? '' : ' (not run here)'}`,
      reach: isToReach ? '≥ 12' : '–',
      values: samples.map(({ cpu }, round) => osmoCpu(round) / cpu),
      reached: (ratio) => ratio >= 12,
    };
    return isToReach ? [againstFloor, againstOsmo] : [againstFloor];
  });
}

function memoryFigures(atStart: number, after: number): Figure[] {
  return [
    {
      work: 'memory after the load',
      against: 'at start',
      reach: '≤ 1.4',
      values: [after / atStart],
      reached: (ratio) => ratio <= 1.4,
    },
    {
      work: 'memory after the load',
      against: '',
      reach: '< 200 MiB',
      values: [after / MIB],
      unit: ' MiB',
      reached: (size) => size < 200,
    },
  ];
}
