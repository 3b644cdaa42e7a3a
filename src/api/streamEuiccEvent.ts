import { Type } from 'typebox';
import { renderEuicc } from '../eim/euiccs.ts';
import { renderOperation } from '../eim/operations/operation.ts';
import { renderEuiccEvent } from '../eim/tell.ts';
import type { ToldEuiccEventRow } from '../store/euicc-events.ts';
import { EuiccEvent } from './schemas/euiccs.ts';
import { euiccAt, EUICCS_PATH } from './euicc-paths.ts';
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

const NAME = 'euicc';

/** `GET /v1/EuiccEvents`: ours. What happens to the account's eUICCs and to operations on them, as it happens. */
export const streamEuiccEvent = operation({
  operationId: 'StreamEuiccEvent',
  method: 'GET',
  path: '/v1/EuiccEvents',
  tag: 'IoT devices',
  summary: 'Listen to the events of all eUICCs',
  description:
    'Ours: server-sent events, as `GET /v1/Events` has them of eSIM Profiles, with the same positions and guarantees: every ' +
    'change of status of an eUICC, and of the operations on it.',
  streams: 'events',
  answerHeaders: STREAM_ANSWER_HEADERS,
  headers: position.headers,
  query: Type.Object({
    EuiccSid: Type.Optional(
      Type.String({ description: 'Only events of this eUICC: its SID, or its EID.' }),
    ),
    ...position.query,
  }),
  responses: streamResponse(
    NAME,
    { event: 'EuiccEvent', data: 'StreamedEuiccEvent' },
    EuiccEvent.properties.sid,
  ),
  async handle({ caller: { accountSid }, query, lastEventId, euiccFeed }, { store, publicUrl }) {
    const after = parsePosition(lastEventId ?? query.LastEventId);
    const { EuiccSid: name } = query;
    const of =
      name === undefined
        ? undefined
        : (await euiccAt(accountSid, name, `${EUICCS_PATH}/${name}`, store)).sid;
    return {
      contentType: EVENT_STREAM,
      pieces: (signal) =>
        messages(euiccFeed, accountSid, { after, of, signal }, (row) => render(row, publicUrl)),
    };
  },
});

function render(row: ToldEuiccEventRow, publicUrl: string): string {
  const event = renderEuiccEvent(row);
  const euicc = row.euicc === undefined ? 'null' : renderEuicc(row.euicc, publicUrl);
  const done = row.operation === undefined ? 'null' : renderOperation(row.operation, publicUrl);
  return messageOf(NAME, row.sid, `{"event":${event},"euicc":${euicc},"operation":${done}}`);
}
