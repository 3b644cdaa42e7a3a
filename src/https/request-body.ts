// The body of a request, as bytes: what they mean is for the functions' rules.
import type { IncomingMessage } from 'node:http';

/** Longer than any message of a device. */
const BODY_LIMIT = 256 * 1024;
/** Each takes two hundred bytes besides its own, and may have but one. */
const CHUNKS_LIMIT = 256;
/** RFC 9110 §8.3.1: type and subtype, perhaps parameters. */
const MEDIA_TYPE = /^\s*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(;|$)/;

/** A request whose body cannot be read. */
export class UnreadableBody extends Error {
  override name = 'UnreadableBody';
  /** Whether the rest of the body is still to come. */
  readonly isCutShort: boolean;

  constructor(message: string, isCutShort: boolean) {
    super(message);
    this.isCutShort = isCutShort;
  }
}

/** @returns undefined if the client has gone. Throws `UnreadableBody`. */
export function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const { 'content-type': type, 'content-length': announced } = request.headers;
  return new Promise((resolve, reject) => {
    const refuseLength = () => reject(new UnreadableBody('Request body is too large', true));
    if (type !== undefined && !MEDIA_TYPE.test(type)) {
      reject(new UnreadableBody('Unsupported Media Type', false));
      return;
    }
    if (Number(announced) > BODY_LIMIT) {
      refuseLength();
      return;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    request
      .on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length <= BODY_LIMIT) chunks.push(chunk);
        else refuseLength();
        if (chunks.length === CHUNKS_LIMIT) chunks.splice(0, CHUNKS_LIMIT, Buffer.concat(chunks));
      })
      .on('end', () => {
        resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
      })
      .on('error', () => resolve(undefined));
  });
}
