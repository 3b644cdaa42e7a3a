// Paging through the list: every record once, in both directions, while others are added.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { insertEsimProfile } from '../../src/operator/esim-profile.ts';
import { eventually, startTestServer } from '../server.ts';
import type { Reply, TestServer } from '../server.ts';
import { unitAt } from '../unit.ts';

const COUNT = 500;

let server: TestServer;
before(async () => {
  server = await startTestServer({ stock: 0 });
  await addProfiles(COUNT);
});
after(() => server[Symbol.asyncDispose]());

async function addProfiles(count: number): Promise<string[]> {
  const { store } = server.server.context;
  return store.transaction(async (tables) => {
    const sids: string[] = [];
    for (let index = 0; index < count; index++) {
      const row = await insertEsimProfile(
        {
          account_sid: server.account.username,
          eid: `8904903200500888260003348900000${index % 10}`,
          generate_matching_id: 0,
          profile_type: null,
          confirmation_code: null,
          callback_url: null,
          callback_method: 'POST',
        },
        { cause: 'test' },
        unitAt(tables, new Date()),
      );
      sids.push(row.sid);
    }
    return sids.toReversed();
  });
}

interface Walk {
  sids: string[];
  pages: number;
  lastUrl: string;
}

async function walk(
  from: string,
  link: 'next_page_url' | 'previous_page_url',
  onPage: (page: number) => Promise<unknown> = async () => {},
): Promise<Walk> {
  const sids: string[] = [];
  let pages = 0;
  let url: string | null = from;
  let lastUrl = from;
  while (url !== null) {
    lastUrl = url;
    const { status, json } = await server.request(url);
    assert.equal(status, 200);
    const found = json.esim_profiles.map(({ sid }: { sid: string }) => sid);
    sids.push(...(link === 'next_page_url' ? found : found.toReversed()));
    url = json.meta[link];
    await onPage(++pages);
  }
  return { sids, pages, lastUrl };
}

describe('paging through the list', () => {
  test('forward and backward meet every record once, newest first, while others are added', async () => {
    const known = (await walk('/v1/ESimProfiles?PageSize=1000', 'next_page_url')).sids;
    const forward = await walk('/v1/ESimProfiles?PageSize=37', 'next_page_url', () =>
      addProfiles(3),
    );
    assert.deepEqual(forward.sids, known);
    assert.deepEqual(known, known.toSorted().toReversed());

    let added: string[] = [];
    const backward = await walk(forward.lastUrl, 'previous_page_url', async (page) => {
      if (page === 2) added = await addProfiles(5);
    });
    const now = (await walk('/v1/ESimProfiles?PageSize=1000', 'next_page_url')).sids;
    assert.ok(added.every((sid) => now.includes(sid)));
    assert.deepEqual(backward.sids.toReversed(), now);
  });

  test('under a filter too', async () => {
    const eid = '89049032005008882600033489000007';
    const { sids } = await walk(`/v1/ESimProfiles?Eid=${eid}&PageSize=7`, 'next_page_url');
    const all = await server.request(`/v1/ESimProfiles?Eid=${eid}&PageSize=1000`);
    assert.ok(sids.length >= COUNT / 10);
    assert.deepEqual(
      sids,
      all.json.esim_profiles.map(({ sid }: { sid: string }) => sid),
    );
  });
});

const sidsOf = ({ json }: Reply) => json.esim_profiles.map(({ sid }: { sid: string }) => sid);

