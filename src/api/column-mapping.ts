// The parameter `Map`: what the columns of a stock file are whose names are not known.
import { Type } from 'typebox';
import { IGNORE, MappingError, parseMappings } from '../smdp/stock/stock-mapping.ts';
import type { ColumnMapping } from '../smdp/stock/stock-mapping.ts';
import { ApiError } from './api-error.ts';

export const columnMapping = {
  Map: Type.Optional(
    Type.Array(Type.String(), {
      description:
        'What a column is: `COLUMN=FIELD`, repeated or with commas between. A column is named as in the file, or by ' +
        `its number from 1, as one must be whose name holds a comma; the field \`${IGNORE}\` passes it over.`,
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
