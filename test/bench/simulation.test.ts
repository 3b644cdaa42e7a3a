// The simulation of docs/capacity.md, against what is known about queues.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from '../../bench/simulation.ts';
import type { Load, Machines } from '../../bench/simulation.ts';

const MACHINES: Machines = { nodeCores: 1, databaseCores: 4, connections: 10, fsyncMs: 0.001 };
const near = (value: number, expected: number, share: number, what: string) =>
  assert.ok(Math.abs(value / expected - 1) <= share, `${what}: ${value}, not ${expected}`);
const reading = (perSecond: number, node: number): Load => ({
  name: 'read',
  perSecond,
  node,
  database: 0,
  commits: 0,
});

test('M/M/1: half of the answers take less than ln 2 / (service rate - arrivals)', () => {
  // 500 a second of 1 ms: ln 2 / 500 s.
  const { works, busy } = simulate([reading(500, 1_000)], MACHINES, { seconds: 200 });
  near(works[0]!.middleMs, (Math.log(2) / 500) * 1_000, 0.1, 'median');
  near(busy.nodes, 0.5, 0.05, 'busy');
});

test('beyond its capacity, as much is done as can be, and the first bottleneck is busy all the time', () => {
  const { works, busy } = simulate([reading(3_000, 1_000)], MACHINES, { seconds: 4 });
  near(works[0]!.done, 1_000, 0.05, 'done');
  near(busy.nodes, 1, 0.01, 'busy');
});

test('what is done alone costs more, so a process is busier with little to do, and not beyond its capacity', () => {
  const load = { ...reading(10, 1_000), alone: { node: 5_000, database: 0 } };
  near(simulate([load], MACHINES, { seconds: 200 }).busy.nodes, 0.05, 0.1, 'busy');
  const most = { ...load, perSecond: 3_000 };
  near(simulate([most], MACHINES, { seconds: 4 }).works[0]!.done, 1_000, 0.05, 'done');
});

test('more processes share the work', () => {
  const { busy } = simulate([reading(3_000, 1_000)], { ...MACHINES, nodeCores: 6 });
  near(busy.nodes, 0.5, 0.05, 'busy');
});

test('the database serves as many at once as it has cores', () => {
  const load = { ...reading(1_000, 10), database: 2_000, commits: 1 };
  near(simulate([load], MACHINES).busy.database, 0.5, 0.05, 'busy');
});

test('transactions share a write: a slow disk delays them, and does not limit how many there are', () => {
  const load = { ...reading(2_000, 10), database: 100, commits: 1 };
  const slow = simulate([load], { ...MACHINES, nodeCores: 8, fsyncMs: 10 });
  near(slow.works[0]!.done, 2_000, 0.05, 'done');
  assert.ok(slow.group > 10, `${slow.group} share a write`);
  assert.ok(slow.works[0]!.middleMs > 10, `${slow.works[0]!.middleMs} ms`);
});

test('connections limit it, if each is held for as long as the disk takes: 16 share one', () => {
  const load = { ...reading(3_000, 10), database: 10, commits: 1 };
  const { works, busy } = simulate([load], { ...MACHINES, connections: 1, fsyncMs: 10 });
  near(works[0]!.done, 16 / 0.01016, 0.1, 'done');
  near(busy.connections, 1, 0.05, 'busy');
});
