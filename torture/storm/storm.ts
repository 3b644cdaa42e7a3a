// One storm over one database: faults while clients travel, then quiet, then the invariants.
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Journey } from '../journey.ts';
import { Random } from '../random.ts';
import type { Mood } from '../receiver.ts';
import type { Party } from './clients.ts';
import { SUITABLE, travel, worldOf } from './clients.ts';
import { calm, makeHappen } from './faults.ts';
import { operate } from './operator.ts';
import type { DatabaseKind, Planned, PlannedKill } from './schedule.ts';
import { planFaults, planKills } from './schedule.ts';
import type { Site } from './site.ts';
import { openSite } from './site.ts';
import type { Tally } from './tally.ts';
import type { Version } from './version.ts';
import { count, newTally } from './tally.ts';
import { replaceInTurns } from './replacements.ts';
import { runVerify } from './verify-command.ts';

export interface StormOptions {
  seed: number;
  database: DatabaseKind;
  nodes: number;
  /** Of each server. */
  workers?: number;
  clients: number;
  /** How long faults happen; or how often a server is killed and started again, and nothing else. */
  until: { ms: number } | { cycles: number };
  /** For logs, the database and what clients were told. */
  folder: string;
  /** Modules loaded into the servers. */
  preloads?: readonly string[];
  /** Instead of faults: servers of the first version are replaced in turns by those of the second one, and back. */
  versions?: readonly [before: Version, after: Version];
  /** What clients do; by default, all that is suitable. */
  journeys?: readonly Journey[];
  /** How long they may need to reach their ends once it is quiet. */
  quietLimitMs?: number;
  /** Ends the faults before their time; what has been done so far is judged. */
  enough?: AbortSignal;
  /** Called every few seconds. */
  progress?: (phase: string, tally: Tally) => void;
}

export interface Outcome extends Tally {
  /** Rows that `simwright verify` examined. */
  examined: number;
  starts: number;
  /** How long the faults took, and what the clients then needed to reach their ends. */
  stormMs: number;
  quietMs: number;
}

const PROGRESS_EVERY_MS = 5_000;
/** Clients give up by themselves before. */
const QUIET_LIMIT_MS = 60 * 60_000;
/** Who has interrupted a storm does not want to wait for a callback that is retried in a minute. */
const INTERRUPTED_LIMIT_MS = 10_000;
/** A kill comes after this many answers since the last one, or so long if no client asks. */
const FEW_ANSWERS = 10;
const AT_WORK_LIMIT_MS = 3_000;
/** How often the receiver does not accept, in a storm. */
const BAD_MOOD = 0.1;
/** How often a device loses its power after a function of its eUICC: in one poll of a dozen that do something. */
const POWER_FAILS = 0.002;
const BAD_MOODS: readonly Mood[] = ['refuse', 'hang up', 'accept and hang up'];

export async function runStorm(options: StormOptions): Promise<Outcome> {
  const { seed, database, nodes, workers = 1, folder, until } = options;
  const { preloads = [], progress = () => {}, versions } = options;
  const tally = newTally();
  let phase = 'starting';
  let isOver = false;
  const moods = new Random(seed + 1);
  const mood = () => (!isOver && moods.chance(BAD_MOOD) ? moods.pick(BAD_MOODS) : 'accept');
  const powers = new Random(seed + 2);
  const powerFails = () => !isOver && versions === undefined && powers.chance(POWER_FAILS);
  const timer = setInterval(() => progress(phase, tally), PROGRESS_EVERY_MS);
  try {
    const version = versions?.[0];
    const all = { folder, database, nodes, workers, mood, preloads, version };
    await using site = await openSite(all);
    const file = join(folder, 'acknowledged.jsonl');
    const abandon = new AbortController();
    const party: Party = {
      told: openSync(file, 'a'),
      tally,
      journeys: options.journeys ?? SUITABLE,
      powerFails,
      signal: abandon.signal,
    };
    const travellers = startTravellers(site, options, party, () => isOver);
    phase = 'storm';
    const began = performance.now();
    if (versions !== undefined) {
      await replaceInTurns(site, tally, {
        seed,
        versions,
        until,
        enough: options.enough,
        progress: (step) => (phase = step),
      });
    } else if ('cycles' in until) {
      await inCycles(site, planKills(seed, nodes, until.cycles), tally, (done) => {
        phase = `cycle ${done} of ${until.cycles}`;
        return options.enough?.aborted === true;
      });
    } else {
      await rage(site, planFaults(seed, database, nodes, workers), until.ms, tally, options.enough);
    }
    isOver = true;
    calm(site);
    const calmed = performance.now();
    phase = 'quiet';
    const isInterrupted = await endTravels(travellers, abandon, options);
    if (!isInterrupted) {
      const stuck = tally.abandoned.splice(0);
      tally.violations.push(...stuck.map((name) => `journey ${name}: it has not reached its end`));
    }
    const ended = performance.now();
    closeSync(party.told);
    tally.callbacks = site.receiver.accepted.length;
    phase = 'verify';
    await Promise.all(site.servers.map((server) => server.stop()));
    for (const { crashes } of site.servers) tally.violations.push(...crashes);
    const { examined, violations } = await runVerify(site.env, file);
    tally.violations.push(...violations);
    return {
      ...tally,
      examined,
      starts: site.servers.reduce((sum, { starts }) => sum + starts, 0),
      stormMs: calmed - began,
      quietMs: ended - calmed,
    };
  } finally {
    clearInterval(timer);
  }
}

