// The stock over the API: counted, and filled from a file.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApiKey } from '../../src/operator/account/account.ts';
import { checkThresholds } from '../../src/operator/stock/threshold.ts';
import { luhnDigit } from '../../src/rsp/identifiers.ts';
import type { StockCount } from '../../src/store/stock.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { basic, startTestServer } from '../server.ts';
import { startReceiver } from '../receiver.ts';
import type { Credentials } from '../server.ts';
import { unitAt } from '../unit.ts';

const PATH = '/v1/Stock/Imports';
const HEADER = 'iccid,imsi,ki,opc,profile_type';
const KI = '465B5CE8B199B49FAA5F0A2EE238A6BC';
const OPC = 'CD63CB71954A9F4E48A5994E37A02BAF';
const NONE = {
  Available: 0,
  Allocated: 0,
  Linked: 0,
  Confirmed: 0,
  Released: 0,
  Downloaded: 0,
  Installed: 0,
  Error: 0,
  Unavailable: 0,
};

/** In the terms of the command line and the console. */
const NO_USE = { ordered: 0, in_use: 0, unusable: 0 };

function iccid(serial: number): string {
  const digits = `8988303${String(serial).padStart(11, '0')}`;
  return digits + luhnDigit(digits);
}

const imsi = (serial: number) => `90128${String(serial).padStart(10, '0')}`;
const row = (serial: number, type = '') => [iccid(serial), imsi(serial), KI, OPC, type].join(',');
const csv = (...lines: string[]) => `${[HEADER, ...lines].join('\n')}\n`;

function errorBody(status: number, code: number, message: string, more: object = {}) {
  const info = `https://www.twilio.com/docs/errors/${code}`;
  return { code, message, more_info: info, status, ...more };
}

/** @param inStock first and last serial in stock */
function outlook(basis: string, taken: number, [first, last]: [first: number, last: number]) {
  return {
    iccid_ranges: [{ first: iccid(first), last: iccid(last), available: last - first + 1 }],
    more_iccid_ranges: 0,
    threshold: null,
    forecast: {
      basis,
      window_days: null,
      taken,
      per_day: null,
      days_left: null,
      date: null,
    },
  };
}

