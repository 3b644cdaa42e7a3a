// The compact forms of an eUICC's messages (minimizeEsipaBytes, SGP.32 §6.3.2): what the eIM can add again is left out. A message is only
// made compact if that gives back its bytes.
import { CtxParams1 } from '../../rsp/definitions/authenticate-server.ts';
import {
  AuthenticateServerResponseEsipa,
  CancelSessionResponseEsipa,
  PendingNotificationEsipa,
  PrepareDownloadResponseEsipa,
  type CompactOtherSignedNotification,
  type CompactProfileInstallationResult,
} from '../../rsp/definitions/compact.ts';
import {
  errorResult as errorResultType,
  type OtherSignedNotification,
  type ProfileInstallationResult,
} from '../../rsp/definitions/notification.ts';
import { encoded, type Encoded } from '../../rsp/encoded.ts';
import { childrenOf } from '../../rsp/asn1-tolerant.ts';
import { readDer } from '../../rsp/der.ts';
import {
  rebuildAuthenticateServerResponse,
  rebuildCancelSessionResponse,
  rebuildEuiccSigned1,
  rebuildOtherSignedNotification,
  rebuildPrepareDownloadResponse,
  rebuildProfileInstallationResult,
} from '../../rsp/rebuild-messages.ts';

const isSame = (one: Uint8Array | undefined, other: Uint8Array | undefined) =>
  one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;

/** What an IPA knows of the session in which it takes part. DER */
export interface SessionWithEim {
  serverSigned1?: Uint8Array | undefined;
  /** Made by the eIM. */
  ctxParams1?: Uint8Array | undefined;
  /** Of an earlier attempt, as the SM-DP+ has it. */
  bppEuiccOtpk?: Uint8Array | undefined;
  /** Of a confirmation code that the eIM holds. */
  hashCc?: Uint8Array | undefined;
}

/** @returns undefined if it stays as it is, as below */
export function compactAuthenticateServerResponse(
  { value, der }: Encoded<AuthenticateServerResponseEsipa>,
  { serverSigned1, ctxParams1: given }: SessionWithEim,
): Encoded<AuthenticateServerResponseEsipa> | undefined {
  const { authenticateResponseOk: ok } = value;
  if (ok === undefined) return undefined;
  const { euiccSigned1, euiccSignature1 } = ok;
  const members = childrenOf(readDer(euiccSigned1.der));
  const euiccInfo2 = members.find(({ tag }) => tag === 0xbf22)?.der;
  const ctxParams1 = members.find(({ tag }) => CtxParams1.tags.includes(tag))?.der;
  if (ctxParams1 === undefined) return undefined;
  const signedData = {
    compactEuiccSigned1: {
      extCardResource: euiccSigned1.value.euiccInfo2.extCardResource,
      ...(isSame(given, ctxParams1)
        ? {}
        : { ctxParams1: { value: euiccSigned1.value.ctxParams1, der: ctxParams1 } }),
    },
  };
  const again = rebuildEuiccSigned1(signedData, { serverSigned1, euiccInfo2, ctxParams1: given });
  if (!isSame(again, euiccSigned1.der)) return undefined;
  if (!isSame(rebuildAuthenticateServerResponse(ok, euiccSigned1.der, ok), der)) return undefined;
  const compactAuthenticateResponseOk = { signedData, euiccSignature1 };
  return encoded(AuthenticateServerResponseEsipa, { compactAuthenticateResponseOk });
}

