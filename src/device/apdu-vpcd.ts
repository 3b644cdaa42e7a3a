// The card in a virtual reader of PC/SC: vpcd of vsmartcard, which waits for the card on TCP. Each message is its length in two bytes,
// and an APDU; a single byte controls the card.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { ATR, type ApduCard } from './apdu.ts';

export const VPCD_PORT = 35_963;

const CONTROL = { off: 0, on: 1, reset: 2, atr: 4 };

/** @returns connected to the reader; rejects if there is none */
export async function insertIntoVpcd(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port });
  await once(socket, 'connect');
  socket.setNoDelay(true);
  return socket;
}

/**
 * Answers until the reader is gone, or the card is taken out (`socket.destroy()`).
 * @param onPowered called once the reader has looked after the card that it has powered: only then is it there for programs
 */
export async function serveVpcd(
  card: ApduCard,
  socket: Socket,
  onPowered: () => void = () => {},
): Promise<void> {
  // vpcd looks for a card by asking for its ATR: before it powers it, with it, and again and again.
  let atrsSincePower: number | undefined;
  try {
    for await (const message of messagesOf(socket)) {
      const answer = answerTo(card, message);
      if (answer !== undefined) socket.write(framed(answer));
      if (message.length === 1 && message[0] === CONTROL.on) atrsSincePower = 0;
      if (answer === ATR && atrsSincePower !== undefined) {
        atrsSincePower += 1;
        if (atrsSincePower === 2) onPowered();
      }
    }
  } catch (error) {
    // As it is when a card is taken out.
    if (!(error instanceof Error && 'code' in error)) throw error;
  } finally {
    socket.destroy();
  }
}

function answerTo(card: ApduCard, message: Uint8Array): Uint8Array | undefined {
  if (message.length > 1) return card.transmit(message);
  const [control] = message;
  if (control === CONTROL.atr) return ATR;
  if (control !== undefined && Object.values(CONTROL).includes(control)) card.reset();
  return undefined;
}

async function* messagesOf(input: Readable): AsyncGenerator<Uint8Array> {
  let received = Buffer.alloc(0);
  for await (const chunk of input as AsyncIterable<Buffer>) {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2) {
      const end = 2 + received.readUInt16BE();
      if (received.length < end) break;
      yield Uint8Array.from(received.subarray(2, end));
      received = received.subarray(end);
    }
  }
}

function framed(message: Uint8Array): Uint8Array {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
