// The full messages of eUICCs from their compact forms (SGP.32 §6.3.2), byte for byte: what an IPA leaves out, its eIM adds from the
// session and from what it knows of the eUICC. Only the signature tells whether it is what the eUICC has signed.
import { childrenOf } from './asn1-tolerant.ts';
import type {
  CompactAuthenticateResponseOk,
  CompactCancelSessionResponseOk,
  CompactOtherSignedNotification,
  CompactPrepareDownloadResponseOk,
  CompactProfileInstallationResult,
} from './definitions/compact.ts';
import { EUICCSigned2 } from './definitions/prepare-download.ts';
import { EuiccCancelSessionSigned } from './definitions/cancel-session.ts';
import { NotificationMetadata } from './definitions/notification.ts';
import { encodeOidContents } from './der-values.ts';
import { encodeTlv, readDer } from './der.ts';

const SEQUENCE = 0x30;
const EXT_CARD_RESOURCE = 0x84;

/** A message, and what its signature covers. */
export interface Rebuilt {
  readonly der: Uint8Array;
  readonly signed: Uint8Array;
}

export interface EuiccCertificates {
  /** DER */
  readonly euiccCertificate: Uint8Array;
  readonly eumCertificate: Uint8Array;
}

const signature = (bytes: Uint8Array) => encodeTlv(0x5f37, bytes);

/** EUICCInfo2 with the memory that is free now, which is what changes in it. @returns undefined if it has none */
function withCardResource(
  euiccInfo2: Uint8Array,
  extCardResource: Uint8Array,
): Uint8Array | undefined {
  const tlv = readDer(euiccInfo2);
  const members = childrenOf(tlv);
  if (!members.some(({ tag }) => tag === EXT_CARD_RESOURCE)) return undefined;
  const changed = members.map(({ tag, der }) =>
    tag === EXT_CARD_RESOURCE ? encodeTlv(tag, extCardResource) : der,
  );
  return encodeTlv(tlv.tag, ...changed);
}

/** Whether they differ in nothing but the memory that is free. Throws `DerError`. */
export function isSameEuiccInfo2(one: Uint8Array, other: Uint8Array): boolean {
  const nothing = new Uint8Array();
  const [first, second] = [withCardResource(one, nothing), withCardResource(other, nothing)];
  return first !== undefined && second !== undefined && Buffer.compare(first, second) === 0;
}

/** EUICCInfo1, which has three members of EUICCInfo2 (SGP.22 §5.7.8). */
export function euiccInfo1Of(euiccInfo2: Uint8Array): Uint8Array {
  const members = childrenOf(readDer(euiccInfo2)).filter(({ tag }) =>
    [0x82, 0xa9, 0xaa].includes(tag),
  );
  return encodeTlv(0xbf20, ...members.map(({ der }) => der));
}

/**
 * EuiccSigned1. All are DER.
 * @returns undefined if what is left out is not known. Throws `DerError` if what is known is none
 */
export function rebuildEuiccSigned1(
  { compactEuiccSigned1: compact, euiccSigned1 }: CompactAuthenticateResponseOk['signedData'],
  known: {
    readonly serverSigned1: Uint8Array | undefined;
    readonly euiccInfo2: Uint8Array | undefined;
    readonly ctxParams1: Uint8Array | undefined;
  },
): Uint8Array | undefined {
  if (compact === undefined) return euiccSigned1.der;
  const { serverSigned1, euiccInfo2: toldBefore } = known;
  const ctxParams1 = compact.ctxParams1?.der ?? known.ctxParams1;
  const euiccInfo2 = toldBefore && withCardResource(toldBefore, compact.extCardResource);
  if (serverSigned1 === undefined || euiccInfo2 === undefined || ctxParams1 === undefined) {
    return undefined;
  }
  const session = childrenOf(readDer(serverSigned1)).filter(({ tag }) =>
    [0x80, 0x83, 0x84].includes(tag),
  );
  return encodeTlv(SEQUENCE, ...session.map(({ der }) => der), euiccInfo2, ctxParams1);
}

