// Requests in a minute, by address and by account, told in the fields of draft-ietf-httpapi-ratelimit-headers (RateLimit-Policy
// and RateLimit). Beyond a limit: 429 with Retry-After.
import type { FastifyReply } from 'fastify';
import type { Context } from '../context.ts';
import { networkOf } from '../process/network.ts';
import { partOf } from '../process/peers.ts';
import { RateLimit } from '../process/rate-limit.ts';
import { ApiError } from './api-error.ts';

const SECONDS = 60;
/** Callers remembered; beyond that, those that have not called for longest are forgotten. */
const CALLERS = 10_000;

/** Throws `ApiError` 429. */
export interface RequestLimits {
  /** Before the caller is known. */
  countAddress(address: string, reply: FastifyReply): void;
  countAccount(accountSid: string, reply: FastifyReply): void;
}

export function requestLimits({ config, peers }: Pick<Context, 'config' | 'peers'>): RequestLimits {
  const of = (name: string, limit: number | undefined) =>
    limit === undefined ? undefined : new Policy(name, partOf(limit, peers));
  const address = of('address', config.maxAddressRequestsPerMinute);
  const account = of('account', config.maxRequestsPerMinute);
  return {
    countAddress: (from, reply) => address?.count(networkOf(from), reply),
    countAccount: (sid, reply) => account?.count(sid, reply),
  };
}

class Policy {
  readonly #name: string;
  readonly #quota: number;
  readonly #limit: RateLimit;

  constructor(name: string, quota: number) {
    this.#name = name;
    this.#quota = quota;
    this.#limit = new RateLimit({ units: quota, perMs: SECONDS * 1_000, callers: CALLERS });
  }

  count(caller: string, reply: FastifyReply): void {
    const wait = this.#limit.take(caller, 1);
    const { left, fullInMs } = this.#limit.state(caller);
    append(reply, 'RateLimit-Policy', `"${this.#name}";q=${this.#quota};w=${SECONDS}`);
    append(reply, 'RateLimit', `"${this.#name}";r=${left};t=${Math.ceil(fullInMs / 1_000)}`);
    if (wait === 0) return;
    reply.header('Retry-After', String(wait));
    throw new ApiError(
      'tooManyRequests',
      'Too Many Requests',
      `At most ${this.#quota} requests per minute of an ${this.#name} are answered here.`,
    );
  }
}

/** A list of RFC 9651. */
function append(reply: FastifyReply, name: string, item: string): void {
  const before = reply.getHeader(name);
  reply.header(name, before === undefined ? item : `${String(before)}, ${item}`);
}
