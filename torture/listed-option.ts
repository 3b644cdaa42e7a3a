// An option that takes some of a list of names.
import { InvalidArgumentError, Option } from 'commander';

/** By default all. */
export function listed(flags: string, description: string, known: readonly string[]): Option {
  return new Option(flags, `${description}: ${known.join(', ')}`)
    .default(known, 'all')
    .argParser((text) => {
      const given = text.split(',');
      const unknown = given.filter((name) => !known.includes(name));
      if (unknown.length === 0) return given;
      throw new InvalidArgumentError(
        `Expected some of ${known.join(', ')}; got '${unknown.join(', ')}'.`,
      );
    });
}
