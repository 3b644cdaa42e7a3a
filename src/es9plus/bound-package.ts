// §5.6.2: the bound profile package of a session. From the same seed and signature the same bytes are made,
// unless what is in it has changed: then it has other keys.
import type { Context } from '../context.ts';
import type { OrderedProfile } from '../store/ordered-profiles.ts';
import type { BindingSeed } from '../smdp/download/profile-binding.ts';
import { takeProfilePackage } from '../smdp/package/profile-package.ts';
import { bindProfilePackage } from '../rsp/bound-profile-package.ts';
import { ConfigureISDPRequest } from '../rsp/definitions/bound-profile-package.ts';
import { encodeEid, parseTransactionId } from '../rsp/identifiers.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import type { Signer } from '../rsp/signature.ts';
import { VerifyError } from '../rsp/verify-error.ts';
import type { RspSessionRow } from '../store/schema.ts';
import { identityOf } from './identity.ts';

const CONFIGURE_ISDP = ConfigureISDPRequest.encode({});

/** §5.5.1: names this server in the key derivation. */
const HOST_ID = Uint8Array.from(Buffer.from('simwright'));

/**
 * Throws 8.1 / 6.1 when the eUICC's one-time key is none.
 * @param sign gives smdpSign, new or as it was kept
 */
export async function makeBoundProfilePackage(
  session: RspSessionRow,
  { profile, versions }: OrderedProfile,
  euiccOtpk: Uint8Array,
  { seed }: BindingSeed,
  sign: Signer['sign'],
  { config, masterKey, pki, store }: Context,
): Promise<Uint8Array> {
  const { upp, storeMetadataRequest } = await takeProfilePackage(
    profile,
    config.smdpAddress,
    masterKey,
    store,
    versions,
  );
  const { curve, publicKey } = identityOf(session, pki).dpPb.signer;
  try {
    return await bindProfilePackage({
      transactionId: parseTransactionId(session.transaction_id)!,
      hostId: HOST_ID,
      eid: encodeEid(session.eid!),
      euiccOtpk,
      seed,
      signer: { curve, publicKey, sign },
      configureISDPRequest: CONFIGURE_ISDP,
      storeMetadataRequest,
      upp,
    });
  } catch (refused) {
    // §5.6.2: the eUICC's one-time key is no key → 8.1 / 6.1
    if (refused instanceof VerifyError)
      throw new FunctionExecutionError('8.1', '6.1', refused.message);
    throw refused;
  }
}