onEachDatabase('the stock', (database) => {
  const running = serverOn(database, { stock: 0 });

  const importCsv = (text: string, as: Credentials, query = '') =>
    running().request(PATH + query, { csv: text, as });

  async function totalOf(as: Credentials): Promise<number> {
    const { json } = await running().request('/v1/Stock', { as });
    return json.profile_types.reduce((sum: number, { total }: any) => sum + Number(total), 0);
  }

  test('FetchStock: is counted by profile type and state', async () => {
    const server = running();
    const as = await server.addAccount(0);
    const url = `${server.url}/v1/Stock`;
    const empty = await server.request('/v1/Stock', { as });
    assert.equal(empty.status, 200);
    assert.deepEqual(empty.json, { account_sid: as.username, profile_types: [], url });

    await importCsv(csv(row(1), row(2), row(3, 'iot'), row(4, 'iot'), row(5, 'IoT')), as);
    await server.order({ GenerateMatchingId: 'true', ProfileType: 'iot' }, as);
    assert.deepEqual((await server.request('/v1/Stock', { as })).json, {
      account_sid: as.username,
      profile_types: [
        {
          profile_type: 'IoT',
          ...NO_USE,
          available: 1,
          total: 1,
          states: { ...NONE, Available: 1 },
          ...outlook('no_orders', 0, [5, 5]),
        },
        {
          profile_type: 'default',
          ...NO_USE,
          available: 2,
          total: 2,
          states: { ...NONE, Available: 2 },
          ...outlook('no_orders', 0, [1, 2]),
        },
        {
          profile_type: 'iot',
          ...NO_USE,
          available: 1,
          ordered: 1,
          total: 2,
          states: { ...NONE, Available: 1, Released: 1 },
          ...outlook('too_little_data', 1, [4, 4]),
        },
      ],
      url,
    });
    assert.equal(await totalOf(server.account), 0);
  });

  test('FetchStock: ranges of ICCIDs go on over blocks of a million that have something in stock', async () => {
    const as = await running().addAccount(0);
    await importCsv(csv(row(7), row(8), row(1_000_001), row(3_000_001)), as);
    const { json } = await running().request('/v1/Stock', { as });
    assert.deepEqual(json.profile_types[0].iccid_ranges, [
      { first: iccid(7), last: iccid(1_000_001), available: 3 },
      { first: iccid(3_000_001), last: iccid(3_000_001), available: 1 },
    ]);
  });

  test('UpdateStock: an account is told once that a profile type runs low, and once that there is enough again', async () => {
    const server = running();
    await using receiver = await startReceiver();
    const as = await server.addAccount(0);
    const { store, transact } = server.server.context;
    const told = async () => {
      const { parameters, headers } = await receiver.next();
      assert.match(headers['x-twilio-signature'] as string, /=$/);
      const { StockThresholdSid: sid, DateUpdated: date, ...rest } = parameters;
      assert.match(sid!, /^ST[0-9a-f]{32}$/);
      assert.match(date!, /Z$/);
      return rest;
    };
    const serials = (count: number, from: number) =>
      csv(...Array.from({ length: count }, (_, index) => row(from + index, 'edge')));
    await importCsv(serials(10, 100), as);
    const set = (form: Record<string, string>) =>
      server.request('/v1/Stock', { as, form: { ProfileType: 'edge', ...form } });
    const CallbackUrl = receiver.url.replace('//', '//meter:secret@');
    const { json } = await set({ Threshold: '10', CallbackUrl });
    const { threshold } = json.profile_types[0];
    assert.equal(threshold.state, 'sufficient');
    assert.equal(threshold.callback_url, receiver.url.replace('//', '//***:***@'));

    await server.order({ GenerateMatchingId: 'true', ProfileType: 'edge' }, as);
    // By several nodes at once.
    const crossed = await Promise.all([1, 2, 3].map(() => checkThresholds({ store, transact })));
    assert.ok(crossed.reduce((sum, count) => sum + count, 0) <= 1);
    const low = {
      AccountSid: as.username,
      ApiVersion: 'v1',
      ProfileType: 'edge',
      Status: 'low',
      PreviousStatus: 'sufficient',
      Available: '9',
      Threshold: '10',
    };
    assert.deepEqual(await told(), low);
    // At the edge nothing is told: there is enough again a tenth above the threshold.
    await importCsv(serials(1, 200), as);
    assert.equal(await checkThresholds({ store, transact }), 0);
    await importCsv(serials(1, 201), as);
    await checkThresholds({ store, transact });
    const enough = { ...low, Status: 'sufficient', PreviousStatus: 'low', Available: '11' };
    assert.deepEqual(await told(), enough);
    const { json: list } = await server.request('/v1/Callbacks', { as });
    assert.deepEqual(
      list.callbacks.map((callback: any) => [
        callback.stock_threshold_sid === threshold.sid,
        callback.esim_profile_sid,
        callback.sim_sid,
      ]),
      [
        [true, null, null],
        [true, null, null],
      ],
    );
    assert.equal((await set({ Threshold: '' })).json.profile_types[0].threshold, null);
    assert.equal(await checkThresholds({ store, transact }), 0);
  });

  test('UpdateStock: a threshold is of a profile type that there is, and a number within limits', async () => {
    const form = (ProfileType: string, Threshold: string) => ({ form: { ProfileType, Threshold } });
    const messageOf = async (options: { form: Record<string, string> }) => {
      const { status, json } = await running().request('/v1/Stock', options);
      assert.equal(status, 400);
      return json.message;
    };
    assert.equal(
      await messageOf(form('nothing', '5')),
      "Invalid parameter ProfileType: the account has no subscriptions of the profile type 'nothing'",
    );
    assert.equal(
      await messageOf({ form: { Threshold: '5' } }),
      'Missing required parameter ProfileType in the body',
    );
    for (const wrong of ['0', '-1', '100001', '1e3', '12.5']) {
      assert.equal(
        await messageOf(form('nothing', wrong)),
        `Invalid parameter Threshold: expected a whole number from 1 to 100000, or empty; got '${wrong}'`,
      );
    }
  });

  test('CreateStockImport: imports a file: adds new rows; importing it again has no effect', async () => {
    const as = await running().addAccount(0);
    const dry = await importCsv(csv(row(1), row(2)), as, '?DryRun=true');
    assert.deepEqual(
      [dry.status, dry.json],
      [200, { imported: 2, already_in_stock: 0, dry_run: true, ignored_columns: [] }],
    );
    assert.equal(await totalOf(as), 0);
    const first = await importCsv(csv(row(1), row(2)), as);
    assert.deepEqual(first.json, {
      imported: 2,
      already_in_stock: 0,
      dry_run: false,
      ignored_columns: [],
    });
    const second = await importCsv(csv(row(1), row(2), row(3)), as, '?DryRun=False');
    assert.deepEqual(second.json, {
      imported: 1,
      already_in_stock: 2,
      dry_run: false,
      ignored_columns: [],
    });
    assert.equal(await totalOf(as), 3);
  });

  test('imports nothing from a file with errors, and lists them', async () => {
    const as = await running().addAccount(0);
    const { status, json } = await importCsv(
      csv(row(1), row(2).replace(imsi(2), '12345a'), row(3).replace(KI, KI.slice(1)), 'x'),
      as,
    );
    const problems = [
      { line: 3, column: 'imsi', message: "expected 6 to 15 digits; got '12345a'" },
      {
        line: 4,
        column: 'ki',
        message:
          'expected 32 hexadecimal digits, or 64 with topc; got 31 characters' +
          ' (looks as if a spreadsheet had dropped leading zeros: keep the column as text)',
      },
      { line: 5, column: null, message: 'expected 5 fields, as the first row has; got 1' },
    ];
    const message = '3 problems in the file; nothing was imported';
    assert.equal(status, 400);
    assert.deepEqual(json, errorBody(400, 20001, message, { problem_count: 3, problems }));
    assert.equal(await totalOf(as), 0);
  });

  test('lists the first 200 errors, and counts the others', async () => {
    const as = await running().addAccount(0);
    const { json } = await importCsv(csv(...Array.from({ length: 300 }, () => 'x')), as);
    assert.deepEqual(
      [json.problem_count, json.problems.length, json.problems.at(-1).line],
      [300, 200, 201],
    );
  });

  test('reports a file without rows', async () => {
    const as = await running().addAccount(0);
    const problems = [{ line: 1, column: null, message: 'expected column names; got nothing' }];
    for (const text of ['', '\n\n']) {
      const { status, json } = await importCsv(text, as);
      const message = '1 problem in the file; nothing was imported';
      const body = errorBody(400, 20001, message, { problem_count: 1, problems });
      assert.deepEqual([status, json], [400, body]);
    }
    const header = await importCsv(`${HEADER}\n`, as);
    assert.deepEqual(header.json, {
      imported: 0,
      already_in_stock: 0,
      dry_run: false,
      ignored_columns: [],
    });
  });

  test('accepts only CSV, of any declared character set', async () => {
    const server = running();
    const as = await server.addAccount(0);
    for (const options of [
      { form: { a: 'b' } },
      { body: {} },
      { csv: csv(row(1)), headers: { 'Content-Type': 'application/octet-stream' } },
    ]) {
      const { status, json } = await server.request(PATH, { ...options, as });
      assert.deepEqual(
        [status, json],
        [415, errorBody(415, 20415, 'Expected Content-Type text/csv')],
      );
    }
    const named = await server.request(PATH, {
      csv: csv(row(1)),
      as,
      headers: { 'Content-Type': 'text/csv; charset=UTF-8' },
    });
    assert.equal(named.status, 200);
    // Other operations still refuse CSV.
    const order = await server.request('/v1/ESimProfiles', { csv: csv(), as });
    assert.deepEqual([order.status, order.json.code], [415, 20415]);
  });

  test('refuses an import by a read-only key', async () => {
    const { account, server } = running();
    const { key, secret } = await server.context.store.transaction((tables) =>
      createApiKey(account.username, 'test', 'read', unitAt(tables, new Date())),
    );
    const as = { username: key.sid, password: secret };
    const { status, json } = await importCsv(csv(row(1)), as);
    assert.deepEqual([status, json.detail], [403, 'This API key may only read.']);
    assert.equal((await running().request('/v1/Stock', { as })).status, 200);
  });

  test('ignores unknown columns, or reads them as given by Map', async () => {
    const as = await running().addAccount(0);
    const file = `Card number,IMSI,Key,OPC,LABEL,,\n${iccid(1)}F,${imsi(1)},${KI},${OPC},van,x,\n`;
    const { status, json } = await importCsv(file, as);
    const problem = {
      line: 1,
      column: null,
      message:
        'expected a column for iccid, by its name or by a mapping; ' +
        "got 'Card number', 'IMSI', 'Key', 'OPC', 'LABEL', one without a name, one without a name",
    };
    assert.deepEqual([status, json.problems], [400, [problem]]);
    for (const query of [
      '?Map=Card%20number%3Diccid&Map=5%3Dprofile_type&DryRun=true',
      '?Map=Card number=iccid,LABEL=profile_type',
    ]) {
      const mapped = await importCsv(file, as, query);
      assert.deepEqual(
        [mapped.json.imported, mapped.json.ignored_columns],
        [1, ['column 6']],
        mapped.text,
      );
    }
    const { json: stock } = await running().request('/v1/Stock', { as });
    assert.deepEqual(
      stock.profile_types.map(({ profile_type: type }: any) => type),
      ['van'],
    );
  });

  test('refuses a meaningless Map', async () => {
    const as = await running().addAccount(0);
    for (const [query, message] of [
      ['Map=iccid', "Invalid parameter Map: expected COLUMN=FIELD; got 'iccid'"],
      ['Map=a=ki&Map=b=ki', "Invalid parameter Map: expected one column for ki; got 'b', too"],
    ] as const) {
      for (const path of [PATH, '/v1/Stock/Previews']) {
        const { status, json } = await running().request(`${path}?${query}`, { csv: csv(), as });
        assert.deepEqual([status, json], [400, errorBody(400, 20001, message)]);
      }
    }
  });

  test('CreateStockPreview: is previewed: how a file is interpreted, without codes and keys', async () => {
    const as = await running().addAccount(0);
    const text =
      'Our cards\nICCID;IMSI;Ki;OPC;PIN;ADM;Note\n' +
      `="${iccid(1)}";${imsi(1)};${KI};${OPC};0042;87654321;${KI}\n` +
      `${iccid(2)}F;12345a;${KI.slice(1)};${OPC};42;;van\n`;
    const preview = (query = '') =>
      running().request(`/v1/Stock/Previews${query}`, { csv: text, as });
    const { status, json, text: answer } = await preview();
    const key = '32 hexadecimal digits';
    assert.equal(status, 200);
    assert.deepEqual(json, {
      encoding: 'utf-8',
      delimiter: ';',
      header_line: 2,
      columns: [
        ['ICCID', 'iccid'],
        ['IMSI', 'imsi'],
        ['Ki', 'ki'],
        ['OPC', 'opc'],
        ['PIN', 'pin1'],
        ['ADM', 'adm1'],
        ['Note', null],
      ].map(([name, field], index) => ({ number: index + 1, name, field })),
      rows: [
        { line: 3, cells: [iccid(1), imsi(1), key, key, '4 digits', '8 digits', key] },
        {
          line: 4,
          cells: [
            iccid(2),
            '6 hexadecimal digits',
            '31 hexadecimal digits',
            key,
            '2 digits',
            '',
            '3 characters',
          ],
        },
      ],
      problems: [
        { line: 4, column: 'imsi', message: "expected 6 to 15 digits; got '12345a'" },
        ...[
          ['ki', 'expected 32 hexadecimal digits, or 64 with topc; got 31 characters'],
          ['pin1', 'expected 4 to 8 digits; got 2 characters'],
        ].map(([column, message]) => ({
          line: 4,
          column,
          message: `${message} (looks as if a spreadsheet had dropped leading zeros: keep the column as text)`,
        })),
      ],
    });
    const answers = [answer];
    for (const field of ['msisdn', 'profile_type', 'acc', 'imsi']) {
      for (const column of [3, 4, 5, 6, 7]) {
        answers.push((await preview(`?Map=${column}=${field}`)).text);
      }
    }
    for (const shown of answers) {
      for (const secret of [KI, OPC, '0042', '87654321']) assert.ok(!shown.includes(secret), shown);
    }
    assert.equal(await totalOf(as), 0);
  });

  test('is previewed from the beginning of a file; for other files the preview says what is wrong', async () => {
    const as = await running().addAccount(0);
    const preview = async (text: string) =>
      (await running().request('/v1/Stock/Previews', { csv: text, as })).json;
    const many = csv(...Array.from({ length: 500 }, (_, index) => row(index)));
    const { rows, problems } = await preview(many.slice(0, 30_000));
    assert.deepEqual([rows.length, problems], [5, []]);
    assert.deepEqual(
      [await preview(''), await preview('PK\u0003\u0004')].map((json) => json.problems),
      [
        [{ line: 1, column: null, message: 'expected column names; got nothing' }],
        [
          {
            line: 1,
            column: null,
            message:
              'expected text; got a workbook or another archive (.xlsx, .ods, .zip): save it as CSV',
          },
        ],
      ],
    );
    const large = await running().request('/v1/Stock/Previews', { csv: many.repeat(30), as });
    const message = 'The file is too large; at most 1 MiB are accepted';
    assert.deepEqual([large.status, large.json], [413, errorBody(413, 20413, message)]);
  });

  test('of one account accepts one file at a time', async () => {
    const server = running();
    const as = await server.addAccount(0);
    const { hostname, port } = new URL(server.url);
    const headers = { Authorization: basic(as), 'Content-Type': 'text/csv' };
    /** Resolves when the request has arrived; it may still be refused. */
    async function beginSlowly() {
      const request = httpRequest({ hostname, port, path: PATH, method: 'POST', headers });
      const slow = { request, answer: once(request, 'response'), isAnswered: false };
      request.once('response', () => (slow.isAnswered = true));
      request.write(HEADER);
      await once(server.server.app.server, 'request');
      return slow;
    }
    const other = await server.addAccount(0);
    let slow = await beginSlowly();
    let refused = await importCsv(csv(row(1)), as);
    // The second may have started first: then the slow one was refused.
    while (refused.status === 200) {
      if (slow.isAnswered) slow = await beginSlowly();
      refused = await importCsv(csv(row(1)), as);
    }
    const message = 'Another import of this account is in progress';
    assert.deepEqual([refused.status, refused.json], [409, errorBody(409, 20409, message)]);
    assert.equal((await importCsv(csv(row(1)), other)).status, 200);
    slow.request.end(`\n${row(2)}\n`);
    const [response] = await slow.answer;
    assert.equal(response.statusCode, 200);
    response.resume();
    assert.equal((await importCsv(csv(row(3)), as)).status, 200);
  });

  test('answers 503 while the files of uploads cannot be written, and imports once they can', async () => {
    const account = await running().addAccount(0);
    const file = csv(row(900));
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = '/proc/nothing';
    try {
      const { status, json } = await importCsv(file, account);
      assert.deepEqual(
        [status, json],
        [503, errorBody(503, 20503, 'Service Unavailable; try again')],
      );
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
    assert.equal((await importCsv(file, account)).json.imported, 1);
  });

  test('keeps nothing of a file that was not received completely', async () => {
    const server = running();
    const as = await server.addAccount(0);
    const { hostname, port } = new URL(server.url);
    const headers = { Authorization: basic(as), 'Content-Type': 'text/csv' };
    const broken = httpRequest({ hostname, port, path: PATH, method: 'POST', headers });
    broken.on('error', () => {});
    broken.write(csv(row(1)));
    await once(broken, 'socket');
    await sleep(50);
    broken.destroy();
    let next = await importCsv(csv(row(2)), as);
    while (next.status === 409) next = await importCsv(csv(row(2)), as);
    assert.deepEqual(next.json, {
      imported: 1,
      already_in_stock: 0,
      dry_run: false,
      ignored_columns: [],
    });
    assert.equal(await totalOf(as), 1);
    assert.ok(!server.logged.some((line) => line.includes('unexpected error')));
  });
});

test('a file of more than 64 MiB, or 100,000 rows, is refused; nothing is left on disk', async (context) => {
  await using server = await startTestServer({ stock: 0 });
  // Of this test alone: files of others come and go.
  const folder = await mkdtemp(join(tmpdir(), 'simwright-imports-'));
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  context.after(async () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    await rm(folder, { recursive: true });
  });
  const headers = { Authorization: basic(server.account), 'Content-Type': 'text/csv' };
  const send = (body: RequestInit['body']) =>
    fetch(server.url + PATH, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
  const mib = new Uint8Array(1024 * 1024).fill(0x0a);
  const message = 'The file is too large; at most 64 MiB are accepted';
  // With a Content-Length, and without.
  for (const body of [
    new Blob(Array.from({ length: 65 }, () => mib)),
    ReadableStream.from(Array.from({ length: 65 }, () => mib)) as RequestInit['body'],
  ]) {
    const response = await send(body);
    assert.equal(response.status, 413);
    assert.deepEqual(await response.json(), errorBody(413, 20413, message));
  }
  const rows = Array.from({ length: 100_001 }, (_, index) => row(index + 1));
  const long = await server.request(PATH, { csv: csv(...rows) });
  assert.equal(long.status, 413);
  assert.deepEqual(
    long.json,
    errorBody(413, 20413, 'The file is too long; at most 100000 rows are accepted', {
      detail: 'Split the file, or use `simwright stock import`.',
    }),
  );
  assert.deepEqual(await readdir(folder), []);
  const { json } = await server.request('/v1/Stock');
  assert.deepEqual(json.profile_types, []);
});

test('a large stock is counted once for concurrent requests, and again after a while', async (context) => {
  await using server = await startTestServer({ stock: 0 });
  const { stock } = server.server.context.store;
  let counted = 0;
  let passed = performance.now();
  context.mock.method(performance, 'now', () => passed);
  stock.summary = async (): Promise<StockCount[]> => {
    const count = 20_000 + ++counted;
    // As slow as with many rows.
    passed += 20;
    return [{ profile_type: 'default', state: 'Available', count }];
  };
  const available = async () => {
    const { json } = await server.request('/v1/Stock');
    return json.profile_types[0].available as number;
  };
  assert.equal(await available(), 20_001);
  assert.equal(await available(), 20_001);
  assert.equal((await server.request(PATH, { csv: csv(row(1)) })).status, 200);
  assert.equal(await available(), 20_002, 'after an import it is counted at once');
  // Twenty times the duration of a count.
  passed += 399;
  assert.equal(await available(), 20_002);
  passed += 1;
  assert.equal(await available(), 20_003);
});
