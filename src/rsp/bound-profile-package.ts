// Binding (§2.5.4): a profile package protected for one eUICC and one download.
import { randomBytes as cryptoRandomBytes } from 'node:crypto';
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

/**
 * A profile package under keys of its own (§2.5.3, random keys mode): made once, ahead of the download,
 * and bound later to an eUICC by telling it these keys. As secret as the profile itself.
 */
export interface ProtectedProfilePackage {
  readonly replaceSessionKeysRequest: ReplaceSessionKeysRequest;
  /** The '86' segments, one after the other. */
  readonly sequenceOf86: Uint8Array;
}

/** Protects a profile package with new random keys. `upp` is the unprotected profile package. */
export function protectProfilePackage(
  upp: Uint8Array,
  randomBytes: (size: number) => Uint8Array = cryptoRandomBytes,
): ProtectedProfilePackage {
  const replaceSessionKeysRequest = {
    initialMacChainingValue: new Uint8Array(randomBytes(KEY_LENGTH)),
    ppkEnc: new Uint8Array(randomBytes(KEY_LENGTH)),
    ppkCmac: new Uint8Array(randomBytes(KEY_LENGTH)),
  };
  const protection = profileProtection(replaceSessionKeysRequest);
  const sequenceOf86 = new Uint8Array(Buffer.concat(protection.protect(0x86, upp)));
  return { replaceSessionKeysRequest, sequenceOf86 };
}

/** The protection that follows ReplaceSessionKeys: PPK-ENC and PPK-MAC, the counter at 1 again. */
export function profileProtection(keys: ReplaceSessionKeysRequest): BppProtection {
  const { initialMacChainingValue, ppkEnc, ppkCmac } = keys;
  return new BppProtection({ initialMacChainingValue, sEnc: ppkEnc, sMac: ppkCmac });
}

const BPP_SIZE = 40 * 1024; // of a large one, and room is made for a larger one

export interface Binding {
  readonly transactionId: Uint8Array;
  /** 1 to 16 bytes that name the server in the key derivation. */
  readonly hostId: Uint8Array;
  /** 16 bytes. */
  readonly eid: Uint8Array;
  readonly euiccOtpk: Uint8Array;
  /** New for this package, on the curve of the signer. */
  readonly oneTimeKey: OneTimeKey;
  /** Holds SK.DPpb. */
  readonly signer: Signer;
  /** DER of ConfigureISDPRequest and of StoreMetadataRequest. */
  readonly configureISDPRequest: Uint8Array;
  readonly storeMetadataRequest: Uint8Array;
  /** In clear, to go under the session keys, or protected before. */
  readonly profile: { readonly upp: Uint8Array } | ProtectedProfilePackage;
}

/** DER of the BoundProfilePackage. Throws `VerifyError` when euiccOtpk is not a point of the curve. */
export async function bindProfilePackage(binding: Binding): Promise<Uint8Array> {
  const { profile } = binding;
  const initialiseSecureChannelRequest = await signInitialiseSecureChannelRequest(binding);
  const { oneTimeKey, euiccOtpk, hostId, eid } = binding;
  const session = new BppProtection(agreeSessionKeys(oneTimeKey, euiccOtpk, hostId, eid));
  // §2.6.4.4: one chain of MACs in the order of sending.
  const firstSequenceOf87 = session.protect(0x87, binding.configureISDPRequest);
  const sequenceOf88 = session.protect(0x88, binding.storeMetadataRequest);
  const out = new DerWriter(BPP_SIZE);
  if ('upp' in profile) {
    out.prependTlv(0xa3, session.protect(0x86, profile.upp));
  } else {
    const keys = ReplaceSessionKeysRequest.encode(profile.replaceSessionKeysRequest);
    out.prependTlv(0xa3, [profile.sequenceOf86]);
    out.prependTlv(0xa2, session.protect(0x87, keys));
  }
  out.prependTlv(0xa1, sequenceOf88);
  out.prependTlv(0xa0, firstSequenceOf87);
  out.prepend(initialiseSecureChannelRequest);
  out.prependHeader(0xbf36, out.size);
  return out.bytes;
}

async function signInitialiseSecureChannelRequest(binding: Binding): Promise<Uint8Array> {
  const { transactionId, hostId, oneTimeKey, signer, euiccOtpk } = binding;
  if (oneTimeKey.curve !== signer.curve) {
    throw new RangeError(`a one-time key on ${oneTimeKey.curve}, a signer on ${signer.curve}`);
  }
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
 * What smdpSign covers (§5.5.1): the components of the request before it without their outer tag, then the
 * eUICC's one-time key with its tag, which is not in the request.
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
