// Limits by time and by network.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { networkOf } from '../../src/process/network.ts';
import { RateLimit } from '../../src/process/rate-limit.ts';

describe('a rate limit', () => {
  test('gives so many units, which come back evenly; and says how long to wait', () => {
    let now = 1_000;
    const limit = new RateLimit({ units: 6, perMs: 60_000, callers: 10 }, () => now);
    assert.deepEqual([limit.take('a', 4), limit.take('a', 2), limit.take('a', 1)], [0, 0, 10]);
    assert.equal(limit.take('b', 6), 0, 'others have their own');
    now += 9_000;
    assert.equal(limit.take('a', 1), 1);
    now += 1_000;
    assert.equal(limit.take('a', 1), 0);
    assert.equal(limit.take('a', 3), 30);
    limit.giveBack('a', 3);
    assert.equal(limit.take('a', 3), 0);
    now += 1_000_000;
    assert.deepEqual([limit.take('a', 6), limit.take('a', 1)], [0, 10], 'no more than all');
  });

  test('forgets the callers that have not called for longest', () => {
    const limit = new RateLimit({ units: 1, perMs: 60_000, callers: 2 }, () => 0);
    for (const caller of ['a', 'b', 'c']) assert.equal(limit.take(caller, 1), 0);
    assert.deepEqual([limit.take('c', 1), limit.take('b', 1), limit.take('a', 1)], [60, 60, 0]);
    limit.giveBack('unknown', 1);
  });
});

describe('the network of an address', () => {
  for (const [address, network] of [
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
    ['1:2:3:4:5:6:203.0.113.7', '1:2:3:4::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['nonsense', 'nonsense'],
  ] as const) {
    test(`${address} → ${network}`, () => {
      assert.equal(networkOf(address), network);
    });
  }
});
