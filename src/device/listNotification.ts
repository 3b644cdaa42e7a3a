// ES10b.ListNotification, §5.7.9.
import {
  ListNotificationRequest,
  ListNotificationResponse,
} from '../rsp/definitions/local-functions.ts';
import { encodeIccid } from '../rsp/identifiers.ts';
import type { Euicc } from './euicc.ts';

export function listNotification({ state }: Euicc, der: Uint8Array): Uint8Array {
  const { profileManagementOperation: wanted } = ListNotificationRequest.decode(der);
  return ListNotificationResponse.encode({
    notificationMetadataList: state.notifications
      .filter(({ event }) => wanted === undefined || wanted.includes(event))
      .map(({ seqNumber, event, notificationAddress, iccid }) => ({
        seqNumber,
        profileManagementOperation: [event],
        notificationAddress,
        ...(iccid === undefined ? {} : { iccid: encodeIccid(iccid) }),
      })),
  });
}
