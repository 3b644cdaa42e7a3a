// What goes wrong in a run. To add a kind: a line in `TROUBLES`.
import type { Random } from '../random.ts';
import type { Conditions } from './conditions.ts';
import type { DiskCall, Fate } from './machine/disk.ts';
import type { Machine, Program } from './machine/machine.ts';
import type { SimulatedServer } from './server.ts';

/** What troubles happen to. */
export interface Stage {
  machine: Machine;
  server: SimulatedServer;
  conditions: Conditions;
  /** To which they return. */
  usual: Conditions;
  /** Who makes the trouble. */
  maker: Program;
  /** Whether there is no more trouble. */
  isQuiet: () => boolean;
}

/** Begins it. @returns what to say of it in the trace, how long it lasts, and what ends it */
type Trouble = (stage: Stage, random: Random) => { says: string; lasts?: number; end?: () => void };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Calls of the disk, at most, before the one that fails: a start makes about a hundred, an order thirty. */
const CALLS = 400;

const downtime = (random: Random) => ({
  ms: random.pick([10, 200, SECOND, 5 * SECOND, random.integer(SECOND, 30 * SECOND)]),
  isPowerCut: random.chance(0.4),
});

const TROUBLES: Record<string, Trouble> = {
  kill({ server }, random) {
    const down = downtime(random);
    return { says: 'the server is killed', end: () => server.kill(down), lasts: 0 };
  },
  killAtCall: killAt(undefined, CALLS),
  killAtCommit: killAt('commit', 20),
  killAtSync: killAt('sync', 20),
  powerCutAtSync({ server, conditions }, random) {
    const calls = random.integer(0, 20);
    // Long enough to tell somebody, if one does not wait for it.
    const takes = random.integer(10, 500);
    const down = { ...downtime(random), isPowerCut: true };
    const fate = (): Fate => {
      server.expect(down);
      return { dies: 'before', takes };
    };
    conditions.disk.next = { calls, only: 'sync', fate };
    return { says: `the power will be cut in the middle of a sync, after ${calls} others` };
  },
  failingCall({ conditions }, random) {
    const calls = random.integer(0, CALLS);
    const fails = random.pick(['io', 'full'] as const);
    const rollsBack = random.chance(0.5);
    const mayFail: DiskCall[] = ['begin', 'commit', 'write', 'read', 'checkpoint', 'sync', 'file'];
    const fate = (call: DiskCall): Fate => (mayFail.includes(call) ? { fails, rollsBack } : {});
    conditions.disk.next = { calls, fate };
    return { says: `the ${calls}th call of the disk from here will fail: ${fails}` };
  },
  restart({ server }, random) {
    const ms = random.integer(100, 5 * SECOND);
    return { says: 'the server is restarted', lasts: 0, end: () => void server.end({ ms }) };
  },
  diskFull: failing('full', { write: 0.2, commit: 1, checkpoint: 1, file: 1 }),
  diskErrors: failing('io', {
    write: 0.02,
    commit: 0.2,
    read: 0.02,
    checkpoint: 0.2,
    sync: 0.2,
    file: 0.1,
  }),
  lostDisk: failing('io', {
    begin: 1,
    write: 1,
    commit: 1,
    read: 1,
    checkpoint: 1,
    sync: 1,
    file: 1,
  }),
  failingSync: failing('io', { sync: 1 }),
  dyingDisk({ server, conditions: { disk }, maker }, random) {
    disk.fails.io = { sync: random.pick([0.5, 1]) };
    const restart = random.chance(0.5) ? { ms: random.integer(10, SECOND) } : undefined;
    const cut = { ...downtime(random), isPowerCut: true };
    const later = random.integer(0, 2 * SECOND);
    return {
      says: `syncs fail, then ${restart === undefined ? '' : 'the server dies and '}the power is cut`,
      lasts: random.integer(10, 2 * SECOND),
      end() {
        delete disk.fails.io;
        if (restart === undefined) return server.kill(cut);
        server.kill(restart);
        return void maker.after(restart.ms + later, () => server.kill(cut));
      },
    };
  },
  busy: failing('busy', { begin: 1 }),
  slowDisk({ conditions: { disk }, usual }, random) {
    disk.slowestSync = random.pick([100, SECOND, 20 * SECOND]);
    return {
      says: `syncing takes up to ${disk.slowestSync} ms`,
      lasts: random.integer(100, 30 * SECOND),
      end: () => void (disk.slowestSync = usual.disk.slowestSync),
    };
  },
  badNetwork({ conditions: { network }, usual }, random) {
    const rate = () => random.pick([0, 0.1, 0.3]);
    Object.assign(network, { losesRequest: rate(), losesAnswer: rate(), repeats: rate() });
    network.slowest = random.pick([50, SECOND, 15 * SECOND]);
    return {
      says: `the network is bad: ${JSON.stringify(network)}`,
      lasts: random.integer(SECOND, 20 * SECOND),
      end: () => Object.assign(network, usual.network),
    };
  },
  badReceivers({ conditions, usual }, random) {
    conditions.receiverFails = random.pick([0.3, 0.7, 1]);
    return {
      says: `receivers fail: ${conditions.receiverFails}`,
      lasts: random.integer(SECOND, 30 * SECOND),
      end: () => void (conditions.receiverFails = usual.receiverFails),
    };
  },
  blackout({ conditions, usual }, random) {
    conditions.powerFails = random.pick([0.1, 0.3]);
    return {
      says: `devices lose their power: ${conditions.powerFails}`,
      lasts: random.integer(SECOND, 20 * SECOND),
      end: () => void (conditions.powerFails = usual.powerFails),
    };
  },
  clockJump({ machine }, random) {
    const size = random.pick([SECOND, MINUTE, HOUR, 4 * HOUR]);
    const ms = random.integer(1, size) * random.pick([-1, 1]);
    machine.ahead += ms;
    return { says: `the clock jumps by ${ms / SECOND} s` };
  },
  pause({ machine, server }, random) {
    const ms = random.integer(1, random.pick([2 * SECOND, 3 * MINUTE]));
    server.program.freeze(machine.elapsed + ms);
    return { says: `the server stops for ${ms / SECOND} s` };
  },
  sleep({ machine, server }, random) {
    const ms = random.integer(1, random.pick([2 * SECOND, 3 * MINUTE]));
    machine.sleep(server.program, ms);
    return { says: `the server's machine sleeps for ${ms / SECOND} s` };
  },
};

