// §5.2.6: the responses to calls that throw.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { failureOf, statusOf } from '../../src/es9plus/failure.ts';
import { FunctionExecutionError } from '../../src/rsp/function-execution-error.ts';
import { formatStatusCode } from '../../src/rsp/status-codes.ts';
import { Conflict, StoreUnavailable } from '../../src/store/errors.ts';
import { openStore } from '../../src/store/open.ts';

const log = pino({ level: 'silent' });
const folder = await mkdtemp(join(tmpdir(), 'simwright-failure-'));
const store = await openStore({ kind: 'sqlite', file: join(folder, 'test.db') });
after(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

test('a temporary failure is 1.2/4.4 Busy; a permanent one is 1.2/4.2 Execution error', () => {
  const outcomes = [new Conflict('meanwhile'), new StoreUnavailable('late'), new Error('a bug')];
  assert.deepEqual(
    outcomes.map((error) => {
      const failure = failureOf(error, 'handleNotification', { log, store });
      return [
        failure.kind,
        formatStatusCode(failure.refusal),
        statusOf(failure, 'handleNotification'),
      ];
    }),
    [
      ['busy', '1.2/4.4', 503],
      ['busy', '1.2/4.4', 503],
      ['internal', '1.2/4.2', 500],
    ],
  );
});

test('a refusal stays a refusal even with the codes of a busy provider', () => {
  for (const reason of ['4.2', '4.4'] as const) {
    const refusal = new FunctionExecutionError('1.2', reason);
    const failure = failureOf(refusal, 'handleNotification', { log, store });
    assert.deepEqual(failure, { kind: 'refused', refusal });
    assert.equal(statusOf(failure, 'handleNotification'), 400);
    assert.equal(statusOf(failure, 'cancelSession'), 200);
  }
});
