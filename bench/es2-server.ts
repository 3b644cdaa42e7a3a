// A server with ES2+ on a database of its own, which also carries out orders by itself: for bench/es2.ts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { readConfig } from '../src/config.ts';
import { startServer } from '../src/server.ts';
import { builtInSmdp } from '../src/smdp/orders/built-in-smdp.ts';
import { createOperator } from '../src/smdp/operators/operators.ts';
import type { Unit } from '../src/unit.ts';
import type { Usage } from './server.ts';

/** What the server tells at its start. */
export interface Es2Place {
  url: string;
  cert: string;
  key: string;
}

/** What it is asked for: its usage, or orders of its own, so many at a time, after which it tells its usage. */
export type Asked =
  'usage' | { orders: number; atOnce: number; round: string; through: 'functions' | 'api' };

if (process.send !== undefined) await serve();

async function serve(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-bench-es2-'));
  const [, , stock = '0'] = process.argv;
  const { config, secrets } = readConfig({
    SIMWRIGHT_DATA: folder,
    SIMWRIGHT_PORT: '0',
    SIMWRIGHT_ES9_PORT: '0',
    SIMWRIGHT_ES2_PORT: '0',
    SIMWRIGHT_TEST_STOCK: stock,
    // As in production; the lines go nowhere.
    SIMWRIGHT_LOG_LEVEL: 'info',
  });
  const log = pino({ level: config.logLevel }, { write: () => {} });
  const server = await startServer(config, secrets, log);
  const { context, es2Url } = server;
  const { accountSid, authToken } = server.firstAccount!;
  const { operator, made } = await createOperator(
    {
      accountSid,
      friendlyName: 'Bench',
      requesterIdentifier: null,
      progressUrl: null,
      progressCa: null,
    },
    undefined,
    context,
  );

  /** The two functions without a network, each on disk before the next, as over ES2+. */
  async function order(id: string): Promise<void> {
    const header = { functionRequesterIdentifier: 'bench', functionCallIdentifier: id };
    const { masterKey, transact } = context;
    const { smdpAddress } = context.config;
    const operatorSid = operator.sid;
    const smdpOf = (unit: Unit) =>
      builtInSmdp({ accountSid, operatorSid, smdpAddress, masterKey, unit });
    const { iccid } = await transact((unit) =>
      smdpOf(unit).downloadOrder({ header, profileType: 'default' }),
    );
    await transact((unit) => smdpOf(unit).confirmOrder({ header, iccid, releaseFlag: true }));
  }

  const headers = {
    authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
  };
  const url = '/v1/ESimProfiles';

  /** Through the API, but without a network either. */
  async function orderByApi(): Promise<void> {
    const payload = 'GenerateMatchingId=true';
    const { statusCode } = await server.app.inject({ method: 'POST', url, headers, payload });
    if (statusCode !== 201) throw new Error(`not ordered: ${statusCode}`);
  }

  async function allAreAvailable(): Promise<void> {
    for (const status of ['new', 'reserving']) {
      const query = `${url}?Status=${status}&PageSize=1`;
      while ((await server.app.inject({ url: query, headers })).body.includes('"sid"')) {
        await sleep(5);
      }
    }
  }

  async function answer(asked: Asked): Promise<void> {
    if (asked !== 'usage') {
      const { orders, atOnce, round, through } = asked;
      let left = orders;
      const work = async () => {
        while (left-- > 0) await (through === 'api' ? orderByApi() : order(`${round} ${left}`));
      };
      await Promise.all(Array.from({ length: atOnce }, work));
      if (through === 'api') await allAreAvailable();
    }
    const { user, system } = process.cpuUsage();
    const usage: Usage = { cpuMicroseconds: user + system, rss: process.memoryUsage.rss() };
    process.send!(usage);
  }
  process.on('message', (asked: Asked) => void answer(asked));
  process.once('disconnect', () => {
    void server[Symbol.asyncDispose]()
      .then(() => rm(folder, { recursive: true, force: true }))
      .then(() => process.exit());
  });
  const place: Es2Place = {
    url: es2Url!,
    cert: made!.certificatePem,
    key: made!.keyPem,
  };
  process.send!(place);
}
