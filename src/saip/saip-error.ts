// Errors in a profile package, or in a request to change one, with stable codes for tests and callers.

export type SaipErrorCode =
  | 'malformed' // the bytes are not DER, or end too early
  | 'unexpected-element' // an element that the type does not allow here
  | 'missing-element' // an element that the type must have
  | 'bad-size' // a value shorter or longer than its size constraint
  | 'bad-value' // a value outside its range or alphabet
  | 'bad-order' // an element in a place where it is not allowed
  | 'missing-target' // personalisation has a value for an element that the template lacks
  | 'ambiguous-target' // personalisation cannot tell which element is meant
  | 'not-reproducible'; // the result does not read back as intended

/** `where` names the profile element and the path in it; `got` never contains key material, only sizes and tags. */
export class SaipError extends Error {
  override readonly name = 'SaipError';
  readonly code: SaipErrorCode;
  readonly where: string;

  constructor(code: SaipErrorCode, where: string, expected: string, got: string, cause?: unknown) {
    super(`${where}: expected ${expected}, got ${got}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.where = where;
  }
}

/** Too few or too many of `unit`; `max` may be Infinity. */
export function sizeError(
  got: number,
  min: number,
  max: number,
  unit: string,
  where: string,
): SaipError {
  const range = min === max ? `${min}` : max === Infinity ? `${min} or more` : `${min} to ${max}`;
  return new SaipError('bad-size', where, `${range} ${unit}`, `${got}`);
}
