import { Type } from 'typebox';
import type { EventFeed, Listening } from '../operator/events/event-feed.ts';
import { renderEsimProfileEvent, withBaseUrl } from '../operator/resource.ts';
import { isSid } from '../values/sid.ts';
import type { ToldEventRow } from '../store/esim-profile-events.ts';
import { EXAMPLES } from './answer-examples.ts';
import { EsimProfileEvent, ref } from './answer-schemas.ts';
import { ApiError, notFound } from './api-error.ts';
import { operation } from './operation.ts';

/** How soon a browser reconnects after being cut off. */
const RETRY_MS = 2_000;
const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/** OpenAPI 3.1 cannot describe a stream, so its content is declared as JSON Schema does for a string. */
const Messages = Type.String({
  contentMediaType: 'text/event-stream',
  contentSchema: Type.Array(
    Type.Object({
      id: EsimProfileEvent.properties.sid,
      event: Type.Enum(['esim_profile'], { type: 'string' }),
      data: Type.String({
        contentMediaType: 'application/json',
        contentSchema: ref('StreamedEvent'),
      }),
    }),
  ),
  examples: [
    `retry: ${RETRY_MS}\n\nid: ${EXAMPLES.EsimProfileEvent.sid}\nevent: esim_profile\n` +
      `data: ${JSON.stringify(EXAMPLES.StreamedEvent)}\n\n`,
  ],
});

/** `GET /v1/Events`: ours. The events of the account's eSIM Profiles, as they happen. */
export const streamEvent = operation({
  operationId: 'StreamEvent',
  method: 'GET',
  path: '/v1/Events',
  tag: 'eSIM Profiles',
  summary: 'Listen to the events of all eSIM Profiles',
  description:
    'Ours: server-sent events (text/event-stream). Without a position, the stream starts with the next event; with ' +
    'one, with the event after it. Each event is sent at least once: drop those whose `id` you have seen.',
  streams: 'events',
  answerHeaders: {
    'Cache-Control': 'Keeps caches from storing the stream.',
    'X-Accel-Buffering': 'Asks proxies not to buffer.',
  },
  headers: {
    'Last-Event-ID': {
      type: 'string',
      description: 'SID of the last event received; browsers send it by themselves.',
    },
  },
  query: Type.Object({
    ESimProfileSid: Type.Optional(Type.String({ description: 'Only events of this profile.' })),
    LastEventId: Type.Optional(
      Type.String({
        description: 'For clients that cannot set Last-Event-ID, which takes precedence.',
      }),
    ),
  }),
  responses: {
    200: {
      description:
        'Messages with `id` (SID of the event), `event: esim_profile`, and `data`: a StreamedEvent ' +
        'as one line of JSON.',
      content: { 'text/event-stream': Messages },
    },
  },
  async handle({ caller, query, lastEventId, feed }, { store, publicUrl }) {
    const { ESimProfileSid: esimProfileSid } = query;
    const after = parsePosition(lastEventId ?? query.LastEventId);
    if (esimProfileSid !== undefined) {
      const found = await store.esimProfiles.findResource(caller.accountSid, esimProfileSid);
      if (found === undefined) throw notFound(`/v1/ESimProfiles/${esimProfileSid}`);
    }
    return {
      contentType: EVENT_STREAM,
      pieces: (signal) =>
        messages(feed, caller.accountSid, { after, esimProfileSid, signal }, publicUrl),
    };
  },
});

/** Throws `ApiError`. */
function parsePosition(sid: string | undefined): string | undefined {
  if (sid === undefined || isSid('event', sid)) return sid;
  throw new ApiError(
    'invalidParameter',
    'Invalid parameter LastEventId: expected EV and 32 hexadecimal digits, the id of an event',
  );
}

async function* messages(
  feed: EventFeed,
  accountSid: string,
  listening: Listening,
  publicUrl: string,
): AsyncGenerator<string> {
  let before = `retry: ${RETRY_MS}\n\n`;
  for await (const rows of feed.listen(accountSid, listening)) {
    // A comment shows both sides that the connection is alive.
    const told = rows.length === 0 ? ':\n\n' : rows.map((row) => render(row, publicUrl)).join('');
    yield before + told;
    before = '';
  }
}

function render(row: ToldEventRow, publicUrl: string): string {
  const event = renderEsimProfileEvent(row);
  const esimProfile = withBaseUrl(row.resource, publicUrl);
  return `id: ${row.sid}\nevent: esim_profile\ndata: {"event":${event},"esim_profile":${esimProfile}}\n\n`;
}
