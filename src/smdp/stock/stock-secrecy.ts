// What may be repeated of a stock file, in errors and previews: nothing that may be a secret, not even one that
// stands in the wrong column, or where names of columns should be.
import type { FieldRule } from './stock-fields.ts';

/** A PIN, PUK or ADM, a key, or a part of one; and nothing that is in an ICCID or an IMSI. */
const LIKE_A_SECRET = /^\d{4,8}$|^(?=.*[a-f])[0-9a-f]{8,}$/i;
/** Shorter than a key of digits alone. */
const SHOWN_LENGTH = 24;

/** A value in quotes, or how long it is. */
export function shownValue(value: string, { secret }: FieldRule): string {
  if (secret || LIKE_A_SECRET.test(value) || value.length > SHOWN_LENGTH) return lengthOf(value);
  return JSON.stringify(value).replace(/^"(.*)"$/, "'$1'");
}

/** The name of a column as the file has it, or how long it is. */
export function shownName(name: string): string {
  const isName = /^\p{L}[\p{L}\p{N} .,;:_/#()-]{0,39}$/u.test(name) && !/(\d.*){4}/.test(name);
  return name === '' || (isName && !LIKE_A_SECRET.test(name)) ? name : lengthOf(name);
}

/** Whether a preview may show a value that is of the form its column asks for. */
export function isOpen(value: string, { secret, text }: FieldRule): boolean {
  return !secret && !LIKE_A_SECRET.test(value) && !(text && mayHideSecret(value));
}

/** What a preview shows in place of any other value. */
export function kindOf(value: string): string {
  if (value === '') return '';
  if (/^\d+$/.test(value)) return lengthOf(value, 'digit');
  return /^[0-9a-f]+$/i.test(value) ? lengthOf(value, 'hexadecimal digit') : lengthOf(value);
}

/** Free text, which takes whatever a wrong mapping brings: codes, keys in hexadecimal or base64. */
function mayHideSecret(value: string): boolean {
  return value.length >= SHOWN_LENGTH || !/[g-z]/i.test(value) || /[0-9a-f]{8}/i.test(value);
}

function lengthOf(text: string, unit = 'character'): string {
  return `${text.length} ${unit}${text.length === 1 ? '' : 's'}`;
}
