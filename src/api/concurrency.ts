import type { FastifyReply } from 'fastify';
import { onceClosed } from '../process/open-responses.ts';
import { Tally } from '../process/tally.ts';
import { ApiError } from './api-error.ts';
import { tooMuch } from './error-answer.ts';

/**
 * @param all of all accounts; 503 beyond it
 * @returns a function that counts an account's running requests and throws `ApiError` 429 beyond the limit
 */
export function concurrencyLimit(
  limit: number,
  all = Infinity,
): (accountSid: string, reply: FastifyReply) => void {
  const running = new Tally();
  let total = 0;
  return (accountSid, reply) => {
    const requests = running.of(accountSid) + 1;
    reply.header('Twilio-Concurrent-Requests', String(requests));
    if (requests > limit) {
      throw new ApiError('tooManyRequests', 'Too Many Requests', undefined, {}, 1);
    }
    if (total >= all) throw tooMuch(1);
    running.add(accountSid);
    total++;
    onceClosed(reply.raw, () => {
      total--;
      running.remove(accountSid);
    });
  };
}
