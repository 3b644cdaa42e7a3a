// The eIMs of an IoT eUICC (SGP.32 §2.11.1.1.2): added without a signature while there is none (SGP.32 §5.9.4), then by one another.
import type { KeyObject } from 'node:crypto';
import { EimConfigurationData } from '../../rsp/definitions/eim-configuration-data.ts';
import { DerError } from '../../rsp/der-error.ts';
import { eimIdTypes, type AddEimResultCode, type UpdateEimResult } from '../../rsp/eim-codes.ts';
import { eimPublicKeyOf } from '../../rsp/eim-key.ts';
import { VerifyError } from '../../rsp/verify-error.ts';
import { fromBase64, toBase64, type EimState } from '../euicc-state.ts';
import { findCredential } from '../euicc.ts';
import type { IotEuicc } from './iot-euicc.ts';

/** SGP.32 §2.11.1.1: of a counter. */
export const MAX_COUNTER_VALUE = 0x7fffff;
const MAX_EIMS = 8;
const MAKE_ASSOCIATION_TOKEN = -1;

export function configurationOf({ configuration }: EimState): EimConfigurationData {
  return EimConfigurationData.decode(fromBase64(configuration));
}

export function findEim({ state }: IotEuicc, eimId: string): EimState | undefined {
  return state.iot.eims.find((eim) => configurationOf(eim).eimId === eimId);
}

/** As the eUICC returns it: with the counter and token of now. */
export function currentConfigurationOf(eim: EimState): EimConfigurationData {
  const { associationToken, counterValue } = eim;
  return {
    ...configurationOf(eim),
    counterValue,
    ...(associationToken === undefined ? {} : { associationToken }),
  };
}

export type Added =
  | { readonly error: Exclude<AddEimResultCode, 'ok'> }
  | { readonly eim: EimState; readonly error?: never };

/** addEim and AddInitialEim. */
export function addEim(euicc: IotEuicc, data: EimConfigurationData): Added {
  const { iot } = euicc.state;
  const { counterValue = 0, associationToken, ...configuration } = data;
  if (findEim(euicc, data.eimId) !== undefined) return { error: 'associatedEimAlreadyExists' };
  if (iot.eims.length >= MAX_EIMS) return { error: 'insufficientMemory' };
  if (!isKeyData(data) || data.eimPublicKeyData === undefined) return { error: 'commandError' };
  if (!hasCiKey(euicc, data)) return { error: 'ciPKUnknown' };
  if (associationToken !== undefined && associationToken !== MAKE_ASSOCIATION_TOKEN) {
    return { error: 'invalidAssociationToken' };
  }
  if (!isCounterValue(counterValue)) return { error: 'counterValueOutOfRange' };
  const eim: EimState = {
    configuration: toBase64(EimConfigurationData.encode(configuration)),
    counterValue,
    ...(associationToken === undefined ? {} : { associationToken: iot.nextAssociationToken }),
  };
  if (associationToken !== undefined) iot.nextAssociationToken += 1;
  iot.eims.push(eim);
  return { eim };
}

/** updateEim: what is given replaces what was there; a new counter value counts at once. */
export function updateEim(euicc: IotEuicc, data: EimConfigurationData): UpdateEimResult {
  const eim = findEim(euicc, data.eimId);
  if (eim === undefined) return 'eimNotFound';
  const { counterValue, associationToken, ...changes } = data;
  if (associationToken !== undefined || !isKeyData(data)) return 'commandError';
  if (!hasCiKey(euicc, data)) return 'ciPKUnknown';
  if (counterValue !== undefined && !isCounterValue(counterValue)) return 'counterValueOutOfRange';
  const configuration = { ...configurationOf(eim), ...changes };
  eim.configuration = toBase64(EimConfigurationData.encode(configuration));
  eim.counterValue = counterValue ?? eim.counterValue;
  return 'ok';
}

export function deleteEim(euicc: IotEuicc, eimId: string): 'ok' | 'eimNotFound' | 'lastEimDeleted' {
  const { iot } = euicc.state;
  const eim = findEim(euicc, eimId);
  if (eim === undefined) return 'eimNotFound';
  iot.eims = iot.eims.filter((kept) => kept !== eim);
  return iot.eims.length === 0 ? 'lastEimDeleted' : 'ok';
}

/** SGP.32 §2.11.2.1: the type only of OIDs and host names. */
export function eimIdInfo(eim: EimState): { readonly eimId: string; readonly eimIdType?: number } {
  const { eimId, eimIdType } = configurationOf(eim);
  const isTold = eimIdType !== undefined && eimIdType !== eimIdTypes.eimIdTypeProprietary;
  return isTold ? { eimId, eimIdType } : { eimId };
}

export function publicKeyOf(eim: EimState): KeyObject | undefined {
  const { eimPublicKeyData } = configurationOf(eim);
  return eimPublicKeyData && eimPublicKeyOf(eimPublicKeyData);
}

function isKeyData({ eimPublicKeyData }: EimConfigurationData): boolean {
  try {
    return eimPublicKeyData === undefined || eimPublicKeyOf(eimPublicKeyData) !== undefined;
  } catch (error) {
    if (error instanceof DerError || error instanceof VerifyError) return false;
    throw error;
  }
}

function hasCiKey(euicc: IotEuicc, { euiccCiPKId }: EimConfigurationData): boolean {
  return euiccCiPKId === undefined || findCredential(euicc, euiccCiPKId) !== undefined;
}

function isCounterValue(value: number): boolean {
  return value >= 0 && value <= MAX_COUNTER_VALUE;
}
