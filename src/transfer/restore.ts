// A backup into an empty database of either kind.
import type { DatabaseConfig } from '../config.ts';
import type { MasterKey } from '../process/keys.ts';
import { refuseNewer } from '../store/open.ts';
import type { Backup } from './backup-file.ts';
import { backupSource, checkBackupKey } from './backup-file.ts';
import { fillWhole } from './fill.ts';
import type { Tell } from './progress.ts';

/**
 * The database cannot be used before all of it is there. Throws `TransferError`, `FileError`, `StoreMismatch`, `StoreInUse`,
 * `StoreUnavailable`.
 * @param settings what the database learns of its past @returns how many rows it has
 */
export async function restoreBackup(
  backup: Backup,
  masterKey: MasterKey,
  database: DatabaseConfig,
  settings: Readonly<Record<string, string>>,
  tell: Tell,
): Promise<number> {
  checkBackupKey(backup, masterKey);
  const source = backupSource(backup, masterKey);
  refuseNewer(source.migrations);
  return fillWhole(source, database, settings, tell);
}
