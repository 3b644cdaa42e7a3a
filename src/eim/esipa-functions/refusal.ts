// Why a relayed function is refused: in the ASN.1 binding by a number (SGP.32 §6.3.2), in the JSON binding by a status code as on
// ES9+, from which most of them come.
import {
  authenticateClientErrorsEsipa,
  cancelSessionErrorsEsipa,
  getBoundProfilePackageErrorsEsipa,
  initiateAuthenticationErrorsEsipa,
} from '../../rsp/eim-codes.ts';
import type { AnsweredFunction } from '../../rsp/es9plus-errors.ts';
import { errorNumberOf } from '../../rsp/es9plus-errors.ts';
import type { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { FunctionExecutionError as Refused } from '../../rsp/function-execution-error.ts';

/** A refusal of the eIM itself, with a number of ESipa that ES9+ does not have. */
export class EsipaRefusal extends Refused {
  readonly number: number;

  constructor(number: number, ...status: ConstructorParameters<typeof FunctionExecutionError>) {
    super(...status);
    this.number = number;
  }
}

const NUMBERS: Readonly<Record<AnsweredFunction, Readonly<Record<string, number>>>> = {
  initiateAuthentication: initiateAuthenticationErrorsEsipa,
  authenticateClient: authenticateClientErrorsEsipa,
  getBoundProfilePackage: getBoundProfilePackageErrorsEsipa,
  cancelSession: cancelSessionErrorsEsipa,
};

/** In the ASN.1 binding. */
export function numberOf(name: AnsweredFunction, refusal: FunctionExecutionError): number {
  if (refusal instanceof EsipaRefusal) return refusal.number;
  const number = errorNumberOf(name, refusal);
  return Object.values(NUMBERS[name]).includes(number) ? number : 127;
}
