// Prism, a mock server, on the official specification: where PRISM names a folder with it, PRISM_SPEC the specification.
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startPeer } from './peer.ts';
import type { Peer } from './peer.ts';

const PROGRAM = 'node_modules/@stoplight/prism-cli/dist/index.js';

/** @returns undefined if it is not to be run */
export async function startPrism(): Promise<Peer | undefined> {
  const { PRISM: folder, PRISM_SPEC: specification } = process.env;
  if (folder === undefined || specification === undefined) return undefined;
  const program = join(resolve(folder), PROGRAM);
  const mock = [program, 'mock', '--host', '127.0.0.1', '--verboseLevel', 'silent'];
  return startPeer(
    (port) => [process.execPath, ...mock, '--port', String(port), resolve(specification)],
    { cwd: tmpdir() },
  );
}
