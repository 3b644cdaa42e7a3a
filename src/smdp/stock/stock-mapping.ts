// The user's mapping of columns to fields.
import { COLUMNS_IN_WORDS, columnNamed } from './stock-fields.ts';
import type { ColumnName } from './stock-fields.ts';

/** The pseudo-field of an ignored column. */
export const IGNORE = 'ignore';

export interface ColumnMapping {
  /** The name of the column in the file, or its number, from 1. */
  column: string;
  /** Absent if the column is ignored. */
  field?: ColumnName;
}

/** A mapping is invalid; the message says why. */
export class MappingError extends Error {
  override name = 'MappingError';
}

/** @param texts each `COLUMN=FIELD`; the field `ignore` ignores the column. Throws `MappingError`. */
export function parseMappings(texts: readonly string[]): ColumnMapping[] {
  const mappings = texts.map(parseMapping);
  for (const [index, { column, field }] of mappings.entries()) {
    const before = mappings.slice(0, index);
    if (before.some((other) => other.column === column)) {
      throw new MappingError(`expected each column once; got '${column}' again`);
    }
    if (field !== undefined && before.some((other) => other.field === field)) {
      throw new MappingError(`expected one column for ${field}; got '${column}', too`);
    }
  }
  return mappings;
}

function parseMapping(text: string): ColumnMapping {
  // A column name may contain =, a field cannot.
  const at = text.lastIndexOf('=');
  const column = text.slice(0, at).trim();
  if (at < 0 || column === '') throw new MappingError(`expected COLUMN=FIELD; got '${text}'`);
  const name = text.slice(at + 1).trim();
  if (name.toLowerCase() === IGNORE) return { column };
  const field = columnNamed(name);
  if (field !== undefined) return { column, field };
  throw new MappingError(`expected one of ${COLUMNS_IN_WORDS}, or ${IGNORE}; got '${name}'`);
}
