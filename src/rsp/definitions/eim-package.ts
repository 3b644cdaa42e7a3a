// SGP.32 §2.11: the eIM packages besides eUICC packages, and their results.
import {
  bitString,
  integer,
  nullType,
  octetString,
  utf8String,
  wholeTlv,
} from '../asn1-primitives.ts';
import { choice, explicit, optional, sequence, sequenceOf } from '../asn1-structures.ts';
import { alsoTagged, childrenOf, replacedSequence, tolerant } from '../asn1-tolerant.ts';
import type { ValueOf } from '../asn1-type.ts';
import { encodeTlv, type Tlv } from '../der.ts';
import { ipaEuiccDataErrorCodes, profileDownloadErrorReasons } from '../eim-codes.ts';
import { keepingDer } from '../encoded.ts';
import { notificationEvent, transactionId } from './basic-types.ts';
import { certificateNotation } from './certificate.ts';
import { PendingNotificationEsipa } from './compact.ts';
import { EUICCInfo1, EUICCInfo2, deviceInfo } from './euicc-info.ts';
import { listedEuiccPackageResult } from './euicc-package.ts';
import { ProfileInstallationResult } from './notification.ts';

/** PendingNotificationList ::= SEQUENCE OF PendingNotification, each forwarded as it is. */
export const pendingNotificationList = (tag: number) =>
  sequenceOf(tag, keepingDer(PendingNotificationEsipa));

/** EuiccPackageResultList ::= SEQUENCE OF EuiccPackageResult */
export const euiccPackageResultList = (tag: number) => sequenceOf(tag, listedEuiccPackageResult);

/** IpaEuiccDataRequest ::= [82] SEQUENCE (SGP.32 §2.11.1.2); tagList: concatenated tags of members of IpaEuiccData. */
export const IpaEuiccDataRequest = sequence(0xbf52, {
  tagList: octetString(0x5c),
  euiccCiPKIdentifierToBeUsed: optional(octetString(0x04)),
  searchCriteriaNotification: optional(
    explicit(
      0xa1,
      choice({
        seqNumber: integer(0x80),
        profileManagementOperation: notificationEvent(0x81),
        /** Of v1.0.1, which has no other criterion. */
        euiccPackageResults: nullType(0x82),
      }),
    ),
  ),
  searchCriteriaEuiccPackageResult: optional(explicit(0xa2, choice({ seqNumber: integer(0x80) }))),
  eimTransactionId: optional(transactionId(0x83)),
});
export type IpaEuiccDataRequest = ValueOf<typeof IpaEuiccDataRequest>;

/** IpaCapabilities ::= SEQUENCE */
export const IpaCapabilities = sequence(0xa8, {
  ipaFeatures: bitString(0x80, [
    'directRspServerCommunication',
    'indirectRspServerCommunication',
    'eimDownloadDataHandling',
    'eimCtxParams1Generation',
    'eimProfileMetadataVerification',
    'minimizeEsipaBytes',
  ]),
  ipaSupportedProtocols: optional(
    bitString(0x81, [
      'ipaRetrieveHttps',
      'ipaRetrieveCoaps',
      'ipaInjectHttps',
      'ipaInjectCoaps',
      'ipaProprietary',
    ]),
  ),
  /** Since v1.3. */
  eSipaProprietaryProtocolInformation: optional(wholeTlv(0xa2)),
});
export type IpaCapabilities = ValueOf<typeof IpaCapabilities>;

/** IpaEuiccData ::= SEQUENCE; a tagList names its members. */
const IpaEuiccData = sequence(0xa0, {
  notificationsList: optional(pendingNotificationList(0xa0)),
  defaultSmdpAddress: optional(utf8String(0x81)),
  euiccPackageResultList: optional(euiccPackageResultList(0xa2)),
  euiccInfo1: optional(EUICCInfo1),
  euiccInfo2: optional(keepingDer(EUICCInfo2)),
  rootSmdsAddress: optional(utf8String(0x83)),
  associationToken: optional(integer(0x84)),
  eumCertificate: optional(replacedSequence(0xa5, certificateNotation)),
  euiccCertificate: optional(replacedSequence(0xa6, certificateNotation)),
  eimTransactionId: optional(transactionId(0x87)),
  ipaCapabilities: optional(IpaCapabilities),
  deviceInfo: optional(deviceInfo(0xa9)),
});
export type IpaEuiccData = ValueOf<typeof IpaEuiccData>;

/** The tags of IpaEuiccData's members, in order. */
export const ipaEuiccDataTags = {
  notificationsList: 0xa0,
  defaultSmdpAddress: 0x81,
  euiccPackageResultList: 0xa2,
  euiccInfo1: 0xbf20,
  euiccInfo2: 0xbf22,
  rootSmdsAddress: 0x83,
  associationToken: 0x84,
  eumCertificate: 0xa5,
  euiccCertificate: 0xa6,
  eimTransactionId: 0x87,
  ipaCapabilities: 0xa8,
  deviceInfo: 0xa9,
} as const satisfies Record<keyof IpaEuiccData, number>;

