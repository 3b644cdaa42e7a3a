// A folder that goes away with the process, however that ends, unless it is kept.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryFolder extends Disposable {
  path: string;
  /** Leaves it for people to look at. */
  keep(): void;
}

export function temporaryFolder(name: string, parent = tmpdir()): TemporaryFolder {
  const path = mkdtempSync(join(parent, `simwright-${name}-`));
  const remove = () => rmSync(path, { recursive: true, force: true });
  const keep = () => void process.off('exit', remove);
  process.once('exit', remove);
  return {
    path,
    keep,
    [Symbol.dispose]() {
      keep();
      remove();
    },
  };
}
