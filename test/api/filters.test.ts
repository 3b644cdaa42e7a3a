// The filters of the lists, alone and combined, paged forward and backward.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { changeStatus, insertEsimProfile } from '../../src/operator/esim-profile.ts';
import { ensureSim } from '../../src/operator/sim.ts';
import type { EsimProfileRow, EsimProfileStatus, SimStatus } from '../../src/store/schema.ts';
import type { Transaction } from '../../src/store/store.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import type { TestServer } from '../server.ts';
import { unitAt } from '../unit.ts';

const LIVES: EsimProfileStatus[][] = [
  ['reserving', 'available'],
  ['reserving', 'available', 'downloaded'],
  ['reserving', 'available', 'downloaded', 'installed'],
  ['reserving', 'failed'],
];
const EIDS = ['89049032005008882600033489aaaaaa', '89049032005008882600033489bbbbbb'];
/** Around midnight, several in a second, the first and the last millisecond of one. */
const TIMES = [
  '2026-11-22T12:00:00.000Z',
  '2026-11-22T23:59:59.000Z',
  '2026-11-22T23:59:59.999Z',
  '2026-11-23T00:00:00.000Z',
  '2026-11-23T00:00:00.001Z',
  '2026-11-23T00:00:00.999Z',
  '2026-11-23T00:00:01.000Z',
  '2026-11-23T12:00:00.500Z',
  '2026-11-24T00:00:00.000Z',
].map((text) => new Date(text));
const COUNT = TIMES.length * LIVES.length * EIDS.length;

const pad = (number: number, length: number) => String(number).padStart(length, '0');
const iccidOf = (index: number) => `890000000000${pad(index, 7)}`;
const matchingIdOf = (index: number) => `AAAAA-BBBBB-CCCCC-DDDDD-${pad(index, 5)}`;
const simSidOf = (index: number) => `HS${pad(index, 32)}`;
/** As `Sids` would have made it. */
const sidAt = (date: Date, index: number) =>
  `HP${date.getTime().toString(16).padStart(12, '0')}7${pad(index, 3)}8${'0'.repeat(15)}`;

const NAMES = ['Truck 1', 'truck 10', 'Äther', null, 'Ä'];
const SITES = ['Berlin', 'Hamburg', 'a=b&c, "d"'];
const TYPES = ['default', 'fleet'];
const metadataOf = (index: number) =>
  index % 4 === 0 ? null : JSON.stringify({ lot: String(index % 2), site: SITES[index % 3] });

/** A profile that ends within the transaction, so no job processes it. */
async function insert(index: number, accountSid: string, tables: Transaction): Promise<void> {
  const date = TIMES[index % TIMES.length]!;
  let row: EsimProfileRow = await insertEsimProfile(
    {
      account_sid: accountSid,
      sid: sidAt(date, index),
      eid: EIDS[(index / LIVES.length / TIMES.length) | 0]!,
      generate_matching_id: 1,
      profile_type: TYPES[index % 2]!,
      friendly_name: NAMES[index % NAMES.length]!,
      metadata: metadataOf(index),
      confirmation_code: null,
      callback_url: null,
      callback_method: 'POST',
    },
    { cause: 'test' },
    unitAt(tables, date),
  );
  const reserved = {
    iccid: iccidOf(index),
    sim_sid: simSidOf(index),
    matching_id: matchingIdOf(index),
  };
  for (const status of LIVES[((index / TIMES.length) | 0) % LIVES.length]!) {
    const learned = status === 'available' ? reserved : {};
    row = await changeStatus(row, status, learned, { cause: 'test' }, unitAt(tables, date));
  }
}

type Query = [name: string, value: string][];
type Listed = Record<string, string> & { metadata?: Record<string, string> };

/** Reference implementation of a query: whether a record belongs to the list. */
function isAskedFor(query: Query, record: Listed): boolean {
  const values = Map.groupBy(query, ([name]) => name);
  return [...values].every(([name, given]) => {
    const wanted = given.flatMap(([, value]) => value.split(','));
    const created = new Date(record['date_created']!);
    if (name === 'DateCreatedAfter') return created >= new Date(wanted[0]!);
    if (name === 'DateCreatedBefore') return created < new Date(wanted[0]!);
    if (name === 'FriendlyName') {
      return record['friendly_name'] === given[0]![1].normalize().trim();
    }
    if (name === 'FriendlyNamePrefix') {
      const [begins, shown = ''] = [given[0]![1], record['friendly_name']];
      return shown.toLowerCase().startsWith(begins.toLowerCase());
    }
    const [, key] = /^Metadata[.[]([^\]]+)/.exec(name) ?? [];
    if (key !== undefined) return record.metadata?.[key] === given[0]![1];
    return wanted.includes(record[FIELDS[name]!]!);
  });
}

