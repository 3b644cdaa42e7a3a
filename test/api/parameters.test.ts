// Invalid values and their errors, and a fuzz test of every parameter: never a 500, never a hang.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as fc from 'fast-check';
import { AnswerCache } from '../../src/api/answer-cache.ts';
import { basic, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer({ stock: 20 });
});
after(() => server[Symbol.asyncDispose]());

/** [parameters, code, message] */
const BAD_QUERIES: [string, number, string][] = [
  [
    'Status=bogus',
    20001,
    "Invalid parameter Status: expected one of new, reserving, available, downloaded, installed, failed; got 'bogus'",
  ],
  [
    'Status=New',
    20001,
    "Invalid parameter Status: expected one of new, reserving, available, downloaded, installed, failed; got 'New'",
  ],
  ...[
    ['Status=available,bogus', 'bogus'],
    ['Status=bogus&Status=available', 'bogus'],
    ['Status=available&Status=installed,bogus,failed', 'bogus'],
    ['Status=available,', ''],
    ['Status=available,%20installed', ' installed'],
  ].map(([query, got]): [string, number, string] => [
    query!,
    20001,
    `Invalid parameter Status: expected one of new, reserving, available, downloaded, installed, failed; got '${got}'`,
  ]),
  ['Status=available%00', 20001, 'Invalid parameter Status: it contains a NUL character'],
  ...['Iccid', 'MatchingId', 'Eid', 'DateCreatedAfter'].map((name): [string, number, string] => [
    `${name}=2026-01-01&${name}=2026-01-02`,
    20001,
    `Invalid parameter ${name}: expected one string; got ["2026-01-01","2026-01-02"]`,
  ]),
  ...[
    'yesterday',
    '1764000000',
    '2026-11',
    '2026-11-31',
    '2026-13-01',
    '2025-02-29',
    '20261123',
    '2026-W48-1',
    '2026-11-23T12:00:00',
    '2026-11-23T12:00Z',
    '2026-11-23T24:00:00Z',
    '2026-11-23T23:59:60Z',
    '2026-02-30T12:00:00Z',
    '2026-11-23 12:00:00Z',
    '2026-11-23T12:00:00 01:00',
    '2026-11-23T12:00:00+25:00',
    '2026-11-23T12:00:00.Z',
    '2026-11-23Z',
    ' 2026-11-23',
    '-002026-11-23',
    '0000-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59.1Z',
  ].flatMap((date) =>
    ['DateCreatedAfter', 'DateCreatedBefore'].map((name): [string, number, string] => [
      `${name}=${encodeURIComponent(date)}`,
      20001,
      `Invalid parameter ${name}: expected a date such as 2026-11-23 or a date-time such as 2026-11-23T12:00:00Z; got '${date}'`,
    ]),
  ),
  ['PageSize=0', 20001, 'Invalid parameter PageSize: expected at least 1; got 0'],
  ['PageSize=-1', 20001, 'Invalid parameter PageSize: expected at least 1; got -1'],
  ['PageSize=ten', 20001, "Invalid parameter PageSize: expected a whole number; got 'ten'"],
  ['PageSize=1.5', 20001, "Invalid parameter PageSize: expected a whole number; got '1.5'"],
  ...['Infinity', '0x10', '+5', '1e2'].map((size): [string, number, string] => [
    `PageSize=${encodeURIComponent(size)}`,
    20001,
    `Invalid parameter PageSize: expected a whole number; got '${size}'`,
  ]),
  [
    'PageSize=1&PageSize=2',
    20001,
    'Invalid parameter PageSize: expected a whole number; got ["1","2"]',
  ],
  ['Page=1', 20001, 'PageToken is required for paging.'],
  ['Page=-1', 20001, 'Invalid parameter Page: expected at least 0; got -1'],
  ['PageToken=bogus', 21481, 'Invalid PageToken'],
  [`PageToken=PAHS${'0'.repeat(32)}`, 21481, 'Invalid PageToken'],
  [`PageToken=PCHP${'0'.repeat(32)}`, 21481, 'Invalid PageToken'],
];

