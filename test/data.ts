// A store and a master key without a server, in their own folder.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config, Secrets } from '../src/config.ts';
import { readConfig } from '../src/config.ts';
import type { Data } from '../src/data.ts';
import { openData } from '../src/data.ts';
import type { TestDatabase } from './databases.ts';

export interface TestData extends Data, AsyncDisposable {
  config: Config;
  /** Opens the same data again, with other settings. */
  open(settings?: Partial<Config>): Promise<Data & AsyncDisposable>;
}

export async function openTestData(database: TestDatabase): Promise<TestData> {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-data-'));
  const databaseUrl = await database.own();
  const { config, secrets } = readConfig({
    SIMWRIGHT_DATA: folder,
    ...(databaseUrl === undefined ? {} : { SIMWRIGHT_DATABASE_URL: databaseUrl }),
  });
  const data = await openData(config, secrets);
  return {
    ...data,
    config,
    open: (settings = {}) => openAgain({ ...config, ...settings }, secrets),
    async [Symbol.asyncDispose]() {
      await data.store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openAgain(config: Config, secrets: Secrets): Promise<Data & AsyncDisposable> {
  const data = await openData(config, secrets);
  return { ...data, [Symbol.asyncDispose]: () => data.store.close() };
}
