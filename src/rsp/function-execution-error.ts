// §5.2.6: the refusal of a function, on any interface.
import type { ReasonCode, StatusCode, SubjectCode } from './status-codes.ts';
import { reasons, subjects } from './status-codes.ts';

const MAX_MESSAGE_BYTES = 128; // a widespread LPA shows garbage for longer ones
const MAX_IDENTIFIER_BYTES = 128;

/**
 * A function execution status of `Failed` (§5.2.6): thrown by the function that refuses. The edge of ES9+ sends it as
 * the response; the caller of ES2+ catches it.
 */
export class FunctionExecutionError extends Error implements StatusCode {
  override readonly name = 'FunctionExecutionError';
  readonly subjectCode: SubjectCode;
  readonly reasonCode: ReasonCode;
  readonly subjectIdentifier: string | undefined;

  /** `message` and `subjectIdentifier` are sent to the peer, cut to 128 bytes of UTF-8 each. */
  constructor(
    subjectCode: SubjectCode,
    reasonCode: ReasonCode,
    message = `${subjects[subjectCode]}: ${reasons[reasonCode]}`,
    subjectIdentifier?: string,
  ) {
    super(cutUtf8(message, MAX_MESSAGE_BYTES));
    this.subjectCode = subjectCode;
    this.reasonCode = reasonCode;
    this.subjectIdentifier =
      subjectIdentifier === undefined
        ? undefined
        : cutUtf8(subjectIdentifier, MAX_IDENTIFIER_BYTES);
  }

  is(subjectCode: SubjectCode, reasonCode: ReasonCode): boolean {
    return this.subjectCode === subjectCode && this.reasonCode === reasonCode;
  }
}

/** Cuts a text to at most `max` bytes, without splitting a character. */
function cutUtf8(text: string, max: number): string {
  let cut = '';
  let size = 0;
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > max) return cut;
    cut += character;
  }
  return cut;
}
