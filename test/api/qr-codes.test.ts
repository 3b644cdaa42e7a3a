// ExportQrCodes: GET /v1/ESimProfiles/QrCodes, QR codes as a ZIP archive.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { unzipSync } from 'fflate';
import { qrModules, qrPng, qrSvg } from '../../src/operator/qr/qr-code.ts';
import { surveyLabels } from '../../src/operator/qr/qr-labels.ts';
import { qrZip } from '../../src/operator/qr/qr-zip.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';

const QR_CODES = '/v1/ESimProfiles/QrCodes';
const FORM = { GenerateMatchingId: 'true' };

let server: TestServer;
let folder: string;
before(async () => {
  server = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'simwright-zip-'));
});
after(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const isMissing = (command: string, ...args: string[]) =>
  spawnSync(command, args).error !== undefined && `${command} is not installed here`;

describe('ExportQrCodes: GET /v1/ESimProfiles/QrCodes', () => {
  test('is a ZIP archive: an image per eSIM Profile, named by its ICCID, and a table of them', async () => {
    const as = await server.addAccount();
    const first = await server.order(FORM, as);
    const second = await server.order(FORM, as);
    await server.order({ Eid: '8904903200500888260003348912345a' }, as);
    for (const [query, format, image] of [
      ['', 'png', (code: string) => qrPng(qrModules(code), 320)],
      ['?Format=svg&Size=200', 'svg', (code: string) => Buffer.from(qrSvg(qrModules(code), 200))],
    ] as const) {
      const { headers, bytes } = await server.request(QR_CODES + query, { as });
      assert.equal(headers.get('content-type'), 'application/zip');
      assert.match(headers.get('content-disposition')!, /filename="qr-codes-\d{8}T\d{6}Z\.zip"$/);
      assert.equal(headers.get('link'), null);
      const files = unzipSync(bytes);
      const names = [second, first].map(({ iccid }) => `${iccid}.${format}`);
      assert.deepEqual(Object.keys(files).toSorted(), [...names, 'index.csv'].toSorted());
      for (const { iccid, activation_code: code } of [first, second]) {
        assert.deepEqual(Buffer.from(files[`${iccid}.${format}`]!), image(code));
      }
      const index: Record<string, string>[] = parse(Buffer.from(files['index.csv']!), {
        columns: true,
      });
      assert.deepEqual(
        index,
        [second, first].map((profile, at) => ({
          file: names[at],
          sid: profile.sid,
          iccid: profile.iccid,
          eid: '',
          matching_id: profile.matching_id,
          activation_code: profile.activation_code,
          profile_type: 'default',
        })),
      );
    }
  });

  test('can be read by Info-ZIP', { skip: isMissing('unzip', '-v') }, async () => {
    const as = await server.addAccount();
    const { iccid } = await server.order(FORM, as);
    const { bytes } = await server.request(`${QR_CODES}?Format=svg`, { as });
    const file = join(folder, 'unzip.zip');
    await writeFile(file, bytes);
    const tested = spawnSync('unzip', ['-t', file], { encoding: 'utf8' });
    assert.deepEqual([tested.status, tested.stderr], [0, ''], tested.stdout);
    spawnSync('unzip', [file, '-d', join(folder, 'unzipped')]);
    assert.deepEqual((await readdir(join(folder, 'unzipped'))).toSorted(), [
      `${iccid}.svg`,
      'index.csv',
    ]);
    assert.match(await readFile(join(folder, 'unzipped', `${iccid}.svg`), 'utf8'), /^<svg /);
  });

  test('can be read by Python', { skip: isMissing('python3', '--version') }, async () => {
    const as = await server.addAccount();
    const { iccid } = await server.order(FORM, as);
    const { bytes } = await server.request(QR_CODES, { as });
    const file = join(folder, 'python.zip');
    await writeFile(file, bytes);
    const script =
      'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), z.namelist())';
    const { stdout } = spawnSync('python3', ['-c', script, file], { encoding: 'utf8' });
    assert.equal(stdout, `None ['${iccid}.png', 'index.csv']\n`);
  });

  test('has the profiles of Sid; 404 and 409 if one has no code', async () => {
    const as = await server.addAccount();
    const { sid, iccid } = await server.order(FORM, as);
    const without = await server.order({ Eid: '8904903200500888260003348912345a' }, as);
    const found = await server.request(`${QR_CODES}?Sid=${sid}`, { as });
    assert.deepEqual(Object.keys(unzipSync(found.bytes)), [`${iccid}.png`, 'index.csv']);
    const refused = await server.request(`${QR_CODES}?Sid=${sid},${without.sid}`, { as });
    assert.deepEqual([refused.status, refused.json.code], [409, 20409]);
    const foreign = await server.request(`${QR_CODES}?Sid=${sid}`);
    assert.deepEqual([foreign.status, foreign.json.code], [404, 20404]);
    const nothing = await server.request(`${QR_CODES}?Status=downloaded`, { as });
    assert.deepEqual(Object.keys(unzipSync(nothing.bytes)), ['index.csv']);
  });

  test('has a limit: what is left is the next archive, and no code is in two', async () => {
    const as = await server.addAccount();
    const orders = [];
    for (let count = 0; count < 5; count++) orders.push(await server.order(FORM, as));
    const { store } = server.server.context;
    const survey = (last?: string) =>
      surveyLabels({ accountSid: as.username, after: last }, 2, store);
    const sids = orders.map(({ sid }) => sid).toReversed();
    assert.deepEqual(await survey(), { count: 2, last: sids[1] });
    assert.deepEqual(await survey(sids[1]), { count: 2, last: sids[3] });
    assert.deepEqual(await survey(sids[3]), { count: 1, last: undefined });
    const rest = await server.request(`${QR_CODES}?PageToken=PA${sids[3]}`, { as });
    assert.deepEqual(Object.keys(unzipSync(rest.bytes)), [`${orders[0].iccid}.png`, 'index.csv']);
    const back = await server.request(`${QR_CODES}?PageToken=PB${sids[3]}`, { as });
    assert.deepEqual([back.status, back.json.code], [400, 21481]);
  });

  test('is written an image at a time, as fast as it is read, and names no file twice', async () => {
    let asked = 0;
    async function* labels() {
      for (;;) {
        const sid = `HP${String(asked++).padStart(32, '0')}`;
        yield {
          sid,
          iccid: '8988307000000000001',
          eid: null,
          matching_id: 'A',
          activation_code: '1$x$A',
          profile_type: null,
        };
      }
    }
    const pieces: Uint8Array[] = [];
    for await (const piece of qrZip(labels(), {
      format: 'png',
      size: 128,
      modified: new Date(),
      limit: 3,
    })) {
      pieces.push(piece);
      assert.ok(asked <= pieces.length + 1);
    }
    assert.deepEqual(Object.keys(unzipSync(Buffer.concat(pieces))), [
      '8988307000000000001.png',
      ...[1, 2].map((n) => `8988307000000000001-HP${String(n).padStart(32, '0')}.png`),
      'index.csv',
    ]);
  });
});
