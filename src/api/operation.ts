// An operation of the API: its place, its parameters, its answer. A file per operation beside this one.
import type { Readable } from 'node:stream';
import type { Static, TObject, TSchema } from 'typebox';
import type { Context } from '../context.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { Tag } from './openapi-tags.ts';
import type { Caller } from '../operator/account/account.ts';
import type { EventFeed } from '../operator/events/event-feed.ts';

/** What an operation answers, rendered already. */
export interface Answer {
  status: number;
  /** Empty with 204. */
  body: string | Buffer;
  /** Media type of the body; JSON when it is left out. */
  contentType?: string;
  /** Validator of the body, if a client may ask whether it has changed. */
  etag?: string;
  headers?: Record<string, string>;
}

/** An answer that goes on until the client hangs up, the server stops, or there are no more pieces. */
export interface StreamAnswer {
  contentType: string;
  /** @param ended aborted when nobody listens any more */
  pieces: (ended: AbortSignal) => AsyncIterable<string>;
}

export interface OperationRequest<Query, Params, Body> {
  caller: Caller;
  query: Query;
  params: Params;
  body: Body;
  /** The file that an operation with `upload` is sent, as it comes. */
  upload: Readable;
  /** SID of the request, for the log. */
  requestId: string;
  idempotencyKey: string | undefined;
  /** What a client of server-sent events was told last. */
  lastEventId: string | undefined;
  /** Media types that the client takes. */
  accept: string | undefined;
  /** Pages that are asked for again and again. */
  answers: AnswerCache;
  feed: EventFeed;
  /** For what takes a while before it changes anything. Throws `ApiError` when the credentials have ended meanwhile. */
  confirmCaller: () => Promise<void>;
}

/** JSON of a schema, a schema for each media type, or nothing. */
export type ResponseBody = { description: string } &
  /** The example is that of the schema, unless another one is given. */
  ({ schema: TSchema; example?: object } | { content: Record<string, TSchema> } | { empty: true });

interface Definition<Q extends TObject, P extends TObject, B extends TObject> {
  operationId: string;
  method: 'GET' | 'POST' | 'DELETE';
  /** Path with `:Name` for its parameters. */
  path: string;
  summary: string;
  description?: string;
  tag: Tag;
  query?: Q;
  params?: P;
  /** Form or JSON. */
  body?: B;
  /** Instead of `body`: a file of this media type, which is not read ahead. */
  upload?: { mediaType: string; description: string };
  /** Whether a request may carry an Idempotency-Key. */
  idempotent?: boolean;
  /** Parameters that mean something when they are empty; elsewhere an empty one counts as not given. */
  mayBeEmpty?: readonly string[];
  /** Headers that it reads, beside those of every operation. */
  headers?: Record<string, { type: 'string'; description: string }>;
  /** Headers that a success has, beside those of every answer, each with what it is for. */
  answerHeaders?: Record<string, string>;
  /** Whether its answers go on and on: counted apart from requests, and without a validator. */
  streams?: true;
  /** HTTP statuses of success, with the body of each; and of failures that say more than others. */
  responses: Record<number, ResponseBody>;
  /** HTTP statuses of failure that not every operation has. */
  errors?: Record<number, string>;
  /** Names what it uses of `context` where it takes it. Throws `ApiError`. */
  handle(
    request: OperationRequest<Static<Q>, Static<P>, Static<B>>,
    context: Context,
  ): Promise<Answer | StreamAnswer>;
}

/** An operation whose parameters were checked against its schemas when `handle` runs. */
export type Operation = Definition<TObject, TObject, TObject>;

/** Ties the types of the parameters to their schemas. */
export function operation<
  Q extends TObject = TObject<{}>,
  P extends TObject = TObject<{}>,
  B extends TObject = TObject<{}>,
>(definition: Definition<Q, P, B>): Operation {
  return definition;
}
