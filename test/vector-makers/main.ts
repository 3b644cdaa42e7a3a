// `npm run vectors`: writes test/vectors/certificates and test/vectors/packages anew.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { vectorFiles } from './vector-files.ts';
import { render } from './vector-file.ts';

for (const file of vectorFiles()) {
  const path = join(import.meta.dirname, '../vectors', `${file.name}.json`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, render(file));
}
