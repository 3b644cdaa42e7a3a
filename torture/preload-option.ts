// How a trial is given a broken product.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';

/** `--preload FILE`, absolute paths. */
export function preloadOption(): Option {
  return new Option(
    '--preload <FILE>',
    'a module loaded into the servers, such as one that breaks them; may be repeated',
  )
    .argParser((file: string, before: readonly string[]) => {
      if (existsSync(file)) return [...before, resolve(file)];
      throw new InvalidArgumentError(`Expected a file; there is no '${file}'.`);
    })
    .default([], 'none');
}
