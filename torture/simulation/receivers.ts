// Who receives the callbacks of a run, and does not always behave.
import type { Random } from '../random.ts';
import type { AcceptedCall, CallbackReceiver } from '../world.ts';
import type { Conditions } from './conditions.ts';
import type { Program } from './machine/machine.ts';
import type { OutboundRequest, Reaction } from './machine/network.ts';

/**
 * Failures of one callback: after these it is tried again within a minute, after more within two, ten, thirty …, which
 * is longer than a journey waits.
 */
const MOST_FAILURES = 2;

type Mood = (random: Random) => { accepts: boolean; reaction: Reaction };

const answer = (random: Random, status: number, more = {}): Reaction => ({
  kind: 'answer',
  after: random.integer(1, 100),
  status,
  ...more,
});

const MOODS: readonly Mood[] = [
  (random) => ({
    accepts: false,
    reaction: answer(random, random.pick([301, 404, 410, 500, 503])),
  }),
  (random) => ({
    accepts: false,
    reaction: answer(random, 429, { headers: { 'retry-after': String(random.integer(0, 40)) } }),
  }),
  (random) => ({
    accepts: false,
    reaction: { kind: 'refuse the connection', after: random.integer(0, 9) },
  }),
  (random) => ({
    accepts: random.chance(0.5),
    reaction: { kind: 'hang up', after: random.integer(0, 500) },
  }),
  (random) => ({ accepts: random.chance(0.5), reaction: { kind: 'say nothing' } }),
  // Slow, or too slow.
  (random) => ({
    accepts: true,
    reaction: { kind: 'answer', after: random.integer(1_000, 20_000), status: 200, body: 'late' },
  }),
];

export class Receivers implements CallbackReceiver {
  readonly url = 'http://receiver.simulated:8080';
  readonly accepted: AcceptedCall[] = [];
  readonly #conditions: Conditions;
  readonly #random: Random;
  readonly #failures = new Map<string, number>();

  constructor(conditions: Conditions, random: Random) {
    this.#conditions = conditions;
    this.#random = random;
  }

  react({ url, headers, body }: OutboundRequest, { machine }: Program): Reaction {
    if (!url.startsWith(this.url)) return { kind: 'refuse the connection', after: 1 };
    const idempotencyToken = headers['i-twilio-idempotency-token']!;
    const parameters = Object.fromEntries(new URLSearchParams(body));
    const failures = this.#failures.get(idempotencyToken) ?? 0;
    const fails = failures < MOST_FAILURES && this.#random.chance(this.#conditions.receiverFails);
    const mood = fails ? this.#random.pick(MOODS) : undefined;
    const { accepts, reaction } = mood?.(this.#random) ?? {
      accepts: true,
      reaction: answer(this.#random, 204),
    };
    if (fails) this.#failures.set(idempotencyToken, failures + 1);
    if (accepts) {
      const signature = headers['x-twilio-signature']!;
      this.accepted.push({ url, signature, idempotencyToken, parameters });
    }
    const { kind } = reaction;
    const how = kind === 'answer' ? `answer ${reaction.status} after ${reaction.after} ms` : kind;
    const what = `${parameters['Status']} of ${parameters['ESimProfileSid']} (${idempotencyToken})`;
    machine.note('receiver', `is told ${what}: ${accepts ? 'takes it; ' : ''}${how}`);
    return reaction;
  }
}
