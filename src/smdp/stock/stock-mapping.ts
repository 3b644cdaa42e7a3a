// What the person who imports says of columns whose names are not known.
import { COLUMNS_IN_WORDS, columnNamed } from './stock-fields.ts';
import type { ColumnName } from './stock-fields.ts';

/** The field of a column that is passed over. */
export const IGNORE = 'ignore';

export interface ColumnMapping {
  /** The name of the column in the file, or its number, from 1. */
  column: string;
  /** Absent: the column is passed over. */
  field?: ColumnName;
}

/** What was said of the columns makes no sense; the message says why. */
export class MappingError extends Error {
  override name = 'MappingError';
}

/** @param texts each `COLUMN=FIELD`; the field `ignore` passes a column over. Throws `MappingError`. */
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
  // A name may hold =, a field does not.
  const at = text.lastIndexOf('=');
  const column = text.slice(0, at).trim();
  if (at < 0 || column === '') throw new MappingError(`expected COLUMN=FIELD; got '${text}'`);
  const name = text.slice(at + 1).trim();
  if (name.toLowerCase() === IGNORE) return { column };
  const field = columnNamed(name);
  if (field !== undefined) return { column, field };
  throw new MappingError(`expected one of ${COLUMNS_IN_WORDS}, or ${IGNORE}; got '${name}'`);
}
