// Receives callbacks and trusts only signed, recent ones. Start: CALLBACK_SECRET=whsec_… node receiver.ts
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

// Of the two signatures, those whose key is given are checked.
const { CALLBACK_SECRET = '', AUTH_TOKEN = '', PORT = '8080', PUBLIC_URL } = process.env;
if (CALLBACK_SECRET === '' && AUTH_TOKEN === '') throw new Error('Set CALLBACK_SECRET');

const LIMIT = 64 * 1024;
const TOLERANCE_SECONDS = 5 * 60;
/** Processed callbacks. Store yours in your database, in the same transaction as the work. */
const seen = new Set<string>();

/** webhook-signature: HMAC-SHA256 of id, time, and the body or, by GET, the query. Of several, one must match. */
function isRecentAndGenuine(content: string, header: (name: string) => string): boolean {
  const [id, timestamp] = [header('webhook-id'), header('webhook-timestamp')];
  const age = Math.abs(Date.now() / 1000 - Number(timestamp));
  if (!(age <= TOLERANCE_SECONDS)) return false;
  const key = Buffer.from(CALLBACK_SECRET.replace('whsec_', ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${content}`).digest();
  return header('webhook-signature')
    .split(' ')
    .some((one) => one.startsWith('v1,') && isEqual(one.slice('v1,'.length), expected));
}

/** X-Twilio-Signature: HMAC-SHA1 of the URL as called, and the form's names and values, sorted by name. */
function isGenuine(url: string, form: URLSearchParams, signature: string): boolean {
  const sorted = [...form].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const signed = url + sorted.map(([name, value]) => name + value).join('');
  return isEqual(signature, createHmac('sha1', AUTH_TOKEN).update(signed).digest());
}

function isEqual(base64: string, expected: Buffer): boolean {
  const given = Buffer.from(base64, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LIMIT) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** @returns the status of the response */
async function receive(request: IncomingMessage): Promise<number> {
  const body = await read(request);
  if (body === undefined) return 413;

  const header = (name: string) => String(request.headers[name] ?? '');
  // With GET the parameters are in the query.
  const url = base + request.url;
  const query = url.split('?').slice(1).join('?');
  const content = request.method === 'GET' ? query : body;
  const form = new URLSearchParams(body);
  if (
    (CALLBACK_SECRET !== '' && !isRecentAndGenuine(content, header)) ||
    (AUTH_TOKEN !== '' && !isGenuine(url, form, header('x-twilio-signature')))
  ) {
    console.log('refused: wrong signature, or too old');
    return 403;
  }

  const parameters = new URLSearchParams(content);
  // The same in every attempt, and part of what is signed.
  const id = header('webhook-id');
  if (parameters.get('Test') === 'true') {
    console.log('test');
  } else if (!seen.has(id)) {
    seen.add(id);
    console.log(`${parameters.get('Status')} ${parameters.get('ESimProfileSid')}`);
  }
  return 204;
}

const server = createServer((request, response) => {
  receive(request).then(
    (status) => response.writeHead(status, { Connection: 'close' }).end(),
    () => response.destroy(),
  );
});

let base = PUBLIC_URL ?? '';
server.listen(Number(PORT), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  base ||= `http://127.0.0.1:${port}`;
  console.log(`listening; CallbackUrl: ${base}/status`);
});
