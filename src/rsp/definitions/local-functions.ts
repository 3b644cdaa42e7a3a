// The ES10 functions between LPA and eUICC that carry no server data: challenge, addresses, EID, notifications list,
// profiles list and local profile management (§5.7).
import {
  bitString,
  boolean,
  integer,
  octetString,
  utf8String,
  wholeTlv,
} from '../asn1-primitives.ts';
import { choice, explicit, optional, sequence, sequenceOf } from '../asn1-structures.ts';
import type { ValueOf } from '../asn1-type.ts';
import { iconTypes, profileClasses } from '../reasons.ts';
import {
  Iccid,
  notificationConfigurationInfo,
  notificationEvent,
  octet16,
  operatorId,
  pprIds,
} from './basic-types.ts';
import { NotificationMetadata, PendingNotification } from './notification.ts';

/** GetEuiccChallengeResponse ::= [46] SEQUENCE (§5.7.7) */
export const GetEuiccChallengeResponse = sequence(0xbf2e, { euiccChallenge: octet16(0x80) });

/** EuiccConfiguredAddressesResponse ::= [60] SEQUENCE (§5.7.3) */
export const EuiccConfiguredAddressesResponse = sequence(0xbf3c, {
  defaultDpAddress: optional(utf8String(0x80)),
  rootDsAddress: utf8String(0x81),
});

/** GetEuiccDataRequest ::= [62] SEQUENCE (§5.7.20); the only tag that can be requested is '5A'. */
export const GetEuiccDataRequest = sequence(0xbf3e, { tagList: optional(octetString(0x5c, 1)) });

/** GetEuiccDataResponse ::= [62] SEQUENCE (§5.7.20) */
export const GetEuiccDataResponse = sequence(0xbf3e, { eidValue: octet16(0x5a) });

/** ListNotificationRequest ::= [40] SEQUENCE (§5.7.9) */
export const ListNotificationRequest = sequence(0xbf28, {
  profileManagementOperation: optional(notificationEvent(0x81)),
});

/** ListNotificationResponse ::= [40] CHOICE (§5.7.9) */
export const ListNotificationResponse = explicit(
  0xbf28,
  choice({
    notificationMetadataList: sequenceOf(0xa0, NotificationMetadata),
    listNotificationsResultError: integer(0x81, { undefinedError: 127 }),
  }),
);

/** RetrieveNotificationsListRequest ::= [43] SEQUENCE (§5.7.10) */
export const RetrieveNotificationsListRequest = sequence(0xbf2b, {
  searchCriteria: optional(
    explicit(
      0xa0,
      choice({ seqNumber: integer(0x80), profileManagementOperation: notificationEvent(0x81) }),
    ),
  ),
});

/** RetrieveNotificationsListResponse ::= [43] CHOICE (§5.7.10) */
export const RetrieveNotificationsListResponse = explicit(
  0xbf2b,
  choice({
    notificationList: sequenceOf(0xa0, PendingNotification),
    notificationsListResultError: integer(0x81, { noResultAvailable: 1, undefinedError: 127 }),
  }),
);

/** NotificationSentRequest ::= [48] SEQUENCE (§5.7.11) */
export const NotificationSentRequest = sequence(0xbf30, { seqNumber: integer(0x80) });

/** NotificationSentResponse ::= [48] SEQUENCE (§5.7.11) */
export const NotificationSentResponse = sequence(0xbf30, {
  deleteNotificationStatus: integer(0x80, { ok: 0, nothingToDelete: 1, undefinedError: 127 }),
});

const isdpAid = octetString(0x4f, 1, 16);

/** ProfileInfoListRequest ::= [45] SEQUENCE (§5.7.15); tagList: concatenated tags of ProfileInfo. */
export const ProfileInfoListRequest = sequence(0xbf2d, {
  searchCriteria: optional(
    explicit(0xa0, choice({ isdpAid, iccid: Iccid, profileClass: integer(0x95, profileClasses) })),
  ),
  tagList: optional(octetString(0x5c)),
});
export type ProfileInfoListRequest = ValueOf<typeof ProfileInfoListRequest>;

