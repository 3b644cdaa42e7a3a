// Which values of a stock file may appear in errors and previews: none that may be a secret, even in the wrong column
// or in place of column names.
import type { FieldRule } from './stock-fields.ts';

/** Matches PINs, PUKs, ADM codes, keys and parts of keys, but not ICCIDs or IMSIs. */
const LIKE_A_SECRET = /^\d{4,8}$|^(?=.*[a-f])[0-9a-f]{8,}$/i;
/** Shorter than a key that consists of decimal digits. */
const SHOWN_LENGTH = 24;

/** A value in quotes, or its length. */
export function shownValue(value: string, { secret }: FieldRule): string {
  if (secret || LIKE_A_SECRET.test(value) || value.length > SHOWN_LENGTH) return lengthOf(value);
  return JSON.stringify(value).replace(/^"(.*)"$/, "'$1'");
}

/** A column's name as in the file, or its length. */
export function shownName(name: string): string {
  const isName = /^\p{L}[\p{L}\p{N} .,;:_/#()-]{0,39}$/u.test(name) && !/(\d.*){4}/.test(name);
  return name === '' || (isName && !LIKE_A_SECRET.test(name)) ? name : lengthOf(name);
}

/** Whether a preview may show a valid value. */
export function isOpen(value: string, { secret, text }: FieldRule): boolean {
  return !secret && !LIKE_A_SECRET.test(value) && !(text && mayHideSecret(value));
}

/** Shown in a preview in place of any other value. */
export function kindOf(value: string): string {
  if (value === '') return '';
  if (/^\d+$/.test(value)) return lengthOf(value, 'digit');
  return /^[0-9a-f]+$/i.test(value) ? lengthOf(value, 'hexadecimal digit') : lengthOf(value);
}

/** With a wrong mapping, free text may contain codes, or keys in hexadecimal or base64. */
function mayHideSecret(value: string): boolean {
  return value.length >= SHOWN_LENGTH || !/[g-z]/i.test(value) || /[0-9a-f]{8}/i.test(value);
}

function lengthOf(text: string, unit = 'character'): string {
  return `${text.length} ${unit}${text.length === 1 ? '' : 's'}`;
}
