// ES10b.RetrieveNotificationsList, §5.7.10.
import {
  RetrieveNotificationsListRequest,
  RetrieveNotificationsListResponse,
} from '../rsp/definitions/local-functions.ts';
import { DerReader, encodeTlv, readDer } from '../rsp/der.ts';
import { DerError } from '../rsp/der-error.ts';
import { fromBase64, type NotificationState } from './euicc-state.ts';
import type { Euicc } from './euicc.ts';

const UNDEFINED_ERROR = 127;

/** Returns the notifications byte for byte as signed. */
export function retrieveNotificationsList({ state }: Euicc, der: Uint8Array): Uint8Array {
  const hasCriterion = DerReader.inside(readDer(der)).nextIf(0xa0) !== undefined;
  try {
    const { searchCriteria } = RetrieveNotificationsListRequest.decode(der);
    const isWanted = ({ seqNumber, event }: NotificationState): boolean => {
      if (searchCriteria?.seqNumber !== undefined) return seqNumber === searchCriteria.seqNumber;
      return searchCriteria?.profileManagementOperation?.includes(event) ?? true;
    };
    const wanted = state.notifications.filter(isWanted);
    const list = wanted.map(({ pendingNotification }) => fromBase64(pendingNotification));
    return encodeTlv(0xbf2b, encodeTlv(0xa0, ...list));
  } catch (error) {
    // An unknown criterion is not a coding error, since the request is extensible (annex H).
    if (!(error instanceof DerError) || !hasCriterion) throw error;
    return RetrieveNotificationsListResponse.encode({
      notificationsListResultError: UNDEFINED_ERROR,
    });
  }
}