describe('a page without records', () => {
  test('newer than the newest leads on from the newest', async () => {
    const known = sidsOf(await server.request('/v1/ESimProfiles?PageSize=1000'));
    const url = `/v1/ESimProfiles?PageSize=2&PageToken=PB${known[0]}`;
    const { json } = await server.request(url);
    assert.deepEqual([json.esim_profiles, json.meta.previous_page_url], [[], null]);
    const [added] = await addProfiles(1);
    const next = await server.request(json.meta.next_page_url);
    assert.deepEqual(sidsOf(next), known.slice(0, 2));
    assert.deepEqual(sidsOf(await server.request(next.json.meta.previous_page_url)), [added]);
    assert.deepEqual(sidsOf(await server.request(url)), [added]);
  });

  test('older than the oldest leads back to the oldest', async () => {
    const all = sidsOf(await server.request('/v1/ESimProfiles?PageSize=1000'));
    const { json } = await server.request(`/v1/ESimProfiles?PageSize=2&PageToken=PA${all.at(-1)}`);
    assert.deepEqual([json.esim_profiles, json.meta.next_page_url], [[], null]);
    const previous = await server.request(json.meta.previous_page_url);
    assert.deepEqual(sidsOf(previous), all.slice(-2));
  });

  test('beyond the highest possible SID is not an error', async () => {
    for (const token of [`PAHP${'0'.repeat(32)}`, `PBHP${'f'.repeat(32)}`]) {
      const { json } = await server.request(`/v1/ESimProfiles?PageToken=${token}`);
      const { next_page_url: next, previous_page_url: previous } = json.meta;
      assert.equal((await server.request(next ?? previous)).status, 200);
    }
  });
});

describe('meta', () => {
  test('a page names itself, its neighbours and the first, filters before paging', async () => {
    const base = `${server.url}/v1/ESimProfiles?Eid=89049032005008882600033489000001&Status=failed&PageSize=2`;
    // Without stock every order fails, so the filter matches them all in the end.
    await eventually(async () => {
      const { json } = await server.request('/v1/ESimProfiles?Status=new');
      return json.esim_profiles.length === 0 ? true : undefined;
    });
    const first = await server.request(base);
    const [, last] = first.json.esim_profiles;
    assert.deepEqual(first.json.meta, {
      first_page_url: `${base}&Page=0`,
      key: 'esim_profiles',
      next_page_url: `${base}&Page=1&PageToken=PA${last.sid}`,
      page: 0,
      page_size: 2,
      previous_page_url: null,
      url: `${base}&Page=0`,
    });
    const second = await server.request(first.json.meta.next_page_url);
    const [head, tail] = second.json.esim_profiles;
    assert.deepEqual(second.json.meta, {
      first_page_url: `${base}&Page=0`,
      key: 'esim_profiles',
      next_page_url: `${base}&Page=2&PageToken=PA${tail.sid}`,
      page: 1,
      page_size: 2,
      previous_page_url: `${base}&Page=0&PageToken=PB${head.sid}`,
      url: first.json.meta.next_page_url,
    });
    const back = await server.request(second.json.meta.previous_page_url);
    assert.deepEqual(back.json.esim_profiles, first.json.esim_profiles);
    assert.equal(back.json.meta.previous_page_url, null);
    assert.equal(back.json.meta.page, 0);
  });

  test('PageSize above 1000 counts as 1000', async () => {
    const { json } = await server.request('/v1/ESimProfiles?PageSize=2000');
    assert.equal(json.meta.page_size, 1000);
    assert.match(json.meta.url, /\?PageSize=1000&Page=0$/);
  });

  test('page numbers do not exceed the maximum', async () => {
    const { json } = await server.request('/v1/ESimProfiles?PageSize=1');
    const last = json.meta.next_page_url.replace('Page=1&', 'Page=2147483647&');
    const beyond = (await server.request(last)).json.meta.next_page_url;
    assert.match(beyond, /&Page=2147483647&/);
    assert.equal((await server.request(beyond)).status, 200);
  });

  test('a list without records', async () => {
    const { text } = await server.request(
      '/v1/ESimProfiles?SimSid=HS00000000000000000000000000000000',
    );
    const url = `${server.url}/v1/ESimProfiles?SimSid=HS00000000000000000000000000000000&PageSize=50&Page=0`;
    assert.equal(
      text,
      `{"esim_profiles":[],"meta":{"first_page_url":"${url}","key":"esim_profiles",` +
        `"next_page_url":null,"page":0,"page_size":50,"previous_page_url":null,"url":"${url}"}}`,
    );
  });
});
