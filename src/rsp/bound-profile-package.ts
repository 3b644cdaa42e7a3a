// Binding (§2.5.4): a profile package protected for one eUICC and one download.
import { deriveBindingKeys } from './binding-keys.ts';
import { BppProtection } from './bpp-protection.ts';
import {
  InitialiseSecureChannelRequest,
  ReplaceSessionKeysRequest,
  remoteOpIds,
} from './definitions/bound-profile-package.ts';
import { DerReader, encodeTlv } from './der.ts';
import { DerWriter } from './der-writer.ts';
import { KEY_LENGTH, KEY_TYPE, agreeSessionKeys, type OneTimeKey } from './session-keys.ts';
import type { Signer } from './signature.ts';

/** The protection after ReplaceSessionKeys: PPK-ENC and PPK-MAC, with the counter reset to 1. */
export function profileProtection(keys: ReplaceSessionKeysRequest): BppProtection {
  const { initialMacChainingValue, ppkEnc, ppkCmac } = keys;
  return new BppProtection({ initialMacChainingValue, sEnc: ppkEnc, sMac: ppkCmac });
}

const BPP_SIZE = 40 * 1024; // fits most packages; the buffer grows for larger ones

export interface Binding {
  readonly transactionId: Uint8Array;
  /** 1 to 16 bytes that identify the server in the key derivation. */
  readonly hostId: Uint8Array;
  /** 16 bytes. */
  readonly eid: Uint8Array;
  readonly euiccOtpk: Uint8Array;
  /** `SEED_LENGTH` random octets, reused for a retried download; see binding-keys.ts. */
  readonly seed: Uint8Array;
  /** Holds SK.DPpb. */
  readonly signer: Signer;
  /** DER of ConfigureISDPRequest and of StoreMetadataRequest. */
  readonly configureISDPRequest: Uint8Array;
  readonly storeMetadataRequest: Uint8Array;
  /** The unprotected profile package. */
  readonly upp: Uint8Array;
  /** §2.5.3: the profile is protected by the session keys rather than by random keys. */
  readonly usesSessionKeys?: boolean;
}

/** DER of the BoundProfilePackage. Throws `VerifyError` if euiccOtpk is not a point of the curve. */
export async function bindProfilePackage(binding: Binding): Promise<Uint8Array> {
  const { euiccOtpk, hostId, eid, configureISDPRequest, storeMetadataRequest, upp } = binding;
  const { usesSessionKeys = false } = binding;
  const { oneTimeKey, profileKeys } = deriveBindingKeys(binding.seed, binding.signer.curve, [
    hostId,
    eid,
    euiccOtpk,
    configureISDPRequest,
    storeMetadataRequest,
    upp,
    Uint8Array.of(usesSessionKeys ? 1 : 0),
  ]);
  const session = new BppProtection(agreeSessionKeys(oneTimeKey, euiccOtpk, hostId, eid));
  const initialiseSecureChannelRequest = await signInitialiseSecureChannelRequest(
    binding,
    oneTimeKey,
  );
  // §2.6.4.4: one chain of MACs in the order of sending.
  const firstSequenceOf87 = session.protect(0x87, configureISDPRequest);
  const sequenceOf88 = session.protect(0x88, storeMetadataRequest);
  const out = new DerWriter(BPP_SIZE);
  if (usesSessionKeys) {
    out.prependTlv(0xa3, session.protect(0x86, upp));
  } else {
    out.prependTlv(0xa3, profileProtection(profileKeys).protect(0x86, upp));
    const keys = ReplaceSessionKeysRequest.encode(profileKeys);
    out.prependTlv(0xa2, session.protect(0x87, keys));
  }
  out.prependTlv(0xa1, sequenceOf88);
  out.prependTlv(0xa0, firstSequenceOf87);
  out.prepend(initialiseSecureChannelRequest);
  out.prependHeader(0xbf36, out.size);
  return out.bytes;
}

async function signInitialiseSecureChannelRequest(
  { transactionId, hostId, signer, euiccOtpk }: Binding,
  oneTimeKey: OneTimeKey,
): Promise<Uint8Array> {
  const request = {
    remoteOpId: remoteOpIds.installBoundProfilePackage,
    transactionId,
    controlRefTemplate: {
      keyType: Uint8Array.of(KEY_TYPE),
      keyLen: Uint8Array.of(KEY_LENGTH),
      hostId,
    },
    smdpOtpk: oneTimeKey.otpk,
  };
  const unsigned = InitialiseSecureChannelRequest.encode({
    ...request,
    smdpSign: new Uint8Array(),
  });
  const smdpSign = await signer.sign(smdpSignedBytes(unsigned, euiccOtpk));
  return InitialiseSecureChannelRequest.encode({ ...request, smdpSign });
}

/**
 * The bytes that smdpSign covers (§5.5.1): the components before it, without the outer tag of the request, then the
 * eUICC's one-time key with its tag, which is not part of the request.
 */
export function smdpSignedBytes(request: Uint8Array, euiccOtpk: Uint8Array): Uint8Array {
  const components: Uint8Array[] = [];
  for (const reader = DerReader.inside(new DerReader(request).next()); !reader.isAtEnd;) {
    const { tag, der } = reader.next();
    if (tag === 0x5f37) break;
    components.push(der);
  }
  return Buffer.concat([...components, encodeTlv(0x5f49, euiccOtpk)]);
}