describe('ListEsimProfile refuses', () => {
  for (const [query, code, message] of BAD_QUERIES) {
    test(query, async () => {
      const { status, json } = await server.request(`/v1/ESimProfiles?${query}`);
      assert.equal(status, 400);
      assert.deepEqual(json, {
        code,
        message,
        more_info: `https://www.twilio.com/docs/errors/${code}`,
        status: 400,
      });
    });
  }

  test('nothing unknown or empty', async () => {
    const plain = await server.request('/v1/ESimProfiles');
    for (const query of ['Colour=red', 'Status=', 'Eid=', 'Page=0', 'PageSize=']) {
      const { status, json } = await server.request(`/v1/ESimProfiles?${query}`);
      assert.equal(status, 200, query);
      assert.deepEqual(json.esim_profiles, plain.json.esim_profiles);
    }
  });

  test('no unknown Eid or SimSid: the list is empty', async () => {
    const long = 'x'.repeat(5000);
    for (const query of ['Eid=0', 'SimSid=HS0', `Eid=${'9'.repeat(32)}`, `SimSid=${long}`]) {
      const { status, json } = await server.request(`/v1/ESimProfiles?${query}`);
      assert.equal(status, 200);
      assert.deepEqual(json.esim_profiles, []);
    }
    for (const query of [`Iccid=${long}`, `Fleet=${long}`]) {
      const { status, json } = await server.request(`/v1/Sims?${query}`);
      assert.deepEqual([status, json.sims], [200, []]);
    }
  });

  test('no long filter; it is not cached either', async () => {
    const cache = new AnswerCache(server.server.context.store);
    for (const [key, times] of [
      ['short', 2],
      ['x'.repeat(5000), 5],
    ] as const) {
      let made = 0;
      const make = async () => `made ${++made}`;
      for (let time = 0; time < 5; time++) await cache.answer(key, make);
      assert.equal(made, times);
    }
  });
});

const NEITHER =
  'Missing required parameter Eid in the post body; without it, GenerateMatchingId must be true';
const BAD_ORDERS: [Record<string, string>, string][] = [
  [{}, NEITHER],
  [{ GenerateMatchingId: 'false' }, NEITHER],
  [
    { GenerateMatchingId: 'maybe' },
    "Invalid parameter GenerateMatchingId: expected true or false; got 'maybe'",
  ],
  [{ Eid: '123' }, "Invalid parameter Eid: expected 32 hexadecimal digits; got '123'"],
  [
    { Eid: '89049032123451234512345678901236' },
    "Invalid parameter Eid: expected check digits 35 at the end; got '89049032123451234512345678901236'",
  ],
  [
    { GenerateMatchingId: 'true', CallbackMethod: 'PUT' },
    "Invalid parameter CallbackMethod: expected one of GET, POST; got 'PUT'",
  ],
  [
    { GenerateMatchingId: 'true', CallbackUrl: 'ftp://example.com' },
    "Invalid parameter CallbackUrl: expected an http or https URL, or none; got 'ftp://example.com'",
  ],
  [
    { GenerateMatchingId: 'true', CallbackUrl: 'http://exa mple.com/' },
    "Invalid parameter CallbackUrl: expected an http or https URL, or none; got 'http://exa mple.com/'",
  ],
];

describe('CreateEsimProfile refuses', () => {
  for (const [form, message] of BAD_ORDERS) {
    test(JSON.stringify(form), async () => {
      for (const options of [{ form }, { body: form }]) {
        const { status, json } = await server.request('/v1/ESimProfiles', options);
        assert.equal(status, 400);
        assert.deepEqual([json.code, json.message], [20001, message]);
      }
    });
  }

  test('a missing body for its missing parameters', async () => {
    const { status, json } = await server.request('/v1/ESimProfiles', { method: 'POST' });
    assert.deepEqual([status, json.message], [400, NEITHER]);
  });
});

describe('CreateEsimProfile accepts', () => {
  const orders: [string, object][] = [
    ['GenerateMatchingId=True, as some SDKs send it', { form: { GenerateMatchingId: 'True' } }],
    ['JSON', { body: { GenerateMatchingId: true } }],
    ['JSON with null for absent values', { body: { GenerateMatchingId: true, Eid: null } }],
    ['an EID of 32 hexadecimal digits', { form: { Eid: '89049032005008882600033489aaaaaa' } }],
    ['an EID with its check digits', { form: { Eid: '89049032123451234512345678901235' } }],
    [
      'both an EID and GenerateMatchingId',
      { form: { Eid: '89049032123451234512345678901235', GenerateMatchingId: 'true' } },
    ],
    ['unknown parameters', { form: { GenerateMatchingId: 'true', Colour: 'red' } }],
  ];
  for (const [title, options] of orders) {
    test(title, async () => {
      const { status } = await server.request('/v1/ESimProfiles', options);
      assert.equal(status, 201);
    });
  }

  test('an EID with wrong check digits if the setting allows it', async () => {
    await using relaxed = await startTestServer({ env: { SIMWRIGHT_EID_CHECK_DIGITS: 'off' } });
    const form = { Eid: '89049032123451234512345678901236' };
    assert.equal((await relaxed.request('/v1/ESimProfiles', { form })).status, 201);
  });
});

