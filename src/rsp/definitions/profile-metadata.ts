// The profile's metadata, shown to the user and stored on the eUICC: ES8+.StoreMetadata (§5.5.3).
import { boolean, integer, octetString, utf8String, wholeTlv } from '../asn1-primitives.ts';
import { optional, sequence, withDefault } from '../asn1-structures.ts';
import type { ValueOf } from '../asn1-type.ts';
import { iconTypes, profileClasses } from '../reasons.ts';
import { Iccid, notificationConfigurationInfo, operatorId, pprIds } from './basic-types.ts';

/** StoreMetadataRequest ::= [37] SEQUENCE. The sizes of the names count characters. */
export const StoreMetadataRequest = sequence(0xbf25, {
  iccid: Iccid,
  serviceProviderName: utf8String(0x91, 32),
  profileName: utf8String(0x92, 64),
  iconType: optional(integer(0x93, iconTypes)),
  icon: optional(octetString(0x94, 0, 1024)),
  profileClass: withDefault(integer(0x95, profileClasses), profileClasses.operational),
  notificationConfigurationInfo: optional(notificationConfigurationInfo),
  profileOwner: optional(operatorId(0xb7)),
  profilePolicyRules: optional(pprIds(0x99)),
  serviceSpecificDataStoredInEuicc: optional(wholeTlv(0xbf22)),
  serviceSpecificDataNotStoredInEuicc: optional(wholeTlv(0xbf23)),
  // SGP.32, for IoT devices.
  ecallIndication: optional(boolean(0x9f7b)),
  fallbackAllowed: optional(boolean(0x9f67)),
});
export type StoreMetadataRequest = ValueOf<typeof StoreMetadataRequest>;
