// Which SM-DP+ the accounts order from: the built-in one, which takes part in each unit, or a rented one. Nobody else knows it.
import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Config, RentedSmdpConfig } from './config.ts';
import type { Context } from './context.ts';
import type { Data } from './data.ts';
import { es2plusClient } from './es2plus/client.ts';
import { fileError } from './process/private-files.ts';
import { Line } from './operator/rented/line.ts';
import { rentedSmdp } from './operator/rented/rented-smdp.ts';
import type { SmdpClient } from './operator/rented/call-smdp.ts';
import { rentedRules } from './operator/rented/rented.ts';
import { reserveRented } from './operator/rented/reserve-rented.ts';
import { reserveBatch } from './operator/reserve.ts';
import { builtInSmdp } from './smdp/orders/built-in-smdp.ts';
import { ofAccounts } from './smdp/orders/order-context.ts';
import { FunctionExecutionError } from './rsp/function-execution-error.ts';
import { formatStatusCode } from './rsp/status-codes.ts';
import type { Transact } from './unit.ts';

/** Until a rented SM-DP+ has answered; see the lease of a task in operator/rented. */
const TIMEOUTS = { connectMs: 5_000, answerMs: 30_000 };

export interface ChosenSmdp {
  smdp: Context['smdp'];
  rented: Context['rented'];
  /** As that of the data, for units that may call the SM-DP+. */
  transact: Transact;
  /** A turn of the reservation. @returns whether there may be more to do */
  reserve(context: Context, limit: number): Promise<boolean>;
  /** Ends the connections that are kept. */
  close(): void;
}

/**
 * Throws `FileError` if what a rented one needs cannot be read.
 * @param smdpAddress of the built-in one, as activation codes name it
 */
export function chooseSmdp(
  config: Config,
  smdpAddress: () => string,
  data: Pick<Data, 'store' | 'masterKey' | 'transact'>,
  log: Logger,
  metrics?: Context['metrics'],
): ChosenSmdp {
  const { rentedSmdp: rented } = config;
  return rented === undefined
    ? builtIn(smdpAddress, config, data)
    : rentedAt(rented, counted(clientOf(rented), metrics), data, log);
}

function builtIn(
  smdpAddress: () => string,
  { testMatchingIds, smds }: Pick<Config, 'testMatchingIds' | 'smds'>,
  { masterKey, transact }: Pick<Data, 'masterKey' | 'transact'>,
): ChosenSmdp {
  /** Whether the last turn has reserved something: then the next one claims at once, without asking first whether there is any. */
  let isBusy = false;
  return {
    smdp: (accountSid, unit) =>
      builtInSmdp({
        accountSid,
        smdpAddress: smdpAddress(),
        testMatchingIds,
        smds: ofAccounts(smds),
        masterKey,
        unit,
      }),
    rented: undefined,
    transact,
    async reserve(context, limit) {
      if (!isBusy && !(await context.store.esimProfiles.anyToReserve())) return false;
      const reserved = await reserveBatch(context, limit);
      isBusy = reserved > 0;
      return reserved === limit;
    },
    close() {},
  };
}

/** @param client of its ES2+ */
export function rentedAt(
  { url }: Pick<RentedSmdpConfig, 'url'>,
  client: SmdpClient & { close?(): void },
  data: Pick<Data, 'store' | 'masterKey' | 'transact'>,
  log: Logger,
): ChosenSmdp {
  const { store } = data;
  const line = new Line(url, log);
  const { smdp, transact } = rentedSmdp({ ...data, client, line, log });
  // SQLite has one server, so whoever worked on a task before this one is dead.
  let mayBeLeft = store.kind === 'sqlite';
  return {
    smdp,
    rented: rentedRules(data.masterKey),
    transact,
    async reserve(context, limit) {
      if (mayBeLeft && context.peers.isStart) {
        await transact(({ tables, now }) => tables.es2plusTasks.release(now.toISOString()));
      }
      mayBeLeft = false;
      const isMore = await reserveRented({ ...context, transact, line }, limit);
      context.wake('batches');
      return isMore;
    },
    close: () => client.close?.(),
  };
}

function clientOf(rented: RentedSmdpConfig): ReturnType<typeof es2plusClient> {
  return es2plusClient({
    address: new URL(rented.url),
    certificate: readPem(rented.certificateFile),
    key: readPem(rented.keyFile),
    ca: [readPem(rented.caFile)],
    requester: rented.requester,
    // Whoever runs this server has chosen it.
    guard: undefined,
    timeouts: TIMEOUTS,
  });
}

/** Its calls, counted for metrics. */
function counted<Client extends SmdpClient>(
  client: Client,
  metrics: Context['metrics'] | undefined,
): SmdpClient & Pick<Client, Exclude<keyof Client, 'call'>> {
  return {
    ...client,
    async call(name, request) {
      try {
        const answer = await client.call(name, request);
        metrics?.rentedSmdpCall(name, null);
        return answer;
      } catch (error) {
        const isRefusal = error instanceof FunctionExecutionError;
        metrics?.rentedSmdpCall(name, isRefusal ? formatStatusCode(error) : 'unavailable');
        throw error;
      }
    },
  };
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw fileError(`${file} cannot be read`, error);
  }
}
