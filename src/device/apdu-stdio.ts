// The card behind lpac's stdio driver: one line of JSON per request and per response.
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { ApduCard } from './apdu.ts';

const FAILED = -1;

/** Answers the lines of `input` on `output` until it ends. Lines for people go to `onMessage`. */
export async function serveApduStdio(
  card: ApduCard,
  input: Readable,
  output: Writable,
  onMessage: (line: string) => void = () => {},
): Promise<void> {
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    const answer = answerLine(card, line);
    if (answer === undefined) onMessage(line);
    else output.write(`${answer}\n`);
  }
}

interface LpaLine {
  readonly type?: unknown;
  readonly payload?: {
    readonly func?: unknown;
    readonly param?: unknown;
    readonly message?: unknown;
  };
}

/** Whether a line for people shows a profile and asks whether to download it. */
export function isPreviewQuestion(line: string): boolean {
  const { type, payload } = parseLine(line);
  return type === 'progress' && payload?.message === 'preview';
}

/** Undefined for a line that needs no answer, such as lpac's progress messages. */
export function answerLine(card: ApduCard, line: string): string | undefined {
  const { type, payload } = parseLine(line);
  if (type !== 'apdu') return undefined;
  const { ecode, data } = call(card, payload?.func, payload?.param);
  return JSON.stringify({
    type: 'apdu',
    payload: data === undefined ? { ecode } : { ecode, data },
  });
}

function call(card: ApduCard, func: unknown, param: unknown): { ecode: number; data?: string } {
  switch (func) {
    case 'connect':
    case 'disconnect':
      card.reset();
      return { ecode: 0 };
    case 'logic_channel_close': {
      const number = hexIn(param)?.[0];
      return { ecode: number !== undefined && card.closeChannel(number) ? 0 : FAILED };
    }
    case 'logic_channel_open':
      return { ecode: card.openChannel(hexIn(param)) ?? FAILED };
    case 'transmit': {
      const command = hexIn(param);
      if (command === undefined) return { ecode: FAILED };
      return { ecode: 0, data: Buffer.from(card.transmit(command)).toString('hex') };
    }
    default:
      return { ecode: FAILED };
  }
}

function hexIn(param: unknown): Uint8Array | undefined {
  if (typeof param !== 'string' || !/^(?:[0-9A-F]{2})+$/i.test(param)) return undefined;
  return Uint8Array.from(Buffer.from(param, 'hex'));
}

function parseLine(line: string): LpaLine {
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
