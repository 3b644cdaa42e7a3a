// Ends when the server is ready, so that whatever is started after it can use it. systemd ends it if that takes too long.
import { setTimeout as sleep } from 'node:timers/promises';

const { SIMWRIGHT_HOST = '127.0.0.1', SIMWRIGHT_PORT = '3000' } = process.env;
const host = ['0.0.0.0', '::'].includes(SIMWRIGHT_HOST) ? '127.0.0.1' : SIMWRIGHT_HOST;
const url = `http://${host.includes(':') ? `[${host}]` : host}:${SIMWRIGHT_PORT}/readyz`;

for (;;) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(6_000) }).catch(() => undefined);
  if (answer?.ok === true) break;
  await sleep(200);
}
