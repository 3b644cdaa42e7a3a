// The compact forms of what an IPA sends (SGP.32 §6.3.2), in which it leaves out what the eIM knows: minimizeEsipaBytes.
import { boolean, integer, octetString } from '../asn1-primitives.ts';
import { choice, explicit, optional, sequence, withDefault } from '../asn1-structures.ts';
import { replacedSequence } from '../asn1-tolerant.ts';
import type { ValueOf } from '../asn1-type.ts';
import { keepingDer } from '../encoded.ts';
import { cancelSessionReasons, cancelSessionResponseErrors } from '../reasons.ts';
import {
  AuthenticateResponseError,
  AuthenticateResponseOk,
  CtxParams1,
  EuiccSigned1,
} from './authenticate-server.ts';
import { octet16, oneTimePublicKey, signature, transactionId } from './basic-types.ts';
import { CancelSessionResponseOk } from './cancel-session.ts';
import { certificateNotation } from './certificate.ts';
import {
  NotificationMetadata,
  OtherSignedNotification,
  ProfileInstallationResult,
  errorResult,
} from './notification.ts';
import {
  PrepareDownloadResponseError,
  PrepareDownloadResponseOk,
  hashCc,
} from './prepare-download.ts';

const CompactAuthenticateResponseOk = sequence(0xa2, {
  signedData: choice({
    euiccSigned1: keepingDer(EuiccSigned1),
    compactEuiccSigned1: sequence(0xa0, {
      extCardResource: octetString(0x84),
      ctxParams1: optional(explicit(0xa2, keepingDer(CtxParams1))),
    }),
  }),
  euiccSignature1: signature,
  euiccCertificate: optional(replacedSequence(0xa1, certificateNotation)),
  eumCertificate: optional(replacedSequence(0xa2, certificateNotation)),
});
export type CompactAuthenticateResponseOk = ValueOf<typeof CompactAuthenticateResponseOk>;

/** AuthenticateServerResponse ::= [56] CHOICE, of SGP.32 */
export const AuthenticateServerResponseEsipa = explicit(
  0xbf38,
  choice({
    authenticateResponseOk: AuthenticateResponseOk,
    authenticateResponseError: AuthenticateResponseError,
    compactAuthenticateResponseOk: CompactAuthenticateResponseOk,
  }),
);
export type AuthenticateServerResponseEsipa = ValueOf<typeof AuthenticateServerResponseEsipa>;

const CompactPrepareDownloadResponseOk = sequence(0xa2, {
  compactEuiccSigned2: sequence(0x30, { euiccOtpk: optional(oneTimePublicKey), hashCc }),
  euiccSignature2: signature,
});
export type CompactPrepareDownloadResponseOk = ValueOf<typeof CompactPrepareDownloadResponseOk>;

/** PrepareDownloadResponse ::= [33] CHOICE, of SGP.32 */
export const PrepareDownloadResponseEsipa = explicit(
  0xbf21,
  choice({
    downloadResponseOk: PrepareDownloadResponseOk,
    downloadResponseError: PrepareDownloadResponseError,
    compactDownloadResponseOk: CompactPrepareDownloadResponseOk,
  }),
);
export type PrepareDownloadResponseEsipa = ValueOf<typeof PrepareDownloadResponseEsipa>;

const CompactCancelSessionResponseOk = sequence(0xa2, {
  compactEuiccCancelSessionSigned: sequence(0x30, {
    reason: optional(integer(0x80, cancelSessionReasons)),
  }),
  euiccCancelSessionSignature: signature,
});
export type CompactCancelSessionResponseOk = ValueOf<typeof CompactCancelSessionResponseOk>;

/** CancelSessionResponse ::= [65] CHOICE, of SGP.32 */
export const CancelSessionResponseEsipa = explicit(
  0xbf41,
  choice({
    cancelSessionResponseOk: CancelSessionResponseOk,
    cancelSessionResponseError: integer(0x81, cancelSessionResponseErrors),
    compactCancelSessionResponseOk: CompactCancelSessionResponseOk,
  }),
);
export type CancelSessionResponseEsipa = ValueOf<typeof CancelSessionResponseEsipa>;

const CompactProfileInstallationResult = sequence(0xa0, {
  compactProfileInstallationResultData: sequence(0xa0, {
    transactionId: transactionId(0x80),
    seqNumber: integer(0x02),
    iccidPresent: withDefault(boolean(0x01), true),
    compactFinalResult: explicit(
      0xa2,
      choice({
        compactSuccessResult: sequence(0xa0, {
          /** Bytes 14 and 15 of the AID of the ISD-P. */
          compactAid: octetString(0x4f, 2),
          simaResponse: optional(octetString(0x04)),
        }),
        errorResult: keepingDer(errorResult),
      }),
    ),
  }),
  euiccSignPIR: signature,
});
export type CompactProfileInstallationResult = ValueOf<typeof CompactProfileInstallationResult>;

const CompactOtherSignedNotification = sequence(0xa1, {
  eidValue: optional(octet16(0x5a)),
  tbsOtherNotification: keepingDer(NotificationMetadata),
  euiccNotificationSignature: signature,
  /** Since v1.3. */
  euiccCiPKIdentifierToBeUsed: optional(octetString(0x04)),
});
export type CompactOtherSignedNotification = ValueOf<typeof CompactOtherSignedNotification>;

/** PendingNotification ::= CHOICE, of SGP.32 */
export const PendingNotificationEsipa = choice({
  profileInstallationResult: ProfileInstallationResult,
  otherSignedNotification: OtherSignedNotification,
  compactProfileInstallationResult: CompactProfileInstallationResult,
  compactOtherSignedNotification: CompactOtherSignedNotification,
});
export type PendingNotificationEsipa = ValueOf<typeof PendingNotificationEsipa>;
