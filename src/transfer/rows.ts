// Rows as lines of JSON, and a digest of them that is the same whatever database they lie in.
import { hash } from 'node:crypto';
import type { Cell } from '../store/bulk.ts';

/** What JSON has no form for. */
interface Bytes {
  base64: string;
}

/** An array of the columns in alphabetical order. */
export function lineOf(row: readonly Cell[]): string {
  return JSON.stringify(row.some(isBytes) ? row.map(jsonOf) : row);
}

export function rowOf(values: readonly (Cell | Bytes)[]): Cell[] {
  return values.map((value) =>
    typeof value === 'object' && value !== null && 'base64' in value
      ? Buffer.from(value.base64, 'base64')
      : value,
  );
}

const isBytes = (value: Cell) => value instanceof Uint8Array;

function jsonOf(value: Cell): Cell | Bytes {
  return value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;
}

/** Of no rows. */
export const EMPTY_DIGEST = '';

/** The digest of some rows and the next one: SHA-256 of both, hex. Its order matters. */
export function digestWith(digest: string, line: string): string {
  return hash('sha256', digest + line);
}
