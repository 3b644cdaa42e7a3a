// Everything that the SM-DP+ signs in a download (§2.6.7.2): only values that have passed the checks of a clause.
import { ServerSigned1 } from '../../rsp/definitions/authenticate-server.ts';
import { signature } from '../../rsp/definitions/basic-types.ts';
import { SmdpSigned2 } from '../../rsp/definitions/prepare-download.ts';
import { parseTransactionId } from '../../rsp/identifiers.ts';
import { isSignature } from '../../rsp/signature.ts';
import type { Signer } from '../../rsp/signature.ts';
import type { SmdpIdentity } from '../pki/pki.ts';
import type { Checked } from './checked.ts';
import type { Offer, SignedOffer } from './session.ts';

/** DER, and r ‖ s over it. */
export interface Signed {
  der: Uint8Array;
  signature: Uint8Array;
}

/** §5.6.1: for an eUICC with a CI in common. */
export type Greeting = Checked<ServerSigned1, '5.6.1'>;

export async function signServerSigned1(
  greeting: Greeting,
  { dpAuth }: SmdpIdentity,
): Promise<Signed> {
  const der = ServerSigned1.encode(greeting);
  return { der, signature: await dpAuth.signer.sign(der) };
}

/** §5.6.3: of a profile to an authenticated eUICC that may download it. */
export type GrantedOffer = Checked<
  { transactionId: string; offer: Offer; euiccSignature1: Uint8Array },
  '5.6.3'
>;

/** smdpSignature2 covers smdpSigned2 and euiccSignature1. */
export async function signSmdpSigned2(
  { transactionId, offer, euiccSignature1 }: GrantedOffer,
  { dpPb }: SmdpIdentity,
): Promise<SignedOffer> {
  const smdpSigned2 = encodeSmdpSigned2(transactionId, offer);
  const covered = Buffer.concat([smdpSigned2, signature.encode(euiccSignature1)]);
  return { ...offer, smdpSignature2: await dpPb.signer.sign(covered) };
}

/** DER; can be made again from the session. */
export function encodeSmdpSigned2(
  transactionId: string,
  { confirmationRequired, bppEuiccOtpk }: Offer,
): Uint8Array {
  return SmdpSigned2.encode({
    transactionId: parseTransactionId(transactionId)!,
    ccRequiredFlag: confirmationRequired,
    ...(bppEuiccOtpk === undefined ? {} : { bppEuiccOtpk }),
  });
}

/** §5.6.2: a download requested by an authenticated eUICC, with the right confirmation code if required. */
export type GrantedDownload = Checked<{ euiccOtpk: Uint8Array }, '5.6.2'>;

/**
 * Signs the InitialiseSecureChannel of a bound profile package.
 * @param kept an earlier signature, reused if it covers the same bytes
 */
export function bppSigner(
  _granted: GrantedDownload,
  { dpPb }: SmdpIdentity,
  kept?: Uint8Array,
): Signer {
  const { curve, publicKey } = dpPb.signer;
  return {
    curve,
    publicKey,
    sign: (bytes) =>
      kept !== undefined && isSignature(dpPb.certificate.publicKey, kept, bytes)
        ? kept
        : dpPb.signer.sign(bytes),
  };
}
