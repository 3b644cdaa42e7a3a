import type { FastifyReply } from 'fastify';
import { onceClosed } from '../process/open-responses.ts';
import { ApiError } from './api-error.ts';

/** @returns a function that counts an account's running requests and throws `ApiError` 429 beyond the limit */
export function concurrencyLimit(limit: number): (accountSid: string, reply: FastifyReply) => void {
  const running = new Map<string, number>();
  return (accountSid, reply) => {
    const requests = (running.get(accountSid) ?? 0) + 1;
    reply.header('Twilio-Concurrent-Requests', String(requests));
    if (requests > limit) {
      reply.header('Retry-After', '1');
      throw new ApiError('tooManyRequests', 'Too Many Requests');
    }
    running.set(accountSid, requests);
    onceClosed(reply.raw, () => {
      const left = running.get(accountSid)! - 1;
      if (left === 0) running.delete(accountSid);
      else running.set(accountSid, left);
    });
  };
}
