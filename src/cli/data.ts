// What every command on the data begins and ends with.
import { readConfig } from '../config.ts';
import type { Config } from '../config.ts';
import { openData } from '../data.ts';
import type { Data } from '../data.ts';
import { UserError } from './user-error.ts';

export interface CommandData extends Data {
  config: Config;
  now: Date;
  /** Base of every URL in an answer, as far as it is known without the server. */
  publicUrl: string;
}

/** Opens the data, does the work and closes the data, also while the server runs. */
export async function withData(work: (data: CommandData) => Promise<void>): Promise<void> {
  const { config, secrets } = readConfig();
  const { store, masterKey } = await openData(config, secrets);
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const publicUrl = config.publicUrl ?? `http://${host}:${config.port}`;
  try {
    await work({ config, store, masterKey, now: new Date(), publicUrl });
  } catch (error) {
    if (!store.isUnavailable(error)) throw error;
    const message = `The database cannot answer: ${(error as Error).message}`;
    throw new UserError(message, { cause: error });
  } finally {
    await store.close();
  }
}
