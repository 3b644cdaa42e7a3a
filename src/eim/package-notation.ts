// eIM packages, and what came back, for people: in ASN.1 value notation.
import type { Asn1Type } from '../rsp/asn1-type.ts';
import {
  IpaEuiccDataRequest,
  IpaEuiccDataResponse,
  ProfileDownloadTriggerRequest,
  ProfileDownloadTriggerResult,
} from '../rsp/definitions/eim-package.ts';
import { EuiccPackageRequest, EuiccPackageResult } from '../rsp/definitions/euicc-package.ts';
import { ProfileInstallationResult } from '../rsp/definitions/notification.ts';
import { DerError } from '../rsp/der-error.ts';
import { readDer } from '../rsp/der.ts';

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
