// Opening and closing the data, common to all commands that use it.
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { readConfig } from '../config.ts';
import type { Config, Secrets } from '../config.ts';
import { openData } from '../data.ts';
import type { Data } from '../data.ts';
import { UserError } from './user-error.ts';

export interface CommandData extends Data {
  config: Config;
  secrets: Secrets;
  now: Date;
  /** Base of every URL in a response, as far as known without the server. */
  publicUrl: string;
}

/** Opens the data, does the work and closes the data. The server may be running. */
export async function withData(work: (data: CommandData) => Promise<void>): Promise<void> {
  const { config, secrets } = readConfig();
  checkFolders(config, secrets);
  const data = await openData(config, secrets);
  const { store } = data;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const publicUrl = config.publicUrl ?? `http://${host}:${config.port}`;
  try {
    await work({ ...data, config, secrets, now: store.now(), publicUrl });
  } finally {
    await store.close();
  }
}

/** Only `simwright start` creates data; any other command is probably looking in the wrong folder. */
function checkFolders({ database, masterKeyFile }: Config, { masterKey }: Secrets): void {
  const files = [
    ...(database.kind === 'sqlite' ? [database.file] : []),
    ...(masterKey === undefined ? [masterKeyFile] : []),
  ];
  const missing = files.map((file) => dirname(file)).find((folder) => !existsSync(folder));
  if (missing === undefined) return;
  throw new UserError(
    `The folder ${missing} does not exist: set SIMWRIGHT_DATA to the data folder of the server, ` +
      'or create one with: simwright start',
  );
}
