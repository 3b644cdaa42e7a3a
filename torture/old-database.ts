// A database of an older version, in the middle of its work.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import type { DatabaseConfig } from '../src/config.ts';

const FOLDER = join(import.meta.dirname, '../test/store/databases');

export const OLD_DATABASE = {
  smdpAddress: 'localhost:8443',
  masterKey: 'ab'.repeat(32),
  account: { sid: `AC${'0'.repeat(31)}1`, authToken: 'cd'.repeat(16) },
};

/** Fills an empty database with what the build of 2026-11-23 left. */
export async function loadOldDatabase(database: DatabaseConfig): Promise<void> {
  const dump = readFileSync(join(FOLDER, `2026-11-23.${database.kind}.sql`), 'utf8');
  if (database.kind === 'sqlite') {
    using file = new DatabaseSync(database.file);
    file.exec(dump);
    return;
  }
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(dump);
  await client.end();
}
