// Fair shares of the concurrent attempts of a node.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Place } from '../../src/outgoing/slots.ts';
import { Slots } from '../../src/outgoing/slots.ts';

/** Takes as many slots as an account can get, with as many receivers as needed. */
function takeAll(slots: Slots, account: string, name = 'receiver'): Place[] {
  const places: Place[] = [];
  for (let serial = 0; ; serial++) {
    const place = slots.take(account, `${name} ${serial}`);
    if (place === undefined) return places;
    places.push(place);
  }
}

describe('slots', () => {
  test('an account at its limit leaves half free, two leave a third, and so on', () => {
    const slots = new Slots();
    const all = slots.free;
    takeAll(slots, 'A');
    assert.equal(slots.free, all / 2);
    takeAll(slots, 'B');
    takeAll(slots, 'C');
    assert.equal(slots.free, all / 8);
    assert.ok(slots.take('D', 'healthy'));
  });

  test('a newcomer gets the last free slot', () => {
    const slots = new Slots();
    for (let account = 0; slots.free > 1; account++) takeAll(slots, `A${account}`);
    assert.ok(slots.take('healthy', 'receiver'));
    assert.equal(slots.free, 0);
    assert.equal(slots.take('another', 'receiver'), undefined);
  });

  test('a receiver has eight per account, and can reuse them', () => {
    const slots = new Slots();
    const takeEight = (account: string) =>
      Array.from({ length: 8 }, () => slots.take(account, 'receiver')!);
    const places = takeEight('A');
    takeEight('B');
    assert.equal(slots.take('A', 'receiver'), undefined);
    for (const place of places) {
      place.end(true);
      // Ending a slot twice has no effect.
      place.end(true);
    }
    takeEight('A');
    assert.equal(slots.take('A', 'receiver'), undefined);
  });

  test('a receiver that was or is slow has one until it is fast again', () => {
    let now = 0;
    const slots = new Slots({ clock: () => now });
    const first = slots.take('A', 'receiver')!;
    now += 999;
    slots.take('A', 'receiver')!.end(true);
    const second = slots.take('A', 'receiver')!;
    now += 1;
    assert.equal(slots.take('A', 'receiver'), undefined, 'the first has taken for a second');
    first.end(true);
    second.end(false);
    const third = slots.take('A', 'receiver')!;
    assert.equal(slots.take('A', 'receiver'), undefined, 'it is known to be slow');
    assert.ok(slots.take('B', 'receiver'), 'what it is for one account says nothing of another');
    third.end(true);
    assert.ok(slots.take('A', 'receiver'));
    assert.ok(slots.take('A', 'receiver'), 'it is quick again');
  });

  test("slow receivers leave a share of their account's slots to the others", () => {
    let now = 0;
    const slots = new Slots({ clock: () => now });
    const all = slots.free;
    for (const place of takeAll(slots, 'A', 'slow')) {
      now += 1000;
      place.end(true);
    }
    const slow = takeAll(slots, 'A', 'slow');
    const quick = takeAll(slots, 'A', 'quick');
    assert.ok(slow.length > all / 4 && quick.length > all / 16, `${slow.length} ${quick.length}`);
    assert.equal(slots.free, all / 2);
  });
});
