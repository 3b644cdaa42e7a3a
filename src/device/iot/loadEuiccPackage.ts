// ES10b.LoadEuiccPackage, SGP.32 §5.9.1: the eUICC verifies a package of an eIM, executes its commands, and signs what came of it.
import {
  EuiccPackageRequest,
  type EuiccPackageSigned,
  type EuiccResultData,
} from '../../rsp/definitions/euicc-package.ts';
import { processingTerminatedReasons } from '../../rsp/eim-codes.ts';
import { isEimSignature } from '../../rsp/euicc-package-signature.ts';
import { encodeEid } from '../../rsp/identifiers.ts';
import { toBase64, toHex, type EimState, type ResultSigning } from '../euicc-state.ts';
import type { IotEuicc } from './iot-euicc.ts';
import { MAX_COUNTER_VALUE, configurationOf, findEim, publicKeyOf } from './associated-eims.ts';
import { executeEco } from './eco.ts';
import { reportResult, signedError, unsignedError } from './package-results.ts';
import { executePsmo, type PsmoContext } from './psmo.ts';

/** DER in, DER of EuiccPackageResult out. Throws `DerError` for a malformed request. */
export function loadEuiccPackage(euicc: IotEuicc, der: Uint8Array): Uint8Array {
  const { misbehaviour, state } = euicc;
  const { euiccPackageSigned, eimSignature } = EuiccPackageRequest.decode(der);
  const { value: request } = euiccPackageSigned;
  const eim = findEim(euicc, request.eimId);
  if (eim === undefined) return unsignedError(request);
  const { associationToken } = eim;
  const publicKey = publicKeyOf(eim);
  const isSigned =
    publicKey !== undefined &&
    isEimSignature(publicKey, eimSignature, euiccPackageSigned.der, associationToken);
  if (
    misbehaviour.euiccPackageError === 'unsigned' ||
    !(isSigned || misbehaviour.trustsEverything === true)
  ) {
    return unsignedError(request, associationToken);
  }
  const signing = signingOf(eim, eimSignature);
  const error = misbehaviour.euiccPackageError ?? errorOf(euicc, request, eim);
  if (error !== undefined) return signedError(euicc, request, error, signing);

  eim.counterValue = request.counterValue;
  // A new package ends what the one before has allowed.
  state.iot.rollback = undefined;
  const context: PsmoContext = { hasChanged: false, seen: new Set() };
  const results = execute(euicc, request, context);
  const result = reportResult(euicc, request, results, signing);
  if (context.rollback !== undefined) {
    state.iot.rollback = { ...context.rollback, result: toBase64(result), signing };
  }
  return result;
}

function signingOf(eim: EimState, eimSignature: Uint8Array): ResultSigning {
  const { euiccCiPKId } = configurationOf(eim);
  return {
    eimSignature: toHex(eimSignature),
    ...(eim.associationToken === undefined ? {} : { associationToken: eim.associationToken }),
    ...(euiccCiPKId === undefined ? {} : { ciPKId: toHex(euiccCiPKId) }),
  };
}

/** SGP.32 §5.9.1: in this order. */
function errorOf(
  euicc: IotEuicc,
  { eidValue, counterValue }: EuiccPackageSigned,
  eim: EimState,
): 'invalidEid' | 'counterValueOutOfRange' | 'replayError' | undefined {
  if (Buffer.compare(eidValue, encodeEid(euicc.eid)) !== 0) return 'invalidEid';
  if (counterValue > MAX_COUNTER_VALUE) return 'counterValueOutOfRange';
  const isNew = counterValue > eim.counterValue || euicc.misbehaviour.ignoresCounterValue === true;
  return isNew ? undefined : 'replayError';
}

/** Commands one after the other, until one fails. */
function execute(
  euicc: IotEuicc,
  { euiccPackage }: EuiccPackageSigned,
  context: PsmoContext,
): EuiccResultData[] {
  const { commandsUntilInterruption } = euicc.misbehaviour;
  const steps =
    euiccPackage.psmoList === undefined
      ? euiccPackage.ecoList.map((eco) => () => executeEco(euicc, eco))
      : euiccPackage.psmoList.map((psmo) => () => executePsmo(euicc, psmo, context));
  const results: EuiccResultData[] = [];
  for (const [index, step] of steps.entries()) {
    if (index === commandsUntilInterruption) return [...results, terminated('interruption')];
    const { result, isOk } = step();
    if (result === undefined) return [...results, terminated('unknownOrDamagedCommand')];
    results.push(result);
    if (!isOk && index < steps.length - 1) return [...results, terminated('undefinedError')];
  }
  return results;
}

function terminated(reason: keyof typeof processingTerminatedReasons): EuiccResultData {
  return { processingTerminated: processingTerminatedReasons[reason] };
}
