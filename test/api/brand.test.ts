// FetchBrand and UpdateBrand: how the install pages of an account look.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodePng } from '../../src/operator/qr/png.ts';
import { contrast, inkOn } from '../../src/values/colour.ts';
import { onEachDatabase, serverOn } from '../databases.ts';

const PNG = encodePng(8, Array<Uint8Array>(4).fill(Uint8Array.of(0xaa)));
/** 1 × 1 pixel. */
const JPEG = Buffer.from(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/yQAL' +
    'CAABAAEBAREA/8wABgAQEAX/2gAIAQEAAD8A0s8g/9k=',
  'base64',
);
const BASELINE = Buffer.from(JPEG.toString('latin1').replace('\xff\xc9', '\xff\xc0'), 'latin1');
const dataUrl = (type: string, bytes: Buffer) => `data:${type};base64,${bytes.toString('base64')}`;

onEachDatabase('the brand of an account', (database) => {
  const server = serverOn(database, { stock: 0 });
  const PATH = '/v1/Account/Brand';
  const set = (form: Record<string, string>, as = server().account) =>
    server().request(PATH, { form, as, method: 'POST' });
  const nothing = (username: string) => ({
    account_sid: username,
    name: null,
    accent_color: null,
    support_text: null,
    support_url: null,
    logo: null,
    date_updated: null,
    url: `${server().url}${PATH}`,
  });

  test('FetchBrand, UpdateBrand: is empty at first; parts are set and removed one by one, for this account alone', async () => {
    const as = await server().addAccount(0);
    assert.deepEqual((await server().request(PATH, { as })).json, nothing(as.username));
    const first = await set({ Name: ' Löwe & Söhne ', AccentColor: '0B6E4F' }, as);
    assert.equal(first.status, 200);
    const { date_updated: date } = first.json;
    assert.match(date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const set1 = { name: 'Löwe & Söhne', accent_color: '#0b6e4f', date_updated: date };
    assert.deepEqual(first.json, { ...nothing(as.username), ...set1 });
    const support = { SupportText: 'Ask us', SupportUrl: 'tel:+4989123456' };
    await set({ ...support, AccentColor: '' }, as);
    const { json } = await server().request(PATH, { as });
    assert.deepEqual(json, {
      ...nothing(as.username),
      name: 'Löwe & Söhne',
      support_text: 'Ask us',
      support_url: 'tel:+4989123456',
      date_updated: json.date_updated,
    });
    const other = await server().addAccount(0);
    const unset = nothing(other.username);
    assert.deepEqual((await server().request(PATH, { as: other })).json, unset);
  });

  test('has a logo, PNG or JPEG as its content says, which can be set as it is read', async () => {
    for (const [type, bytes] of [
      ['image/png', PNG],
      ['image/jpeg', BASELINE],
    ] as const) {
      for (const Logo of [bytes.toString('base64'), dataUrl(type, bytes)]) {
        const { status, json } = await set({ Logo });
        assert.deepEqual([status, json.logo], [200, dataUrl(type, bytes)]);
      }
    }
    const { json } = await server().request(PATH, { body: { Logo: dataUrl('image/jpeg', PNG) } });
    assert.equal(json.logo, dataUrl('image/png', PNG));
    assert.equal((await server().request(PATH)).json.logo, json.logo);
    assert.equal((await set({ Logo: '' })).json.logo, null);
  });

  const BAD: [part: string, value: string, message: RegExp][] = [
    ['Name', 'x'.repeat(81), /^expected 1 to 80 printable characters$/],
    ['Name', 'a\u202eb', /^expected 1 to 80 printable/],
    ['Name', 'two\nlines', /^expected 1 to 80 printable/],
    ['AccentColor', 'red', /^expected a colour such as #3450c8; got 'red'$/],
    ['AccentColor', '#fff', /^expected a colour/],
    ['AccentColor', '#000000;background:url(//x)', /^expected a colour/],
    ['AccentColor', '#000000\n', /^expected a colour/],
    ['SupportUrl', 'javascript:alert(1)', /^expected https:\/\/…, mailto:… or tel:…/],
    ['SupportUrl', ' https://example.com', /^expected https/],
    ['SupportUrl', 'http://example.com', /^expected https/],
    ['SupportUrl', 'https://example.com/"><script>', /^expected https/],
    ['SupportUrl', "https://example.com/'", /^expected https/],
    ['SupportUrl', 'https://user@example.com/', /^expected https/],
    ['SupportUrl', 'mailto:a@example.com?cc=b@example.com', /^expected https/],
    ['SupportUrl', 'data:text/html,x', /^expected https/],
    ['SupportUrl', `https://example.com/${'x'.repeat(300)}`, /^expected https/],
    ['Logo', '<svg/>', /^expected a PNG or JPEG image in base64$/],
    ['Logo', Buffer.from('<svg/>').toString('base64'), /^expected a whole PNG or JPEG image$/],
    ['Logo', PNG.subarray(0, -1).toString('base64'), /^expected a whole PNG/],
    ['Logo', Buffer.concat([PNG, Buffer.from('<script>')]).toString('base64'), /^expected a whole/],
    ['Logo', flipped(PNG, 20).toString('base64'), /^expected a whole PNG/],
    ['Logo', JPEG.toString('base64'), /^expected a whole PNG or JPEG image$/],
    ['Logo', BASELINE.subarray(0, 30).toString('base64'), /^expected a whole/],
    ['Logo', wide(2_001).toString('base64'), /^expected 1 to 2000 pixels per side; got 2001 × 1$/],
    ['Logo', Buffer.alloc(33 * 1024).toString('base64'), /^expected at most 32 KiB; got 33 KiB$/],
  ];
  for (const [part, value, message] of BAD) {
    test(`400/20001 for ${part} ${JSON.stringify(value.slice(0, 40))}; nothing changes`, async () => {
      await set({ Name: 'Before' });
      const { status, json } = await set({ Name: 'After', [part]: value });
      assert.deepEqual([status, json.code], [400, 20001]);
      const [name, problem] = json.message.slice('Invalid parameter '.length).split(/: (.*)/s);
      assert.equal(name, part);
      assert.match(problem, message);
      assert.equal((await server().request(PATH)).json.name, 'Before');
    });
  }

  test('is not set by a key that may only read', async () => {
    const { json: key } = await server().request('/v1/Keys', { form: { Scope: 'read' } });
    const as = { username: key.sid, password: key.secret };
    assert.equal((await set({ Name: 'x' }, as)).status, 403);
    assert.equal((await server().request(PATH, { as })).status, 200);
  });
});

describe('text on the accent colour', () => {
  test('WCAG 2.2, contrast (minimum): can be read on any colour, above 4.5', () => {
    let least = 21;
    for (let step = 0; step < 4096; step++) {
      const color = `#${step.toString(16).padStart(3, '0').replaceAll(/./g, '$&$&')}`;
      least = Math.min(least, contrast(color, inkOn(color)));
    }
    assert.ok(least > 4.5, String(least));
    assert.deepEqual(
      [contrast('#000000', '#ffffff'), inkOn('#ffffff'), inkOn('#000000')],
      [21, '#000000', '#ffffff'],
    );
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at]! ^= 1;
  return changed;
}

function wide(width: number): Buffer {
  return encodePng(width, [new Uint8Array(Math.ceil(width / 8))]);
}
