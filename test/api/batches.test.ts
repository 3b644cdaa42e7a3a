// Batches: many orders at once.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connectRaw } from '../raw-connection.ts';
import type { Receiver } from '../receiver.ts';
import { startReceiver } from '../receiver.ts';
import { eventually, startTestServer } from '../server.ts';
import type { Credentials, Reply, RequestOptions, TestServer } from '../server.ts';

const PATH = '/v1/ESimProfiles/Batches';
const EID = '89049032005008882600033489aaaaaa';

let server: TestServer;
let receiver: Receiver;
/** Has a stock of 40 for all tests that order something. */
let account: Credentials;
before(async () => {
  server = await startTestServer({ stock: 0 });
  receiver = await startReceiver();
  account = await server.addAccount(40);
});
after(async () => {
  await server[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

const get = async (path: string, as = account): Promise<any> =>
  (await server.request(path, { as })).json;
const send = (options: RequestOptions, query = ''): Promise<Reply> =>
  server.request(PATH + query, { as: account, ...options });

/** Sends a batch, and waits for its end. */
async function order(options: RequestOptions, query = ''): Promise<any> {
  const { status, text, json } = await send(options, query);
  assert.equal(status, 202, text);
  return eventually(async () => {
    const batch = await get(`${PATH}/${json.sid}`, options.as ?? account);
    return batch.status === 'running' || batch.reserved > 0 ? undefined : batch;
  });
}

const howMany = async () => (await get(`${PATH}?PageSize=1000`)).batches.length as number;

describe('CreateBatch', () => {
  test('202: Count alike, followed to the end by FetchBatch: each has an eSIM Profile, which names its batch', async () => {
    const { status, json } = await send({ form: { Count: '3', GenerateMatchingId: 'true' } });
    assert.equal(status, 202);
    const { sid, date_created: created } = json;
    assert.deepEqual(
      { ...json, links: undefined },
      {
        sid,
        account_sid: account.username,
        status: 'running',
        all_or_nothing: false,
        count: 3,
        pending: 3,
        ordered: 0,
        refused: 0,
        not_ordered: 0,
        reserved: 0,
        error_code: null,
        error_message: null,
        date_created: created,
        date_updated: created,
        date_completed: null,
        url: `${server.url}${PATH}/${sid}`,
        links: undefined,
      },
    );
    const batch = await eventually(async () => {
      const found = await get(json.url as string);
      return found.status === 'running' ? undefined : found;
    });
    assert.deepEqual(
      [batch.status, batch.ordered, batch.pending, batch.date_completed],
      ['completed', 3, 0, batch.date_updated],
    );
    assert.deepEqual(batch.esim_profiles, {
      new: 0,
      reserving: 0,
      available: 3,
      downloaded: 0,
      installed: 0,
      failed: 0,
    });
    const { esim_profiles: profiles } = await get(batch.links.esim_profiles as string);
    assert.deepEqual(
      profiles.map((profile: any) => [profile.status, profile.batch_sid]),
      Array.from({ length: 3 }, () => ['available', sid]),
    );
    const { events } = await get(`/v1/ESimProfiles/${profiles[2].sid}/Events`);
    assert.equal(events.at(-1).cause, 'ordered in a batch');
    assert.match(
      events.at(-1).detail as string,
      new RegExp(`^${sid}, item 1; through the API, request RQ`),
    );
  });

  test('ListBatchItem: Items have what all have and what is their own; what is wrong with one is what a single order would be told', async () => {
    const batch = await order({
      body: {
        GenerateMatchingId: true,
        ConfirmationCode: '2580',
        Items: [
          { Eid: EID },
          { Eid: 'x' },
          { ConfirmationCode: '13' },
          7,
          { ConfirmationCode: '9999', Eid: '' },
        ],
      },
    });
    assert.deepEqual([batch.status, batch.ordered, batch.refused], ['completed', 2, 3]);
    const { items } = await get(batch.links.items as string);
    const single = await server.request('/v1/ESimProfiles', { form: { Eid: 'x' }, as: account });
    assert.deepEqual(
      items.map(({ item, state, error }: any) => [item, state, error]),
      [
        [1, 'ordered', null],
        [2, 'refused', single.json.message],
        // A code that somebody may go on to use is not kept.
        [3, 'refused', 'Invalid parameter ConfirmationCode: expected at least 4 characters'],
        [4, 'refused', 'expected an object with the parameters of an order; got 7'],
        [5, 'ordered', null],
      ],
    );
    assert.deepEqual([items[0].esim_profile.eid, items[4].esim_profile.eid], [EID, null]);
    assert.match(items[4].esim_profile.activation_code as string, /\$1$/);
    const refused = await get(`${PATH}/${batch.sid}/Items?State=refused&PageSize=2`);
    assert.deepEqual(
      refused.items.map(({ item }: any) => item),
      [2, 3],
    );
    const next = await get(refused.meta.next_page_url as string);
    assert.deepEqual(
      next.items.map(({ item }: any) => item),
      [4],
    );
    const back = await get(next.meta.previous_page_url as string);
    assert.deepEqual(back.items, refused.items);
  });

  test('CSV with any of its delimiters and spellings of names; digits that a spreadsheet has kept by a formula', async () => {
    const csv = `\uFEFFeid;confirmation_code\r\n="${EID}";2580\r\n\r\n;"1357"\r\n${EID};;x\r\n`;
    const batch = await order({ csv }, '?GenerateMatchingId=true');
    const { items } = await get(batch.links.items as string);
    assert.deepEqual(
      items.map(({ state, error, esim_profile: profile }: any) => [state, error, profile?.eid]),
      [
        ['ordered', null, EID],
        ['ordered', null, null],
        [
          'refused',
          'expected 2 fields, as the first line has; got 3 (line 5 of the file)',
          undefined,
        ],
      ],
    );
  });

  test('Metadata of an item is added to that of all items; an empty cell is not given', async () => {
    const csv = 'Metadata.lot,FriendlyName\n1,a\n,b\n';
    const batch = await order(
      { csv },
      '?GenerateMatchingId=true&Metadata.lot=0&Metadata.site=Bonn',
    );
    const { items } = await get(batch.links.items as string);
    assert.deepEqual(
      items.map(({ esim_profile: profile }: any) => profile?.metadata),
      [
        { lot: '1', site: 'Bonn' },
        { lot: '0', site: 'Bonn' },
      ],
    );
  });

  const REFUSED: [title: string, options: RequestOptions, message: RegExp][] = [
    [
      'nothing',
      { form: { GenerateMatchingId: 'true' } },
      /^Expected one of: Count, .*; Items, .*; or CSV/,
    ],
    ['Count and Items', { body: { Count: 2, Items: [{ Eid: EID }] } }, /^Expected one of: Count/],
    [
      'too many alike',
      { form: { Count: '10001' } },
      /^Invalid parameter Count: expected at most 10000; got/,
    ],
    ['no order', { form: { Count: '2' } }, /^Missing required parameter Eid/],
    [
      'what all have',
      { body: { CallbackUrl: 'ftp://x', Items: [{ Eid: EID }] } },
      /^Invalid parameter CallbackUrl/,
    ],
    [
      'no right item',
      { body: { Items: [{ Eid: 'x' }, {}] } },
      /^2 items are not valid; nothing is ordered\. Item 1: Invalid parameter Eid/,
    ],
    [
      'an unknown column',
      { csv: 'eid,colour\n' },
      /^Invalid CSV: expected a first line with names among .*Eid.*; got 'colour'$/,
    ],
    ['a column twice', { csv: 'eid,EID\n' }, /^Invalid CSV: the column Eid is there twice$/],
    ['CSV without items', { csv: 'eid\n' }, /expected 1 to 10000 of them; got 0$/],
    ['an open quote', { csv: `eid\n"${EID}\n` }, /^Invalid CSV: expected CSV \(RFC 4180\); got: /],
    [
      'Windows-1252, whose letters would be lost',
      { csv: Buffer.from('FriendlyName,GenerateMatchingId\nM\u00fcnchen,true\n', 'latin1') },
      /^Invalid CSV: expected UTF-8; got another encoding/,
    ],
    [
      'a key of Metadata in both spellings',
      { form: { Count: '1', GenerateMatchingId: 'true', 'Metadata.a': '1', 'Metadata[a]': '2' } },
      /^Invalid parameter Metadata: expected each key once, as Metadata\.KEY or Metadata\[KEY\]; got both$/,
    ],
    ['UTF-16', { csv: 'e\0i\0d\0' }, /^Invalid CSV: expected CSV in UTF-8/],
  ];
  for (const [title, options, message] of REFUSED) {
    test(`400: ${title}, and nothing is kept`, async () => {
      const known = await howMany();
      const { status, json } = await send(options);
      assert.equal(status, 400);
      assert.match(json.message as string, message);
      assert.equal(await howMany(), known);
    });
  }

  test('400: a confirmation code in the URL, without which the profiles would be unprotected', async () => {
    const { status, json } = await send(
      { csv: `Eid\n${EID}\n` },
      '?ConfirmationCode=2580&DryRun=true',
    );
    assert.equal(status, 400);
    assert.match(
      json.message as string,
      /^Invalid parameter ConfirmationCode: expected it in the body, since URLs are logged; got/,
    );
  });

  test('400: all or nothing with an item that is not valid; the error names each', async () => {
    const body = { AllOrNothing: true, Items: [{ Eid: EID }, { Eid: 'x' }] };
    const { status, json } = await send({ body });
    assert.equal(status, 400);
    const problem = "Invalid parameter Eid: expected 32 hexadecimal digits; got 'x'";
    assert.deepEqual(
      [json.message, json.problem_count, json.problems],
      [
        `1 item is not valid; nothing is ordered. Item 2: ${problem}`,
        1,
        [{ item: 2, message: problem }],
      ],
    );
  });

  test('all or nothing without stock for all orders nothing, and takes nothing', async () => {
    const poor = await server.addAccount(2);
    const form = { Count: '3', GenerateMatchingId: 'true', AllOrNothing: 'true' };
    const batch = await order({ form, as: poor });
    assert.deepEqual(
      [batch.status, batch.ordered, batch.not_ordered, batch.error_code, batch.error_message],
      [
        'failed',
        0,
        3,
        '83500',
        'expected stock for 3 items; got 2, and for item 3: No profile is left in stock',
      ],
    );
    const { profile_types: types } = await get('/v1/Stock', poor);
    assert.deepEqual([types[0].available, types[0].ordered], [2, 0]);
    assert.deepEqual((await get('/v1/ESimProfiles', poor)).esim_profiles, []);
  });

  test('DryRun checks everything, says what the stock can give, and keeps nothing', async () => {
    const poor = await server.addAccount(2);
    const csv = `Eid,ProfileType\n${EID},\n${EID},none\n${EID},\n${EID},\nx,\n`;
    const { status, json } = await send({ csv, as: poor }, '?DryRun=true');
    assert.equal(status, 200);
    assert.deepEqual(json, {
      dry_run: true,
      all_or_nothing: false,
      count: 5,
      valid: 4,
      orderable: 2,
      stock: [
        { profile_type: null, wanted: 3, available: 2 },
        { profile_type: 'none', wanted: 1, available: 0 },
      ],
      problem_count: 1,
      problems: [
        {
          item: 5,
          message:
            "Invalid parameter Eid: expected 32 hexadecimal digits; got 'x' (line 6 of the file)",
        },
      ],
    });
    assert.deepEqual((await get(PATH, poor)).batches, []);
    const all = await send(
      { form: { Count: '3', Eid: EID }, as: poor },
      '?DryRun=true&AllOrNothing=true',
    );
    assert.deepEqual([all.status, all.json.valid, all.json.orderable], [200, 3, 0]);
  });

  test('an Idempotency-Key is one batch, in whatever form it is repeated; other parameters are refused', async () => {
    const headers = { 'Idempotency-Key': 'batch 1' };
    const first = await send({ form: { Count: '1', Eid: EID }, headers });
    assert.equal(first.status, 202);
    const again = await send({ form: { Eid: EID, Count: '1' }, headers });
    assert.deepEqual([again.status, again.text], [202, first.text]);
    assert.equal(again.headers.get('idempotent-replayed'), 'true');
    const other = await send({ form: { Count: '2', Eid: EID }, headers });
    assert.deepEqual([other.status, other.json.code], [422, 20422]);
    const single = await server.request('/v1/ESimProfiles', {
      form: { Eid: EID },
      headers,
      as: account,
    });
    assert.equal(single.status, 422, 'an order is another request');
  });

  test('BatchCallbackUrl is called once, when the batch has ended', async () => {
    const form = {
      Count: '1',
      Eid: EID,
      ProfileType: 'none',
      BatchCallbackUrl: `${receiver.url}/batch`,
      CallbackUrl: `${receiver.url}/profile`,
    };
    const { sid, date_completed: completed } = await order({ form });
    const [call] = await eventually(() => {
      const calls = receiver.calls.filter(({ url }) => url.endsWith('/batch'));
      return calls.length > 0 ? calls : undefined;
    });
    assert.deepEqual(call!.parameters, {
      AccountSid: account.username,
      ApiVersion: 'v1',
      BatchSid: sid,
      Status: 'completed',
      Count: '1',
      Ordered: '1',
      Refused: '0',
      DateCompleted: completed,
    });
    const told = await eventually(() =>
      receiver.calls.find(
        ({ url, parameters }) => url.endsWith('/profile') && parameters['Status'] === 'failed',
      ),
    );
    assert.equal(told.parameters['BatchSid'], sid);
    const { callbacks } = await get('/v1/Callbacks?PageSize=1000');
    assert.equal(callbacks.filter(({ batch_sid }: any) => batch_sid === sid).length, 1);
    // Only an order or a Sim can do without the callbacks of the account.
    const refused = await send({ form: { ...form, BatchCallbackUrl: 'none' } });
    assert.deepEqual([refused.status, refused.json.code], [400, 20001]);
  });
});

describe('a batch of 10,000', () => {
  const line = `${EID},2580,https://example.com/status?item=`;
  const csvOf = (count: number) =>
    `Eid,ConfirmationCode,CallbackUrl\n${Array.from({ length: count }, (_, index) => `${line}${index}\n`).join('')}`;

  test('may be sent as CSV or JSON, here only; one more is refused', async () => {
    const csv = csvOf(10_000);
    const dry = await send({ csv }, '?DryRun=true');
    assert.deepEqual([dry.status, dry.json.count, dry.json.problem_count], [200, 10_000, 0]);
    const Items = Array.from({ length: 10_000 }, (_, index) => ({
      Eid: EID,
      CallbackUrl: `https://example.com/status?item=${index}`,
    }));
    const json = await send({ body: { DryRun: true, Items } });
    assert.deepEqual([json.status, json.json.valid], [200, 10_000]);
    const more = await send({ csv: csvOf(10_001) });
    assert.deepEqual(
      [more.status, more.json.message],
      [400, 'Invalid CSV: expected at most 10000 items; got more'],
    );
    const elsewhere = await server.request('/v1/ESimProfiles', { body: { Items }, as: account });
    assert.deepEqual(
      [elsewhere.status, elsewhere.json.message],
      [413, 'The request body is too large; at most 64 KiB are accepted'],
    );
  });

  test('413 beyond 8 MiB, 415 for other types, 401 before a body is read', async () => {
    const large = await send({ csv: 'x'.repeat(8 * 1024 * 1024 + 1) });
    assert.deepEqual(
      [large.status, large.json.message],
      [413, 'The request body is too large; at most 8 MiB are accepted'],
    );
    const other = await send({ csv: 'eid\n', headers: { 'Content-Type': 'text/plain' } });
    assert.deepEqual(
      [other.status, other.json.message],
      [
        415,
        'Expected Content-Type application/x-www-form-urlencoded, application/json or text/csv',
      ],
    );
    using stranger = await connectRaw(server.url);
    stranger.client.write(
      `POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 8388608\r\n\r\n`,
    );
    assert.deepEqual(await stranger.answers(1), [401]);
  });
});

describe('of other accounts, and with other credentials', () => {
  test('404 for a batch of another account, on every path', async () => {
    const { sid } = await order({ form: { Count: '1', Eid: EID } });
    const other = await server.addAccount(0);
    for (const path of ['', '/Items', '/Result']) {
      const { status, json } = await server.request(`${PATH}/${sid}${path}`, { as: other });
      assert.deepEqual(
        [status, json.message],
        [404, `The requested resource ${PATH}/${sid}${path} was not found`],
      );
    }
    const cancel = await server.request(`${PATH}/${sid}/Cancel`, { method: 'POST', as: other });
    assert.equal(cancel.status, 404);
    const listed = await get(`/v1/ESimProfiles?BatchSid=${sid}`, other);
    assert.deepEqual(listed.esim_profiles, []);
  });

  test('403 for a key that may only read: it lists and fetches', async () => {
    const { json: key } = await server.request('/v1/Keys', {
      form: { Scope: 'read' },
      as: account,
    });
    const reader = { username: key.sid, password: key.secret };
    assert.equal((await send({ form: { Count: '1', Eid: EID }, as: reader })).status, 403);
    const { batches } = await get(`${PATH}?Status=completed&PageSize=1`, reader);
    assert.equal((await server.request(`${PATH}/${batches[0].sid}`, { as: reader })).status, 200);
  });
});

describe('what there is of a batch', () => {
  let batch: any;
  before(async () => {
    batch = await order({
      body: { GenerateMatchingId: true, Items: [{}, { Eid: 'x' }, { ConfirmationCode: '2580' }] },
    });
  });

  test('ListBatch: newest first, by status and date, in pages', async () => {
    const page = await get(`${PATH}?PageSize=1&Status=completed`);
    assert.equal(page.batches[0].sid, batch.sid);
    assert.equal('esim_profiles' in page.batches[0], false, 'counted only when one is fetched');
    const next = await get(page.meta.next_page_url as string);
    assert.ok(next.batches[0].sid < batch.sid);
    assert.deepEqual((await get(`${PATH}?DateCreatedAfter=2100-01-01`)).batches, []);
  });

  test('ExportBatch: CSV with activation codes and the links of phones, in the order of the request; JSON Lines', async () => {
    const { text, headers } = await server.request(
      `${PATH}/${batch.sid}/Result?Columns=item,state,error,status,activation_code,lpa,apple_url,android_url`,
      { as: account },
    );
    const { items } = await get(batch.links.items as string);
    const [first, , third] = items.map(({ esim_profile: profile }: any) => profile);
    const line = (item: number, { activation_code: code }: any) => {
      const carddata = encodeURIComponent(`LPA:${code}`);
      return `${item},ordered,,available,${code},LPA:${code},https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=${carddata},https://esimsetup.android.com/esim_qrcode_provisioning?carddata=${carddata}\r\n`;
    };
    assert.equal(
      text,
      'item,state,error,status,activation_code,lpa,apple_url,android_url\r\n' +
        line(1, first) +
        "2,refused,Invalid parameter Eid: expected 32 hexadecimal digits; got 'x',,,,,\r\n" +
        line(3, third),
    );
    assert.match(
      headers.get('content-disposition')!,
      /^attachment; filename="batch-\d{8}T\d{6}Z\.csv"$/,
    );
    const lines = await server.request(`${PATH}/${batch.sid}/Result?Format=jsonl&State=ordered`, {
      as: account,
    });
    assert.deepEqual(
      lines.text
        .trim()
        .split('\n')
        .map((json) => JSON.parse(json).sid),
      [first.sid, third.sid],
    );
  });

  test('export, sheet of labels and archive of QR codes have the profiles of a batch by BatchSid', async () => {
    const exported = await server.request(
      `/v1/ESimProfiles/Export?BatchSid=${batch.sid}&Columns=sid,batch_sid`,
      { as: account },
    );
    assert.equal(exported.text.trim().split('\r\n').length, 3);
    const sheet = await server.request(batch.links.qr_sheet as string, { as: account });
    assert.equal(sheet.text.match(/<svg/g)?.length, 2);
    const archive = await server.request(batch.links.qr_codes as string, { as: account });
    assert.equal(archive.status, 200);
  });

  test('CancelBatch: 409 for one that has ended', async () => {
    const { status, json } = await server.request(`${PATH}/${batch.sid}/Cancel`, {
      method: 'POST',
      as: account,
    });
    assert.deepEqual(
      [status, json.message],
      [409, `${batch.sid} is completed; a batch can be cancelled while it is running`],
    );
  });
});

test('CancelBatch: orders no more of one that is running', async () => {
  const poor = await server.addAccount(0);
  const sids: string[] = [];
  for (let count = 0; count < 3; count++) {
    const { json } = await send({ form: { Count: '5000', Eid: EID }, as: poor });
    sids.push(json.sid as string);
  }
  for (const sid of sids) {
    const { json } = await server.request(`${PATH}/${sid}/Cancel`, { method: 'POST', as: poor });
    const { status, ordered, not_ordered: not, pending } = json;
    assert.deepEqual([status, ordered + not, pending], ['cancelled', 5000, 0]);
    assert.ok(not > 0);
  }
});
