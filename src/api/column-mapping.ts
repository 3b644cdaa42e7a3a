// The parameter `Map`: the fields of stock-file columns whose names are not recognised.
import { Type } from 'typebox';
import { IGNORE, MappingError, parseMappings } from '../smdp/stock/stock-mapping.ts';
import type { ColumnMapping } from '../smdp/stock/stock-mapping.ts';
import { ApiError } from './api-error.ts';

export const columnMapping = {
  Map: Type.Optional(
    Type.Array(Type.String(), {
      description:
        'The field that a column holds: `COLUMN=FIELD`, repeated or separated by commas. Name the column as in the ' +
        'file, or by its number from 1, which is required if its name contains a comma; the field ' +
        `\`${IGNORE}\` ignores the column.`,
      examples: [['Card number=iccid', '7=ki']],
    }),
  ),
};

/** Throws `ApiError`. */
export function parseColumnMapping(texts: readonly string[] = []): ColumnMapping[] {
  try {
    return parseMappings(texts);
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    throw new ApiError('invalidParameter', `Invalid parameter Map: ${error.message}`);
  }
}
