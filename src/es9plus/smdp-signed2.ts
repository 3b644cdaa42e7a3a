// §5.6.3: what an eUICC is told of the profile that it may have. It can be made again from the session.
import type { SmdpIdentity } from '../smdp/pki/pki.ts';
import { signature } from '../rsp/definitions/basic-types.ts';
import { SmdpSigned2 } from '../rsp/definitions/prepare-download.ts';
import { parseTransactionId } from '../rsp/identifiers.ts';
import type { RspSessionRow } from '../store/schema.ts';
import type { Es9Answer } from './es9-call.ts';
import { base64, fromBase64 } from './es9-call.ts';

type Offered = Pick<
  RspSessionRow,
  'transaction_id' | 'confirmation_required' | 'bpp_euicc_otpk' | 'smdp_signature2'
>;

export function encodeSmdpSigned2(session: Omit<Offered, 'smdp_signature2'>): Uint8Array {
  const { transaction_id: transactionId, bpp_euicc_otpk: otpk } = session;
  return SmdpSigned2.encode({
    transactionId: parseTransactionId(transactionId)!,
    ccRequiredFlag: session.confirmation_required === 1,
    ...(otpk === null ? {} : { bppEuiccOtpk: fromBase64(otpk) }),
  });
}

/** The answer to AuthenticateClient. `storeMetadataRequest` is DER. */
export function authenticatedAnswer(
  session: Offered,
  storeMetadataRequest: Uint8Array,
  { dpPb }: SmdpIdentity,
): Es9Answer {
  return {
    transactionId: session.transaction_id,
    profileMetadata: base64(storeMetadataRequest),
    smdpSigned2: base64(encodeSmdpSigned2(session)),
    smdpSignature2: base64(signature.encode(fromBase64(session.smdp_signature2!))),
    smdpCertificate: base64(dpPb.certificate.der),
  };
}
