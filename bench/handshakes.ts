// The cost of choosing the certificate: full TLS handshakes with one request each, alternately at ES9+'s listener and
// at a plain Node one in the same process.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { fileURLToPath } from 'node:url';
import type { HandshakePorts } from './handshake-server.ts';
import type { Detail, Figure } from './report.ts';
import { detailTable, figureTable } from './report.ts';
import type { Usage } from './server.ts';

const AT_ONCE = 8;
const HANDSHAKES = 400;
const ROUNDS = 15;
const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

const CLIENTS: [string, ConnectionOptions][] = [
  ['TLS 1.3', { ecdhCurve: 'prime256v1' }],
  ['TLS 1.3, hello of 1.6 KB', { ecdhCurve: 'X25519MLKEM768:prime256v1' }],
  ['TLS 1.2', { ecdhCurve: 'prime256v1', maxVersion: 'TLSv1.2' }],
];

/** @returns Markdown */
export async function measureHandshakes(onRound: (round: number) => void): Promise<string> {
  const child = fork(fileURLToPath(new URL('handshake-server.ts', import.meta.url)));
  const [ports] = (await once(child, 'message')) as [HandshakePorts];
  const cpu = async () => {
    child.send('usage');
    return ((await once(child, 'message')) as [Usage])[0].cpuMicroseconds;
  };

  async function turn(port: number, options: ConnectionOptions) {
    const [before, started] = [await cpu(), performance.now()];
    let left = HANDSHAKES;
    const client = async () => {
      while (left-- > 0) await shake({ ...options, port });
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    const elapsed = performance.now() - started;
    return { rate: (HANDSHAKES / elapsed) * 1_000, cpu: ((await cpu()) - before) / HANDSHAKES };
  }

  const figures: Figure[] = [];
  const details: Detail[] = [];
  const works = CLIENTS.map(([name, options]) => ({
    options,
    choosing: { work: `${name}, certificate chosen`, rates: [], cpu: [] } as Detail,
    plain: { work: `${name}, one certificate`, rates: [], cpu: [] } as Detail,
  }));
  // The first round warms up both, and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    onRound(round);
    for (const work of works) {
      // The order alternates, so that neither always gets the quieter moment.
      const order =
        round % 2 === 0 ? (['choosing', 'plain'] as const) : (['plain', 'choosing'] as const);
      for (const way of order) {
        const sample = await turn(ports[way], work.options);
        if (round === 0) continue;
        work[way].rates.push(sample.rate);
        work[way].cpu.push(sample.cpu);
      }
    }
  }
  child.disconnect();
  await once(child, 'exit');
  for (const { choosing, plain } of works) {
    figures.push({
      work: choosing.work,
      against: 'server CPU with one certificate',
      reach: '≤ 1.2',
      values: choosing.cpu.map((time, round) => time / plain.cpu[round]!),
      reached: (ratio) => ratio <= 1.2,
    });
    details.push(choosing, plain);
  }
  return `## TLS handshakes\n\n${figureTable(figures)}\n\n${detailTable(details)}\n`;
}

/** A handshake without a session to resume, and a request. */
async function shake(options: ConnectionOptions): Promise<void> {
  const socket = connect({ ...options, host: '127.0.0.1', rejectUnauthorized: false });
  socket.write(REQUEST);
  socket.resume();
  await once(socket, 'close');
}
