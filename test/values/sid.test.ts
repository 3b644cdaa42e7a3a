// SIDs sort by the time at which they were made, whatever the dates that they are made of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dateOfSid, Sids } from '../../src/values/sid.ts';

const NOON = new Date('2026-11-29T12:00:00.000Z');
const before = (ms: number) => new Date(NOON.getTime() - ms);

const isSorted = (sids: readonly string[]) =>
  sids.every((sid, index) => index === 0 || sids[index - 1]! < sid);

test('SIDs go up when the date goes back: a transaction dates what it writes from its beginning', () => {
  const sids = new Sids();
  const dates = [NOON, before(1), NOON, before(60_000), before(0)];
  assert.ok(isSorted(dates.map((date) => sids.next('event', date))));
});

test('more SIDs than a millisecond has counts go on in the next', () => {
  const sids = new Sids();
  const made = Array.from({ length: 10_000 }, () => sids.next('event', NOON));
  assert.ok(isSorted(made));
  assert.deepEqual(dateOfSid(made.at(-1)!), before(-2));
});

test('SIDs go on after one that another process has made, even by a clock that was ahead', () => {
  const last = new Sids().next('event', before(-60_000));
  const sids = new Sids();
  sids.goOnAfter(last);
  assert.ok(isSorted([last, sids.next('event', NOON), sids.next('event', before(-1))]));
});
