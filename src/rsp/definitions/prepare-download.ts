// Download preparation: ES10b.PrepareDownload (§5.7.5) and what both sides sign in it.
import { boolean, integer, secretOctetString } from '../asn1-primitives.ts';
import { choice, explicit, optional, sequence } from '../asn1-structures.ts';
import type { ValueOf } from '../asn1-type.ts';
import { keepingDer } from '../encoded.ts';
import { downloadErrorCodes } from '../reasons.ts';
import { oneTimePublicKey, signature, transactionId } from './basic-types.ts';
import { Certificate } from './certificate.ts';

/** SmdpSigned2 ::= SEQUENCE; smdpSignature2 covers its TLV and the TLV of euiccSignature1. */
export const SmdpSigned2 = sequence(0x30, {
  transactionId: transactionId(0x80),
  ccRequiredFlag: boolean(0x01),
  bppEuiccOtpk: optional(oneTimePublicKey),
});
export type SmdpSigned2 = ValueOf<typeof SmdpSigned2>;

// The hash of a short confirmation code can be brute-forced, so it is secret too.
export const hashCc = optional(secretOctetString(0x04, 32));

/** PrepareDownloadRequest ::= [33] SEQUENCE */
export const PrepareDownloadRequest = sequence(0xbf21, {
  smdpSigned2: keepingDer(SmdpSigned2),
  smdpSignature2: signature,
  hashCc,
  smdpCertificate: Certificate,
});
export type PrepareDownloadRequest = ValueOf<typeof PrepareDownloadRequest>;

/** EUICCSigned2 ::= SEQUENCE; euiccSignature2 covers its TLV and the TLV of smdpSignature2. */
export const EUICCSigned2 = sequence(0x30, {
  transactionId: transactionId(0x80),
  euiccOtpk: oneTimePublicKey,
  hashCc,
});
export type EUICCSigned2 = ValueOf<typeof EUICCSigned2>;

export const PrepareDownloadResponseOk = sequence(0xa0, {
  euiccSigned2: keepingDer(EUICCSigned2),
  euiccSignature2: signature,
});

export const PrepareDownloadResponseError = sequence(0xa1, {
  transactionId: transactionId(0x80),
  downloadErrorCode: integer(0x02, downloadErrorCodes),
});

/** PrepareDownloadResponse ::= [33] CHOICE */
export const PrepareDownloadResponse = explicit(
  0xbf21,
  choice({
    downloadResponseOk: PrepareDownloadResponseOk,
    downloadResponseError: PrepareDownloadResponseError,
  }),
);
export type PrepareDownloadResponse = ValueOf<typeof PrepareDownloadResponse>;