describe('an unusual JSON body', () => {
  const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
  for (const [title, json, status] of [
    ['an object that cannot be a string', '{"Eid":{"toString":1}}', 400],
    ['extreme nesting', `{"Eid":${deep}}`, 400],
    ['extreme nesting in an unknown parameter', `{"GenerateMatchingId":true,"Foo":${deep}}`, 201],
    ['the same object in an unknown one', '{"GenerateMatchingId":true,"Foo":{"toString":1}}', 201],
    ['an unknown parameter that every object has', '{"GenerateMatchingId":true,"toString":1}', 201],
  ] as const) {
    test(`${title} is answered with ${status}`, async () => {
      const answer = await fetch(`${server.url}/v1/ESimProfiles`, {
        method: 'POST',
        headers: { Authorization: basic(server.account), 'Content-Type': 'application/json' },
        body: json,
      });
      assert.equal(answer.status, status);
    });
  }
});

function answersWell(status: number) {
  assert.ok([200, 201, 202, 400, 404].includes(status), String(status));
}

describe('a fuzz of every parameter', () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(
      '',
      '0',
      '-1',
      '1e9',
      'NaN',
      'Infinity',
      'null',
      'true',
      '%00',
      '\u0000',
      "' or 1=1 --",
    ),
    fc.integer().map(String),
    fc.constantFrom('PAHP', `PAHP${'f'.repeat(32)}`, `PBHP${'0'.repeat(32)}`, 'x'.repeat(3000)),
  );
  const parameters = (names: string[]) => fc.dictionary(fc.constantFrom(...names), value);

  for (const [path, names] of [
    [
      '/v1/ESimProfiles',
      [
        'Eid',
        'SimSid',
        'Status',
        'Iccid',
        'MatchingId',
        'DateCreatedAfter',
        'DateCreatedBefore',
        'PageSize',
        'Page',
        'PageToken',
      ],
    ],
    [
      '/v1/Sims',
      [
        'Status',
        'Iccid',
        'Fleet',
        'UniqueName',
        'DateCreatedAfter',
        'DateCreatedBefore',
        'PageSize',
        'Page',
        'PageToken',
      ],
    ],
  ] as const) {
    test(`GET ${path}`, async () => {
      await fc.assert(
        fc.asyncProperty(parameters([...names]), async (query) => {
          answersWell(
            (await server.request(`${path}?${new URLSearchParams(query).toString()}`)).status,
          );
        }),
        { numRuns: 300 },
      );
    });
  }

  test('GET with an arbitrary SID in the path', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }), async (sid) => {
        const path = encodeURIComponent(sid).replaceAll('.', '%2E');
        answersWell((await server.request(`/v1/ESimProfiles/${path}`)).status);
        answersWell((await server.request(`/v1/ESimProfiles/${path}/Events`)).status);
        answersWell((await server.request(`/v1/Sims/${path}`)).status);
      }),
      { numRuns: 150 },
    );
  });

  test('POST as a form and as JSON', async () => {
    const values = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constant('toString'), fc.jsonValue()));
    const names = ['Eid', 'GenerateMatchingId', 'CallbackUrl', 'CallbackMethod', 'ProfileType'];
    await fc.assert(
      fc.asyncProperty(parameters(names), async (form) => {
        answersWell((await server.request('/v1/ESimProfiles', { form })).status);
      }),
      { numRuns: 200 },
    );
    await fc.assert(
      fc.asyncProperty(values, fc.constantFrom(...names, 'Foo'), async (json, name) => {
        answersWell((await server.request('/v1/ESimProfiles', { body: json })).status);
        answersWell((await server.request('/v1/ESimProfiles', { body: { [name]: json } })).status);
      }),
      { numRuns: 200 },
    );
  });

  test('left no error in the log', () => {
    assert.deepEqual(
      server.logged.filter((line) => JSON.parse(line).level >= 50),
      [],
    );
  });
});