const FIELDS: Record<string, string> = {
  Eid: 'eid',
  SimSid: 'sim_sid',
  Status: 'status',
  Iccid: 'iccid',
  MatchingId: 'matching_id',
  UniqueName: 'unique_name',
  Fleet: 'fleet_sid',
  ProfileType: 'profile_type',
};

const textOf = (query: Query) => new URLSearchParams(query).toString();

async function walk(server: TestServer, from: string, link: string) {
  const [, key] = /\/v1\/(\w+)/.exec(from)!;
  const records: Listed[] = [];
  let lastUrl = from;
  for (let url: string | null = from; url !== null;) {
    lastUrl = url;
    const { status, json } = await server.request(url);
    assert.equal(status, 200, JSON.stringify(json));
    const found = json[key === 'Sims' ? 'sims' : 'esim_profiles'];
    records.push(...(link === 'next_page_url' ? found : found.toReversed()));
    url = json.meta[link];
  }
  return { records, lastUrl };
}

/** Pages through the list both ways, compares it with the matching records of `all`, and counts it. */
async function checkWalk(
  server: TestServer,
  path: string,
  query: Query,
  all: Listed[],
): Promise<number> {
  const expected = all.filter((record) => isAskedFor(query, record));
  const from = `${path}?PageSize=3&${textOf(query)}`;
  const forward = await walk(server, from, 'next_page_url');
  assert.deepEqual(forward.records, expected, textOf(query));
  const backward = await walk(server, forward.lastUrl, 'previous_page_url');
  assert.deepEqual(backward.records.toReversed(), expected, textOf(query));
  const { json } = await server.request(`${path}/Count?${textOf(query)}`);
  assert.deepEqual(json, { count: expected.length, more: false }, textOf(query));
  return expected.length;
}

