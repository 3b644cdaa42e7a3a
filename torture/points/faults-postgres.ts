// Faults between the store and PostgreSQL, in its driver: errors of the server are real ones, and lost connections too.
import { Client } from 'pg';
import type { QueryConfig } from 'pg';
import { Batch } from '../../src/store/postgres-batch.ts';
import { currentOfDatabase, Dead } from './instance.ts';
import type { Instance } from './instance.ts';
import { replaceMethod } from './replace-method.ts';
import { Progress } from './statement.ts';

const progresses = new WeakMap<Client, Progress>();
const RAISE = `do $$ begin raise exception 'No space left on device' using errcode = '53100'; end $$`;

type Query = (...given: unknown[]) => unknown;

export function watchPostgres(): void {
  replaceMethod(
    Client.prototype,
    'query',
    (original) =>
      function (this: Client, ...given: [string | QueryConfig | Batch]) {
        const query: Query = original.bind(this);
        const instance = currentOfDatabase();
        const [batch] = given;
        // Anything else is asked only while it connects.
        if (instance === undefined || !(batch instanceof Batch)) return query(...given);
        const progress = progresses.get(this) ?? new Progress();
        progresses.set(this, progress);
        attempt(batch, this, instance, progress, query);
        return batch;
      },
  );
}

/** Sends the batch, unless one of its statements, or what comes after it, is to fail. */
function attempt(
  batch: Batch,
  client: Client,
  instance: Instance,
  progress: Progress,
  query: Query,
): void {
  try {
    for (const statement of batch.statements) {
      const call = progress.callOf(statement.text);
      const fault = instance.pass(call);
      if (fault === 'fail') {
        // A commit that fails ends the transaction.
        if (call.name.startsWith('commit')) query('rollback');
        Object.assign(statement, { text: RAISE, values: [], name: undefined });
      }
      if (fault === 'cut') {
        throw cutOff(client, Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
      }
      if (fault === 'cut-after') {
        batch.handleReadyForQuery = () =>
          batch.handleError(cutOff(client, new Error('Connection terminated unexpectedly')));
      }
      if (fault === 'die-after') {
        batch.handleReadyForQuery = () => {
          instance.die();
          batch.handleError(new Dead());
        };
      }
    }
  } catch (error) {
    batch.handleError(error);
    return;
  }
  query(batch);
}

function cutOff(client: Client, error: Error): Error {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } };
  connection.stream.destroy();
  return error;
}
