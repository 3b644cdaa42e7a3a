import { Type } from 'typebox';
import type { EventFeed, Listening } from '../operator/events/event-feed.ts';
import { renderEsimProfileEvent, withBaseUrl } from '../operator/resource.ts';
import { isSid } from '../values/sid.ts';
import type { ToldEventRow } from '../store/esim-profile-events.ts';
import { EXAMPLES } from './answer-examples.ts';
import { EsimProfileEvent, ref } from './answer-schemas.ts';
import { ApiError, notFound } from './api-error.ts';
import { operation } from './operation.ts';

/** How soon a browser that was cut off comes back. */
const RETRY_MS = 2_000;
const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/** OpenAPI 3.1 has no word for a stream: what it holds is said as JSON Schema says it of a text. */
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

/** `GET /v1/Events`: ours. What happens to the eSIM Profiles of the account, as it happens. */
export const streamEvent = operation({
  operationId: 'StreamEvent',
  method: 'GET',
  path: '/v1/Events',
  tag: 'eSIM Profiles',
  summary: 'Listen to the events of all eSIM Profiles',
  description:
    'Ours: server-sent events (text/event-stream). Without a position only what happens from now on is ' +
    'told; with one, everything after it, each event at least once: drop those whose `id` you have.',
  streams: true,
  answerHeaders: {
    'Cache-Control': 'It is kept by nobody on the way.',
    'X-Accel-Buffering': 'Asks a proxy to pass on each piece at once.',
  },
  headers: {
    'Last-Event-ID': {
      type: 'string',
      description: 'SID of the last event that is known; browsers send it by themselves.',
    },
  },
  query: Type.Object({
    ESimProfileSid: Type.Optional(Type.String({ description: 'Events of this profile alone.' })),
    LastEventId: Type.Optional(
      Type.String({ description: 'For clients that cannot set Last-Event-ID, which goes first.' }),
    ),
  }),
  responses: {
    200: {
      description:
        'Messages with `id` (SID of the event), `event: esim_profile`, and `data`: a StreamedEvent ' +
        'as JSON in one line.',
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
    // A comment tells both sides that the connection lives.
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