/** Resolves when all of them have reached the end of their last journeys. */
async function startTravellers(
  site: Site,
  { seed, clients }: StormOptions,
  party: Party,
  isOver: () => boolean,
): Promise<void> {
  const random = new Random(seed);
  let underWay = clients;
  const all = Array.from({ length: clients }, async () => {
    await travel(site, random.fork(), party, isOver);
    underWay--;
  });
  // The last journeys may need the operator, too.
  await Promise.all([...all, operate(worldOf(site, random.fork(), party), () => underWay === 0)]);
}

/** @returns whether they were given up because the storm was interrupted, not because they take too long */
async function endTravels(
  travellers: Promise<void>,
  abandon: AbortController,
  { quietLimitMs = QUIET_LIMIT_MS, enough }: StormOptions,
): Promise<boolean> {
  const giveUp = () => abandon.abort();
  using ending = new DisposableStack();
  const after = (ms: number) => ending.adopt(setTimeout(giveUp, ms), clearTimeout);
  const hurry = () => void after(INTERRUPTED_LIMIT_MS);
  after(quietLimitMs);
  enough?.addEventListener('abort', hurry);
  if (enough?.aborted === true) hurry();
  await travellers;
  enough?.removeEventListener('abort', hurry);
  return enough?.aborted === true;
}

/** One fault after the other, for so long. A machine that starts servers slowly has fewer faults, not only faults. */
async function rage(
  site: Site,
  planned: Iterable<Planned>,
  lengthMs: number,
  tally: Tally,
  enough?: AbortSignal,
): Promise<void> {
  const end = performance.now() + lengthMs;
  const lasting: Promise<void>[] = [];
  for (const { afterMs, fault } of planned) {
    await Promise.race(site.servers.map((server) => server.listening));
    await sleep(Math.min(afterMs, Math.max(0, end - performance.now())));
    if (performance.now() >= end || enough?.aborted === true) break;
    lasting.push(makeHappen(fault, site, tally));
    tally.callbacks = site.receiver.accepted.length;
  }
  await Promise.all(lasting);
}

/** Each server is killed while it starts or serves, and started again, one after the other. */
async function inCycles(
  site: Site,
  kills: readonly PlannedKill[],
  tally: Tally,
  isEnough: (done: number) => boolean,
): Promise<void> {
  for (const [index, { node, moment, afterMs }] of kills.entries()) {
    const server = site.servers[node]!;
    if (moment === 'starting') {
      await server.launched;
    } else {
      await server.listening;
      await isAtWork(tally);
    }
    await sleep(afterMs);
    server.kill();
    count(tally, `kill while ${moment}`);
    tally.callbacks = site.receiver.accepted.length;
    if (isEnough(index + 1)) return;
  }
}

/** Resolves when clients have got some answers again. */
async function isAtWork(tally: Tally): Promise<void> {
  const answered = () => tally.requests - tally.unanswered;
  const before = answered();
  const deadline = performance.now() + AT_WORK_LIMIT_MS;
  while (answered() < before + FEW_ANSWERS && performance.now() < deadline) await sleep(20);
}
