// A witness of the time that a database has reached, in a file outside of it: a database that is behind it was replaced by a
// copy of itself from before, by whichever means.
import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Store } from '../store/store.ts';
import type { Transact } from '../unit.ts';

/** The setting: an id of the database, and the time. */
export const WITNESS = 'witness';

interface Witness {
  /** Of the database. */
  id: string;
  time: string;
}

const fileOf = ({ data }: Pick<Config, 'data'>) => join(data, 'witness.json');

/** Lets the database and the file witness the time, in this order. */
export async function keepWitness(config: Pick<Config, 'data'>, transact: Transact): Promise<void> {
  const witness = await transact(async ({ tables, now }): Promise<Witness> => {
    const { id, time } = parse(await tables.settings.find(WITNESS)) ?? {
      id: randomUUID(),
      time: '',
    };
    const date = now.toISOString();
    const reached = { id, time: date > time ? date : time };
    await tables.settings.set(WITNESS, `${reached.id} ${reached.time}`);
    return reached;
  });
  const file = fileOf(config);
  await writeFile(`${file}.new`, `${JSON.stringify(witness)}\n`, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
}

function parse(kept: string | undefined): Witness | undefined {
  const [id, time] = kept?.split(' ') ?? [];
  return id === undefined || time === undefined ? undefined : { id, time };
}

/** @returns the time of the database, if the file has witnessed a later one of the same database */
export async function findBehind(
  config: Pick<Config, 'data'>,
  { settings }: Pick<Store, 'settings'>,
): Promise<Date | undefined> {
  const found = parse(await settings.find(WITNESS));
  const seen = await read(fileOf(config));
  if (found === undefined || seen?.id !== found.id || seen.time <= found.time) return undefined;
  return new Date(found.time);
}

/** Without one that can be read, nothing was witnessed. */
async function read(file: string): Promise<Witness | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Witness;
  } catch {
    return undefined;
  }
}
