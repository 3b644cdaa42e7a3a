// Answers that go on and on: written no faster than the client reads, and ended when it may no more.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { onceClosed } from '../process/open-responses.ts';
import { ApiError } from './api-error.ts';
import type { StreamAnswer } from './operation.ts';

/**
 * How often each stream is looked at: it ends when its credentials were revoked, and when the client has
 * read nothing since the last time though there was something for it.
 */
const CHECK_MS = 30_000;
/** How long a client may take to read the rest when the server stops. */
const CLOSE_MS = 1_000;

export class Streams {
  readonly #log: Context['log'];
  readonly #open = new Set<ServerResponse>();

  constructor({ log }: Pick<Context, 'log'>) {
    this.#log = log;
  }

  /**
   * Begins once there is a first piece; what is thrown until then is answered as ever.
   * @param authenticate throws `ApiError` when the client may not listen any more
   */
  async send(
    { contentType, pieces }: StreamAnswer,
    request: FastifyRequest,
    reply: FastifyReply,
    authenticate: () => Promise<void>,
  ): Promise<FastifyReply> {
    reply.headers({
      'Content-Type': contentType,
      'Cache-Control': 'no-store',
      // Proxies that gather an answer before they pass it on are asked not to.
      'X-Accel-Buffering': 'no',
    });
    const { raw } = reply;
    if (request.method === 'HEAD') {
      reply.hijack();
      raw.writeHead(200, reply.getHeaders() as Record<string, string>).end();
      return reply;
    }
    const ended = new AbortController();
    this.#open.add(raw);
    onceClosed(raw, () => {
      ended.abort();
      this.#open.delete(raw);
    });
    const iterator = pieces(ended.signal)[Symbol.asyncIterator]();
    const first = await iterator.next();
    reply.hijack();
    // A quiet stream is no idle connection.
    request.raw.socket.setTimeout(0);
    raw.writeHead(200, reply.getHeaders() as Record<string, string>);
    let readBefore: number | undefined;
    const check = setInterval(() => {
      const read = raw.writableNeedDrain ? bytesTaken(raw) : undefined;
      if (read !== undefined && read === readBefore) raw.destroy();
      readBefore = read;
      authenticate().catch((error: unknown) => {
        if (error instanceof ApiError) ended.abort();
      });
    }, CHECK_MS);
    void write(first, iterator, raw)
      .catch((error: unknown) => {
        this.#log.error({ err: error, request: request.id }, 'a stream ended early');
      })
      .finally(() => {
        clearInterval(check);
        raw.end();
      });
    return reply;
  }

  /** Resolves when all that were open are closed. Whoever does not read is cut off. */
  async close(): Promise<void> {
    const cutOff = setTimeout(() => {
      for (const raw of this.#open) raw.destroy();
    }, CLOSE_MS);
    await Promise.all(Array.from(this.#open, (raw) => once(raw, 'close')));
    clearTimeout(cutOff);
  }
}

/** Until there is no more. A client that has gone ends the pieces. */
async function write(
  first: IteratorResult<string>,
  iterator: AsyncIterator<string>,
  raw: ServerResponse,
): Promise<void> {
  for (let result = first; result.done !== true; result = await iterator.next()) {
    if (!raw.write(result.value) && !raw.destroyed) await drained(raw);
  }
}

/** How much the network has taken so far. */
function bytesTaken({ socket }: ServerResponse): number | undefined {
  return socket === null ? undefined : socket.bytesWritten - socket.writableLength;
}

/** Until the client has read on, or is gone. */
async function drained(raw: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const go = () => resolve();
  raw.once('drain', go).once('close', go);
  await promise;
  raw.off('drain', go).off('close', go);
}
