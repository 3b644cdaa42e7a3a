// Receives callbacks and trusts only signed ones. Start: AUTH_TOKEN=… node receiver.ts
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

const { AUTH_TOKEN = '', PORT = '8080', PUBLIC_URL } = process.env;
if (AUTH_TOKEN === '') throw new Error('Set AUTH_TOKEN to the auth token of the account');

const LIMIT = 64 * 1024;
/** Processed callbacks. Store yours in your database, in the same transaction as the work. */
const seen = new Set<string>();

/** HMAC-SHA1 of the URL as called, followed by the form's names and values, sorted by name. */
function isGenuine(url: string, form: URLSearchParams, signature: string): boolean {
  const sorted = [...form].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const signed = url + sorted.map(([name, value]) => name + value).join('');
  const expected = createHmac('sha1', AUTH_TOKEN).update(signed).digest();
  const given = Buffer.from(signature, 'base64');
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

  // With GET the parameters are in the URL, and only the URL is signed.
  const url = base + request.url;
  const form = new URLSearchParams(body);
  if (!isGenuine(url, form, String(request.headers['x-twilio-signature']))) {
    console.log('refused: wrong signature');
    return 403;
  }

  const parameters = request.method === 'GET' ? new URL(url).searchParams : form;
  const token = String(request.headers['i-twilio-idempotency-token']);
  if (!seen.has(token)) {
    seen.add(token);
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