export function rebuildAuthenticateServerResponse(
  { euiccSignature1 }: Pick<CompactAuthenticateResponseOk, 'euiccSignature1'>,
  euiccSigned1: Uint8Array,
  { euiccCertificate, eumCertificate }: EuiccCertificates,
): Uint8Array {
  const members = [euiccSigned1, signature(euiccSignature1), euiccCertificate, eumCertificate];
  return encodeTlv(0xbf38, encodeTlv(0xa0, ...members));
}

/** @returns undefined if the one-time key is missing: no other was chosen */
export function rebuildPrepareDownloadResponse(
  { compactEuiccSigned2: compact, euiccSignature2 }: CompactPrepareDownloadResponseOk,
  known: {
    readonly transactionId: Uint8Array;
    readonly bppEuiccOtpk: Uint8Array | undefined;
    readonly hashCc: Uint8Array | undefined;
  },
): Rebuilt | undefined {
  const { euiccOtpk = known.bppEuiccOtpk, hashCc = known.hashCc } = compact;
  if (euiccOtpk === undefined) return undefined;
  const { transactionId } = known;
  const optional = hashCc === undefined ? {} : { hashCc };
  const signed = EUICCSigned2.encode({ transactionId, euiccOtpk, ...optional });
  const ok = encodeTlv(0xa0, signed, signature(euiccSignature2));
  return { der: encodeTlv(0xbf21, ok), signed };
}

export function rebuildCancelSessionResponse(
  {
    euiccCancelSessionSignature,
  }: Pick<CompactCancelSessionResponseOk, 'euiccCancelSessionSignature'>,
  known: EuiccCancelSessionSigned,
): Rebuilt {
  const signed = EuiccCancelSessionSigned.encode(known);
  const ok = encodeTlv(0xa0, signed, signature(euiccCancelSessionSignature));
  return { der: encodeTlv(0xbf41, ok), signed };
}

/** The AID of an ISD-P, but for its bytes 14 and 15. */
const ISDP_AID = Uint8Array.fromHex('a0000005591010ffffffff8900');
const ISDP_AID_END = Uint8Array.of(0);
/** The simaResponse that an IPA leaves out: that of success. */
const SUCCESS = Uint8Array.fromHex('3007a0053003800100');

/** @returns undefined if it has an ICCID that is not known */
export function rebuildProfileInstallationResult(
  { compactProfileInstallationResultData: compact, euiccSignPIR }: CompactProfileInstallationResult,
  known: {
    readonly serverAddress: string;
    readonly smdpOid: string;
    /** As in EF.ICCID. */
    readonly iccid: Uint8Array | undefined;
  },
): Rebuilt | undefined {
  const { transactionId, seqNumber, iccidPresent, compactFinalResult } = compact;
  const { serverAddress: notificationAddress, smdpOid, iccid } = known;
  if (iccidPresent && iccid === undefined) return undefined;
  const { compactSuccessResult: success, errorResult } = compactFinalResult;
  const metadata = NotificationMetadata.encode({
    seqNumber,
    profileManagementOperation: ['notificationInstall'],
    notificationAddress,
    ...(iccidPresent && iccid !== undefined ? { iccid } : {}),
  });
  const finalResult =
    success === undefined
      ? errorResult.der
      : encodeTlv(
          0xa0,
          encodeTlv(0x4f, ISDP_AID, success.compactAid, ISDP_AID_END),
          encodeTlv(0x04, success.simaResponse ?? SUCCESS),
        );
  const signed = encodeTlv(
    0xbf27,
    encodeTlv(0x80, transactionId),
    metadata,
    encodeTlv(0x06, encodeOidContents(smdpOid)),
    encodeTlv(0xa2, finalResult),
  );
  return { der: encodeTlv(0xbf37, signed, signature(euiccSignPIR)), signed };
}

export function rebuildOtherSignedNotification(
  { tbsOtherNotification, euiccNotificationSignature }: CompactOtherSignedNotification,
  { euiccCertificate, eumCertificate }: EuiccCertificates,
): Rebuilt {
  const { der: signed } = tbsOtherNotification;
  const members = [signed, signature(euiccNotificationSignature), euiccCertificate, eumCertificate];
  return { der: encodeTlv(SEQUENCE, ...members), signed };
}
