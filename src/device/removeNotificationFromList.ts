// ES10b.RemoveNotificationFromList, §5.7.11.
import {
  NotificationSentRequest,
  NotificationSentResponse,
} from '../rsp/definitions/local-functions.ts';
import type { Euicc } from './euicc.ts';
import { removeResult } from './iot/package-results.ts';

const OK = 0;
const NOTHING_TO_DELETE = 1;

export function removeNotificationFromList({ state }: Euicc, der: Uint8Array): Uint8Array {
  const { seqNumber } = NotificationSentRequest.decode(der);
  const before = state.notifications.length;
  state.notifications = state.notifications.filter((kept) => kept.seqNumber !== seqNumber);
  const isGone =
    state.notifications.length < before ||
    (state.iot !== undefined && removeResult(state.iot, seqNumber));
  return NotificationSentResponse.encode({
    deleteNotificationStatus: isGone ? OK : NOTHING_TO_DELETE,
  });
}
