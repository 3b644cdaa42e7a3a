// Enters into the audit log what was done to a database as a whole.
import type { Config, Secrets } from '../config.ts';
import { openData } from '../data.ts';
import { OF_SERVER } from '../audit/entry.ts';
import type { Fields } from '../audit/entry.ts';

/** @param config of a database with the schema of this version */
export async function enterInto(config: Config, secrets: Secrets, after: Fields): Promise<void> {
  const { store, transact } = await openData(config, secrets);
  try {
    await transact(({ audit }) => audit(OF_SERVER, { subject: 'database', after }));
  } finally {
    await store.close();
  }
}
