// FetchEsimProfileQrCode and FetchQrSheet.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { preferredType } from '../../src/api/accept.ts';
import { changeStatus, insertEsimProfile } from '../../src/operator/esim-profile.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { decodeQr, findCode, readPng, readSvg } from '../qr-decoder.ts';
import { startTestServer } from '../server.ts';
import { unitAt } from '../unit.ts';

describe('Accept', () => {
  const offered = ['image/svg+xml', 'image/png'] as const;
  const cases: [accept: string | undefined, expected: string | undefined][] = [
    [undefined, 'image/svg+xml'],
    ['*/*', 'image/svg+xml'],
    ['image/*', 'image/svg+xml'],
    ['image/png', 'image/png'],
    ['IMAGE/PNG', 'image/png'],
    ['image/svg+xml;q=0.5, image/png;q=0.6', 'image/png'],
    ['image/svg+xml;q=0.5,image/png;q=0.5', 'image/svg+xml'],
    ['image/*;q=0.1, image/png ; q=0.2', 'image/png'],
    ['image/*, image/svg+xml;q=0', 'image/png'],
    ['*/*;q=0.8, image/svg+xml;q=0.3', 'image/png'],
    ['image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'image/svg+xml'],
    ['text/html', undefined],
    ['image/*;q=0', undefined],
    ['image/png;q=2', undefined],
    ['image/png;q=two, nonsense, */*;q=0.1', 'image/svg+xml'],
    [`${'image/jpeg,'.repeat(500)}image/png`, 'image/png'],
  ];
  for (const [accept, expected] of cases) {
    test(`${accept?.slice(0, 70)} → ${expected ?? 'nothing'}`, () => {
      assert.equal(preferredType(accept, offered), expected);
    });
  }
});

onEachDatabase('FetchEsimProfileQrCode', (database) => {
  const server = serverOn(database);
  let profile: any;
  let path: string;
  before(async () => {
    profile = await server().order({ GenerateMatchingId: 'true' });
    path = `/v1/ESimProfiles/${profile.sid}/QrCode`;
  });

  test('is an SVG that encodes LPA: and the activation code', async () => {
    const { status, headers, text } = await server().request(path);
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'image/svg+xml');
    assert.equal(headers.get('content-disposition'), `inline; filename="${profile.sid}.svg"`);
    assert.equal(headers.get('cache-control'), 'private, max-age=0, must-revalidate');
    assert.equal(headers.get('vary'), 'Accept');
    assert.match(text, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="320" height="320" /);
    assert.equal(decodeQr(findCode(readSvg(text)).modules), `LPA:${profile.activation_code}`);
  });

  test('is a PNG for clients that prefer it, of the requested size', async () => {
    const { headers, bytes } = await server().request(`${path}?Size=500`, {
      headers: { Accept: 'image/svg+xml;q=0.9, image/png' },
    });
    assert.equal(headers.get('content-type'), 'image/png');
    assert.equal(headers.get('content-disposition'), `inline; filename="${profile.sid}.png"`);
    const picture = readPng(bytes);
    assert.equal(picture.length, 500);
    assert.equal(decodeQr(findCode(picture).modules), `LPA:${profile.activation_code}`);
  });

  test('Format overrides Accept', async () => {
    const headers = { Accept: 'image/svg+xml' };
    const png = await server().request(`${path}?Format=png`, { headers });
    assert.equal(png.headers.get('content-type'), 'image/png');
    const svg = await server().request(`${path}?Format=svg`, { headers: { Accept: 'text/html' } });
    assert.equal(svg.headers.get('content-type'), 'image/svg+xml');
  });

  test('406/20406 if neither is acceptable', async () => {
    const { status, json } = await server().request(path, { headers: { Accept: 'text/html' } });
    assert.deepEqual(
      [status, json.code, json.message],
      [406, 20406, 'Expected Accept to allow image/svg+xml or image/png'],
    );
  });

  test('an ETag for each format: 304 while current', async () => {
    const svg = await server().request(path);
    const etag = svg.headers.get('etag')!;
    const same = await server().request(path, { headers: { 'If-None-Match': etag } });
    assert.deepEqual([same.status, same.text], [304, '']);
    assert.equal(same.headers.get('vary'), 'Accept');
    const png = await server().request(`${path}?Format=png`, {
      headers: { 'If-None-Match': etag },
    });
    assert.equal(png.status, 200);
  });

  test('HEAD answers as GET does, without the body', async () => {
    const { status, headers, text } = await server().request(path, { method: 'HEAD' });
    assert.deepEqual([status, text], [200, '']);
    assert.equal(headers.get('content-type'), 'image/svg+xml');
  });

  test('bad parameters are 400/20001, in words', async () => {
    const bad: [string, string][] = [
      ['Size=63', 'Invalid parameter Size: expected at least 64; got 63'],
      ['Size=2049', 'Invalid parameter Size: expected at most 2048; got 2049'],
      ['Size=1e3', "Invalid parameter Size: expected a whole number; got '1e3'"],
      ['Format=jpeg', "Invalid parameter Format: expected one of svg, png; got 'jpeg'"],
    ];
    for (const [query, message] of bad) {
      const { status, json } = await server().request(`${path}?${query}`);
      assert.deepEqual([status, json.code, json.message], [400, 20001, message]);
    }
  });

  test('409/20409 without an activation code, 404 without the profile', async () => {
    const { sid } = await server().order({ Eid: '89049032123451234512345678901235' });
    const none = await server().request(`/v1/ESimProfiles/${sid}/QrCode`);
    assert.deepEqual(
      [none.status, none.json.code, none.json.message],
      [409, 20409, `eSIM Profile ${sid} has no activation code: it is available`],
    );
    const other = await server().addAccount(0);
    assert.equal((await server().request(path, { as: other })).status, 404);
    assert.equal((await server().request(path, { as: null })).status, 401);
  });
});

