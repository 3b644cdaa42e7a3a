import { Type } from 'typebox';
import { renderEsimProfileEvent, withBaseUrl } from '../operator/resource.ts';
import type { ToldEventRow } from '../store/esim-profile-events.ts';
import { EsimProfileEvent } from './schemas/esim-profiles.ts';
import { notFound } from './api-error.ts';
import {
  EVENT_STREAM,
  messageOf,
  messages,
  parsePosition,
  position,
  STREAM_ANSWER_HEADERS,
  streamResponse,
} from './event-stream.ts';
import { operation } from './operation.ts';

const NAME = 'esim_profile';

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
  answerHeaders: STREAM_ANSWER_HEADERS,
  headers: position.headers,
  query: Type.Object({
    ESimProfileSid: Type.Optional(Type.String({ description: 'Only events of this profile.' })),
    ...position.query,
  }),
  responses: streamResponse(
    NAME,
    { event: 'EsimProfileEvent', data: 'StreamedEvent' },
    EsimProfileEvent.properties.sid,
  ),
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
        messages(feed, caller.accountSid, { after, of: esimProfileSid, signal }, (row) =>
          render(row, publicUrl),
        ),
    };
  },
});

function render(row: ToldEventRow, publicUrl: string): string {
  const event = renderEsimProfileEvent(row);
  const esimProfile = withBaseUrl(row.resource, publicUrl);
  return messageOf(NAME, row.sid, `{"event":${event},"esim_profile":${esimProfile}}`);
}
