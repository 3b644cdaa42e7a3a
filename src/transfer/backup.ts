// A backup of a database that may be in use.
import type { DatabaseConfig } from '../config.ts';
import type { MasterKey } from '../process/keys.ts';
import { adoptRing } from '../rotation/ring.ts';
import { openBulkReader } from '../store/open.ts';
import type { Written } from './backup-file.ts';
import { writeBackup } from './backup-file.ts';
import type { Tell } from './progress.ts';
import { databaseSource } from './source.ts';

export interface MadeBackup extends Written {
  file: string;
  takenAt: Date;
}

/**
 * Throws `TransferError`, `FileError`, `StoreMismatch`, `StoreUnavailable`.
 * @param given where to; undefined: into the current folder, under a name with the time
 * @param version of Simwright
 */
export async function backUp(
  database: DatabaseConfig,
  given: string | undefined,
  masterKey: MasterKey,
  version: string,
  tell: Tell,
): Promise<MadeBackup> {
  await using reader = await openBulkReader(database);
  await adoptRing(masterKey, (name) => reader.setting(name));
  const source = await databaseSource(reader, { name: 'the database', identity: '' });
  const { takenAt, kind } = reader;
  const about = { version, date_taken: takenAt.toISOString(), database: kind };
  const file = given ?? `simwright-${takenAt.toISOString().replaceAll(/[:.]/g, '-')}.backup`;
  return { file, takenAt, ...(await writeBackup(file, source, about, masterKey, tell)) };
}

/** A backup sealed with a key that does not open what is in it would be worth nothing. Throws `StoreMismatch`. */
