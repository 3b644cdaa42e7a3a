// What an eUICC reports later: ProfileInstallationResult (§2.5.6) and other notifications (§5.6.4, §5.7.9).
import {
  integer,
  nullType,
  objectIdentifier,
  octetString,
  utf8String,
} from '../asn1-primitives.ts';
import { choice, explicit, optional, sequence, sequenceOf } from '../asn1-structures.ts';
import type { ValueOf } from '../asn1-type.ts';
import { DerReader } from '../der.ts';
import { keepingDer } from '../encoded.ts';
import { bppCommandIds, errorReasons, peStatuses } from '../reasons.ts';
import { Iccid, notificationEvent, signature, transactionId } from './basic-types.ts';
import { Certificate } from './certificate.ts';

/** NotificationMetadata ::= [47] SEQUENCE; exactly one event is set. */
export const NotificationMetadata = sequence(0xbf2f, {
  seqNumber: integer(0x80),
  profileManagementOperation: notificationEvent(0x81),
  notificationAddress: utf8String(0x0c),
  iccid: optional(Iccid),
});
export type NotificationMetadata = ValueOf<typeof NotificationMetadata>;

export const errorResult = sequence(0xa1, {
  bppCommandId: integer(0x80, bppCommandIds),
  errorReason: integer(0x81, errorReasons),
  simaResponse: optional(octetString(0x82)),
});

/** ProfileInstallationResultData ::= [39] SEQUENCE; euiccSignPIR covers its TLV. */
export const ProfileInstallationResultData = sequence(0xbf27, {
  transactionId: transactionId(0x80),
  notificationMetadata: NotificationMetadata,
  smdpOid: objectIdentifier(0x06),
  finalResult: explicit(
    0xa2,
    choice({
      successResult: sequence(0xa0, {
        aid: octetString(0x4f, 5, 16),
        simaResponse: octetString(0x04),
      }),
      errorResult,
    }),
  ),
});
export type ProfileInstallationResultData = ValueOf<typeof ProfileInstallationResultData>;

/** ProfileInstallationResult ::= [55] SEQUENCE */
export const ProfileInstallationResult = sequence(0xbf37, {
  profileInstallationResultData: keepingDer(ProfileInstallationResultData),
  euiccSignPIR: signature,
});
export type ProfileInstallationResult = ValueOf<typeof ProfileInstallationResult>;

/** OtherSignedNotification ::= SEQUENCE; the signature covers the TLV of tbsOtherNotification. */
export const OtherSignedNotification = sequence(0x30, {
  tbsOtherNotification: keepingDer(NotificationMetadata),
  euiccNotificationSignature: signature,
  euiccCertificate: Certificate,
  eumCertificate: Certificate,
});
export type OtherSignedNotification = ValueOf<typeof OtherSignedNotification>;

/** PendingNotification ::= CHOICE */
export const PendingNotification = choice({
  profileInstallationResult: ProfileInstallationResult,
  otherSignedNotification: OtherSignedNotification,
});
export type PendingNotification = ValueOf<typeof PendingNotification>;

const PROFILE_INSTALLATION_RESULT = [0xbf, 0x37];

/**
 * The resultData of HandleDownloadProgressInfo (§5.3.5): what an SM-DP+ takes for "result data contained in the
 * ProfileInstallationResult" is that of this type, or the whole of it. Throws `DerError`.
 */
export function decodeResultData(der: Uint8Array): ProfileInstallationResultData {
  const isWhole = PROFILE_INSTALLATION_RESULT.every((byte, index) => der[index] === byte);
  return isWhole
    ? ProfileInstallationResult.decode(der).profileInstallationResultData.value
    : ProfileInstallationResultData.decode(der);
}

/** EUICCResponse ::= SEQUENCE, of the TCA profile package. */
export const EUICCResponse = sequence(0x30, {
  peStatus: sequenceOf(
    0xa0,
    sequence(0x30, {
      status: integer(0x80, peStatuses),
      identification: optional(integer(0x81)),
      'additional-information': optional(integer(0x82)),
      offset: optional(integer(0x83)),
    }),
  ),
  profileInstallationAborted: optional(nullType(0x81)),
  statusMessage: optional(utf8String(0x82)),
});
export type EUICCResponse = ValueOf<typeof EUICCResponse>;

/** The concatenated EUICCResponses of a simaResponse. Throws `DerError`. */
export function decodeSimaResponse(simaResponse: Uint8Array): EUICCResponse[] {
  const responses: EUICCResponse[] = [];
  for (const reader = new DerReader(simaResponse); !reader.isAtEnd;) {
    responses.push(EUICCResponse.read(reader.expect(0x30, 'EUICCResponse')));
  }
  return responses;
}
