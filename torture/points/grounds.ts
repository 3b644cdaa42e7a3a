// The databases of trials, each with its template of a server that was started once.
import type { DatabaseConfig } from '../../src/config.ts';
import { freePort } from '../../test/postgres.ts';
import type { Ground } from './ground.ts';
import { postgresGround } from './ground-postgres.ts';
import { sqliteGround } from './ground-sqlite.ts';
import { asTrial } from './instance.ts';
import type { DatabaseKind } from './point.ts';
import { startOn } from './life.ts';
import type { Ports } from './life.ts';

/** @returns undefined if the database is not installed */
export async function openGround(kind: DatabaseKind, ports: Ports): Promise<Ground | undefined> {
  const prepare = async (database: DatabaseConfig) => {
    const server = await startOn(database, ports);
    await server[Symbol.asyncDispose]();
  };
  const ground = await asTrial(() =>
    kind === 'sqlite' ? sqliteGround(prepare) : postgresGround(prepare),
  );
  return (
    ground && {
      ...ground,
      [Symbol.asyncDispose]: () => asTrial(() => ground[Symbol.asyncDispose]()),
    }
  );
}

export async function freePorts(): Promise<Ports> {
  const [api, es9, esipa] = [await freePort(), await freePort(), await freePort()];
  return { api, es9, esipa };
}
