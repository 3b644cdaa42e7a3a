// A raw connection, for sending what no HTTP client would.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { eventually } from './server.ts';

export interface RawConnection extends Disposable {
  client: Socket;
  /** Everything received so far, as latin1. */
  received(): string;
  /** Waits until `count` responses have begun. @returns their statuses */
  answers(count: number): Promise<number[]>;
  /** Waits until the server has ended the connection. @returns everything received */
  ended: Promise<string>;
}

/** @param url of the listener, `https:` for one over TLS */
export async function connectRaw(url: string): Promise<RawConnection> {
  const { protocol, hostname, port } = new URL(url);
  const isTls = protocol === 'https:';
  const client = isTls
    ? connectTls({ port: Number(port), host: hostname, rejectUnauthorized: false })
    : connect(Number(port), hostname);
  let text = '';
  client.on('data', (piece: Buffer) => (text += piece.toString('latin1'))).on('error', () => {});
  const ended = new Promise<string>((resolve) => {
    client.once('end', () => resolve(text)).once('close', () => resolve(text));
  });
  await once(client, isTls ? 'secureConnect' : 'connect');
  return {
    client,
    received: () => text,
    answers: (count) =>
      eventually(() => {
        const statuses = statusesOf(text);
        return statuses.length >= count ? statuses : undefined;
      }),
    ended,
    [Symbol.dispose]: () => client.destroy(),
  };
}

/** The statuses of the responses in a text, in order. */
export function statusesOf(text: string): number[] {
  return Array.from(text.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status));
}
