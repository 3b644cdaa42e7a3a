// What every command on the data begins and ends with.
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { readConfig } from '../config.ts';
import type { Config, Secrets } from '../config.ts';
import { openData } from '../data.ts';
import type { Data } from '../data.ts';
import { unitsOf } from '../unit.ts';
import type { Units } from '../unit.ts';
import { UserError } from './user-error.ts';

export interface CommandData extends Data, Units {
  config: Config;
  now: Date;
  /** Base of every URL in an answer, as far as it is known without the server. */
  publicUrl: string;
}

/** Opens the data, does the work and closes the data, also while the server runs. */
export async function withData(work: (data: CommandData) => Promise<void>): Promise<void> {
  const { config, secrets } = readConfig();
  checkFolders(config, secrets);
  const { store, masterKey } = await openData(config, secrets);
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const publicUrl = config.publicUrl ?? `http://${host}:${config.port}`;
  try {
    await work({
      config,
      store,
      masterKey,
      ...unitsOf(store, () => store.now()),
      now: store.now(),
      publicUrl,
    });
  } finally {
    await store.close();
  }
}

/** Data are made by the start of the server, not by a command that looks in the wrong place. */
function checkFolders({ database, masterKeyFile }: Config, { masterKey }: Secrets): void {
  const files = [
    ...(database.kind === 'sqlite' ? [database.file] : []),
    ...(masterKey === undefined ? [masterKeyFile] : []),
  ];
  const missing = files.map((file) => dirname(file)).find((folder) => !existsSync(folder));
  if (missing === undefined) return;
  throw new UserError(
    `There is no folder ${missing}: set SIMWRIGHT_DATA to the data folder of the server, ` +
      'or make one with: simwright start',
  );
}