onEachDatabase('filters of ListEsimProfile and CountEsimProfile', (database) => {
  const server = serverOn(database, { stock: 0 });
  let all: Listed[];
  before(async () => {
    const { store } = server().server.context;
    const order = Array.from({ length: COUNT }, (_, index) => index);
    await store.transaction(async (tables) => {
      for (const index of order) await insert(index, server().account.username, tables);
    });
    all = (await server().request('/v1/ESimProfiles?PageSize=1000')).json.esim_profiles;
    assert.equal(all.length, COUNT);
  });

  const index = 2 * TIMES.length + 3;
  const queries: Query[] = [
    [['Iccid', iccidOf(index)]],
    [['MatchingId', matchingIdOf(index)]],
    [['DateCreatedAfter', '2026-11-23']],
    [['DateCreatedBefore', '2026-11-23']],
    [['DateCreatedAfter', '2026-11-23T00:00:00Z']],
    [['DateCreatedAfter', '2026-11-23T00:00:00.001Z']],
    [['DateCreatedBefore', '2026-11-23T00:00:00.001Z']],
    [['DateCreatedBefore', '2026-11-23T00:00:01Z']],
    [['DateCreatedAfter', '2026-11-23T01:00:01+01:00']],
    [['DateCreatedBefore', '2026-11-22T18:29:59-05:30']],
    [
      ['DateCreatedAfter', '2026-11-22T23:59:59Z'],
      ['DateCreatedBefore', '2026-11-23T00:00:01Z'],
    ],
    [['Status', 'downloaded']],
    [
      ['Status', 'available'],
      ['Status', 'downloaded'],
    ],
    [['Status', 'failed,available,downloaded']],
    [
      ['Status', 'new,installed'],
      ['Status', 'reserving,installed'],
    ],
    [['Status', 'new,reserving,available,downloaded,installed']],
    [['Status', 'new,reserving,available,downloaded,installed,failed']],
    [
      ['Status', 'available,failed'],
      ['DateCreatedAfter', '2026-11-23'],
      ['DateCreatedBefore', '2026-11-24'],
    ],
    [
      ['Eid', EIDS[0]!],
      ['DateCreatedAfter', '2026-11-23'],
    ],
    [
      ['Eid', EIDS[1]!],
      ['Status', 'available,installed'],
    ],
    [
      ['Eid', EIDS[1]!],
      ['Status', 'available'],
      ['Status', 'failed'],
      ['Status', 'installed'],
      ['DateCreatedAfter', '2026-11-22T23:59:59Z'],
      ['DateCreatedBefore', '2026-11-24'],
    ],
    [['ProfileType', 'fleet']],
    [
      ['ProfileType', 'fleet'],
      ['Status', 'available,installed'],
      ['DateCreatedAfter', '2026-11-22T23:59:59Z'],
    ],
    [['FriendlyName', 'truck 10']],
    [['FriendlyName', ' A\u0308ther ']],
    [['FriendlyNamePrefix', 'TRUCK 1']],
    [['FriendlyNamePrefix', 'ä']],
    [
      ['FriendlyNamePrefix', 'tr'],
      ['Metadata.site', 'Berlin'],
      ['Status', 'failed,downloaded'],
    ],
    [['Metadata.site', 'Berlin']],
    [['Metadata[site]', SITES[2]!]],
    [
      ['Metadata.site', 'Hamburg'],
      ['Metadata.lot', '1'],
    ],
    [
      ['Metadata.lot', '1'],
      ['Metadata.site', 'Berlin'],
      ['FriendlyName', 'Äther'],
      ['ProfileType', 'fleet'],
      ['Eid', EIDS[0]!],
      ['DateCreatedBefore', '2026-11-24'],
    ],
    [
      ['SimSid', simSidOf(index)],
      ['Status', 'installed,available'],
      ['DateCreatedAfter', '2026-11-01'],
    ],
    [
      ['Eid', EIDS[0]!],
      ['SimSid', simSidOf(index)],
      ['Status', 'installed'],
      ['Iccid', iccidOf(index)],
      ['MatchingId', matchingIdOf(index)],
      ['DateCreatedAfter', '2026-11-01'],
      ['DateCreatedBefore', '2026-12-01'],
    ],
  ];
  for (const query of queries) {
    test(`${textOf(query)}, forward and backward`, async () => {
      assert.notEqual(await checkWalk(server(), '/v1/ESimProfiles', query, all), 0);
    });
  }

  test('that match nothing give an empty list', async () => {
    for (const query of [
      'Iccid=8900000000009999999',
      'MatchingId=none',
      `Iccid=${iccidOf(0)}&MatchingId=${matchingIdOf(1)}`,
      'Status=new,reserving',
      'DateCreatedAfter=9999-12-31T23:59:59Z',
      'DateCreatedBefore=0001-01-01',
      'DateCreatedAfter=2026-11-24&DateCreatedBefore=2026-11-23',
      'DateCreatedAfter=2026-11-23&DateCreatedBefore=2026-11-23',
      `Status=installed&Iccid=${iccidOf(0)}`,
    ]) {
      const { status, json } = await server().request(`/v1/ESimProfiles?${query}`);
      assert.deepEqual([status, json.esim_profiles], [200, []], query);
      assert.equal(json.meta.next_page_url, null);
    }
  });

  test('a token from outside the dates leads into them', async () => {
    const query = 'DateCreatedAfter=2026-11-23&DateCreatedBefore=2026-11-24&PageSize=1000';
    const inside = all.filter(({ date_created }) => date_created!.startsWith('2026-11-23'));
    for (const [token, expected] of [
      [`PA${all[0]!['sid']}`, inside],
      [`PB${all.at(-1)!['sid']}`, inside],
      [`PB${all[0]!['sid']}`, []],
      [`PA${all.at(-1)!['sid']}`, []],
    ] as const) {
      const { json } = await server().request(`/v1/ESimProfiles?${query}&PageToken=${token}`);
      assert.deepEqual(json.esim_profiles, expected);
    }
  });

  test('URLs repeat them in a normal form', async () => {
    const base = `${server().url}/v1/ESimProfiles?Status=available&Status=installed&`;
    const dates =
      'DateCreatedAfter=2026-11-22T23%3A00%3A00Z&DateCreatedBefore=2026-11-24T00%3A00%3A00Z&';
    const { json } = await server().request(
      '/v1/ESimProfiles?DateCreatedBefore=2026-11-23T23:59:59.5Z&Status=installed&PageSize=2' +
        '&DateCreatedAfter=2026-11-23T00:00:00%2B01:00&Status=available,installed&Colour=red',
    );
    const { meta, esim_profiles: found } = json;
    assert.equal(meta.url, `${base}${dates}PageSize=2&Page=0`);
    assert.equal(meta.first_page_url, meta.url);
    assert.equal(
      meta.next_page_url,
      `${base}${dates}PageSize=2&Page=1&PageToken=PA${found.at(-1).sid}`,
    );
    const other = await server().request(
      `/v1/ESimProfiles?MatchingId=${matchingIdOf(1)}&Iccid=${iccidOf(1)}&Eid=${EIDS[0]}&PageSize=1`,
    );
    assert.equal(
      other.json.meta.url,
      `${server().url}/v1/ESimProfiles?Eid=${EIDS[0]}&Iccid=${iccidOf(1)}` +
        `&MatchingId=${matchingIdOf(1)}&PageSize=1&Page=0`,
    );
    const owned = await server().request(
      `/v1/ESimProfiles?Metadata[site]=${encodeURIComponent(SITES[2]!)}&Metadata.lot=1&FriendlyName=%C3%84&PageSize=1`,
    );
    assert.equal(
      owned.json.meta.url,
      `${server().url}/v1/ESimProfiles?FriendlyName=%C3%84&Metadata.lot=1` +
        `&Metadata.site=a%3Db%26c%2C%20%22d%22&PageSize=1&Page=0`,
    );
  });

  test('empty ones count as absent', async () => {
    const { json } = await server().request(
      '/v1/ESimProfiles?PageSize=1000&Status=&Status=&Iccid=&MatchingId=&DateCreatedAfter=&DateCreatedBefore=' +
        '&ProfileType=&FriendlyName=&FriendlyNamePrefix=%20&Metadata.site=',
    );
    assert.deepEqual(json.esim_profiles, all);
    assert.equal(json.meta.url, `${server().url}/v1/ESimProfiles?PageSize=1000&Page=0`);
  });

  test('another account sees none of them', async () => {
    const other = await server().addAccount(0);
    for (const query of queries) {
      const { json } = await server().request(`/v1/ESimProfiles?${textOf(query)}`, { as: other });
      assert.deepEqual(json.esim_profiles, []);
    }
  });

  describe('ListSim, CountSim: Sims', () => {
    let sims: Record<string, string>[];
    before(async () => {
      const { store } = server().server.context;
      const accountSid = server().account.username;
      await store.transaction(async (tables) => {
        const statuses: SimStatus[] = ['new', 'ready', 'active', 'inactive'];
        for (let count = 0; count < 24; count++) {
          const sim = await ensureSim(accountSid, iccidOf(count), unitAt(tables, new Date()));
          await tables.sims.update({
            ...sim,
            status: statuses[count % 4]!,
            unique_name: `sim ${count}`,
            fleet_sid: count < 12 ? `HF${'0'.repeat(32)}` : null,
          });
        }
      });
      sims = (await server().request('/v1/Sims?PageSize=1000')).json.sims;
    });

    for (const query of [
      [['UniqueName', 'sim 7']],
      [['Status', 'ready,active']],
      [
        ['Fleet', `HF${'0'.repeat(32)}`],
        ['Status', 'ready'],
        ['Status', 'inactive'],
      ],
      [['DateCreatedAfter', '2020-01-01']],
      [
        ['Status', 'new,active'],
        ['DateCreatedAfter', '2020-01-01'],
        ['DateCreatedBefore', '9999-01-01'],
      ],
    ] satisfies Query[]) {
      test(`${textOf(query)}, forward and backward`, async () => {
        assert.notEqual(await checkWalk(server(), '/v1/Sims', query, sims), 0);
      });
    }

    test('created before there were any', async () => {
      const { json } = await server().request('/v1/Sims?DateCreatedBefore=2020-01-01');
      assert.deepEqual(json.sims, []);
    });
  });

  test('the creation date is that of the SID', async () => {
    for (let count = 0; count < 50; count++) {
      const { json } = await server().request('/v1/ESimProfiles', {
        form: { GenerateMatchingId: 'true' },
      });
      const seconds = Math.floor(Number.parseInt(json.sid.slice(2, 14), 16) / 1000);
      assert.equal(Date.parse(json.date_created) / 1000, seconds);
    }
  });
});
