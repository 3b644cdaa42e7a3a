// eIM packages, and what came back, for people: in ASN.1 value notation.
import type { EimContext } from './eim.ts';
import { eimIdOf } from './server-keys.ts';
import { newEimTransactionId } from './euicc-package.ts';
import { euiccPackageOf, ipaPackage, isOfEuicc } from './operations/contents.ts';
import type { Asn1Type } from '../rsp/asn1-type.ts';
import {
  IpaEuiccDataRequest,
  IpaEuiccDataResponse,
  ProfileDownloadTriggerRequest,
  ProfileDownloadTriggerResult,
} from '../rsp/definitions/eim-package.ts';
import {
  EuiccPackageRequest,
  EuiccPackageResult,
  EuiccPackageSigned,
} from '../rsp/definitions/euicc-package.ts';
import { ProfileInstallationResult } from '../rsp/definitions/notification.ts';
import { DerError } from '../rsp/der-error.ts';
import { readDer } from '../rsp/der.ts';
import { encodeEid } from '../rsp/identifiers.ts';
import type { EimOperationRow, EuiccRow } from '../store/schema.ts';

type Types = Record<string, Asn1Type<unknown>>;

const REQUESTS = { EuiccPackageRequest, IpaEuiccDataRequest, ProfileDownloadTriggerRequest };
const RESPONSES = {
  EuiccPackageResult,
  IpaEuiccDataResponse,
  ProfileDownloadTriggerResult,
  ProfileInstallationResult,
};
const TYPES: Readonly<Record<'request' | 'response', Types>> = {
  request: REQUESTS,
  response: RESPONSES,
};

/** ASN.1 value notation; hex of what is none of these types. */
export function packageNotation(bytes: Uint8Array, of: keyof typeof TYPES): string {
  const der = Uint8Array.from(bytes);
  for (const [name, type] of Object.entries(TYPES[of])) {
    try {
      if (!type.tags.includes(readDer(der).tag)) continue;
      return `${name} ::= ${type.notation(type.decode(der), '')}`;
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
    }
  }
  return der.toHex();
}

/**
 * What would be sent now for an operation, in ASN.1 value notation. Of an eUICC package, what would be signed, without the
 * signature: a package that is signed is recorded first.
 */
export async function unsentNotation(
  operation: Pick<EimOperationRow, 'kind' | 'parameters'>,
  euicc: Pick<EuiccRow, 'capabilities' | 'counter' | 'eid' | 'ipa_url' | 'result_signature'>,
  { config, eim }: Pick<EimContext, 'config' | 'eim'>,
): Promise<string> {
  const eimTransactionId = newEimTransactionId();
  if (!isOfEuicc(operation)) {
    return packageNotation(ipaPackage(operation, euicc, eimTransactionId), 'request');
  }
  const signed = {
    eimId: eimIdOf(config),
    eidValue: encodeEid(euicc.eid),
    counterValue: euicc.counter + 1,
    eimTransactionId,
    euiccPackage: await euiccPackageOf(operation, eim.keys, euicc),
  };
  return `EuiccPackageSigned ::= ${EuiccPackageSigned.notation(signed, '')}`;
}
