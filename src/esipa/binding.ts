// What both bindings of ESipa (SGP.32 §6.2, §6.3) have in common.
import type { Answer } from '../https/https-listener.ts';
import { EsipaMessageFromIpaToEim } from '../rsp/definitions/esipa.ts';
import { DerError } from '../rsp/der-error.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import type { EsipaAnswer, EsipaCall, EsipaFunction } from './answer-message.ts';

export interface EsipaBinding {
  /** @param name that the path has, in the JSON binding. Throws `FunctionExecutionError` if the body is none of its messages. */
  read(name: EsipaFunction, body: Buffer): EsipaCall;
  answered(answer: EsipaAnswer): Answer;
  refused(name: EsipaFunction, refusal: FunctionExecutionError): Answer;
}

/** @param der EsipaMessageFromIpaToEim. Throws 1.6 / 2.1. */
export function readCall(name: EsipaFunction, der: Uint8Array): EsipaCall {
  try {
    return { name, message: EsipaMessageFromIpaToEim.decode(der) };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    const message = `The message is not valid: ${error.message}`;
    throw new FunctionExecutionError('1.6', '2.1', message);
  }
}

/** SGP.32 §6.2: of all versions. */
export const ESIPA_PROTOCOL = 'gsma/rsp/v2.1.0';

const RETRY_AFTER_SECONDS = 10;

/** No response is defined, or none was made: the status alone tells. */
export const NO_CONTENT: Answer = { status: 204 };
/** Nothing was taken over: the IPA is to try again. */
export const TRY_AGAIN: Answer = {
  status: 503,
  headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
};
