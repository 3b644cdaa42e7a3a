// How the console's page is served.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';

const PAGE =
  '<!doctype html><title>Simwright</title><script src="/console/assets/a-1.js"></script>';
const SCRIPT = 'document.title;'.repeat(100);

let folder: string;
let server: TestServer;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simwright-console-'));
  const built = join(folder, 'console');
  await mkdir(join(built, 'assets'), { recursive: true });
  await mkdir(join(built, '.vite'));
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(built, '.vite/manifest.json'), '{}');
  await writeFile(join(built, 'favicon.svg'), '<svg/>');
  for (const [name, content] of [
    ['index.html', PAGE],
    ['assets/a-1.js', SCRIPT],
  ] as const) {
    await writeFile(join(built, name), content);
    await writeFile(join(built, `${name}.br`), brotliCompressSync(content));
    await writeFile(join(built, `${name}.gz`), gzipSync(content));
  }
  server = await startTestServer({ stock: 0, consoleFolder: built });
});
after(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Requests a path unmodified, and returns the body as transferred. */
async function fetchRaw(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number | undefined; headers: IncomingMessage['headers']; body: Buffer }> {
  const { hostname, port } = new URL(server.url);
  const request = get({ hostname, port, path, headers });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

test('every route within the page serves the page', async () => {
  for (const path of [
    '/console/',
    '/console/profiles',
    `/console/profiles/HP${'0'.repeat(32)}`,
    '/console/sign-in?next=/console/stock.csv',
    '/console/session/elsewhere',
  ]) {
    const { status, headers, body } = await fetchRaw(path);
    assert.deepEqual([status, body.toString()], [200, PAGE], path);
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.equal(headers['cache-control'], 'no-cache');
    assert.ok(headers.etag);
    const again = await fetchRaw(path, { 'If-None-Match': headers.etag });
    assert.deepEqual([again.status, again.body.length], [304, 0]);
  }
});

test('the page may load only from this server, and cannot be framed', async () => {
  for (const path of ['/console/', '/console/assets/a-1.js', '/console/assets/none.js']) {
    const { headers } = await fetchRaw(path);
    assert.equal(
      headers['content-security-policy'],
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
        "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; " +
        "form-action 'self'; frame-ancestors 'none'",
    );
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
  }
});

test('files named by content are cached for a year, the others revalidated', async () => {
  const { status, headers, body } = await fetchRaw('/console/assets/a-1.js');
  assert.deepEqual([status, body.toString()], [200, SCRIPT]);
  assert.match(headers['content-type']!, /^(text|application)\/javascript/);
  assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable');
  const icon = await fetchRaw('/console/favicon.svg');
  assert.deepEqual([icon.status, icon.headers['content-type']], [200, 'image/svg+xml']);
  assert.equal(icon.headers['cache-control'], 'no-cache');
});

test('responses are precompressed, in a format that the browser accepts', async () => {
  for (const path of ['/console/', '/console/assets/a-1.js']) {
    const plain = path === '/console/' ? PAGE : SCRIPT;
    const brotli = await fetchRaw(path, { 'Accept-Encoding': 'gzip, deflate, br' });
    assert.equal(brotli.headers['content-encoding'], 'br');
    assert.equal(brotliDecompressSync(brotli.body).toString(), plain);
    const gzip = await fetchRaw(path, { 'Accept-Encoding': 'gzip' });
    assert.equal(gzip.headers['content-encoding'], 'gzip');
    assert.equal(gunzipSync(gzip.body).toString(), plain);
    assert.match(gzip.headers.vary!, /accept-encoding/i);
    assert.equal(gzip.headers['content-type'], (await fetchRaw(path)).headers['content-type']);
  }
});

test('a missing file is 404, and nothing outside the folder is served', async () => {
  for (const path of [
    '/console/assets/a-2.js',
    '/console/favicon.ico',
    '/console/.vite/manifest.json',
    '/console/../secret.txt',
    '/console/%2e%2e/secret.txt',
    '/console/..%2fsecret.txt',
    '/console/assets/..%2f..%2fsecret.txt',
    '/console/assets/..%5c..%5csecret.txt',
  ]) {
    const { status, body, headers } = await fetchRaw(path);
    assert.deepEqual([status, body.toString()], [404, 'File not found.\n'], path);
    assert.equal(headers['cache-control'], 'no-store', path);
  }
});

test('/ and /console lead there; /docs stays', async () => {
  for (const path of ['/', '/console']) {
    const { status, headers } = await fetchRaw(path);
    assert.deepEqual([status, headers.location], [302, '/console/']);
  }
  assert.equal((await fetchRaw('/docs/')).status, 200);
});

test('before the build, the page explains how; the build needs no restart', async () => {
  const built = join(folder, 'console');
  await rename(built, join(folder, 'away'));
  const { status, headers, body } = await fetchRaw('/console/profiles');
  assert.deepEqual([status, headers['content-type']], [503, 'text/plain; charset=utf-8']);
  assert.equal(
    body.toString(),
    'The console is not built. Build it with `npm run build:console`, then load this page again.\n',
  );
  await rename(join(folder, 'away'), built);
  assert.equal((await fetchRaw('/console/profiles')).status, 200);
});
