// Starts the server under test and measures its resource use.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { NODE_ENVIRONMENT, NODE_FLAGS } from '../bin/node-flags.js';
import { bundledProgram } from './bundled.ts';
import { MASTER_KEY } from './databases.ts';
import { Connection, Pool } from './http.ts';
import { ACCOUNT } from './profiles.ts';
import type { Ports, Usage } from './server.ts';

export const CONNECTIONS = 16;
/** The server's address as known to devices. */
export const SMDP_ADDRESS = 'smdp.example.com';

export interface Server extends AsyncDisposable {
  url: string;
  pool: Pool;
  /** Undefined: metrics are not served. */
  metricsUrl?: string | undefined;
  connectEs9(): Promise<Connection>;
  usage(): Promise<Usage>;
}

/** All but its ports. */
export function settingsOf(databaseUrl: string, folder: string): Record<string, string> {
  return {
    SIMWRIGHT_SMDP_ADDRESS: SMDP_ADDRESS,
    SIMWRIGHT_DATA: folder,
    SIMWRIGHT_DATABASE_URL: databaseUrl,
    SIMWRIGHT_MASTER_KEY: MASTER_KEY,
    SIMWRIGHT_ACCOUNT_SID: ACCOUNT.sid,
    SIMWRIGHT_AUTH_TOKEN: ACCOUNT.authToken,
    SIMWRIGHT_TEST_STOCK: '0',
  };
}

export async function startChild(databaseUrl: string, folder: string): Promise<Server> {
  const env = {
    ...settingsOf(databaseUrl, folder),
    SIMWRIGHT_PORT: '0',
    SIMWRIGHT_ES9_PORT: '0',
  };
  const child = fork(await bundledProgram('server'), [JSON.stringify(env)], {
    execArgv: NODE_FLAGS,
    env: { ...process.env, ...NODE_ENVIRONMENT },
  });
  const ended = once(child, 'exit');
  const [{ api, es9, metrics }] = (await Promise.race([
    once(child, 'message'),
    ended.then(() => Promise.reject(new Error('the server does not start'))),
  ])) as [Ports];
  const pool = await Pool.open(api, CONNECTIONS);
  return {
    url: `http://127.0.0.1:${api}`,
    pool,
    metricsUrl: metrics,
    connectEs9: () => Connection.openTls(es9),
    async usage() {
      child.send('usage');
      return ((await once(child, 'message')) as [Usage])[0];
    },
    async [Symbol.asyncDispose]() {
      pool.close();
      child.disconnect();
      await ended;
    },
  };
}
