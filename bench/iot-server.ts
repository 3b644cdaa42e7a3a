// A server with ESipa on a database of its own, a thousand devices that it knows, and beside it a listener that answers from memory: for
// bench/iot.ts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { readConfig } from '../src/config.ts';
import { newEuiccRow } from '../src/eim/euiccs.ts';
import { addOperation } from '../src/eim/operations/operation.ts';
import { ESIPA_PROTOCOL } from '../src/esipa/binding.ts';
import { buildHttpsListener } from '../src/https/https-listener.ts';
import { readBody } from '../src/https/request-body.ts';
import { ES9PLUS_LIMITS } from '../src/process/listener-limits.ts';
import { completeEid } from '../src/rsp/identifiers.ts';
import { privateKeyPem } from '../src/rsp/pem.ts';
import { startServer } from '../src/server.ts';
import { issueEuicc } from '../src/smdp/pki/issue-euicc.ts';
import type { EuiccRow } from '../src/store/schema.ts';
import type { Usage } from './server.ts';

export interface IotDevice {
  eid: string;
  keyPem: string;
}

/** What the server tells at its start. */
export interface IotPlace {
  esipa: number;
  memory: number;
  devices: IotDevice[];
}

/** What it is asked for: its usage, to answer so from memory, or to give each device something to do. */
export type IotAsked = 'usage' | { type: string; body: string } | 'work';

/** The token that each eUICC has. */
export const TOKEN = 1;

if (process.send !== undefined) await serve();

async function serve(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-bench-iot-'));
  const [, , count = '0', databaseUrl = ''] = process.argv;
  const { config, secrets } = readConfig({
    SIMWRIGHT_DATA: folder,
    SIMWRIGHT_PORT: '0',
    SIMWRIGHT_ES9_PORT: '0',
    SIMWRIGHT_ESIPA_PORT: '0',
    // As in production; the lines go nowhere.
    SIMWRIGHT_LOG_LEVEL: 'info',
    ...(databaseUrl === '' ? {} : { SIMWRIGHT_DATABASE_URL: databaseUrl }),
  });
  const log = pino({ level: config.logLevel }, { write: () => {} });
  const server = await startServer(config, secrets, log);
  const { context, esipaUrl } = server;
  const { accountSid } = server.firstAccount!;
  const euiccs: EuiccRow[] = [];
  const devices: IotDevice[] = [];
  for (let number = 0; number < Number(count); number += 1) {
    const eid = completeEid(`89049032${String(number).padStart(22, '0')}`);
    // Issued with a key of its own: what signs results is another process.
    const issued = issueEuicc(eid, 'prime256v1', context.pki, new Date());
    devices.push({ eid, keyPem: privateKeyPem(issued.privateKey) });
    const given = {
      eid,
      friendlyName: null,
      resultSignature: 'associationToken',
      unsignedResults: false,
      certificates: { euicc: issued.euiccCertificate, eum: issued.eumCertificate },
    } as const;
    await context.transact(async (unit) => {
      const row = {
        ...newEuiccRow(accountSid, given, { key: 1, groupSid: null }, unit),
        association_token: TOKEN,
      };
      await unit.tables.euiccs.insert(row);
      euiccs.push(row);
    });
  }

  let remembered = { type: '', body: Buffer.alloc(0) };
  const memory = buildHttpsListener(
    {
      name: 'esipa',
      certificates: () => context.eim!.keys.tls,
      limits: ES9PLUS_LIMITS,
      async answer(request) {
        await readBody(request);
        const headers = { 'x-admin-protocol': ESIPA_PROTOCOL, 'content-type': remembered.type };
        return { status: 200, headers, body: remembered.body };
      },
    },
    context,
  );
  const memoryUrl = await memory.listen({ port: 0, host: '127.0.0.1' });

  process.on('message', (asked: IotAsked) => {
    void (async () => {
      if (asked === 'work') {
        for (const euicc of euiccs) {
          await context.transact((unit) => addOperation(euicc, 'listProfileInfo', {}, null, unit));
        }
      } else if (asked !== 'usage') {
        remembered = { type: asked.type, body: Buffer.from(asked.body, 'base64') };
      }
      const { user, system } = process.cpuUsage();
      const usage: Usage = { cpuMicroseconds: user + system, rss: process.memoryUsage.rss() };
      process.send!(usage);
    })();
  });
  process.once('disconnect', () => {
    void (async () => {
      await memory.close();
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    })();
  });
  const [esipa, other] = [esipaUrl!, memoryUrl].map((url) => Number(new URL(url).port));
  process.send!({ esipa: esipa!, memory: other!, devices } satisfies IotPlace);
}