/** @param calls at most so many come before */
function killAt(only: DiskCall | undefined, calls: number): Trouble {
  return ({ server, conditions }, random) => {
    const after = random.integer(0, calls);
    const dies = random.pick(['before', 'after'] as const);
    const down = downtime(random);
    const fate = (): Fate => {
      server.expect(down);
      return { dies };
    };
    conditions.disk.next = { calls: after, fate, ...(only === undefined ? {} : { only }) };
    return {
      says: `the server will die ${dies} a ${only ?? 'call of the disk'}, after ${after} others`,
    };
  };
}

function failing(
  failure: 'full' | 'io' | 'busy',
  calls: Partial<Record<DiskCall, number>>,
): Trouble {
  return ({ conditions: { disk } }, random) => {
    disk.fails[failure] = calls;
    return {
      says: `the disk fails: ${failure} ${JSON.stringify(calls)}`,
      lasts: random.integer(1, random.pick([500, 20 * SECOND])),
      end: () => void delete disk.fails[failure],
    };
  };
}

/** Makes a trouble of some kind now. */
export function makeTrouble(stage: Stage, random: Random): void {
  const { machine, maker, isQuiet } = stage;
  if (isQuiet()) return;
  const kind = random.pick(Object.keys(TROUBLES));
  const { says, lasts, end } = TROUBLES[kind]!(stage, random);
  machine.note(
    'trouble',
    `${kind}: ${says}${lasts === undefined || lasts === 0 ? '' : `, for ${lasts} ms`}`,
  );
  if (end === undefined) return;
  if (lasts === 0) return end();
  maker.after(lasts!, () => {
    if (isQuiet()) return;
    machine.note('trouble', `${kind} ends`);
    end();
  });
}
