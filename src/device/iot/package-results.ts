// Results of eUICC packages (SGP.32 §2.11.2.1): signed, numbered with the notifications, and kept until they are acknowledged.
import {
  EuiccPackageErrorDataSigned,
  EuiccPackageResult,
  EuiccPackageResultDataSigned,
  type EuiccPackageSigned,
  type EuiccResultData,
} from '../../rsp/definitions/euicc-package.ts';
import { encodeTlv } from '../../rsp/der.ts';
import { euiccPackageErrorCodes, type EuiccPackageErrorCode } from '../../rsp/eim-codes.ts';
import { encoded } from '../../rsp/encoded.ts';
import { associationTokenTlv } from '../../rsp/euicc-package-signature.ts';
import type { Credential } from '../credential.ts';
import {
  fromBase64,
  fromHex,
  toBase64,
  type IotState,
  type ResultSigning,
} from '../euicc-state.ts';
import { findCredential, signAs, type Euicc } from '../euicc.ts';
import type { IotEuicc } from './iot-euicc.ts';

type Head = Pick<EuiccPackageSigned, 'eimId' | 'counterValue' | 'eimTransactionId'>;

/** Signs and keeps a result. @returns DER of EuiccPackageResult */
export function reportResult(
  euicc: IotEuicc,
  head: Head,
  euiccResult: readonly EuiccResultData[],
  signing: ResultSigning,
): Uint8Array {
  const { state, misbehaviour } = euicc;
  const seqNumber = state.nextSeqNumber;
  state.nextSeqNumber += 1;
  const honest: EuiccPackageResultDataSigned = { ...headOf(head), seqNumber, euiccResult };
  const data = encoded(
    EuiccPackageResultDataSigned,
    misbehaviour.euiccPackageResultDataSigned?.(honest) ?? honest,
  );
  const result = EuiccPackageResult.encode({
    euiccPackageResultSigned: {
      euiccPackageResultDataSigned: data,
      euiccSignEPR: signResult(euicc, 'euiccSignEPR', data.der, signing),
    },
  });
  state.iot.results.push({ seqNumber, result: toBase64(result) });
  return result;
}

/** SGP.32 §5.9.1: a signed error changes nothing and is not kept. */
export function signedError(
  euicc: IotEuicc,
  head: Head,
  error: EuiccPackageErrorCode,
  signing: ResultSigning,
): Uint8Array {
  const data = encoded(EuiccPackageErrorDataSigned, {
    ...headOf(head),
    euiccPackageErrorCode: euiccPackageErrorCodes[error],
  });
  return EuiccPackageResult.encode({
    euiccPackageErrorSigned: {
      euiccPackageErrorDataSigned: data,
      euiccSignEPE: signResult(euicc, 'euiccSignEPE', data.der, signing),
    },
  });
}

/** SGP.32 §5.9.1: for an eIM that is unknown or has not signed. */
export function unsignedError(
  { eimId, eimTransactionId }: Head,
  associationToken?: number,
): Uint8Array {
  return EuiccPackageResult.encode({
    euiccPackageErrorUnsigned: {
      eimId,
      ...(eimTransactionId === undefined ? {} : { eimTransactionId }),
      ...(associationToken === undefined ? {} : { associationToken }),
    },
  });
}

function headOf({ eimId, counterValue, eimTransactionId }: Head): Head {
  const head = { eimId, counterValue };
  return eimTransactionId === undefined ? head : { ...head, eimTransactionId };
}

function signResult(
  euicc: Euicc,
  name: 'euiccSignEPR' | 'euiccSignEPE',
  signed: Uint8Array,
  { associationToken, ciPKId, eimSignature }: ResultSigning,
): Uint8Array {
  const { misbehaviour } = euicc;
  const besides =
    misbehaviour.signsEimSignature === true
      ? encodeTlv(0x5f37, fromHex(eimSignature))
      : associationTokenTlv(associationToken);
  return signAs(euicc, credentialOf(euicc, ciPKId), name, signed, besides);
}

function credentialOf(euicc: Euicc, ciPKId: string | undefined): Credential {
  const chosen = ciPKId === undefined ? undefined : findCredential(euicc, fromHex(ciPKId));
  const credential = euicc.misbehaviour.credential ?? chosen ?? euicc.credentials[0];
  if (credential === undefined) throw new RangeError('an eUICC without a certificate');
  return credential;
}

/** SGP.32 §5.9.11: the results that are kept, in order. */
export function keptResults(
  { results }: IotState,
  isWanted: (seqNumber: number) => boolean = () => true,
): Uint8Array[] {
  return results
    .filter(({ seqNumber }) => isWanted(seqNumber))
    .map(({ result }) => fromBase64(result));
}

/** @returns whether there was one with this number */
export function removeResult(iot: IotState, seqNumber: number): boolean {
  const before = iot.results.length;
  iot.results = iot.results.filter((kept) => kept.seqNumber !== seqNumber);
  return iot.results.length < before;
}
