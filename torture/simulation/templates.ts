// The databases that runs begin with, of which each process makes one and copies it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseConfig } from '../../src/config.ts';
import { loadOldDatabase } from '../old-database.ts';
import { Random } from '../random.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { Machine } from './machine/machine.ts';
import { Trace } from './machine/trace.ts';
import { SimulatedServer } from './server.ts';

/** `new`: there is none; `used`: after its first start, with stock and certificates; `old`: of an older version. */
export type FirstDatabase = 'new' | 'used' | 'old';

const MADE = Date.UTC(2026, 10, 28, 12);

const made = new Map<FirstDatabase, Promise<Buffer>>();

/** Puts the database where the server expects it. */
export async function placeDatabase(first: FirstDatabase, database: DatabaseConfig): Promise<void> {
  if (first === 'new') return;
  let making = made.get(first);
  if (making === undefined) made.set(first, (making = make(first)));
  writeFileSync((database as { file: string }).file, await making);
}

async function make(first: FirstDatabase): Promise<Buffer> {
  using folder = temporaryFolder('template');
  if (first === 'used') return await startOnce(folder.path);
  const file = join(folder.path, 'old.db');
  await loadOldDatabase({ kind: 'sqlite', file });
  return readFileSync(file);
}

/** What the first start makes. */
async function startOnce(folder: string): Promise<Buffer> {
  const disk = {
    judge: () => ({}),
    onDeath() {},
    onConnection() {},
    onCommitted() {},
    onSynced() {},
    onSyncFailed() {},
  };
  const network = {
    react(): never {
      throw new Error('nobody has asked for callbacks');
    },
  };
  const machine = new Machine(MADE, new Trace(), disk, network);
  const server = new SimulatedServer(machine, folder, new Random(0), {});
  const { file } = server.config.database as { file: string };
  server.start();
  await machine.run(() => server.running !== undefined);
  let hasEnded = false;
  void server.end({ ms: 0 }).then(() => (hasEnded = true));
  await machine.run(() => hasEnded);
  return readFileSync(file);
}
