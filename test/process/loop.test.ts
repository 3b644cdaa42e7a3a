// When a background loop looks for work again.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { startLoop } from '../../src/process/loop.ts';

test('a loop that failed for long tries again within a second of the first write that succeeds', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    let isAway = true;
    let turns = 0;
    const log = { error() {} } as never;
    const loop = startLoop('clock', 60_000, log, async () => {
      turns++;
      if (isAway) throw new Error('the database is away');
      return false;
    });
    for (let failures = 1; failures <= 8; failures++) {
      await nextTurn();
      assert.equal(turns, failures);
      if (failures < 8) mock.timers.tick(100 * 2 ** failures);
    }
    isAway = false;
    // Without that, 25.6 seconds.
    mock.timers.tick(20_000);
    await nextTurn();
    assert.equal(turns, 8);
    loop.wake();
    mock.timers.tick(1_000);
    await nextTurn();
    assert.equal(turns, 9);
    // And at once as soon as it no longer fails.
    loop.wake();
    await nextTurn();
    await nextTurn();
    assert.equal(turns, 10);
    await loop.stop();
  } finally {
    mock.timers.reset();
  }
});
