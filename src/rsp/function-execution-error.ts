// §5.2.6: the refusal of a function, on whichever interface it is called.
import type { ReasonCode, StatusCode, SubjectCode } from './status-codes.ts';
import { reasons, subjects } from './status-codes.ts';

const MAX_MESSAGE_BYTES = 128; // a widespread LPA shows more than these only as rubbish
const MAX_IDENTIFIER_BYTES = 128;

/**
 * A function execution status of `Failed` (§5.2.6): thrown where the clause refuses. The edge of ES9+ answers with it,
 * the caller of ES2+ catches it.
 */
export class FunctionExecutionError extends Error implements StatusCode {
  override readonly name = 'FunctionExecutionError';
  readonly subjectCode: SubjectCode;
  readonly reasonCode: ReasonCode;
  readonly subjectIdentifier: string | undefined;

  /** `message` and `subjectIdentifier` go out to the peer, cut to 128 bytes of UTF-8 each. */
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

/** The longest beginning of a text that has at most `max` bytes, without half a character at its end. */
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
