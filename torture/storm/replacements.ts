// A rolling upgrade that does not end: one server after the other is replaced by one of the other version, while clients travel.
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../random.ts';
import type { ServerProcess } from './server-process.ts';
import type { Site } from './site.ts';
import type { Tally } from './tally.ts';
import { count } from './tally.ts';
import type { Version } from './version.ts';

export interface Replacements {
  seed: number;
  /** The one that all servers run at first, and the one that takes their place. */
  versions: readonly [before: Version, after: Version];
  /** How long, or how often. */
  until: { ms: number } | { cycles: number };
  enough?: AbortSignal | undefined;
  progress: (phase: string) => void;
}

/** SIGKILL instead of SIGTERM. */
const KILLED = 0.25;
const PAUSE_MS = [200, 2_000] as const;
const READY_LIMIT_MS = 120_000;
const LOOK_EVERY_MS = 50;
/** Errors of a replacement arrive until then. */
const AFTERMATH_MS = 500;
/** A version that does not start as often as this on a database will not. */
const REFUSALS = 2;

export async function replaceInTurns(
  site: Site,
  tally: Tally,
  { seed, versions, until, enough, progress }: Replacements,
): Promise<void> {
  const random = new Random(seed);
  const [before, after] = versions;
  const end = 'ms' in until ? performance.now() + until.ms : Infinity;
  const cycles = 'cycles' in until ? until.cycles : Infinity;
  /** An older one that a database is too new for, is not tried again. */
  let isRefused = false;
  for (let turn = 0; turn < cycles; turn++) {
    await sleep(random.integer(...PAUSE_MS));
    if (performance.now() >= end || enough?.aborted === true) return;
    const node = turn % site.servers.length;
    const server = site.servers[node]!;
    const next = server.version === before || isRefused ? after : before;
    const how = random.chance(KILLED) ? 'SIGKILL' : 'SIGTERM';
    const { name } = server.version;
    const step = `${how === 'SIGKILL' ? 'kill' : 'stop'} of ${name}, then ${next.name}`;
    progress(`replacement ${turn + 1}, server ${node + 1}: ${step}`);
    const seen = tally.troubles.length;
    const mustBeUnseen = how === 'SIGTERM' && server.version.drains;
    const refusedBefore = server.refusedStarts;
    await server.replaceBy(next, how);
    site.balancer!.forget(node);
    const isNew = await refuses(server, refusedBefore, () => site.balancer!.isReady(node));
    isRefused ||= isNew;
    if (isRefused && server.version === before) {
      count(tally, `refused start of ${before.name}`);
      server.run(after);
      await refuses(server, Infinity, () => site.balancer!.isReady(node));
    }
    await sleep(AFTERMATH_MS);
    count(tally, step);
    const troubles = tally.troubles.slice(seen);
    for (const trouble of troubles) count(tally, `${trouble.kind} during a ${step}`);
    if (!mustBeUnseen) continue;
    for (const { kind, text } of troubles) {
      if (kind === 'no answer') tally.violations.push(`${step}: a client had no answer: ${text}`);
    }
  }
}

/** Resolves when it is ready, or has refused to start. @returns whether it has refused */
async function refuses(
  server: ServerProcess,
  refusedBefore: number,
  isReady: () => boolean,
): Promise<boolean> {
  const deadline = performance.now() + READY_LIMIT_MS;
  while (!server.isListening || !isReady()) {
    if (server.refusedStarts >= refusedBefore + REFUSALS) return true;
    if (performance.now() > deadline) {
      server.crashes.push(`${server.version.name} is not ready within ${READY_LIMIT_MS / 1_000} s`);
      return false;
    }
    await sleep(LOOK_EVERY_MS);
  }
  return false;
}
