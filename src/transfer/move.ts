// All of one database into another one, which takes its place.
import { randomUUID } from 'node:crypto';
import type { DatabaseConfig } from '../config.ts';
import type { BulkReader } from '../store/bulk.ts';
import type { Moved } from '../store/open.ts';
import { MOVED, openBulkReader, openBulkWriter } from '../store/open.ts';
import { fillWhole } from './fill.ts';
import type { Tell } from './progress.ts';
import { databaseSource } from './source.ts';
import { TransferError } from './transfer-error.ts';

/** For people: without user, password and parameters. */
export function shownDatabase(database: DatabaseConfig): string {
  if (database.kind === 'sqlite') return `sqlite:${database.file}`;
  const [place] = database.url.replace(/^\w+:\/\/(?:[^@/?]*@)?/, '').split('?');
  return `postgres://${place}`;
}

/**
 * Begins a move, or goes on with one. From its beginning, nobody can use the source. Throws `TransferError`, `StoreMismatch`,
 * `StoreInUse`, `StoreUnavailable`.
 * @returns how many rows were moved
 */
export async function move(
  from: DatabaseConfig,
  to: DatabaseConfig,
  date: string,
  tell: Tell,
): Promise<number> {
  await markMoved(from, to, date);
  await using reader = await openBulkReader(from, { isAlone: true });
  const { id } = (await movedOf(reader))!;
  const source = await databaseSource(reader, { name: shownDatabase(from), identity: id });
  return await fillWhole(source, to, {}, tell);
}

async function markMoved(from: DatabaseConfig, to: DatabaseConfig, date: string): Promise<void> {
  await using reader = await openBulkReader(from, { isAlone: true });
  const known = await movedOf(reader);
  const target = shownDatabase(to);
  // Two databases with the same stock would give it out twice.
  if (known !== undefined && known.to !== target) {
    throw new TransferError(
      `The database was moved to ${known.to}, or is being moved there, since ${known.date}; now the target is ${target}. ` +
        'To go on, name the same one. To move it elsewhere, never use that one, and first: simwright move --undo',
    );
  }
  // A target that cannot be used must not take the source away.
  if (known === undefined)
    await (await openBulkWriter(to, reader.migrations))[Symbol.asyncDispose]();
  const moved: Moved = known ?? { id: randomUUID(), to: target, date };
  await reader.leave(MOVED, JSON.stringify(moved));
}

/** Lets the source be used again. @returns where it was moved; undefined: nowhere */
export async function undoMove(from: DatabaseConfig): Promise<Moved | undefined> {
  await using reader = await openBulkReader(from, { isAlone: true });
  const known = await movedOf(reader);
  if (known !== undefined) await reader.leave(MOVED, null);
  return known;
}

async function movedOf(reader: BulkReader): Promise<Moved | undefined> {
  const kept = await reader.setting(MOVED);
  return kept === undefined ? undefined : (JSON.parse(kept) as Moved);
}
