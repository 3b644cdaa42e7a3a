// ESipa from the IPA's side (SGP.32 §5.14): the functions for eIM packages, and the relay of those of ES9+.
import {
  EsipaMessageFromEimToIpa,
  EsipaMessageFromIpaToEim,
  type EimPackageResult,
  type GetEimPackageRequest,
  type GetEimPackageResponse,
} from '../../rsp/definitions/esipa.ts';
import { DerError } from '../../rsp/der-error.ts';
import { eimPackageErrors, provideEimPackageResultErrors } from '../../rsp/eim-codes.ts';
import { nameOf } from '../../rsp/reasons.ts';
import { DeviceError } from '../device-error.ts';
import type { EsipaTransport } from './esipa-transport.ts';

/** The eIM refused, or its answer is no message; `code` is the standard's name of the error. */
export class EsipaError extends DeviceError {
  override readonly name = 'EsipaError';
  readonly code: string;

  constructor(functionName: string, code: string) {
    super(`The eIM refused ${functionName}: ${code}.`);
    this.code = code;
  }
}

/** Sends a message and reads the answer. Throws `EsipaError` for one that is malformed. */
export async function callEsipa(
  transport: EsipaTransport,
  functionName: string,
  request: EsipaMessageFromIpaToEim,
): Promise<EsipaMessageFromEimToIpa> {
  const answer = await transport.send(EsipaMessageFromIpaToEim.encode(request));
  try {
    return EsipaMessageFromEimToIpa.decode(answer);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new EsipaError(functionName, `a malformed answer (${error.message})`);
  }
}

export function otherAnswer(functionName: string): EsipaError {
  return new EsipaError(functionName, 'an answer to another function');
}

type EimPackage = Exclude<GetEimPackageResponse, { readonly eimPackageError: number }>;

/** SGP.32 §5.14.5. @returns undefined if no package waits */
export async function getEimPackage(
  transport: EsipaTransport,
  request: GetEimPackageRequest,
): Promise<EimPackage | undefined> {
  const name = 'getEimPackage';
  const { getEimPackageResponse } = await callEsipa(transport, name, {
    getEimPackageRequest: request,
  });
  if (getEimPackageResponse === undefined) throw otherAnswer(name);
  const { eimPackageError } = getEimPackageResponse;
  if (eimPackageError === undefined) return getEimPackageResponse;
  if (eimPackageError === eimPackageErrors.noEimPackageAvailable) return undefined;
  throw new EsipaError(name, nameOf(eimPackageErrors, eimPackageError) ?? `${eimPackageError}`);
}

/** SGP.32 §5.14.6. @returns the numbers of what the eIM has taken over */
export async function provideEimPackageResult(
  transport: EsipaTransport,
  eidValue: Uint8Array,
  eimPackageResult: EimPackageResult,
): Promise<readonly number[]> {
  const name = 'provideEimPackageResult';
  const { provideEimPackageResultResponse: response } = await callEsipa(transport, name, {
    provideEimPackageResult: { eidValue, eimPackageResult },
  });
  if (response === undefined) throw otherAnswer(name);
  const { provideEimPackageResultError: error, eimAcknowledgements = [] } = response;
  if (error === undefined) return eimAcknowledgements;
  throw new EsipaError(name, nameOf(provideEimPackageResultErrors, error) ?? `${error}`);
}
