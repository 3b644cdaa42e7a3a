// In a worker: its connection with the other processes of its server.
import { Metrics } from '../metrics/metrics.ts';
import type { Peers, Topic } from '../process/peers.ts';
import type { ServerCounts } from '../process/server-counts.ts';
import type { Beginning, FromWorker, ToWorker } from './messages.ts';

/** Others answer from memory; one that does not is stuck, or about to be replaced. */
const ANSWER_LIMIT_MS = 1_000;

export interface Connection {
  peers: Peers;
  counts: ServerCounts;
  metrics: Metrics;
  /** Takes what is sent to this worker, except for its beginning and its end. */
  take(message: ToWorker): void;
}

/** @param send to the first process */
export function connectionOf(
  { number, isStart, config }: Beginning,
  send: (message: FromWorker) => void,
): Connection {
  const listeners = new Map<Topic, (value: string) => void>();
  const answerers = new Map<Topic, (value: string) => unknown>();
  const waiting = new Map<number, (value: unknown) => void>();
  const metrics = new Metrics();
  let lastId = 0;

  /** @returns undefined if there is no answer in time */
  function answerTo(message: (id: number) => FromWorker): Promise<unknown> {
    const id = ++lastId;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const timer = setTimeout(() => settle(id, undefined), ANSWER_LIMIT_MS);
    waiting.set(id, (value) => {
      clearTimeout(timer);
      resolve(value);
    });
    send(message(id));
    return promise;
  }

  function settle(id: number, value: unknown): void {
    waiting.get(id)?.(value);
    waiting.delete(id);
  }

  const count = (what: keyof ServerCounts, name: string) =>
    answerTo((id) => ({ kind: 'count', id, what, name }));

  return {
    peers: {
      count: config.workers,
      number,
      isStart,
      tell: (topic, value) => send({ kind: 'tell', topic, value }),
      onTold: (topic, listener) => void listeners.set(topic, listener),
      ask: (topic, value) => answerTo((id) => ({ kind: 'ask', id, topic, value })),
      onAsked: (topic, answer) => void answerers.set(topic, answer),
    },
    counts: {
      // Without an answer, there is no first process, and this one is about to end.
      beginSignIn: async (address) => Number((await count('beginSignIn', address)) ?? 1),
      signedIn: (address) => void count('signedIn', address),
      beginInstallPage: async (address) => Number((await count('beginInstallPage', address)) ?? 1),
      foundInstallPage: (address) => void count('foundInstallPage', address),
      beginImport: async (accountSid) => (await count('beginImport', accountSid)) === true,
      endImport: (accountSid) => void count('endImport', accountSid),
    },
    metrics,
    take(message) {
      switch (message.kind) {
        case 'count yourself':
          void metrics.snapshot().then((snapshot) => send({ kind: 'counted', snapshot }));
          return undefined;
        case 'tell':
          return listeners.get(message.topic)?.(message.value);
        case 'ask': {
          const { id, from, topic } = message;
          const value = answerers.get(topic)?.(message.value);
          return send({ kind: 'answer', to: from, id, value });
        }
        case 'answer':
          return settle(message.id, message.value);
        case 'begin':
        case 'stop':
          return undefined;
      }
    },
  };
}
