// The sheet of labels: its limit, and untrusted text.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QrLabel } from '../../../src/operator/qr/qr-labels.ts';
import { qrSheet } from '../../../src/operator/qr/qr-sheet.ts';

async function* labels(count: number, fields: Partial<QrLabel> = {}): AsyncGenerator<QrLabel> {
  for (let at = 0; at < count; at++) {
    yield {
      sid: `HP${String(at).padStart(32, '0')}`,
      eid: null,
      iccid: '8999901000000000018',
      matching_id: 'AAAAA-BBBBB-CCCCC-DDDDD',
      activation_code: '1$localhost:8443$AAAAA-BBBBB-CCCCC-DDDDD',
      profile_type: 'default',
      ...fields,
    };
  }
}

const sheet = async (...parameters: Parameters<typeof qrSheet>) =>
  (await Array.fromAsync(qrSheet(...parameters))).join('');

const limits = { limit: 2, nextUrl: (last: string) => `/sheet?a=1&from=${last}` };

test('a sheet that reaches its limit links to the next; others do not', async () => {
  const cut = await sheet(labels(3), limits);
  assert.equal(cut.match(/<article>/g)!.length, 2);
  const [, note] = /<p class="note">(.*)<\/p>/.exec(cut)!;
  const href = `/sheet?a=1&amp;from=HP${'1'.padStart(32, '0')}`;
  assert.equal(note, `2 labels. There are more: <a href="${href}">next sheet</a>.`);
  const whole = await sheet(labels(2), limits);
  assert.equal(whole.match(/<article>/g)!.length, 2);
  assert.ok(whole.includes('<p class="note">2 labels.</p>'));
});

test('profiles without a code are left out and counted; however many, a sheet ends', async () => {
  async function* mixed() {
    yield* labels(1, { activation_code: null });
    yield* labels(1);
  }
  const some = await sheet(mixed(), limits);
  assert.equal(some.match(/<article>/g)!.length, 1);
  const note = '1 label. 1 eSIM Profile without an activation code is left out.';
  assert.ok(some.includes(`<p class="note">${note}</p>`), some);
  const none = await sheet(labels(1_000, { activation_code: null }), limits);
  assert.ok(
    none.includes('20 eSIM Profiles without an activation code are left out. There are more'),
  );
});

test('labels are fetched as they are written; the sheet is not held in memory', async () => {
  let asked = 0;
  async function* counted(): AsyncGenerator<QrLabel> {
    for await (const label of labels(1_000)) {
      asked++;
      yield label;
    }
  }
  let read = 0;
  for await (const piece of qrSheet(counted())) {
    if (piece.startsWith('<article>') && ++read === 30) break;
  }
  assert.equal(asked, 30);
});

test('a profile type is text, not markup', async () => {
  const html = await sheet(labels(1, { profile_type: `<b onload="x">&'` }));
  assert.ok(html.includes('&lt;b onload=&quot;x&quot;&gt;&amp;&#39;'));
});

test('other work can run between labels', async () => {
  let turns = 0;
  let running = true;
  const count = () => {
    turns++;
    if (running) setImmediate(count);
  };
  setImmediate(count);
  await sheet(labels(10));
  running = false;
  assert.ok(turns >= 10, `${turns} turns`);
});
