// Faults between the store and PostgreSQL, in its driver: errors of the server are real ones, and lost connections too.
import { Client } from 'pg';
import { currentOfDatabase, Dead } from './instance.ts';
import type { Instance } from './instance.ts';
import type { Call } from './point.ts';
import { replaceMethod } from './replace-method.ts';
import { Progress } from './statement.ts';

const progresses = new WeakMap<Client, Progress>();
const RAISE = `do $$ begin raise exception 'No space left on device' using errcode = '53100'; end $$`;

type Query = (...given: unknown[]) => Promise<unknown>;

export function watchPostgres(): void {
  replaceMethod(
    Client.prototype,
    'query',
    (original) =>
      function (this: Client, ...given: [string | { text: string }]) {
        const query: Query = original.bind(this);
        const instance = currentOfDatabase();
        if (instance === undefined) return query(...given);
        const progress = progresses.get(this) ?? new Progress();
        progresses.set(this, progress);
        const [asked] = given;
        const call = progress.callOf(typeof asked === 'string' ? asked : asked.text);
        return attempt(this, call, instance, query, () => query(...given));
      },
  );
}

async function attempt(
  client: Client,
  call: Call,
  instance: Instance,
  query: Query,
  carryOut: () => Promise<unknown>,
): Promise<unknown> {
  const fault = instance.pass(call);
  if (fault === 'fail') {
    // A commit that fails ends the transaction.
    if (call.name.startsWith('commit')) await query('rollback');
    return query(RAISE);
  }
  if (fault === 'cut') {
    throw cutOff(client, Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
  }
  const result = await carryOut();
  if (fault === 'cut-after') throw cutOff(client, new Error('Connection terminated unexpectedly'));
  if (fault !== 'die-after') return result;
  instance.die();
  throw new Dead();
}

function cutOff(client: Client, error: Error): Error {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } };
  connection.stream.destroy();
  return error;
}
