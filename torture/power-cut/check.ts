// A power cut is over: whether a server finds everything on the disk that clients were told of.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { openData } from '../../src/data.ts';
import { startServer } from '../../src/server.ts';
import { httpWorld } from '../http-world.ts';
import { inspect } from '../inspect.ts';
import { order } from '../journeys/order.ts';
import { Random } from '../random.ts';
import { ACCOUNT, configOf, settingsFor, SMDP_ADDRESS } from '../storm/site.ts';
import type { Told } from './told.ts';

/** @param files by their paths below `root` */
export function putOnDisk(
  files: Map<string, Buffer | 'folder'>,
  root: string,
  folder: string,
): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of files) {
    if (path === root) continue;
    const at = join(folder, path.slice(root.length));
    if (content === 'folder') {
      mkdirSync(at, { recursive: true });
      continue;
    }
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, content);
  }
}

/**
 * Opens the data as every start does, and examines it.
 * @param serves whether to let a whole server start, and take an order
 * @returns violations
 */
export async function examine(
  folder: string,
  told: readonly Told[],
  serves: boolean,
): Promise<string[]> {
  const { config, secrets } = configOf({
    ...settingsFor(join(folder, 'data')),
    SIMWRIGHT_PORT: '0',
    SIMWRIGHT_ES9_PORT: '0',
    SIMWRIGHT_TEST_STOCK: '10',
  });
  const acknowledged: object[] = [...told];
  try {
    let masterKey;
    if (serves) {
      await using server = await startServer(config, secrets, pino({ level: 'silent' }));
      ({ masterKey } = server.context);
      await order.run(
        httpWorld({
          random: new Random(1),
          account: ACCOUNT,
          apiUrl: () => `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}`,
          es9At: () => ({ host: '127.0.0.1', port: 0 }),
          esipaAt: () => ({ host: '127.0.0.1', port: 0 }),
          smdpAddress: SMDP_ADDRESS,
          pki: server.context.pki,
          receiver: { url: 'http://127.0.0.1:9', accepted: [] },
          acknowledge: (resource) => acknowledged.push(resource),
        }),
      );
    } else {
      const data = await openData(config, secrets);
      ({ masterKey } = data);
      await data.store.close();
    }
    return (await inspect(config.database, masterKey, acknowledged)).violations;
  } catch (error) {
    return [`it cannot be opened: ${(error as Error).message}`];
  }
}
