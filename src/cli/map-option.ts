import { InvalidArgumentError, Option } from 'commander';
import { MappingError, parseMappings } from '../smdp/stock/stock-mapping.ts';

/** `--map`: the fields of stock-file columns whose names are not recognised; its value is for `parseMappings`. */
export const mapOption = () =>
  new Option(
    '--map <COLUMN=FIELD>',
    'the field of a column, which is given by its name in the file or its number; may be repeated',
  )
    .argParser(addMapping)
    .default([], 'by their names');

/** @param given the mappings before this one */
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
