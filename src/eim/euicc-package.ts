// ESep: eUICC packages signed by the eIM (SGP.32 §2.11.1.1).
import { randomBytes } from 'node:crypto';
import {
  EuiccPackageRequest,
  EuiccPackageSigned,
  type EuiccPackage,
} from '../rsp/definitions/euicc-package.ts';
import { encoded } from '../rsp/encoded.ts';
import { signedWithToken } from '../rsp/euicc-package-signature.ts';
import { encodeEid } from '../rsp/identifiers.ts';
import type { Association } from './association.ts';
import type { EimIdentity } from './identity.ts';

/** A package as it is stored before it is sent, and sent again, byte for byte, until its result has come. */
export interface SentPackage {
  readonly eid: string;
  readonly eimId: string;
  readonly counterValue: number;
  readonly eimTransactionId: Uint8Array;
  readonly euiccPackage: EuiccPackage;
  /** r ‖ s; v1.0.1 has the eUICC sign it in its result. */
  readonly eimSignature: Uint8Array;
  /** DER of EuiccPackageRequest. */
  readonly der: Uint8Array;
}

const TRANSACTION_ID_SIZE = 16;

export function newEimTransactionId(): Uint8Array {
  return Uint8Array.from(randomBytes(TRANSACTION_ID_SIZE));
}

/** @param counterValue of `nextCounterValue`, already stored */
export async function signEuiccPackage(
  { signer }: Pick<EimIdentity, 'signer'>,
  { eid, eimId, associationToken }: Pick<Association, 'eid' | 'eimId' | 'associationToken'>,
  {
    counterValue,
    eimTransactionId,
    euiccPackage,
  }: Pick<SentPackage, 'counterValue' | 'eimTransactionId' | 'euiccPackage'>,
): Promise<SentPackage> {
  const euiccPackageSigned = encoded(EuiccPackageSigned, {
    eimId,
    eidValue: encodeEid(eid),
    counterValue,
    eimTransactionId,
    euiccPackage,
  });
  const eimSignature = await signer.sign(signedWithToken(euiccPackageSigned.der, associationToken));
  const der = EuiccPackageRequest.encode({ euiccPackageSigned, eimSignature });
  return { eid, eimId, counterValue, eimTransactionId, euiccPackage, eimSignature, der };
}

/** A package from its bytes in the store. Throws `DerError`. */
export function readSentPackage(eid: string, der: Uint8Array): SentPackage {
  const { euiccPackageSigned, eimSignature } = EuiccPackageRequest.decode(der);
  const {
    eimId,
    counterValue,
    eimTransactionId = new Uint8Array(),
    euiccPackage,
  } = euiccPackageSigned.value;
  return { eid, eimId, counterValue, eimTransactionId, euiccPackage, eimSignature, der };
}
