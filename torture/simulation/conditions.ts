// How things are at the moment for everything in a run: its disk, its network, those who are called.
import type { Random } from '../random.ts';
import type { DiskCall, Failure, Fate } from './machine/disk.ts';

export interface Conditions {
  network: {
    /** Probabilities, of each request. */
    losesRequest: number;
    losesAnswer: number;
    repeats: number;
    /** The most that a request or answer takes, in milliseconds. */
    slowest: number;
  };
  /** The probability that a receiver of callbacks does not behave. */
  receiverFails: number;
  /** The probability that a device loses its power after a function of its eUICC. */
  powerFails: number;
  disk: {
    /** The probability that a call fails, by kind of call and failure. */
    fails: Partial<Record<Failure, Partial<Record<DiskCall, number>>>>;
    /** The most that syncing takes, in milliseconds. */
    slowestSync: number;
    /** What happens to a single call of the server: the one after so many, of all kinds or of one. */
    next: { calls: number; only?: DiskCall; fate: (call: DiskCall) => Fate } | undefined;
  };
}

export function calm(): Conditions {
  return {
    network: { losesRequest: 0, losesAnswer: 0, repeats: 0, slowest: 20 },
    receiverFails: 0,
    powerFails: 0,
    disk: { fails: {}, slowestSync: 3, next: undefined },
  };
}

/** What is usual in a run as long as it is not quiet. */
export function usual(random: Random): Conditions {
  const rate = () => random.pick([0, 0, 0.05, 0.2]);
  return {
    network: {
      losesRequest: rate(),
      losesAnswer: rate(),
      repeats: rate(),
      slowest: random.pick([5, 20, 100]),
    },
    receiverFails: rate(),
    powerFails: random.pick([0, 0, 0.01, 0.05]),
    disk: { fails: {}, slowestSync: random.pick([1, 3, 30, 200]), next: undefined },
  };
}

/** What becomes of a call under these conditions. */
export function judge({ disk }: Conditions, call: DiskCall, random: Random): Fate {
  const takes = call === 'sync' || call === 'file' ? random.integer(0, disk.slowestSync) : 0;
  const { next } = disk;
  const counts = next !== undefined && (next.only ?? call) === call;
  if (counts && next.calls-- === 0) {
    disk.next = undefined;
    return { takes, ...next.fate(call) };
  }
  for (const [failure, byCall] of Object.entries(disk.fails)) {
    const probability = byCall[call] ?? 0;
    if (probability > 0 && random.chance(probability)) {
      return { takes, fails: failure as Failure, rollsBack: random.chance(0.5) };
    }
  }
  return takes === 0 ? SUCCEEDS : { takes };
}

const SUCCEEDS: Fate = {};
