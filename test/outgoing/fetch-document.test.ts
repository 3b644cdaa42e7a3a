// GET of a document from a server that may do anything.
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, RequestListener } from 'node:http';
import { after, before, describe, test } from 'node:test';
import dns from 'node:dns';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fetchDocument } from '../../src/outgoing/fetch-document.ts';
import type { FetchOptions } from '../../src/outgoing/fetch-document.ts';
import { startAnswering } from '../answering-server.ts';
import type { AnsweringServer } from '../answering-server.ts';

const options: FetchOptions = {
  mostBytes: 1_000,
  guard: undefined,
  timeouts: { connectMs: 5_000, silenceMs: 5_000, totalMs: 20_000 },
  resolve: () => (hostname, given, done) => dns.lookup(hostname, { ...given, all: true }, done),
};
const SOON = { connectMs: 5_000, silenceMs: 50, totalMs: 20_000 };

describe('a document', () => {
  let web: AnsweringServer;
  before(async () => {
    web = await startAnswering();
  });
  after(() => web[Symbol.dispose]());

  function get(how: RequestListener, given: Partial<FetchOptions> = {}, path = '/ci.crl?a=b') {
    web.asked = [];
    web.answer = how;
    return fetchDocument(path.includes('://') ? path : web.base + path, { ...options, ...given });
  }
  const refused = (
    how: RequestListener,
    message: RegExp,
    given: Partial<FetchOptions> = {},
    path?: string,
  ) => assert.rejects(get(how, given, path), { name: 'FetchFailed', message });

  test('comes with what tells whether there is another', async () => {
    const { content, etag, lastModified } = await get((_request, response) => {
      response.writeHead(200, { ETag: '"1"', 'Last-Modified': 'Sun, 01 Nov 2026 00:00:00 GMT' });
      response.end('list');
    });
    assert.deepEqual(
      [content?.toString(), etag, lastModified],
      ['list', '"1"', 'Sun, 01 Nov 2026 00:00:00 GMT'],
    );
    const [{ url, headers }] = web.asked as [IncomingMessage];
    assert.equal(url, '/ci.crl?a=b');
    assert.deepEqual(
      [headers['accept-encoding'], headers['if-none-match'], headers['if-modified-since']],
      ['identity', undefined, undefined],
    );
  });

  test('that is still the same does not come again', async () => {
    const { content } = await get((_request, response) => response.writeHead(304).end(), {
      validators: { etag: '"1"', lastModified: 'Sun, 01 Nov 2026 00:00:00 GMT' },
    });
    assert.equal(content, undefined);
    const { headers } = web.asked[0]!;
    assert.deepEqual(
      [headers['if-none-match'], headers['if-modified-since']],
      ['"1"', 'Sun, 01 Nov 2026 00:00:00 GMT'],
    );
  });

  test('is fetched through up to three redirects, each of which is guarded', async () => {
    const redirect =
      (times: number, to = '/next'): RequestListener =>
      (_request, response) => {
        if (web.asked.length > times) response.end('list');
        else response.writeHead(302, { Location: to }).end();
      };
    assert.equal((await get(redirect(3))).content?.toString(), 'list');
    await refused(redirect(4), /^redirected more than 3 times$/);
    assert.equal(web.asked.length, 4);
    await refused(redirect(1, 'file:///etc/passwd'), /^expected an http or https URL/);
    const guard = (address: string) => address === '127.0.0.1';
    await refused(redirect(1, 'http://127.0.0.2:9/'), /^the host has no public address/, { guard });
    await refused(redirect(1, 'http://[::1]:9/'), /^the host has no public address/, { guard });
  });

  test('is not fetched from an address that is refused, by whatever name', async () => {
    const list: RequestListener = (_request, response) => response.end('list');
    const guard = () => false;
    await refused(list, /^the host has no public address/, { guard });
    const { port } = URL.parse(web.base)!;
    await refused(
      list,
      /localhost is .*, which is not allowed/,
      { guard },
      `http://localhost:${port}/`,
    );
    assert.equal(web.asked.length, 0);
  });

  test('that is too long is not read to its end, whatever its head says', async () => {
    await refused((_request, response) => {
      response.writeHead(200, { 'Content-Length': '1001' });
      response.flushHeaders();
    }, /^the response is too long; at most 1000 bytes are read$/);
    await refused((_request, response) => {
      const more = () => {
        if (!response.destroyed && response.write(Buffer.alloc(600))) setImmediate(more);
      };
      more();
    }, /^the response is too long/);
  });

  test('in as many chunks as it has bytes takes no more memory than in one', async () => {
    const size = 200_000;
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const used = () => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const arrived = Promise.withResolvers<number>();
    const watch = (message: unknown) => {
      const { response } = message as { response: IncomingMessage };
      let left = size;
      response.on('data', (chunk: Buffer) => {
        left -= chunk.length;
        if (left === 0) arrived.resolve(used());
      });
    };
    subscribe('http.client.response.finish', watch);
    const atFirst = used();
    const fetched = get(
      (request, response) => {
        response.writeHead(200, { 'Transfer-Encoding': 'chunked' }).flushHeaders();
        request.socket.write('1\r\nx\r\n'.repeat(size));
        void arrived.promise.then(() => request.socket.write('0\r\n\r\n'));
      },
      { mostBytes: size },
    );
    const grown = (await arrived.promise) - atFirst;
    unsubscribe('http.client.response.finish', watch);
    const { content } = await fetched;
    assert.equal(content?.toString(), 'x'.repeat(size));
    assert.ok(grown < 20 * size, `grown by ${grown / size} bytes for each`);
  });

  test('that does not come, or comes in part, is no document', async () => {
    await refused(
      (_request, response) => response.writeHead(404).end('list'),
      /^answered 404; expected 200$/,
    );
    await refused((_request, response) => response.writeHead(301).end(), /^answered 301/);
    await refused((_request, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end();
    }, /encoded as gzip/);
    await refused((_request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('list', () => response.destroy());
    }, /^the connection was closed/);
    await refused(() => {}, /^timed out while waiting for a response$/, { timeouts: SOON });
    await refused((_request, response) => void response.write('li'), /^timed out while waiting/, {
      timeouts: SOON,
    });
    await refused(
      (_request, response) => {
        const drip = () => {
          response.write('l');
          if (!response.destroyed) setTimeout(drip, 10);
        };
        drip();
      },
      /^timed out while waiting/,
      { timeouts: { ...SOON, silenceMs: 5_000, totalMs: 100 } },
    );
    await refused(() => {}, /^cancelled$/, { signal: AbortSignal.timeout(20) });
    await refused(() => {}, /^the connection was refused/, {}, 'http://127.0.0.1:1/');
    await refused(() => {}, /^expected an http or https URL; got ldap:/, {}, 'ldap://127.0.0.1/');
  });
});
