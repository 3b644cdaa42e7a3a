// What a process takes on at once: less of what begins than of what goes on, and no more than it ends in a second.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Admission, Overloaded } from '../../src/process/admission.ts';
import type { Favour, Place } from '../../src/process/admission.ts';

interface Logged {
  text: string;
  refused: number;
}

function admission(most: number) {
  let now = 0;
  let waited = 0;
  const logged: Logged[] = [];
  const note = (object: unknown, text?: string) =>
    void logged.push({ text: text!, refused: (object as { refused: number }).refused });
  const tested = new Admission({
    most,
    log: { warn: note, info: note },
    turns: { waits: (kind) => (kind === 'begins' ? waited : 0) },
    steady: () => now,
  });
  return {
    tested,
    logged,
    pass: (ms: number) => void (now += ms),
    /** For so long, what has begun has kept the loop busy. */
    keepBusy: (ms: number) => void (waited = ms),
    limit: () => tested.figures.limit,
    /** Enters until refused, or so many times. */
    fill: (favour: Favour, account?: string, times = Infinity): Place[] => {
      const places: Place[] = [];
      try {
        while (places.length < times) {
          const place = tested.enter(favour);
          if (account !== undefined) place.isFor(account);
          places.push(place);
        }
      } catch (error) {
        assert.ok(error instanceof Overloaded);
      }
      return places;
    },
  };
}

const leaveAll = (places: Place[]) => places.forEach((place) => place.leave());

describe('what is admitted', () => {
  test('of what begins up to half of the limit, of what asks up to three quarters, of what goes on up to all', () => {
    const { tested, fill } = admission(100);
    const taken = [fill('begins'), fill('asks'), fill('goes on')];
    assert.deepEqual(
      taken.map(({ length }) => length),
      [50, 25, 25],
    );
    assert.deepEqual(tested.figures, { limit: 100, inUse: 100, refused: 3 });
    leaveAll(taken.flat());
    assert.equal(tested.figures.inUse, 0);
  });

  test('whatever the limit, one at a time', () => {
    const { fill } = admission(1);
    assert.equal(fill('begins').length, 1);
  });

  test('nothing that begins while what was admitted before it has waited for more than a second for the loop', () => {
    const { fill, keepBusy, limit } = admission(100);
    keepBusy(1_000);
    assert.equal(fill('begins', undefined, 1).length, 1);
    keepBusy(1_001);
    assert.equal(fill('begins').length, 0);
    assert.deepEqual([fill('asks').length, fill('goes on').length], [74, 25]);
    assert.equal(limit(), 100);
    keepBusy(0);
  });

  test('an account alone gets a third for what begins, and can still ask; others find room', () => {
    const { fill } = admission(120);
    assert.equal(fill('begins', 'one').length, 40);
    assert.ok(fill('asks', 'one', 5).length === 5);
    assert.ok(fill('begins', 'another').length > 10);
    assert.equal(fill('asks', 'a third').length > 0, true);
  });

  test('a refused call has no place, and leaving twice frees only one', () => {
    const { tested, fill } = admission(4);
    const [first, ...rest] = fill('goes on');
    first!.leave();
    first!.leave();
    assert.equal(tested.figures.inUse, 3);
    assert.throws(() => tested.enter('begins'), Overloaded);
    assert.equal(tested.figures.inUse, 3);
    leaveAll(rest);
  });

  test('a place is in use until its work has ended, also if nobody waits for it any more', async () => {
    const { tested } = admission(4);
    for (const end of ['resolve', 'reject'] as const) {
      const work = Promise.withResolvers<void>();
      const place = tested.enter('begins');
      place.keepUntil(work.promise);
      place.leave();
      assert.equal(tested.figures.inUse, 1);
      work[end]();
      await work.promise.catch(() => {});
      await Promise.resolve();
      assert.equal(tested.figures.inUse, 0);
    }
  });

  test('it is asked to come back after one to three seconds, not all at once', () => {
    const { tested, fill } = admission(1);
    fill('goes on');
    const waits = Array.from({ length: 30 }, () => {
      try {
        tested.enter('goes on');
      } catch (error) {
        return (error as Overloaded).retryAfter;
      }
      return undefined;
    });
    assert.deepEqual(new Set(waits), new Set([1, 2, 3]));
  });
});