export function compactPrepareDownloadResponse(
  { value, der }: Encoded<PrepareDownloadResponseEsipa>,
  { bppEuiccOtpk, hashCc: given }: SessionWithEim,
): Encoded<PrepareDownloadResponseEsipa> | undefined {
  const { downloadResponseOk: ok } = value;
  if (ok === undefined) return undefined;
  const { transactionId, euiccOtpk, hashCc } = ok.euiccSigned2.value;
  const compactDownloadResponseOk = {
    compactEuiccSigned2: {
      ...(isSame(bppEuiccOtpk, euiccOtpk) ? {} : { euiccOtpk }),
      ...(hashCc === undefined || isSame(given, hashCc) ? {} : { hashCc }),
    },
    euiccSignature2: ok.euiccSignature2,
  };
  const known = { transactionId, bppEuiccOtpk, hashCc: given };
  const again = rebuildPrepareDownloadResponse(compactDownloadResponseOk, known);
  if (!isSame(again?.der, der)) return undefined;
  return encoded(PrepareDownloadResponseEsipa, { compactDownloadResponseOk });
}

export function compactCancelSessionResponse({
  value,
  der,
}: Encoded<CancelSessionResponseEsipa>): Encoded<CancelSessionResponseEsipa> | undefined {
  const { cancelSessionResponseOk: ok } = value;
  if (ok === undefined) return undefined;
  const { euiccCancelSessionSigned: signed, euiccCancelSessionSignature } = ok;
  if (!isSame(rebuildCancelSessionResponse(ok, signed.value).der, der)) return undefined;
  const compactCancelSessionResponseOk = {
    compactEuiccCancelSessionSigned: { reason: signed.value.reason },
    euiccCancelSessionSignature,
  };
  return encoded(CancelSessionResponseEsipa, { compactCancelSessionResponseOk });
}

/** @param eidValue since v1.2 */
export function compactNotification(
  { value, der }: Encoded<PendingNotificationEsipa>,
  eidValue: Uint8Array,
): Encoded<PendingNotificationEsipa> | undefined {
  const { profileInstallationResult: installation, otherSignedNotification: other } = value;
  if (installation !== undefined) return compactInstallation(installation, der);
  return other === undefined ? undefined : compactOther(other, der, eidValue);
}

function compactInstallation(
  { profileInstallationResultData: data, euiccSignPIR }: ProfileInstallationResult,
  der: Uint8Array,
): Encoded<PendingNotificationEsipa> | undefined {
  const { transactionId, notificationMetadata, smdpOid, finalResult } = data.value;
  const { seqNumber, notificationAddress: serverAddress, iccid } = notificationMetadata;
  const { successResult: success, errorResult } = finalResult;
  const compactOf = (
    compactFinalResult: CompactProfileInstallationResult['compactProfileInstallationResultData']['compactFinalResult'],
  ): CompactProfileInstallationResult => ({
    compactProfileInstallationResultData: {
      transactionId,
      seqNumber,
      iccidPresent: iccid !== undefined,
      compactFinalResult,
    },
    euiccSignPIR,
  });
  const compactAid = success?.aid.subarray(13, 15);
  const forms =
    success === undefined
      ? [compactOf({ errorResult: encoded(errorResultType, errorResult) })]
      : [
          compactOf({ compactSuccessResult: { compactAid: compactAid! } }),
          compactOf({
            compactSuccessResult: { compactAid: compactAid!, simaResponse: success.simaResponse },
          }),
        ];
  const known = { serverAddress, smdpOid, iccid };
  const found = forms.find((compact) =>
    isSame(rebuildProfileInstallationResult(compact, known)?.der, der),
  );
  if (found === undefined) return undefined;
  return encoded(PendingNotificationEsipa, { compactProfileInstallationResult: found });
}

function compactOther(
  other: OtherSignedNotification,
  der: Uint8Array,
  eidValue: Uint8Array,
): Encoded<PendingNotificationEsipa> | undefined {
  const { tbsOtherNotification, euiccNotificationSignature } = other;
  const compactOtherSignedNotification: CompactOtherSignedNotification = {
    eidValue,
    tbsOtherNotification,
    euiccNotificationSignature,
  };
  const again = rebuildOtherSignedNotification(compactOtherSignedNotification, other);
  if (!isSame(again.der, der)) return undefined;
  return encoded(PendingNotificationEsipa, { compactOtherSignedNotification });
}
