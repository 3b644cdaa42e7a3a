// SQLite: a database is a file and its log.
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadOldDatabase } from '../old-database.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import type { Ground, Origin, Prepare } from './ground.ts';

const NAME = 'simwright.db';

export async function sqliteGround(prepare: Prepare): Promise<Ground> {
  const root = temporaryFolder('points');
  const newFile = () => join(mkdtempSync(join(root.path, 'database-')), NAME);
  const prepared: Record<Origin, string | undefined> = {
    empty: undefined,
    ready: newFile(),
    old: newFile(),
  };
  await prepare({ kind: 'sqlite', file: prepared.ready! });
  await loadOldDatabase({ kind: 'sqlite', file: prepared.old! });
  return {
    kind: 'sqlite',
    async lay(origin) {
      const files = [newFile()];
      const from = prepared[origin];
      if (from !== undefined) copy(from, files[0]!);
      return {
        database: () => ({ kind: 'sqlite', file: files.at(-1)! }),
        keep() {
          const next = newFile();
          copy(files.at(-1)!, next);
          files.push(next);
        },
        async setAhead() {},
        async free() {
          for (const file of files) rmSync(dirname(file), { recursive: true, force: true });
        },
      };
    },
    async [Symbol.asyncDispose]() {
      root[Symbol.dispose]();
    },
  };
}

/** Without -shm, which SQLite makes anew from the log after a crash. */
function copy(from: string, to: string): void {
  for (const ending of ['', '-wal']) {
    if (existsSync(from + ending)) copyFileSync(from + ending, to + ending);
  }
}