/**
 * IpaEuiccDataResponse ::= [82] CHOICE (SGP.32 §2.11.2.2). Some write the members or the error without A0 or A1. In v1.0.1 the error is a
 * number, the default SM-DP+ has the tag 80, and notifications and results come as in RetrieveNotificationsListResponse.
 */
export const IpaEuiccDataResponse = tolerant(
  explicit(
    0xbf52,
    choice({
      ipaEuiccData: IpaEuiccData,
      ipaEuiccDataResponseError: sequence(0xa1, {
        eimTransactionId: optional(transactionId(0x80)),
        ipaEuiccDataErrorCode: integer(0x02, ipaEuiccDataErrorCodes),
      }),
    }),
  ),
  (tlv) => encodeTlv(tlv.tag, standardAlternative(tlv)),
);
export type IpaEuiccDataResponse = ValueOf<typeof IpaEuiccDataResponse>;

const [INTEGER, NOTIFICATIONS_LIST, ERROR_NUMBER] = [0x02, 0xbf2b, 0x81];

function standardAlternative(tlv: Tlv): Uint8Array {
  const children = childrenOf(tlv);
  const [first] = children;
  const last = children.at(-1);
  if (first === undefined || last === undefined) return encodeTlv(0xa0);
  if (children.length === 1) {
    if (first.tag === ERROR_NUMBER && first.contents.length <= 1) {
      return encodeTlv(0xa1, encodeTlv(INTEGER, first.contents));
    }
    if (first.tag === 0xa1) return first.der;
    if (first.tag === 0xa0 && !isPendingNotification(childrenOf(first)[0])) {
      return encodeTlv(0xa0, ...standardMembers(childrenOf(first)));
    }
  }
  return last.tag === INTEGER
    ? encodeTlv(0xa1, tlv.contents)
    : encodeTlv(0xa0, ...standardMembers(children));
}

function isPendingNotification(tlv: Tlv | undefined): boolean {
  return tlv?.tag === 0xbf37 || tlv?.tag === 0x30;
}

/** In the order of the standard. */
function standardMembers(children: readonly Tlv[]): Uint8Array[] {
  const order: number[] = Object.values(ipaEuiccDataTags);
  const members = children.flatMap((child): [number, Uint8Array][] => {
    if (child.tag === 0x80) return [[0x81, encodeTlv(0x81, child.contents)]];
    if (child.tag === NOTIFICATIONS_LIST) {
      return notificationsAndResultsOf(child).map((der) => [der[0]!, der]);
    }
    return [[child.tag, child.der]];
  });
  return members
    .filter(([tag]) => order.includes(tag))
    .toSorted(([one], [other]) => order.indexOf(one) - order.indexOf(other))
    .map(([, der]) => der);
}

/** The lists of a RetrieveNotificationsListResponse, also of one with both (A3, in v1.0.1), as A0 and A2. */
export function notificationsAndResultsOf(tlv: Tlv): Uint8Array[] {
  return childrenOf(tlv).flatMap((child) => {
    if (child.tag === 0xa0 || child.tag === 0xa2) return [child.der];
    if (child.tag !== 0xa3) return [];
    return childrenOf(child).map(({ tag, contents }) =>
      encodeTlv(tag === 0xa1 ? 0xa2 : 0xa0, contents),
    );
  });
}

/** ProfileDownloadData ::= CHOICE; without it, the eIM handles the download data (eimDownloadDataHandling). */
const ProfileDownloadData = choice({
  /** Without `LPA:`. */
  activationCode: utf8String(0x80, 255),
  contactDefaultSmdp: nullType(0x81),
  contactSmds: sequence(0xa2, { smdsAddress: optional(alsoTagged(utf8String(0x80), 0x0c)) }),
});

/** ProfileDownloadTriggerRequest ::= [84] SEQUENCE (SGP.32 §2.11.1.3) */
export const ProfileDownloadTriggerRequest = sequence(0xbf54, {
  profileDownloadData: optional(explicit(0xa0, ProfileDownloadData)),
  eimTransactionId: optional(transactionId(0x82)),
});
export type ProfileDownloadTriggerRequest = ValueOf<typeof ProfileDownloadTriggerRequest>;

/** ProfileDownloadTriggerResult ::= [84] SEQUENCE (SGP.32 §2.11.2.3), after a direct download */
export const ProfileDownloadTriggerResult = sequence(0xbf54, {
  eimTransactionId: optional(transactionId(0x82)),
  profileDownloadTriggerResultData: choice({
    profileInstallationResult: keepingDer(ProfileInstallationResult),
    profileDownloadError: sequence(0x30, {
      profileDownloadErrorReason: integer(0x80, profileDownloadErrorReasons),
      errorResponse: optional(octetString(0x04)),
    }),
  }),
});
export type ProfileDownloadTriggerResult = ValueOf<typeof ProfileDownloadTriggerResult>;

/** EimAcknowledgements ::= [83] SEQUENCE OF SequenceNumber (SGP.32 §2.11.1.4) */
export const EimAcknowledgements = sequenceOf(0xbf53, integer(0x80));
export type EimAcknowledgements = ValueOf<typeof EimAcknowledgements>;
