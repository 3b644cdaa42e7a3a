// The compact forms of what an IPA sends (SGP.32 §6.3.2), in which it leaves out what the eIM knows: minimizeEsipaBytes.
import { boolean, integer, octetString } from '../asn1-primitives.ts';
import { choice, explicit, optional, sequence, withDefault } from '../asn1-structures.ts';
import { replacedSequence } from '../asn1-tolerant.ts';
import type { ValueOf } from '../asn1-type.ts';
import { keepingDer } from '../encoded.ts';
import {
  bppCommandIds,
  cancelSessionReasons,
  cancelSessionResponseErrors,
  errorReasons,
} from '../reasons.ts';
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
} from './notification.ts';
import {
  PrepareDownloadResponseError,
  PrepareDownloadResponseOk,
  hashCc,
} from './prepare-download.ts';

/** AuthenticateServerResponse ::= [56] CHOICE, of SGP.32 */
export const AuthenticateServerResponseEsipa = explicit(
  0xbf38,
  choice({
    authenticateResponseOk: AuthenticateResponseOk,
    authenticateResponseError: AuthenticateResponseError,
    compactAuthenticateResponseOk: sequence(0xa2, {
      signedData: choice({
        euiccSigned1: keepingDer(EuiccSigned1),
        compactEuiccSigned1: sequence(0xa0, {
          extCardResource: octetString(0x84),
          ctxParams1: optional(explicit(0xa2, CtxParams1)),
        }),
      }),
      euiccSignature1: signature,
      euiccCertificate: optional(replacedSequence(0xa1, certificateNotation)),
      eumCertificate: optional(replacedSequence(0xa2, certificateNotation)),
    }),
  }),
);
export type AuthenticateServerResponseEsipa = ValueOf<typeof AuthenticateServerResponseEsipa>;

/** PrepareDownloadResponse ::= [33] CHOICE, of SGP.32 */
export const PrepareDownloadResponseEsipa = explicit(
  0xbf21,
  choice({
    downloadResponseOk: PrepareDownloadResponseOk,
    downloadResponseError: PrepareDownloadResponseError,
    compactDownloadResponseOk: sequence(0xa2, {
      compactEuiccSigned2: sequence(0x30, { euiccOtpk: optional(oneTimePublicKey), hashCc }),
      euiccSignature2: signature,
    }),
  }),
);
export type PrepareDownloadResponseEsipa = ValueOf<typeof PrepareDownloadResponseEsipa>;

/** CancelSessionResponse ::= [65] CHOICE, of SGP.32 */
export const CancelSessionResponseEsipa = explicit(
  0xbf41,
  choice({
    cancelSessionResponseOk: CancelSessionResponseOk,
    cancelSessionResponseError: integer(0x81, cancelSessionResponseErrors),
    compactCancelSessionResponseOk: sequence(0xa2, {
      compactEuiccCancelSessionSigned: sequence(0x30, {
        reason: optional(integer(0x80, cancelSessionReasons)),
      }),
      euiccCancelSessionSignature: signature,
    }),
  }),
);
export type CancelSessionResponseEsipa = ValueOf<typeof CancelSessionResponseEsipa>;

/** PendingNotification ::= CHOICE, of SGP.32 */
export const PendingNotificationEsipa = choice({
  profileInstallationResult: ProfileInstallationResult,
  otherSignedNotification: OtherSignedNotification,
  compactProfileInstallationResult: sequence(0xa0, {
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
          errorResult: sequence(0xa1, {
            bppCommandId: integer(0x80, bppCommandIds),
            errorReason: integer(0x81, errorReasons),
            simaResponse: optional(octetString(0x82)),
          }),
        }),
      ),
    }),
    euiccSignPIR: signature,
  }),
  compactOtherSignedNotification: sequence(0xa1, {
    eidValue: optional(octet16(0x5a)),
    tbsOtherNotification: keepingDer(NotificationMetadata),
    euiccNotificationSignature: signature,
    /** Since v1.3. */
    euiccCiPKIdentifierToBeUsed: optional(octetString(0x04)),
  }),
});
export type PendingNotificationEsipa = ValueOf<typeof PendingNotificationEsipa>;
