// Loaded into each process of a server: a worker whose number is in a file does not start.
import cluster from 'node:cluster';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const file = join(process.env['SIMWRIGHT_DATA'] ?? '', 'told-to-fail');
if (cluster.isWorker) {
  process.prependListener('message', (message: { kind?: string; number?: number }) => {
    if (message.kind !== 'begin' || !existsSync(file)) return;
    if (Number(readFileSync(file, 'utf8')) === message.number) process.exit(3);
  });
}
