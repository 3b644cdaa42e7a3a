// A stream of bytes sealed in frames (AES-256-GCM): what was changed, exchanged or cut off does not open. Each frame is its length
// (4 octets, big-endian), its ciphertext and its tag (16 octets). The nonce is 7 zero octets, the number of the frame from 0 (4
// octets) and whether it is the last (1 octet), so frames can be neither reordered nor left out.
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { TransferError } from './transfer-error.ts';

const FRAME = 1024 * 1024;
const LENGTH = 4;
const TAG = 16;
/** A frame is never larger: whoever claims that has damaged the file. */
const MOST = FRAME + TAG;

export interface FrameKey {
  key: Uint8Array;
  /** What the frames belong to. */
  associated: Uint8Array;
}

function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(number, 7);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

export async function* sealFrames(
  bytes: AsyncIterable<Uint8Array>,
  { key, associated }: FrameKey,
): AsyncIterable<Buffer> {
  let number = 0;
  function seal(plain: Uint8Array, isLast: boolean): Buffer {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number++, isLast)).setAAD(associated);
    const length = Buffer.alloc(LENGTH);
    length.writeUInt32BE(plain.length + TAG);
    return Buffer.concat([length, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }
  let waiting = Buffer.alloc(0);
  for await (const chunk of bytes) {
    waiting = Buffer.concat([waiting, chunk]);
    // The last one is not known before the end.
    while (waiting.length > FRAME) {
      yield seal(waiting.subarray(0, FRAME), false);
      waiting = waiting.subarray(FRAME);
    }
  }
  yield seal(waiting, true);
}

/** Throws `TransferError`. */
export async function* openFrames(
  bytes: AsyncIterable<Uint8Array>,
  { key, associated }: FrameKey,
): AsyncIterable<Buffer> {
  let number = 0;
  let waiting = Buffer.alloc(0);
  let ended = false;
  for await (const chunk of bytes) {
    if (ended) throw new TransferError('The backup is damaged: something follows its end');
    waiting = waiting.length === 0 ? Buffer.from(chunk) : Buffer.concat([waiting, chunk]);
    while (waiting.length >= LENGTH) {
      const length = waiting.readUInt32BE();
      if (length < TAG || length > MOST) throw damaged(number);
      if (waiting.length < LENGTH + length) break;
      if (ended) throw new TransferError('The backup is damaged: something follows its end');
      const frame = waiting.subarray(LENGTH, LENGTH + length);
      waiting = waiting.subarray(LENGTH + length);
      let plain = open(frame, false);
      if (plain === undefined) {
        plain = open(frame, true);
        if (plain === undefined) throw damaged(number);
        ended = true;
      }
      number++;
      yield plain;
    }
  }
  if (!ended || waiting.length > 0) {
    throw new TransferError(
      `The backup is cut short: it ends in the middle, after ${number} of its frames`,
    );
  }

  function open(frame: Buffer, isLast: boolean): Buffer | undefined {
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number, isLast))
      .setAAD(associated)
      .setAuthTag(frame.subarray(-TAG));
    const plain = decipher.update(frame.subarray(0, -TAG));
    try {
      decipher.final();
      return plain;
    } catch {
      return undefined;
    }
  }
}

function damaged(number: number): TransferError {
  return new TransferError(
    `The backup is damaged: its frame ${number + 1} is not as it was written, or its head was changed`,
  );
}
