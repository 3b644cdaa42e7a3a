// §5.6.2: the bound profile package of a session. The same seed and signature give the same bytes; if the contents
// have changed, the keys differ.
import type { Context } from '../../context.ts';
import { bindProfilePackage } from '../../rsp/bound-profile-package.ts';
import { ConfigureISDPRequest } from '../../rsp/definitions/bound-profile-package.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { encodeEid, parseTransactionId } from '../../rsp/identifiers.ts';
import { VerifyError } from '../../rsp/verify-error.ts';
import type { OrderedProfile } from '../../store/ordered-profiles.ts';
import { takeProfilePackage } from '../package/profile-package.ts';
import { identityOf } from './identity.ts';
import type { BindingSeed } from './profile-binding.ts';
import type { Authenticated, Bound } from './session.ts';
import type { GrantedDownload } from './signed.ts';
import { bppSigner } from './signed.ts';

const CONFIGURE_ISDP = ConfigureISDPRequest.encode({});

/** §5.5.1: identifies this server in the key derivation. */
const HOST_ID = Uint8Array.from(Buffer.from('simwright'));

export interface BoundPackage {
  /** DER of BoundProfilePackage */
  der: Uint8Array;
  /** smdpSign of its InitialiseSecureChannel. */
  smdpSign: Uint8Array;
}

/**
 * Throws 8.1 / 6.1 if the eUICC's one-time key is invalid.
 * @param kept smdpSign of the same package from before
 */
export async function makeBoundProfilePackage(
  session: Authenticated | Bound,
  order: OrderedProfile,
  granted: GrantedDownload,
  { seed }: BindingSeed,
  context: Context,
  kept?: Uint8Array,
): Promise<BoundPackage> {
  const { upp, storeMetadataRequest } = await takeProfilePackage(order, context);
  const signer = bppSigner(granted, identityOf(session, context.pki), kept);
  let smdpSign: Uint8Array = new Uint8Array();
  try {
    const der = await bindProfilePackage({
      transactionId: parseTransactionId(session.transactionId)!,
      hostId: HOST_ID,
      eid: encodeEid(session.proven.eid),
      euiccOtpk: granted.euiccOtpk,
      seed,
      signer: { ...signer, sign: async (bytes) => (smdpSign = await signer.sign(bytes)) },
      configureISDPRequest: CONFIGURE_ISDP,
      storeMetadataRequest,
      upp,
    });
    return { der, smdpSign };
  } catch (refused) {
    // §5.6.2: the eUICC's one-time key is invalid → 8.1 / 6.1
    if (refused instanceof VerifyError) {
      throw new FunctionExecutionError('8.1', '6.1', refused.message);
    }
    throw refused;
  }
}
