// What clients and receivers were told, read from the bytes that the server sent.
import type { Sent } from './replay.ts';

/** An order as `simwright verify --acknowledged` takes it. */
export type Told = { sid: string; status?: string } & Record<string, unknown>;

/** One for each server process: connections of another may have the same name. */
export class Listener {
  readonly #unread = new Map<string, Buffer>();

  /** @returns the orders that whoever reads the connection knows about from now on */
  hear({ connection, bytes }: Sent): Told[] {
    const before = this.#unread.get(connection);
    const begins = /^(HTTP\/1\.1 2|POST )/.test(bytes.subarray(0, 10).toString('latin1'));
    // Anything else is TLS, the database, or an answer that tells nothing.
    if (before === undefined && !begins) return [];
    const all = before === undefined || begins ? bytes : Buffer.concat([before, bytes]);
    const headEnd = all.indexOf('\r\n\r\n');
    const head = all.subarray(0, Math.max(0, headEnd)).toString('latin1');
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (headEnd === -1 || all.length < headEnd + 4 + length) {
      this.#unread.set(connection, all);
      return [];
    }
    this.#unread.delete(connection);
    const body = all.subarray(headEnd + 4, headEnd + 4 + length).toString();
    return head.startsWith('POST') ? toldToReceiver(body) : toldToClient(body);
  }
}

function toldToClient(body: string): Told[] {
  if (!body.startsWith('{')) return [];
  const answer = JSON.parse(body);
  const orders: any[] = answer.esim_profiles ?? [answer];
  return orders.filter(({ sid }) => typeof sid === 'string' && sid.startsWith('HP'));
}

/** The published parameters of a callback. */
function toldToReceiver(body: string): Told[] {
  const parameters = new URLSearchParams(body);
  const sid = parameters.get('ESimProfileSid');
  const status = parameters.get('Status');
  return sid === null || status === null ? [] : [{ sid, status }];
}
