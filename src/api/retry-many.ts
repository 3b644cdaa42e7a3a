// What the operations share that make many rows of an outbox due at once: callbacks, reports of progress.
import { ApiError } from './api-error.ts';
import type { Answer } from './operation.ts';
import { nextUrl, parsePageRequest } from './page.ts';

export interface Outbox<State extends string> {
  path: string;
  /** Of the SIDs of its rows. */
  prefix: string;
  /** The states whose rows may be retried. */
  states: readonly State[];
}

interface Batch<State> {
  query: { State?: State | readonly State[]; PageToken?: string };
  /** As repeated in the URL of the next batch. */
  filters: Record<string, string | readonly string[] | undefined>;
  publicUrl: string;
  /** Makes a batch due. @param after only rows after this SID. @returns how many, and the SID of the last if there are more */
  retry: (after: string | undefined) => Promise<{ count: number; last: string | undefined }>;
}

/** Throws `ApiError`. */
export function requireState<State extends string>(
  { State }: { State?: readonly State[] },
  { states }: Outbox<State>,
): readonly State[] {
  if (State !== undefined) return State;
  throw new ApiError(
    'invalidParameter',
    `Missing required parameter State in the query: ${states.join(' or ')}`,
  );
}

/** Throws `ApiError`. */
export async function retryBatch<State extends string>(
  { path, prefix }: Outbox<State>,
  { query, filters, publicUrl, retry }: Batch<State>,
): Promise<Answer> {
  const request = parsePageRequest(path, prefix, filters, query);
  const { position } = request;
  if (position.kind === 'older') throw new ApiError('invalidPageToken', 'Invalid PageToken');
  const { count, last } = await retry(position.kind === 'newer' ? position.than : undefined);
  const next = last === undefined ? null : nextUrl(request, `PB${last}`, publicUrl);
  return { status: 202, body: JSON.stringify({ retried: count, next_url: next }) };
}
