import { InvalidArgumentError, Option } from 'commander';
import { MappingError, parseMappings } from '../smdp/stock/stock-mapping.ts';

/** What the columns of a stock file are whose names are not known; its value is for `parseMappings`. */
export const mapOption = () =>
  new Option(
    '--map <COLUMN=FIELD>',
    'what a column is, by its name in the file or its number; repeated: for several',
  )
    .argParser(addMapping)
    .default([], 'by their names');

/** @param given those before this one */
function addMapping(text: string, given: string[]): string[] {
  try {
    const mappings = [...given, text];
    parseMappings(mappings);
    return mappings;
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    throw new InvalidArgumentError(error.message);
  }
}
