// ESep: the results that eUICCs sign (SGP.32 §2.11.2.1), verified against the package that was sent.
import type { VerifiedEuicc } from '../rsp/certificate-chain.ts';
import type {
  EuiccPackageErrorUnsigned,
  EuiccPackageResult,
} from '../rsp/definitions/euicc-package.ts';
import { encodeTlv } from '../rsp/der.ts';
import { euiccPackageErrorCodes, euiccPackageUnsignedErrorCodes } from '../rsp/eim-codes.ts';
import { associationTokenTlv } from '../rsp/euicc-package-signature.ts';
import { nameOf } from '../rsp/reasons.ts';
import { isSignature, isSignatureInDer } from '../rsp/signature.ts';
import type { Association } from './association.ts';
import { matchResults, type CommandResults } from './command-results.ts';
import { EimError } from './eim-error.ts';
import type { SentPackage } from './euicc-package.ts';

export type PackageOutcome =
  | ({
      readonly outcome: 'executed';
      /** To be acknowledged once the outcome is stored. */
      readonly seqNumber: number;
      readonly isSigned: boolean;
      /** A result with this or a higher number was there before: acknowledge, and change nothing. */
      readonly isRepeated: boolean;
    } & CommandResults)
  | {
      /** The eUICC executed nothing. */
      readonly outcome: 'refused';
      /** The standard's name, or the number. `replayError`: the counter is behind, sign with a higher one. */
      readonly error: string;
      readonly isSigned: boolean;
    }
  | {
      /**
       * The eUICC does not know the eIM, or does not accept its signature: another key, or another token. Anyone can write
       * this, so it changes nothing.
       */
      readonly outcome: 'unverified';
      readonly associationToken?: number;
      readonly error?: string;
    };

export interface ResultContext {
  /** Of the eUICC that the package was for; undefined as long as its certificate is unknown. */
  readonly euicc: VerifiedEuicc | undefined;
  /** The highest sequence number of a result of this eUICC so far. */
  readonly highestSeqNumber?: number | undefined;
}

/** Whether a result is that of a package: by eimTransactionId, or else by eimId and counter. */
export function isResultOf(result: EuiccPackageResult, sent: SentPackage): boolean {
  const { eimId, eimTransactionId, counterValue } = headOf(result);
  if (eimTransactionId !== undefined) {
    return Buffer.compare(eimTransactionId, sent.eimTransactionId) === 0;
  }
  return eimId === sent.eimId && (counterValue ?? sent.counterValue) === sent.counterValue;
}

interface ResultHead {
  readonly eimId: string;
  readonly counterValue?: number;
  readonly eimTransactionId?: Uint8Array;
}

/** What every result has, signed or not. */
export function headOf({
  euiccPackageResultSigned: executed,
  euiccPackageErrorSigned: refused,
  euiccPackageErrorUnsigned: unsigned,
}: EuiccPackageResult): ResultHead {
  if (executed !== undefined) return executed.euiccPackageResultDataSigned.value;
  return refused === undefined ? unsigned : refused.euiccPackageErrorDataSigned.value;
}

/** Throws `EimError`: then the result says nothing, and the package has none yet. */
export function verifyPackageResult(
  result: EuiccPackageResult,
  sent: SentPackage,
  association: Association,
  context: ResultContext,
): PackageOutcome {
  if (!isResultOf(result, sent)) {
    throw new EimError('other-package', 'The result is for another package.');
  }
  const { eimId, counterValue } = headOf(result);
  if (eimId !== association.eimId) {
    throw new EimError(
      'other-eim',
      `The result is for the eIM ${eimId}, not ${association.eimId}.`,
    );
  }
  const {
    euiccPackageResultSigned: executed,
    euiccPackageErrorSigned: refused,
    euiccPackageErrorUnsigned: unsigned,
  } = result;
  if (unsigned !== undefined) return unverified(unsigned);
  const [signed, signature] =
    executed === undefined
      ? [refused.euiccPackageErrorDataSigned.der, refused.euiccSignEPE]
      : [executed.euiccPackageResultDataSigned.der, executed.euiccSignEPR];
  const isSigned = verifySignature(signed, signature, { sent, association, context });
  if (counterValue !== sent.counterValue) {
    throw new EimError(
      'counter',
      `The result has counter value ${counterValue}, the package ${sent.counterValue}.`,
    );
  }
  if (isSigned && context.euicc?.eid !== sent.eid) {
    throw new EimError(
      'eid',
      `The result is signed by ${context.euicc?.eid}, the package is for ${sent.eid}.`,
    );
  }
  if (executed === undefined) {
    const { euiccPackageErrorCode: code } = refused.euiccPackageErrorDataSigned.value;
    const error = nameOf(euiccPackageErrorCodes, code) ?? `${code}`;
    return { outcome: 'refused', error, isSigned };
  }
  const { seqNumber, euiccResult } = executed.euiccPackageResultDataSigned.value;
  const { highestSeqNumber } = context;
  return {
    outcome: 'executed',
    seqNumber,
    isSigned,
    // IPAs that emulate an eUICC may number all results alike.
    isRepeated: isSigned && highestSeqNumber !== undefined && seqNumber <= highestSeqNumber,
    ...matchResults(sent.euiccPackage, euiccResult),
  };
}

function unverified(unsigned: EuiccPackageErrorUnsigned): PackageOutcome {
  const { associationToken, euiccPackageUnsignedErrorCode: code } = unsigned;
  return {
    outcome: 'unverified',
    ...(associationToken === undefined ? {} : { associationToken }),
    ...(code === undefined
      ? {}
      : { error: nameOf(euiccPackageUnsignedErrorCodes, code) ?? `${code}` }),
  };
}

interface Signed {
  readonly sent: SentPackage;
  readonly association: Association;
  readonly context: ResultContext;
}

/** SGP.32 §2.11.2.1: over the bytes as received. @returns false if the association accepts a result without a signature */
function verifySignature(
  signed: Uint8Array,
  signature: Uint8Array,
  { sent, association, context: { euicc } }: Signed,
): boolean {
  const { resultSignature, associationToken, acceptsUnsignedResults } = association;
  const besides =
    resultSignature === 'eimSignature'
      ? encodeTlv(0x5f37, sent.eimSignature)
      : associationTokenTlv(associationToken);
  const isValid =
    euicc !== undefined &&
    (isSignature(euicc.publicKey, signature, signed, besides) ||
      isSignatureInDer(euicc.publicKey, signature, signed, besides));
  if (isValid) return true;
  if (acceptsUnsignedResults) return false;
  throw new EimError(
    'signature',
    euicc === undefined
      ? 'The certificate of the eUICC is not known yet, so its result cannot be verified.'
      : `The result is not signed by the eUICC ${euicc.eid} over ${resultSignature}.`,
  );
}
