// An operation of the API: path, parameters, responses. Each operation has its own file in this folder.
import type { Readable } from 'node:stream';
import type { Static, TObject, TSchema } from 'typebox';
import type { Context } from '../context.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { Tag } from './openapi-tags.ts';
import type { Caller } from '../operator/account/account.ts';
import type { Need } from '../operator/account/scope.ts';
import type { EventFeed } from '../operator/events/event-feed.ts';
import type { ToldEventRow } from '../store/esim-profile-events.ts';
import type { ToldEuiccEventRow } from '../store/euicc-events.ts';

/** A response, already rendered. */
export interface Answer {
  status: number;
  /** Empty with 204. */
  body: string | Buffer;
  /** Media type of the body; JSON by default. */
  contentType?: string;
  /** Validator of the body, if clients may make conditional requests. */
  etag?: string;
  headers?: Record<string, string>;
}

/** A response that continues until the client disconnects, the server stops, or the pieces end. */
export interface StreamAnswer {
  contentType: string;
  headers?: Record<string, string>;
  /** Whether its end says that it is complete: cut short, the connection is broken off instead. */
  isFile?: true;
  /** @param ended aborted when the client is gone, or may no longer read */
  pieces: (ended: AbortSignal) => AsyncIterable<string | Uint8Array>;
}

export interface OperationRequest<Query, Params, Body> {
  caller: Caller;
  query: Query;
  params: Params;
  body: Body;
  /** The file sent to an operation with `upload`, as a stream. */
  upload: Readable;
  /** The body of an operation with `csv`, if it was one; then `body` is empty. */
  csv: string | undefined;
  /** SID of the request, for the log. */
  requestId: string;
  idempotencyKey: string | undefined;
  /** The last event that a client of server-sent events has received. */
  lastEventId: string | undefined;
  /** The Accept header. */
  accept: string | undefined;
  /** Cache of pages requested repeatedly. */
  answers: AnswerCache;
  feed: EventFeed<ToldEventRow>;
  euiccFeed: EventFeed<ToldEuiccEventRow>;
  /**
   * For operations that change something only after a while. Throws `ApiError` if the credentials were revoked in the
   * meantime.
   */
  confirmCaller: () => Promise<void>;
}

/** JSON with a schema, a schema per media type, or no body. */
export type ResponseBody = { description: string } &
  /** The example defaults to that of the schema. */
  ({ schema: TSchema; example?: object } | { content: Record<string, TSchema> } | { empty: true });

interface Definition<Q extends TObject, P extends TObject, B extends TObject> {
  operationId: string;
  method: 'GET' | 'POST' | 'DELETE';
  /** Path with parameters as `:Name`. */
  path: string;
  summary: string;
  description?: string;
  tag: Tag;
  /** Which scope a caller needs: by default `read` for GET, `full` for what may change something. */
  need?: Need;
  query?: Q;
  params?: P;
  /** Form or JSON. */
  body?: B;
  /** What the document shows instead of `body`, if a part of it is validated by the operation itself. */
  shownBody?: TObject;
  /** Whether the body may also be CSV, and what it has then. */
  csv?: { description: string; example: string };
  /** Bytes of the body, if it may be larger than usual. */
  bodyLimit?: number;
  /** Instead of `body`: a file of this media type, passed on unread. */
  upload?: { mediaType: string; description: string };
  /** Whether a request may carry an Idempotency-Key. */
  idempotent?: boolean;
  /** Parameters for which an empty value has a meaning; any other counts as absent when empty. */
  mayBeEmpty?: readonly string[];
  /** Request headers that it reads, besides those common to all operations. */
  headers?: Record<string, { type: 'string'; description: string }>;
  /** Response headers of a success, besides those common to all, with their descriptions. */
  answerHeaders?: Record<string, string>;
  /** Whether it is about something that a server with a rented SM-DP+ does not have: then it is refused. */
  ofSmdp?: true;
  /** Whether it begins new work, which is refused first when there is too much of it. */
  begins?: true;
  /** Whether its requests are counted apart from others, because each may need much memory. */
  counted?: 'batches';
  /** Whether it answers with a stream: counted apart from requests, by this kind, and without an ETag. */
  streams?: 'events' | 'exports';
  /** Bodies by HTTP status: of successes, and of failures that have more than the common error body. */
  responses: Record<number, ResponseBody>;
  /** Descriptions by HTTP status, for failures not common to all operations. */
  errors?: Record<number, string>;
  /** Names what it uses of `context` where it takes it. Throws `ApiError`. */
  handle(
    request: OperationRequest<Static<Q>, Static<P>, Static<B>>,
    context: Context,
  ): Promise<Answer | StreamAnswer>;
}

/** Any operation. Its parameters are validated before `handle` runs. */
export type Operation = Definition<TObject, TObject, TObject>;

export const needOf = ({ need, method }: Pick<Operation, 'need' | 'method'>): Need =>
  need ?? (method === 'GET' ? 'read' : 'full');

/** Infers the types of the parameters from their schemas. */
export function operation<
  Q extends TObject = TObject<{}>,
  P extends TObject = TObject<{}>,
  B extends TObject = TObject<{}>,
>(definition: Definition<Q, P, B>): Operation {
  if (definition.ofSmdp === undefined) return definition;
  const { 409: own, ...errors } = definition.errors ?? {};
  const refused = 'The SM-DP+ is a rented one (`SIMWRIGHT_SMDP`), which has what this is about.';
  return {
    ...definition,
    errors: { ...errors, 409: own === undefined ? refused : `${own} ${refused}` },
  };
}
