// The transport of a download alone: its four calls to a plain Node HTTPS server without any work.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Exchange } from './echo-server.ts';
import { Connection } from './http.ts';
import type { Usage } from './server.ts';

const DEVICES = 16;

export interface Echo extends AsyncDisposable {
  /** @returns CPU time of the server for each download, in microseconds */
  measure(downloads: number): Promise<number>;
}

/** @param exchanges those of a real download */
export async function startEcho(exchanges: readonly Exchange[]): Promise<Echo> {
  const child = fork(fileURLToPath(new URL('echo-server.ts', import.meta.url)));
  const [port] = (await once(child, 'message')) as [number];
  const ask = async (message: 'usage' | object): Promise<number> => {
    child.send(message);
    return ((await once(child, 'message')) as [Usage])[0].cpuMicroseconds;
  };
  await ask(
    exchanges.map(({ request, answer }) => ({ request, answer: answer.toString('base64') })),
  );
  const connections = await Promise.all(
    Array.from({ length: DEVICES }, () => Connection.openTls(port)),
  );
  return {
    async measure(downloads) {
      const before = await ask('usage');
      let left = downloads;
      const device = async (connection: Connection) => {
        while (left-- > 0) {
          for (const { request } of exchanges) await connection.send(request);
        }
      };
      await Promise.all(connections.map(device));
      return ((await ask('usage')) - before) / downloads;
    },
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.close();
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