/** ProfileInfo ::= [PRIVATE 3] SEQUENCE (§5.7.15) */
export const ProfileInfo = sequence(0xe3, {
  iccid: optional(Iccid),
  isdpAid: optional(isdpAid),
  profileState: optional(integer(0x9f70, { disabled: 0, enabled: 1 })),
  profileNickname: optional(utf8String(0x90, 64)),
  serviceProviderName: optional(utf8String(0x91, 32)),
  profileName: optional(utf8String(0x92, 64)),
  iconType: optional(integer(0x93, iconTypes)),
  icon: optional(octetString(0x94, 0, 1024)),
  profileClass: optional(integer(0x95, profileClasses)),
  notificationConfigurationInfo: optional(notificationConfigurationInfo),
  profileOwner: optional(operatorId(0xb7)),
  dpProprietaryData: optional(wholeTlv(0xb8)),
  profilePolicyRules: optional(pprIds(0x99)),
  serviceSpecificDataStoredInEuicc: optional(wholeTlv(0xbf22)),
  // SGP.32 §5.9.14
  ecallIndication: optional(boolean(0x9f7b)),
  fallbackAttribute: optional(boolean(0x9f26)), // DEFAULT FALSE
  fallbackAllowed: optional(boolean(0x9f67)),
});
export type ProfileInfo = ValueOf<typeof ProfileInfo>;

/** ProfileInfoListResponse ::= [45] CHOICE (§5.7.15) */
export const ProfileInfoListResponse = explicit(
  0xbf2d,
  choice({
    profileInfoListOk: sequenceOf(0xa0, ProfileInfo),
    profileInfoListError: integer(0x81, {
      incorrectInputValues: 1,
      profileChangeOngoing: 11, // SGP.32 §2.11.2.1
      undefinedError: 127,
    }),
  }),
);

const profileIdentifier = choice({ isdpAid, iccid: Iccid });

/** EnableProfileRequest ::= [49] SEQUENCE (§5.7.16) */
export const EnableProfileRequest = sequence(0xbf31, {
  profileIdentifier: explicit(0xa0, profileIdentifier),
  refreshFlag: boolean(0x81),
});

/** EnableProfileResponse ::= [49] SEQUENCE (§5.7.16) */
export const EnableProfileResponse = sequence(0xbf31, {
  enableResult: integer(0x80, {
    ok: 0,
    iccidOrAidNotFound: 1,
    profileNotInDisabledState: 2,
    disallowedByPolicy: 3,
    wrongProfileReenabling: 4,
    catBusy: 5,
    undefinedError: 127,
  }),
});

/** DisableProfileRequest ::= [50] SEQUENCE (§5.7.17) */
export const DisableProfileRequest = sequence(0xbf32, {
  profileIdentifier: explicit(0xa0, profileIdentifier),
  refreshFlag: boolean(0x81),
});

/** DisableProfileResponse ::= [50] SEQUENCE (§5.7.17) */
export const DisableProfileResponse = sequence(0xbf32, {
  disableResult: integer(0x80, {
    ok: 0,
    iccidOrAidNotFound: 1,
    profileNotInEnabledState: 2,
    disallowedByPolicy: 3,
    catBusy: 5,
    undefinedError: 127,
  }),
});

/** DeleteProfileRequest ::= [51] CHOICE (§5.7.18) */
export const DeleteProfileRequest = explicit(0xbf33, profileIdentifier);

/** DeleteProfileResponse ::= [51] SEQUENCE (§5.7.18) */
export const DeleteProfileResponse = sequence(0xbf33, {
  deleteResult: integer(0x80, {
    ok: 0,
    iccidOrAidNotFound: 1,
    profileNotInDisabledState: 2,
    disallowedByPolicy: 3,
    undefinedError: 127,
  }),
});

/** EuiccMemoryResetRequest ::= [52] SEQUENCE (§5.7.19) */
export const EuiccMemoryResetRequest = sequence(0xbf34, {
  resetOptions: bitString(0x82, [
    'deleteOperationalProfiles',
    'deleteFieldLoadedTestProfiles',
    'resetDefaultSmdpAddress',
  ]),
});

/** EuiccMemoryResetResponse ::= [52] SEQUENCE (§5.7.19) */
export const EuiccMemoryResetResponse = sequence(0xbf34, {
  resetResult: integer(0x80, { ok: 0, nothingToDelete: 1, catBusy: 5, undefinedError: 127 }),
});

/** RulesAuthorisationTable ::= SEQUENCE OF ProfilePolicyAuthorisationRule (§5.7.22) */
export const rulesAuthorisationTable = (tag: number) =>
  sequenceOf(
    tag,
    sequence(0x30, {
      pprIds: pprIds(0x80),
      allowedOperators: sequenceOf(0xa1, operatorId(0x30)),
      pprFlags: bitString(0x82, ['consentRequired']),
    }),
  );

/** GetRatResponse ::= [67] SEQUENCE (§5.7.22) */
export const GetRatResponse = sequence(0xbf43, { rat: rulesAuthorisationTable(0xa0) });
