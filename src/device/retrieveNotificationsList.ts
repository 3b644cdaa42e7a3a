// ES10b.RetrieveNotificationsList, §5.7.10.
import { RetrieveNotificationsListRequest } from '../rsp/definitions/local-functions.ts';
import { encodeTlv } from '../rsp/der.ts';
import { fromBase64, type NotificationState } from './euicc-state.ts';
import type { Euicc } from './euicc.ts';

/** The notifications go out byte for byte as they were signed. */
export function retrieveNotificationsList({ state }: Euicc, der: Uint8Array): Uint8Array {
  const { searchCriteria } = RetrieveNotificationsListRequest.decode(der);
  const isWanted = ({ seqNumber, event }: NotificationState): boolean => {
    if (searchCriteria?.seqNumber !== undefined) return seqNumber === searchCriteria.seqNumber;
    return searchCriteria?.profileManagementOperation?.includes(event) ?? true;
  };
  const wanted = state.notifications.filter(isWanted);
  const list = wanted.map(({ pendingNotification }) => fromBase64(pendingNotification));
  return encodeTlv(0xbf2b, encodeTlv(0xa0, ...list));
}
