// Where the data is, and the master key that seals secrets in it.
import { resolve } from 'node:path';
import { parsePostgresUrl } from '../store/postgres-url.ts';
import type { SettingsReader } from './reader.ts';

export type DatabaseConfig = { kind: 'sqlite'; file: string } | { kind: 'postgres'; url: string };

export interface DataConfig {
  data: string;
  database: DatabaseConfig;
  /** What SQLite keeps of the file in memory. */
  sqliteCacheMb: number;
  masterKeyFile: string;
}

export const DATA_SETTINGS = [
  ['SIMWRIGHT_DATA', './data', 'Folder of the database and the master key.'],
  [
    'SIMWRIGHT_DATABASE_URL',
    'sqlite:DATA/simwright.db',
    'sqlite:FILE, or postgres://USER:PASSWORD@HOST/DATABASE for more than one machine.',
  ],
  ['SIMWRIGHT_DATABASE_URL_FILE', 'none', 'File that holds that URL instead, such as a secret.'],
  ['SIMWRIGHT_DATABASE_URL_COMMAND', 'none', 'Command that prints that URL instead.'],
  [
    'SIMWRIGHT_SQLITE_CACHE_MB',
    '32',
    'Memory in which SQLite keeps pages of its file, in MB; for millions of profiles, 20 for each.',
  ],
  [
    'SIMWRIGHT_MASTER_KEY',
    'made at first start',
    'Key that encrypts secrets at rest, 64 hexadecimal digits, instead of a file.',
  ],
  ['SIMWRIGHT_MASTER_KEY_FILE', 'DATA/master.key', 'File that holds the master key.'],
  [
    'SIMWRIGHT_MASTER_KEY_COMMAND',
    'none',
    'Command that prints the master key instead; no shell runs it (docs/keys.md).',
  ],
] as const;

export function parseData({ text, integer, refuse }: SettingsReader): DataConfig {
  const data = resolve(text('SIMWRIGHT_DATA') ?? './data');
  return {
    data,
    database: parseDatabaseUrl(text('SIMWRIGHT_DATABASE_URL'), data, refuse),
    sqliteCacheMb: integer('SIMWRIGHT_SQLITE_CACHE_MB', 12, 1, 65_536),
    masterKeyFile: resolve(text('SIMWRIGHT_MASTER_KEY_FILE') ?? `${data}/master.key`),
  };
}

export function parseDatabaseUrl(
  value: string | undefined,
  data: string,
  refuse: SettingsReader['refuse'],
): DatabaseConfig {
  if (value === undefined) return { kind: 'sqlite', file: `${data}/simwright.db` };
  if (/^postgres(ql)?:\/\//.test(value)) {
    try {
      parsePostgresUrl(value);
    } catch (error) {
      refuse(`SIMWRIGHT_DATABASE_URL ${(error as Error).message}`);
    }
    return { kind: 'postgres', url: value };
  }
  const file = /^sqlite:(?:\/\/)?(.+)$/.exec(value)?.[1];
  if (file === undefined) {
    // The value may hold a password, so it is not repeated.
    refuse('SIMWRIGHT_DATABASE_URL must begin with sqlite: or postgres://');
  }
  return { kind: 'sqlite', file: resolve(file ?? '') };
}