test('a PNG too small for a long code is 400/20001 with the minimum size', async () => {
  const host = `${'long.'.repeat(40)}example`;
  await using server = await startTestServer({ env: { SIMWRIGHT_SMDP_ADDRESS: host }, stock: 1 });
  const { sid } = await server.order({ GenerateMatchingId: 'true' });
  const path = `/v1/ESimProfiles/${sid}/QrCode?Format=png`;
  const { status, json } = await server.request(`${path}&Size=64`);
  assert.equal(status, 400);
  const least = /expected at least (\d+) for this code as PNG; got 64$/.exec(json.message)![1]!;
  const { bytes } = await server.request(`${path}&Size=${least}`);
  assert.equal(findCode(readPng(bytes)).scale, 1);
});

onEachDatabase('FetchQrSheet', (database) => {
  const server = serverOn(database, { stock: 40 });
  const PATH = '/v1/ESimProfiles/QrSheet';
  let profiles: any[];
  before(async () => {
    profiles = [];
    for (let count = 0; count < 23; count++) {
      profiles.unshift(await server().order({ GenerateMatchingId: 'true' }));
    }
  });

  /** The content of each label's QR code. */
  const codesOf = (html: string) =>
    Array.from(html.matchAll(/<svg [^]*?<\/svg>/g), ([svg]) =>
      decodeQr(findCode(readSvg(svg)).modules),
    );
  const codes = (of: any[]) => of.map(({ activation_code }) => `LPA:${activation_code}`);

  test('has a label for each available profile, newest first, 21 per page', async () => {
    const { status, headers, text } = await server().request(PATH);
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
    assert.deepEqual(codesOf(text), codes(profiles));
    assert.equal(text.match(/<section>/g)!.length, 2);
    for (const { sid, iccid, matching_id } of profiles) {
      for (const shown of [sid.slice(-8), `ICCID ${iccid}`, matching_id]) {
        assert.ok(text.includes(shown), shown);
      }
    }
    assert.match(text, /<dt>Profile type<\/dt><dd>default<\/dd>/);
  });

  test('runs no script, loads nothing, and its policy allows only its own style', async () => {
    const { headers, text } = await server().request(PATH);
    assert.doesNotMatch(text, /<script|<link|<img|style=|url\(|src=| on\w+=/);
    const style = /<style>([^]*)<\/style>/.exec(text)![1]!;
    assert.equal(
      headers.get('content-security-policy'),
      `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; ` +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
  });

  test('of named profiles, in the given order, each once', async () => {
    const [first, second, third] = profiles;
    const query = `Sid=${third.sid}&Sid=${first.sid},${second.sid}&Sid=${third.sid}`;
    const { text } = await server().request(`${PATH}?${query}`);
    assert.deepEqual(codesOf(text), codes([third, first, second]));
  });

  test('by Eid and Status', async () => {
    const eid = '89049032123451234512345678901235';
    const bound = await server().order({ GenerateMatchingId: 'true', Eid: eid });
    const byEid = await server().request(`${PATH}?Eid=${eid}`);
    assert.deepEqual(codesOf(byEid.text), codes([bound]));
    assert.ok(byEid.text.includes(`EID ${eid}`));

    const { store, now } = server().server.context;
    await store.transaction(async (tables) => {
      const row = await tables.esimProfiles.find(bound.account_sid, bound.sid);
      await changeStatus(row!, 'downloaded', {}, { cause: 'the test' }, unitAt(tables, now()));
    });
    const downloaded = await server().request(`${PATH}?Status=downloaded`);
    assert.deepEqual(codesOf(downloaded.text), codes([bound]));
    const none = await server().request(`${PATH}?Eid=${eid}`);
    assert.deepEqual(codesOf(none.text), []);
    assert.ok(none.text.includes('No matching eSIM Profile has a usable activation code.'));
    const both = await server().request(
      `${PATH}?Sid=${bound.sid}&Sid=${profiles[0].sid}&Status=available`,
    );
    assert.deepEqual(codesOf(both.text), codes([profiles[0]]));

    await store.transaction(async (tables) => {
      const row = await tables.esimProfiles.find(bound.account_sid, bound.sid);
      await changeStatus(row!, 'installed', {}, { cause: 'the test' }, unitAt(tables, now()));
    });
    const over = await server().request(`${PATH}?Sid=${bound.sid}`);
    assert.deepEqual(
      [over.status, over.json.message],
      [
        409,
        `The activation code of eSIM Profile ${bound.sid} can no longer be used: it is installed`,
      ],
    );
    const installed = await server().request(`${PATH}?Status=installed`);
    assert.equal(
      installed.json.message,
      "Invalid parameter Status: expected one of available, downloaded; got 'installed'",
    );
  });

  test('by the other filters of the list', async () => {
    const [first, second] = profiles;
    for (const query of [
      `Iccid=${first.iccid}`,
      `MatchingId=${first.matching_id}`,
      `SimSid=${first.sim_sid}`,
      `Search=${encodeURIComponent(`LPA:${first.activation_code}`)}`,
      `Sid=${first.sid},${second.sid}&Search=${first.iccid}`,
      `Sid=${first.sid},${second.sid}&Iccid=${first.iccid}`,
    ]) {
      const { text } = await server().request(`${PATH}?${query}`);
      assert.deepEqual(codesOf(text), codes([first]), query);
    }
    const earlier = await server().request(`${PATH}?DateCreatedBefore=2020-01-01`);
    assert.deepEqual(codesOf(earlier.text), []);
    const short = await server().request(`${PATH}?Search=12`);
    assert.deepEqual([short.status, short.json.code], [400, 20001]);
  });

  test('a profile without an activation code is left out, and 409 if named', async () => {
    const eid = '89049032123451234512345678901332';
    const { sid } = await server().order({ Eid: eid });
    const { text } = await server().request(PATH);
    assert.deepEqual(codesOf(text), codes(profiles));
    const named = await server().request(`${PATH}?Sid=${sid}`);
    assert.deepEqual([named.status, named.json.code], [409, 20409]);
  });

  test('unknown and malformed SIDs are errors', async () => {
    const unknown = await server().request(`${PATH}?Sid=HP${'0'.repeat(32)}`);
    assert.deepEqual([unknown.status, unknown.json.code], [404, 20404]);
    const other = await server().addAccount(0);
    const foreign = await server().request(`${PATH}?Sid=${profiles[0].sid}`, { as: other });
    assert.equal(foreign.status, 404);
    const malformed = await server().request(`${PATH}?Sid=HP1`);
    assert.equal(malformed.status, 400);
    assert.match(malformed.json.message, /^Invalid parameter Sid: /);
  });

  test('POST is 405, and Allow names each method once', async () => {
    const { status, headers } = await server().request(PATH, { form: {} });
    assert.equal(status, 405);
    assert.equal(headers.get('allow'), 'GET, HEAD, OPTIONS');
  });

  // By the pages of the list, which are tested on each database.
  const skip = database.name !== 'SQLite';
  test(
    'of more than 1000 continues on further sheets, in the order of the list',
    { skip },
    async () => {
      const as = await server().addAccount(0);
      const { store } = server().server.context;
      const order = {
        account_sid: as.username,
        eid: null,
        generate_matching_id: 1 as const,
        profile_type: null,
        confirmation_code: null,
        callback_url: null,
        callback_method: 'POST' as const,
      };
      const cause = { cause: 'the test' };
      const sids: string[] = [];
      // Not all in one transaction: its events would become too old on a slow machine.
      while (sids.length < 1001) {
        await store.transaction(async (tables) => {
          const unit = unitAt(tables, new Date());
          for (let left = Math.min(100, 1001 - sids.length); left > 0; left--) {
            const ordered = await insertEsimProfile(order, cause, unit);
            const taken = await changeStatus(ordered, 'reserving', {}, cause, unit);
            const code = {
              activation_code: `1$localhost$${sids.length}`,
              matching_id: `${sids.length}`,
            };
            await changeStatus(taken, 'available', code, cause, unit);
            sids.unshift(ordered.sid);
          }
        });
      }
      const endsIn = (text: string) =>
        Array.from(text.matchAll(/SID ends with<\/dt><dd class="code">(\w+)</g), ([, end]) => end);
      const first = await server().request(PATH, { as });
      assert.deepEqual(
        endsIn(first.text),
        sids.slice(0, 1000).map((sid) => sid.slice(-8)),
      );
      const path = `${PATH}?PageToken=PA${sids[999]}`;
      assert.equal(first.headers.get('link'), `<${server().url}${path}>; rel="next"`);
      const [, href] = /<a href="([^"]+)">next sheet/.exec(first.text)!;
      assert.equal(href, path);
      const second = await server().request(path, { as });
      assert.deepEqual(endsIn(second.text), [sids[1000]!.slice(-8)]);
      assert.equal(second.headers.get('link'), null);
      const back = await server().request(`${PATH}?PageToken=PB${sids[9]}`, { as });
      assert.deepEqual([back.status, back.json.code], [400, 21481]);
    },
  );
});
