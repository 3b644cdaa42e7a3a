// A server with ES2+ on a database of its own, which also carries out orders by itself: for bench/es2.ts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
export type Asked = 'usage' | { orders: number; atOnce: number; round: string; isOne: boolean };

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
  const accountSid = server.firstAccount!.accountSid;
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

  /** The two functions without a network. @param isOne both in one transaction, not each on disk by itself */
  async function order(id: string, isOne: boolean): Promise<void> {
    const header = { functionRequesterIdentifier: 'bench', functionCallIdentifier: id };
    const { masterKey, transact } = context;
    const { smdpAddress } = context.config;
    const operatorSid = operator.sid;
    const smdpOf = (unit: Unit) =>
      builtInSmdp({ accountSid, operatorSid, smdpAddress, masterKey, unit });
    const download = (unit: Unit) => smdpOf(unit).downloadOrder({ header, profileType: 'default' });
    const confirm = (iccid: string, unit: Unit) =>
      smdpOf(unit).confirmOrder({ header, iccid, releaseFlag: true });
    if (isOne) {
      await transact(async (unit) => confirm((await download(unit)).iccid, unit));
      return;
    }
    const { iccid } = await transact(download);
    await transact((unit) => confirm(iccid, unit));
  }

  async function answer(asked: Asked): Promise<void> {
    if (asked !== 'usage') {
      let left = asked.orders;
      const work = async () => {
        while (left-- > 0) await order(`${asked.round} ${left}`, asked.isOne);
      };
      await Promise.all(Array.from({ length: asked.atOnce }, work));
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
