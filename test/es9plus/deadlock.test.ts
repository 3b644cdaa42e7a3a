// Concurrent calls of one session, on a database with row locks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachDatabase, serverOn } from '../databases.ts';
import { stepsOf, SUCCESS } from './calls.ts';
import { orderWithCode } from './confirmation-code.ts';

const ROUNDS = 30;

onEachDatabase('§5.6.2 a right and a wrong confirmation code at once', (database) => {
  /** A PostgreSQL that does not resolve deadlocks, so a deadlocked call fails. */
  async function own(): Promise<string | undefined> {
    const given = await database.own();
    if (given === undefined) return undefined;
    const url = new URL(given);
    url.searchParams.set('options', '-c deadlock_timeout=60s');
    return url.href;
  }
  const running = serverOn({ ...database, own }, { es9: true, stock: ROUNDS });

  test('do not deadlock: the right one is answered', async () => {
    const server = running();
    for (let round = 0; round < ROUNDS; round++) {
      const order = await orderWithCode(server, '1234');
      const steps = await stepsOf(server, order.matching_id).begin();
      const prepared = ['9999', '1234', '8888'].map((code) => steps.prepareDownload(code));
      const replies = await Promise.all(
        prepared.map((members) => steps.send('getBoundProfilePackage', members)),
      );
      const [first, right, last] = replies.map(({ result }) => result);
      assert.equal(right, SUCCESS);
      // After the right one, no such call is expected.
      for (const wrong of [first, last])
        assert.match(wrong!, /^(8\.2\.7 \/ 3\.8|8\.10\.1 \/ 3\.9)$/);
    }
  });
});
