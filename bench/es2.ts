// An operator's order over ES2+, from DownloadOrder until it is released by ConfirmOrder: two calls over mutual TLS on
// kept connections, against the same two functions in the same process, without a network: each on disk before the
// next, as over ES2+; and, for comparison, both with one commit.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Asked, Es2Place } from './es2-server.ts';
import type { Detail } from './report.ts';
import { detailTable, figureTable } from './report.ts';
import type { Usage } from './server.ts';

const AT_ONCE = 16;
const ORDERS = 400;
const ROUNDS = 11;
const PATH = '/gsma/rsp2/es2plus/';

/** @returns Markdown */
export async function measureEs2(onRound: (round: number) => void): Promise<string> {
  const program = fileURLToPath(new URL('es2-server.ts', import.meta.url));
  const child = fork(program, [String((ROUNDS + 1) * 3 * ORDERS)]);
  const [{ url, cert, key }] = (await once(child, 'message')) as [Es2Place];
  const agent = new Agent({
    keepAlive: true,
    maxSockets: AT_ONCE,
    rejectUnauthorized: false,
    cert,
    key,
  });
  const ask = async (asked: Asked) => {
    child.send(asked);
    return ((await once(child, 'message')) as [Usage])[0].cpuMicroseconds;
  };

  async function call(name: string, id: string, members: object): Promise<{ iccid: string }> {
    const header = { functionRequesterIdentifier: 'bench', functionCallIdentifier: id };
    const body = JSON.stringify({ header, ...members });
    const sent = request(new URL(PATH + name, url), {
      method: 'POST',
      agent,
      headers: {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        'X-Admin-Protocol': 'gsma/rsp/v2.5.0',
      },
    });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const answer = await text(response);
    if (!answer.includes('Executed-Success')) throw new Error(answer);
    return JSON.parse(answer) as { iccid: string };
  }

  async function overEs2(round: string): Promise<void> {
    let left = ORDERS;
    const work = async () => {
      while (left-- > 0) {
        const id = `${round} ${left}`;
        const { iccid } = await call('downloadOrder', id, { profileType: 'default' });
        await call('confirmOrder', id, { iccid, releaseFlag: true });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  const within = async (round: string, isOne: boolean) =>
    void (await ask({ orders: ORDERS, atOnce: AT_ONCE, round, isOne }));

  const network: Detail = { work: 'order over ES2+, released', rates: [], cpu: [] };
  const inside: Detail = { work: 'the same two functions, each committed', rates: [], cpu: [] };
  const together: Detail = { work: 'the same two functions, one commit', rates: [], cpu: [] };
  // The first round warms up both, and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    onRound(round);
    const ways = [
      [network, async () => overEs2(`network ${round}`)],
      [inside, () => within(`each ${round}`, false)],
      [together, () => within(`one ${round}`, true)],
    ] as const;
    // The order alternates, so that neither always gets the quieter moment.
    for (const [detail, work] of round % 2 === 0 ? ways : ways.toReversed()) {
      const [before, started] = [await ask('usage'), performance.now()];
      await work();
      const elapsed = performance.now() - started;
      const cpu = ((await ask('usage')) - before) / ORDERS;
      if (round === 0) continue;
      detail.rates.push((ORDERS / elapsed) * 1_000);
      detail.cpu.push(cpu);
    }
  }
  agent.destroy();
  child.disconnect();
  await once(child, 'exit');
  const figure = {
    work: network.work,
    against: 'server CPU of the same two functions, each committed',
    reach: '≤ 2',
    values: network.cpu.map((time, round) => time / inside.cpu[round]!),
    reached: (ratio: number) => ratio <= 2,
  };
  return `## ES2+\n\n${figureTable([figure])}\n\n${detailTable([network, inside, together])}\n`;
}
