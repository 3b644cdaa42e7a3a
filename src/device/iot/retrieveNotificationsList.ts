// ES10b.RetrieveNotificationsList of an IoT eUICC, SGP.32 §5.9.11: notifications, and results of eUICC packages.
import { IotRetrieveNotificationsListRequest } from '../../rsp/definitions/iot-functions.ts';
import { encodeTlv } from '../../rsp/der.ts';
import { retrieveNotificationsList } from '../retrieveNotificationsList.ts';
import type { IotEuicc } from './iot-euicc.ts';
import { keptResults } from './package-results.ts';

/** Byte for byte as signed. */
export function iotRetrieveNotificationsList(euicc: IotEuicc, der: Uint8Array): Uint8Array {
  const { iot } = euicc.state;
  const { searchCriteria } = IotRetrieveNotificationsListRequest.decode(der);
  if (searchCriteria?.euiccPackageResults !== undefined) return listOf(keptResults(iot));
  const { seqNumber } = searchCriteria ?? {};
  // Both are numbered together.
  const found = seqNumber === undefined ? [] : keptResults(iot, (number) => number === seqNumber);
  return found.length > 0 ? listOf(found) : retrieveNotificationsList(euicc, der);
}

function listOf(results: readonly Uint8Array[]): Uint8Array {
  return encodeTlv(0xbf2b, encodeTlv(0xa2, ...results));
}
