// What the streams of events have in common.
import { Type } from 'typebox';
import type { EventFeed, Listening } from '../operator/events/event-feed.ts';
import type { TSchema } from 'typebox';
import { isSid } from '../values/sid.ts';
import { EXAMPLES } from './answer-examples.ts';
import { ref } from './answer-schemas.ts';
import { ApiError } from './api-error.ts';

/** How soon a browser reconnects after being cut off. */
export const RETRY_MS = 2_000;
export const EVENT_STREAM = 'text/event-stream; charset=utf-8';

export const STREAM_ANSWER_HEADERS = {
  'Cache-Control': 'Keeps caches from storing the stream.',
  'X-Accel-Buffering': 'Asks proxies not to buffer.',
};

/** Where a stream begins. */
export const position = {
  headers: {
    'Last-Event-ID': {
      type: 'string' as const,
      description: 'SID of the last event received; browsers send it by themselves.',
    },
  },
  query: {
    LastEventId: Type.Optional(
      Type.String({
        description: 'For clients that cannot set Last-Event-ID, which takes precedence.',
      }),
    ),
  },
};

/**
 * What a stream answers. OpenAPI 3.1 cannot describe a stream, so its content is declared as JSON Schema does for a string.
 * @param name of each message: `event`
 * @param of what its `id` is the SID of, and its `data`
 */
export function streamResponse(
  name: string,
  of: { event: 'EsimProfileEvent' | 'EuiccEvent'; data: 'StreamedEvent' | 'StreamedEuiccEvent' },
  id: TSchema,
) {
  const content = Type.String({
    contentMediaType: 'text/event-stream',
    contentSchema: Type.Array(
      Type.Object({
        id,
        event: Type.Enum([name], { type: 'string' }),
        data: Type.String({ contentMediaType: 'application/json', contentSchema: ref(of.data) }),
      }),
    ),
    examples: [
      `retry: ${RETRY_MS}\n\nid: ${EXAMPLES[of.event].sid}\nevent: ${name}\n` +
        `data: ${JSON.stringify(EXAMPLES[of.data])}\n\n`,
    ],
  });
  return {
    200: {
      description: `Messages with \`id\` (SID of the event), \`event: ${name}\`, and \`data\`: a ${of.data} as one line of JSON.`,
      content: { 'text/event-stream': content },
    },
  };
}

/** One message. */
export const messageOf = (name: string, sid: string, data: string) =>
  `id: ${sid}\nevent: ${name}\ndata: ${data}\n\n`;

/** Throws `ApiError`. */
export function parsePosition(sid: string | undefined): string | undefined {
  if (sid === undefined || isSid('event', sid)) return sid;
  throw new ApiError(
    'invalidParameter',
    'Invalid parameter LastEventId: expected EV and 32 hexadecimal digits, the id of an event',
  );
}

export async function* messages<Row extends { sid: string }>(
  feed: EventFeed<Row>,
  accountSid: string,
  listening: Listening,
  render: (row: Row) => string,
): AsyncGenerator<string> {
  let before = `retry: ${RETRY_MS}\n\n`;
  for await (const rows of feed.listen(accountSid, listening)) {
    // A comment shows both sides that the connection is alive.
    const told = rows.length === 0 ? ':\n\n' : rows.map(render).join('');
    yield before + told;
    before = '';
  }
}