describe('the limit', () => {
  test("is cut to what ends in a second when most takes longer: Little's law", () => {
    const { fill, pass, limit } = admission(2_000);
    const places = fill('goes on', undefined, 1_000);
    pass(5_000);
    // 1,000 in five seconds are 200 in one.
    leaveAll(places);
    assert.equal(limit(), 200);
  });

  test('is cut once for what began before, however long that takes', () => {
    const { fill, pass, limit } = admission(2_000);
    const places = fill('goes on', undefined, 1_000);
    pass(5_000);
    leaveAll(places.splice(0, 500));
    pass(250);
    const before = limit();
    pass(5_000);
    leaveAll(places);
    pass(250);
    leaveAll(fill('asks', undefined, 1));
    assert.ok(limit() >= before, `${limit()}`);
  });

  test('is never below 64, and is not cut for a few that take long by themselves', () => {
    const { fill, pass, limit } = admission(2_000);
    const few = fill('asks', undefined, 10);
    pass(60_000);
    leaveAll(few);
    assert.equal(limit(), 2_000);
    const many = fill('goes on', undefined, 1_000);
    pass(1_000_000);
    leaveAll(many);
    assert.equal(limit(), 64);
  });

  test('is not cut while most ends in time', () => {
    const { fill, pass, limit } = admission(2_000);
    const slow = fill('asks', undefined, 100);
    pass(2_000);
    const quick = fill('asks', undefined, 101);
    pass(100);
    leaveAll([...slow, ...quick]);
    pass(250);
    fill('asks', undefined, 1);
    assert.equal(limit(), 2_000);
  });

  test('grows by a tenth each quarter of a second, with time alone when there is little to do', () => {
    const { fill, pass, limit } = admission(2_000);
    const places = fill('goes on', undefined, 1_000);
    pass(5_000);
    leaveAll(places);
    const cut = limit();
    pass(250);
    leaveAll(fill('asks', undefined, 1));
    assert.ok(Math.abs(limit() - cut * 1.1) <= 1, `${limit()} after ${cut}`);
    pass(60_000);
    leaveAll(fill('asks', undefined, 1));
    assert.equal(limit(), 2_000);
  });

  test('does not bind what goes on, whose number follows from what has begun', () => {
    const { fill, pass, limit } = admission(2_000);
    const places = fill('goes on', undefined, 1_000);
    pass(5_000);
    leaveAll(places);
    assert.equal(limit(), 200);
    assert.equal(fill('asks').length, 150);
    assert.equal(fill('goes on').length, 1_850);
    assert.equal(fill('begins').length, 0);
  });

  test('does not grow while as much is in progress and nothing ends', () => {
    const { fill, pass, limit } = admission(2_000);
    const places = fill('goes on', undefined, 1_000);
    pass(5_000);
    leaveAll(places);
    pass(250);
    fill('goes on');
    const cut = limit();
    for (let time = 0; time < 20; time++) {
      pass(250);
      fill('goes on', undefined, 1);
    }
    assert.equal(limit(), cut);
  });
});

test('refusals are logged when they begin and when they have ended, not each', () => {
  const { tested, fill, pass, logged } = admission(2);
  const places = fill('goes on');
  for (let time = 0; time < 20; time++) fill('goes on');
  leaveAll(places);
  pass(9_000);
  leaveAll(fill('asks', undefined, 1));
  assert.equal(logged.length, 1);
  pass(2_000);
  leaveAll(fill('asks', undefined, 1));
  assert.deepEqual(
    logged.map(({ text }) => text),
    ['too much to do at once; refusing what is beyond it', 'no longer refusing'],
  );
  assert.deepEqual([logged[1]!.refused, tested.figures.refused], [21, 21]);
});
