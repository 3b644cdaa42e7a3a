// Streamed responses: written no faster than the client reads, and ended when its credentials are.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { onceClosed } from '../process/open-responses.ts';
import { ApiError } from './api-error.ts';
import type { StreamAnswer } from './operation.ts';

/**
 * How often each stream is checked: it ends if its credentials were revoked, or if the client has read nothing since
 * the last check although data was pending.
 */
const CHECK_MS = 30_000;
/** How long a client may take to read the rest when the server stops. */
const CLOSE_MS = 1_000;

export class Streams {
  readonly #log: Context['log'];
  /** Each with a function that cuts it off. */
  readonly #open = new Map<ServerResponse, () => void>();

  constructor({ log }: Pick<Context, 'log'>) {
    this.#log = log;
  }

  /**
   * Starts the response with the first piece; errors until then are answered normally.
   * @param authenticate throws `ApiError` when the client is no longer allowed to listen
   */
  async send(
    { contentType, headers, isFile, pieces }: StreamAnswer,
    request: FastifyRequest,
    reply: FastifyReply,
    authenticate: () => Promise<void>,
  ): Promise<FastifyReply> {
    const sent = {
      'Content-Type': contentType,
      'Cache-Control': 'no-store',
      // Asks proxies not to buffer the response.
      'X-Accel-Buffering': 'no',
      ...headers,
    };
    const { raw } = reply;
    if (request.method === 'HEAD') {
      reply.headers(sent).hijack();
      raw.writeHead(200, reply.getHeaders() as Record<string, string>).end();
      return reply;
    }
    const ended = new AbortController();
    const cutOff = isFile === true ? () => breakOff(raw) : () => void raw.destroy();
    this.#open.set(raw, cutOff);
    onceClosed(raw, () => {
      ended.abort();
      this.#open.delete(raw);
    });
    const iterator = pieces(ended.signal)[Symbol.asyncIterator]();
    const first = await iterator.next();
    reply.headers(sent).hijack();
    // A quiet stream is not an idle connection.
    request.raw.socket.setTimeout(0);
    raw.writeHead(200, reply.getHeaders() as Record<string, string>);
    let readBefore: number | undefined;
    const check = setInterval(() => {
      const read = raw.writableNeedDrain ? bytesTaken(raw) : undefined;
      if (read !== undefined && read === readBefore) cutOff();
      readBefore = read;
      authenticate().catch((error: unknown) => {
        if (error instanceof ApiError) ended.abort();
      });
    }, CHECK_MS);
    void write(first, iterator, raw)
      .then(
        () => raw.end(),
        (error: unknown) => {
          if (!ended.signal.aborted) {
            this.#log.error({ err: error, request: request.id }, 'a stream ended early');
          }
          if (isFile === true) cutOff();
          else raw.end();
        },
      )
      .finally(() => clearInterval(check));
    return reply;
  }

  /** Resolves when all open streams are closed. Clients that do not read are cut off. */
  async close(): Promise<void> {
    const waiting = setTimeout(() => {
      for (const cutOff of this.#open.values()) cutOff();
    }, CLOSE_MS);
    await Promise.all(Array.from(this.#open.keys(), (raw) => once(raw, 'close')));
    clearTimeout(waiting);
  }
}

/**
 * Ends the connection so that no client takes what it has for the whole: without the last chunk, and by a reset, because a
 * client of HTTP/1.0 has only that to tell.
 */
function breakOff(raw: ServerResponse): void {
  raw.socket?.resetAndDestroy();
  raw.destroy();
}

/** Writes until the pieces end, or the client is gone. */
async function write(
  first: IteratorResult<string | Uint8Array>,
  iterator: AsyncIterator<string | Uint8Array>,
  raw: ServerResponse,
): Promise<void> {
  for (let result = first; result.done !== true; result = await iterator.next()) {
    if (!raw.write(result.value) && !raw.destroyed) await drained(raw);
  }
}

/** Bytes that the network has accepted so far. */
function bytesTaken({ socket }: ServerResponse): number | undefined {
  return socket === null ? undefined : socket.bytesWritten - socket.writableLength;
}

/** Resolves when the client has read on, or is gone. */
async function drained(raw: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const go = () => resolve();
  raw.once('drain', go).once('close', go);
  await promise;
  raw.off('drain', go).off('close', go);
}
