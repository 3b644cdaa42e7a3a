// The time shared by all users of a database, whatever happens to the machines' clocks.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MachineClock } from '../../src/store/clock.ts';
import { OwnClock } from '../../src/store/clock.ts';
import { DatabaseClock } from '../../src/store/database-clock.ts';

const START = Date.parse('2026-11-23T12:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A machine, and a remote database whose clock is right. */
class World {
  wall = START;
  steady = 1_000;
  time = START;
  /** Latency of the request, and of the response. */
  there = 1;
  back = 1;
  asked = 0;
  readonly machine: MachineClock = { wall: () => this.wall, steady: () => this.steady };

  pass(ms: number): void {
    this.wall += ms;
    this.steady += ms;
    this.time += ms;
  }

  readonly ask = async (steady: () => number) => {
    this.asked++;
    const asked = steady();
    await Promise.resolve();
    this.pass(this.there);
    const { time } = this;
    this.pass(this.back);
    return { time, asked, answered: steady() };
  };

  /** How far a clock is ahead of the right time. */
  error(clock: { now(): Date }): number {
    return clock.now().getTime() - this.time;
  }
}

describe('the clock of a database used by several machines', () => {
  test("is the database's, however wrong the machine's is, and reports the difference", async () => {
    for (const ahead of [-5 * MINUTE, 0, 5 * MINUTE, 300 * HOUR]) {
      const world = new World();
      world.wall += ahead;
      const clock = new DatabaseClock(world.ask, world.machine);
      await clock.compare();
      assert.ok(Math.abs(world.error(clock)) <= 1);
      assert.ok(Math.abs(clock.aheadMs - ahead) <= 1);
      world.pass(MINUTE);
      assert.ok(Math.abs(world.error(clock)) <= 1);
    }
  });

  test("does not change when the machine's clock is set, which is soon measured", async () => {
    const world = new World();
    const clock = new DatabaseClock(world.ask, world.machine);
    await clock.compare();
    world.pass(2_000);
    world.wall -= HOUR;
    assert.ok(Math.abs(world.error(clock)) <= 1);
    assert.equal(world.asked, 2);
    await clock.compare();
    assert.ok(Math.abs(clock.aheadMs + HOUR) <= 1);
  });

  test('is off by at most the latency, and a slow answer does not spoil the result of a fast one', async () => {
    const world = new World();
    world.wall -= 5 * MINUTE;
    const clock = new DatabaseClock(world.ask, world.machine);
    [world.there, world.back] = [3_000, 1_000];
    await clock.compare();
    assert.ok(Math.abs(world.error(clock)) <= 2_000);
    [world.there, world.back] = [1, 1];
    await clock.compare();
    [world.there, world.back] = [0, 10_000];
    await clock.compare();
    assert.ok(Math.abs(world.error(clock)) <= 1);
  });

  test('is right again after the machine has slept, and its steady clock with it', async () => {
    const world = new World();
    const clock = new DatabaseClock(world.ask, world.machine);
    await clock.compare();
    world.pass(5_000);
    world.time += HOUR;
    world.wall += HOUR;
    clock.now();
    await clock.compare();
    assert.ok(Math.abs(world.error(clock)) <= 1);
  });

  test('stands still rather than go back a little; set back by more, it follows', async () => {
    const world = new World();
    const clock = new DatabaseClock(world.ask, world.machine);
    await clock.compare();
    const before = clock.now().getTime();
    world.time -= 500;
    await clock.compare();
    assert.equal(clock.now().getTime(), before);
    world.pass(1_000);
    assert.ok(Math.abs(world.error(clock)) <= 1);
    world.time -= HOUR;
    await clock.compare();
    assert.ok(Math.abs(world.error(clock)) <= 1);
  });

  test('continues while the database does not answer', async () => {
    const world = new World();
    let fails = false;
    const ask = (steady: () => number) =>
      fails ? Promise.reject(new Error('away')) : world.ask(steady);
    const clock = new DatabaseClock(ask, world.machine);
    await clock.compare();
    fails = true;
    world.pass(HOUR);
    await assert.rejects(clock.compare(), /away/);
    world.wall += HOUR;
    assert.ok(Math.abs(world.error(clock)) <= 1);
  });
});

describe('the clock of a database used by one machine', () => {
  test("is the machine's, even when that is set forward", () => {
    const world = new World();
    const clock = new OwnClock(world.machine);
    world.pass(MINUTE);
    assert.equal(clock.now().getTime(), world.wall);
    world.wall += HOUR;
    assert.equal(clock.now().getTime(), world.wall);
  });

  test('never goes back nor stands still: set back by an hour, the machine catches up after two', async () => {
    const world = new World();
    const clock = new OwnClock(world.machine);
    world.wall -= HOUR;
    let last = clock.now().getTime();
    assert.equal(last, START);
    await clock.compare();
    assert.equal(clock.aheadMs, -HOUR);
    for (let minute = 0; minute < 120; minute++) {
      world.pass(MINUTE);
      const now = clock.now().getTime();
      assert.equal(now, last + MINUTE / 2);
      last = now;
    }
    assert.equal(last, world.wall);
    world.pass(MINUTE);
    assert.equal(clock.now().getTime(), world.wall);
  });

  test("continues after the last record, even if the machine's clock was set back and the server restarted", () => {
    const world = new World();
    const clock = new OwnClock(world.machine);
    clock.notBefore(new Date(START + HOUR));
    assert.equal(clock.now().getTime(), START + HOUR);
    clock.notBefore(new Date(START));
    world.pass(MINUTE);
    assert.equal(clock.now().getTime(), START + HOUR + MINUTE / 2);
  });
});
