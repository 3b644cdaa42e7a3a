// A good client of the API: it repeats what was not answered, with an Idempotency-Key, and waits for what was promised.
import assert from 'node:assert/strict';
import { NoAnswer } from './world.ts';
import type { ApiAnswer, ApiRequest, World } from './world.ts';

/** Far longer than any fault of a trial lasts: what takes longer does not go on by itself. */
export const PATIENCE_MS = 5 * 60_000;
const PAUSE_MS = 250;

/** Something did not happen for as long as a client waits. */
export class TooLong extends Error {
  override name = 'TooLong';
}

/** Repeats `attempt` with pauses until it returns a value. Throws `TooLong`, saying what it was waiting for. */
export async function persist<T>(
  world: Pick<World, 'sleep'>,
  what: string,
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  for (let waited = 0; waited < PATIENCE_MS; waited += PAUSE_MS) {
    const value = await attempt();
    if (value !== undefined) return value;
    await world.sleep(PAUSE_MS);
  }
  throw new TooLong(`${what}: not within ${PATIENCE_MS / 60_000} minutes`);
}

/** Repeats a request until the answer is neither 429 nor 5xx. Only for requests that may be repeated. */
export function ask(world: World, request: ApiRequest): Promise<ApiAnswer> {
  return persist(world, `an answer to ${request.method} ${request.path}`, async () => {
    try {
      const answer = await world.send(request);
      if (answer.status < 500) return answer.status === 429 ? undefined : answer;
      assert.equal(answer.status, 503, `${request.path}: a failing database is a 503`);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
    }
    return undefined;
  });
}

/** Orders an eSIM Profile, and once more with the same Idempotency-Key, which must not order another. */
export async function placeOrder(
  world: World,
  form: Record<string, string>,
  key = newKey(world),
): Promise<any> {
  const request: ApiRequest = {
    method: 'POST',
    path: '/v1/ESimProfiles',
    form,
    headers: { 'Idempotency-Key': key },
  };
  const placed = await acknowledged(world, request, 201);
  const again = await acknowledged(world, request, 201);
  assert.equal(again.sid, placed.sid, 'one Idempotency-Key is one order');
  return placed;
}

export const newKey = ({ random }: Pick<World, 'random'>): string => `torture-${random.digits(20)}`;

/** Asks for an eSIM Profile until it has one of the statuses. */
export function whenStatus(world: World, sid: string, ...statuses: string[]): Promise<any> {
  const path = `/v1/ESimProfiles/${sid}`;
  return persist(world, `${sid}: ${statuses.join(' or ')}`, async () => {
    const profile = await acknowledged(world, { method: 'GET', path }, 200);
    return statuses.includes(profile.status as string) ? profile : undefined;
  });
}

async function acknowledged(world: World, request: ApiRequest, status: number): Promise<any> {
  const answer = await ask(world, request);
  assert.equal(answer.status, status, `${request.path}: ${JSON.stringify(answer.json)}`);
  world.acknowledge(answer.json as object);
  return answer.json;
}
