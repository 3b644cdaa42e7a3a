// A server from its start to its end or death, in this process.
import { pino } from 'pino';
import type { Operation } from '../../src/api/operation.ts';
import { readConfig } from '../../src/config.ts';
import type { Config, DatabaseConfig, Secrets } from '../../src/config.ts';
import type { LoopName } from '../../src/process/loop.ts';
import { startServer } from '../../src/server.ts';
import type { Server } from '../../src/server.ts';
import type { Pki } from '../../src/smdp/pki/pki.ts';
import { OLD_DATABASE } from '../old-database.ts';
import { watchNetwork } from './faults-network.ts';
import { watchPostgres } from './faults-postgres.ts';
import { watchSqlite } from './faults-sqlite.ts';
import { Dead, Instance } from './instance.ts';
import type { Fate } from './instance.ts';
import type { Point } from './point.ts';

/** The same for all servers of a process, one after the other. */
export interface Ports {
  api: number;
  es9: number;
  esipa: number;
}

export interface Life {
  pki(): Promise<Pki>;
  /** Resolves once it has died, and its ports are free. */
  death: Promise<void>;
  die(): void;
  /** Calls from now on are counted, for something to go wrong at a point; if undefined, they are not. */
  watch(point: Point | undefined): Promise<void>;
  setAhead(ms: number): void;
  wake(loop: LoopName): void;
  /** Ends it, or what is left of it. */
  end(): Promise<void>;
}

export interface Birth {
  database: DatabaseConfig;
  ports: Ports;
  receiverPort: number;
  /** Milliseconds by which its clock is ahead. */
  ahead: number;
  /** What is to go wrong during its start. */
  point: Point | undefined;
  /** In a process of its own, it counts by itself, and dies without a word. */
  fate: Fate;
  onStruck: () => void;
  /** Gets its warnings and errors. */
  write: (line: string) => void;
}

/** Resolves once it listens. Throws `Dead` if it dies before. */
export type Bear = (birth: Birth) => Promise<Life>;

watchNetwork();
watchPostgres();
watchSqlite();

/** @param operations of the API; those of a broken product show what is noticed */
export function bearer(operations?: readonly Operation[]): Bear {
  return async ({ database, ports, fate, write }) => {
    const instance = new Instance(fate);
    try {
      const server = await instance.run(() => startOn(database, ports, write, operations));
      return {
        pki: async () => server.context.pki,
        death: instance.death,
        die: () => instance.die(),
        // Its calls are counted by its fate, and its clock is that of this process.
        watch: async () => {},
        setAhead: () => {},
        wake: (loop) => server.context.wake(loop),
        end: async () => instance.run(() => server[Symbol.asyncDispose]()),
      };
    } catch (error) {
      if (!instance.isDead) throw error;
      await instance.death;
      throw new Dead();
    }
  };
}

/** @param write gets its warnings and errors */
export async function startOn(
  database: DatabaseConfig,
  ports: Ports,
  write: (line: string) => void = () => {},
  operations?: readonly Operation[],
): Promise<Server> {
  const { config, secrets } = configFor(database, ports);
  return startServer(config, secrets, pino({ level: 'warn' }, { write }), operations);
}

export function configFor(
  database: DatabaseConfig,
  ports: Ports,
): { config: Config; secrets: Secrets } {
  return readConfig(settingsFor(database, ports));
}

export function settingsFor(database: DatabaseConfig, ports: Ports): Record<string, string> {
  return {
    SIMWRIGHT_PORT: String(ports.api),
    SIMWRIGHT_ES9_PORT: String(ports.es9),
    SIMWRIGHT_ESIPA_PORT: String(ports.esipa),
    SIMWRIGHT_SMDP_ADDRESS: OLD_DATABASE.smdpAddress,
    SIMWRIGHT_TEST_STOCK: '100',
    SIMWRIGHT_MASTER_KEY: OLD_DATABASE.masterKey,
    SIMWRIGHT_ACCOUNT_SID: OLD_DATABASE.account.sid,
    SIMWRIGHT_AUTH_TOKEN: OLD_DATABASE.account.authToken,
    SIMWRIGHT_LOG_LEVEL: 'warn',
    SIMWRIGHT_DATABASE_URL: database.kind === 'sqlite' ? `sqlite:${database.file}` : database.url,
  };
}
