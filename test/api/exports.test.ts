// Exports of lists: GET /v1/ESimProfiles/Export, /v1/Sims/Export, /v1/Callbacks/Export.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { before, describe, mock, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { COMPONENTS } from '../../src/api/answer-schemas.ts';
import {
  CALLBACK_COLUMNS,
  ESIM_PROFILE_COLUMNS,
  SIM_COLUMNS,
} from '../../src/operator/export/export-columns.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { insertProfiles, runSql, sidOf } from '../many-profiles.ts';
import { connectRaw } from '../raw-connection.ts';
import { basic, eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';

const EXPORT = '/v1/ESimProfiles/Export';
const FORM = { GenerateMatchingId: 'true' };
const HEADER = ESIM_PROFILE_COLUMNS.join(',');
/** Many more bytes than the network takes from a server without a reader. */
const MANY = 40_000;

const linesOf = (text: string) => text.split('\n').slice(0, -1);
const sidsOf = (text: string) => linesOf(text).map((line): string => JSON.parse(line).sid);

/** A client that requests an export but reads nothing, and the server's end of its connection. */
async function connectRudely(
  server: TestServer,
  query: string,
  as = server.account,
): Promise<{ rude: Socket; connection: Socket }> {
  const connections: Socket[] = [];
  server.server.app.server.on('connection', (socket: Socket) => connections.push(socket));
  const { hostname, port } = new URL(server.url);
  const rude = connect(Number(port), hostname);
  rude.on('error', () => {});
  rude.write(`GET ${EXPORT}${query} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(as)}\r\n\r\n`);
  await once(rude, 'readable');
  return {
    rude,
    connection: connections.find(({ remotePort }) => remotePort === rude.localPort)!,
  };
}

/** Resolves when a connection is closed, however; to whether by an error. */
const closing = (socket: Socket) =>
  new Promise<boolean>((resolve) => {
    socket.on('error', () => {}).once('close', resolve);
  });

/** Counts the rows that the server reads for lists and exports from now on. */
function countRows({ server: { context } }: TestServer): { read: () => number; stop: () => void } {
  let count = 0;
  const pages = context.store.esimProfilePages;
  const counted = mock.method(context.store, 'esimProfilePages', async (...given: any) => {
    const page = await pages(...(given as Parameters<typeof pages>));
    count += page.rows.length;
    return page;
  });
  return { read: () => count, stop: () => counted.mock.restore() };
}

onEachDatabase('ExportEsimProfile: GET /v1/ESimProfiles/Export', (database) => {
  const shared = serverOn(database, { stock: 50 });
  let many: TestServer['account'];
  before(async () => {
    many = await shared().addAccount(0);
    await insertProfiles(shared(), many.username, MANY);
  });

  test('is CSV: a line of the API’s field names, then a line per eSIM Profile, newest first, ended by CR LF', async () => {
    const server = shared();
    const as = await server.addAccount();
    const first = await server.order(FORM, as);
    const second = await server.order({ Eid: '8904903200500888260003348912345a' }, as);
    const { status, headers, text } = await server.request(EXPORT, { as });
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'text/csv; charset=utf-8; header=present');
    assert.match(
      headers.get('content-disposition')!,
      /^attachment; filename="esim-profiles-\d{8}T\d{6}Z\.csv"$/,
    );
    const line = (profile: Record<string, string | null>) =>
      ESIM_PROFILE_COLUMNS.map((column) => profile[column] ?? '').join(',');
    assert.equal(text, `${HEADER}\r\n${line(second)}\r\n${line(first)}\r\n`);
  });

  test('is JSON Lines: on each line, the bytes of the resource in the list', async () => {
    const server = shared();
    const as = await server.addAccount();
    for (let count = 0; count < 3; count++) await server.order(FORM, as);
    const { headers, text } = await server.request(`${EXPORT}?Format=jsonl`, { as });
    assert.equal(headers.get('content-type'), 'application/x-ndjson; charset=utf-8');
    assert.match(headers.get('content-disposition')!, /\.jsonl"$/);
    const list = await server.request('/v1/ESimProfiles', { as });
    assert.equal(`{"esim_profiles":[${linesOf(text).join(',')}]`, list.text.split(',"meta"')[0]);
  });

  test('has the columns asked for, in that order, once each', async () => {
    const server = shared();
    const as = await server.addAccount();
    const { sid, iccid } = await server.order(FORM, as);
    const csv = await server.request(`${EXPORT}?Columns=iccid,eid,sid,iccid`, { as });
    assert.equal(csv.text, `iccid,eid,sid\r\n${iccid},,${sid}\r\n`);
    const jsonl = await server.request(`${EXPORT}?Format=jsonl&Columns=iccid,eid&Columns=sid`, {
      as,
    });
    assert.equal(jsonl.text, `${JSON.stringify({ iccid, eid: null, sid })}\n`);
  });

  test('with Sid, has only these profiles, newest first, as far as they match the other filters', async () => {
    const server = shared();
    const as = await server.addAccount();
    const [first, second, third] = [
      await server.order(FORM, as),
      await server.order(FORM, as),
      await server.order(FORM, as),
    ];
    const foreign = await server.order(FORM);
    const lines = async (query: string) =>
      linesOf((await server.request(`${EXPORT}?Columns=sid&${query}`, { as })).text)
        .slice(1)
        .map((line) => line.trim());
    const chosen = `Sid=${first.sid},${foreign.sid}&Sid=${third.sid}`;
    assert.deepEqual(await lines(chosen), [third.sid, first.sid]);
    assert.deepEqual(await lines(`${chosen}&Iccid=${first.iccid}`), [first.sid]);
    assert.deepEqual(await lines(`${chosen}&Search=${third.matching_id}`), [third.sid]);
    assert.deepEqual(await lines(`${chosen}&Search=${second.matching_id}`), []);
    assert.deepEqual(await lines(`${chosen}&Status=failed`), []);
    const { status, json } = await server.request(`${EXPORT}?Sid=HP1`, { as });
    assert.deepEqual([status, json.code], [400, 20001]);
  });

  test('with EndMark, ends with the number of records', async () => {
    const server = shared();
    const as = await server.addAccount();
    const { sid } = await server.order(FORM, as);
    const query = `${EXPORT}?EndMark=true&Columns=sid,eid`;
    assert.equal((await server.request(query, { as })).text, `sid,eid\r\n${sid},\r\nEND 1,\r\n`);
    const jsonl = await server.request(`${query}&Format=jsonl`, { as });
    assert.equal(jsonl.text, `${JSON.stringify({ sid, eid: null })}\n{"end":1}\n`);
  });

  test('without a match, is the line of column names, or nothing', async () => {
    const server = shared();
    const as = await server.addAccount(0);
    assert.equal((await server.request(EXPORT, { as })).text, `${HEADER}\r\n`);
    assert.equal((await server.request(`${EXPORT}?Format=jsonl`, { as })).text, '');
    const marked = await server.request(`${EXPORT}?Format=jsonl&EndMark=True`, { as });
    assert.equal(marked.text, '{"end":0}\n');
  });

  test('has just what ListEsimProfile lists with the same filters', async () => {
    const server = shared();
    const as = await server.addAccount();
    const eid = '8904903200500888260003348912345a';
    const one = await server.order({ ...FORM, Eid: eid }, as);
    const two = await server.order(FORM, as);
    await server.order({ ...FORM, ProfileType: 'none' }, as);
    for (const filter of [
      '',
      'Status=failed',
      'Status=failed,available',
      `Eid=${eid}`,
      `SimSid=${one.sim_sid}`,
      `Iccid=${two.iccid}`,
      `MatchingId=${two.matching_id}`,
      `Search=${one.iccid.slice(-6)}`,
      'Search=LPA:1$x$none',
      `DateCreatedAfter=${one.date_created}`,
      `DateCreatedBefore=${one.date_created}`,
    ]) {
      const list = await server.request(`/v1/ESimProfiles?${filter}`, { as });
      const { text } = await server.request(`${EXPORT}?Format=jsonl&${filter}`, { as });
      const listed = list.json.esim_profiles.map(({ sid }: { sid: string }) => sid);
      assert.deepEqual(sidsOf(text), listed, filter);
    }
  });

  test('refuses before the file begins: unknown columns and formats, a search for too little', async () => {
    const server = shared();
    for (const [query, message] of [
      ['Format=xml', "Invalid parameter Format: expected one of csv, jsonl, intune; got 'xml'"],
      [
        'Columns=sid,ki',
        `Invalid parameter Columns: expected one of ${ESIM_PROFILE_COLUMNS.join(', ')}; got 'ki'`,
      ],
      [
        'Search=abc',
        "Invalid parameter Search: expected 4 or more characters of an identifier or a friendly name; got 'abc'",
      ],
    ] as const) {
      const { status, json } = await server.request(`${EXPORT}?${query}`);
      assert.deepEqual([status, json.code, json.message], [400, 20001, message]);
    }
  });

  test(`of ${MANY} profiles is whole, in order, and has none of another account`, async () => {
    const server = shared();
    const other = await server.addAccount(0);
    await insertProfiles(server, other.username, 150);
    const { text } = await server.request(`${EXPORT}?Format=jsonl&EndMark=true`, { as: many });
    const lines = linesOf(text);
    assert.equal(lines.pop(), `{"end":${MANY}}`);
    assert.equal(lines.length, MANY);
    lines.forEach((line, index) => {
      assert.ok(
        line.startsWith(`{"sid":"${sidOf(MANY - index)}","account_sid":"${many.username}"`),
      );
    });
  });

  test('CountEsimProfile: all whose name begins so, also the oldest of a long list', async () => {
    const server = shared();
    const named = `account_sid = '${many.username}' and sid <= '${sidOf(1_200)}'`;
    const name = (sql: string) => runSql(server, `update esim_profiles set ${sql} where ${named}`);
    await name(`friendly_name = 'Fleet', friendly_name_folded = 'FLEET'`);
    const count = async (query: string) =>
      (await server.request(`/v1/ESimProfiles/Count?${query}`, { as: many })).json;
    assert.deepEqual(await count('FriendlyNamePrefix=FLE'), { count: 1_200, more: false });
    assert.deepEqual(await count('FriendlyNamePrefix=flu'), { count: 0, more: false });
    const withStatus = (status: string) => count(`FriendlyNamePrefix=fle&Status=${status}`);
    assert.deepEqual(await withStatus('failed'), { count: 1_200, more: false });
    assert.deepEqual(await withStatus('installed'), { count: 0, more: false });
    await name('friendly_name = null, friendly_name_folded = null');
  });

  test('to a client that does not read, waits with a page at hand; cut off, it frees everything', async () => {
    const server = shared();
    const rows = countRows(server);
    const { rude, connection } = await connectRudely(server, '?Format=jsonl', many);
    await eventually(() => (connection.writableNeedDrain ? true : undefined));
    const read = rows.read();
    assert.ok(read < MANY / 2, `${read} rows were read for nobody`);
    // A page, chunked, beyond what the network has taken.
    assert.ok(connection.writableLength < 200_000, `${connection.writableLength} bytes wait`);
    const closed = closing(connection);
    rude.destroy();
    await closed;
    // Nothing else counts as a running export of the account.
    const { headers } = await server.request(`${EXPORT}?Status=new`, { as: many });
    assert.equal(headers.get('twilio-concurrent-requests'), '1');
    assert.ok(rows.read() <= read + 200, 'nothing more is read for the client that is gone');
    rows.stop();
  });

  test('of a profile created meanwhile has nothing, of one changed its state when its page is read', async () => {
    const server = shared();
    const as = await server.addAccount(1);
    await insertProfiles(server, as.username, 20_000);
    const { store } = server.server.context;
    const pages = store.esimProfilePages;
    let meanwhile: (() => Promise<void>) | undefined = async () => {
      await server.order(FORM, as);
      const resource = `replace(resource, '"status":"failed"', '"status":"installed"')`;
      const changed = `update esim_profiles set status = 'installed', resource = ${resource}`;
      for (const n of [1, 20_000]) {
        await runSql(
          server,
          `${changed} where account_sid = '${as.username}' and sid = '${sidOf(n)}'`,
        );
      }
    };
    const reading = mock.method(store, 'esimProfilePages', async (...given: any) => {
      const page = await pages(...(given as Parameters<typeof pages>));
      const work = meanwhile;
      meanwhile = undefined;
      await work?.();
      return page;
    });
    const { text } = await server.request(`${EXPORT}?Format=jsonl`, { as });
    reading.mock.restore();
    const records = linesOf(text).map((line) => JSON.parse(line));
    assert.deepEqual(
      records.map(({ sid }) => sid),
      Array.from({ length: 20_000 }, (_, index) => sidOf(20_000 - index)),
    );
    assert.deepEqual([records[0].status, records.at(-1).status], ['failed', 'installed']);
  });

  test('that fails in the middle is broken off: over HTTP/1.1 without the last chunk, over HTTP/1.0 by a reset', async () => {
    const server = shared();
    const brokenOff = () =>
      server.logged.filter((line) => line.includes('a stream ended early')).length;
    const known = brokenOff();
    for (const version of ['1.1', '1.0']) {
      using raw = await connectRaw(server.url);
      const failed = closing(raw.client);
      raw.client.pause();
      const authorization = `Authorization: ${basic(many)}`;
      raw.client.write(
        `GET ${EXPORT}?Format=jsonl&EndMark=true HTTP/${version}\r\nHost: x\r\n${authorization}\r\n\r\n`,
      );
      const rows = countRows(server);
      await eventually(() => (rows.read() > 1000 ? true : undefined));
      await runSql(server, 'alter table esim_profiles rename to gone');
      raw.client.resume();
      const hadError = await failed;
      rows.stop();
      await runSql(server, 'alter table gone rename to esim_profiles');
      assert.match(raw.received(), /^HTTP\/1\.1 200 /);
      assert.equal(raw.received().endsWith('0\r\n\r\n'), false);
      assert.equal(raw.received().includes('{"end":'), false);
      if (version === '1.0') assert.equal(hadError, true, 'the end is not a normal one');
    }
    assert.equal(brokenOff() - known, 2);
    const { text } = await server.request(`${EXPORT}?Format=jsonl`, { as: many });
    assert.equal(linesOf(text).length, MANY);
  });
});

describe('ExportEsimProfile with Format=intune', () => {
  const smdp = 'smdp.example.com';
  const newServer = (address = smdp) =>
    startTestServer({ stock: 1_100, env: { SIMWRIGHT_SMDP_ADDRESS: address } });

  test('is what Microsoft Intune imports: the host of the SM-DP+, then ICCID and matching ID, newest first', async () => {
    await using server = await newServer();
    const codes = [await server.order(FORM), await server.order(FORM)];
    // Without a code, with a confirmation code, failed: none that Intune could use.
    await server.order({ Eid: '8904903200500888260003348912345a' });
    await server.order({ ...FORM, ConfirmationCode: '4711' });
    await server.order({ ...FORM, ProfileType: 'none' });
    const { status, headers, text } = await server.request(`${EXPORT}?Format=intune`);
    assert.equal(status, 200);
    assert.match(headers.get('content-disposition')!, /filename="intune-\d{8}T\d{6}Z\.csv"/);
    const lines = codes.toReversed().map((one) => `${one.iccid},${one.matching_id}\r\n`);
    assert.equal(text, `${smdp}\r\n${lines.join('')}`);
    assert.equal(headers.get('left-out'), '2');
    assert.equal(headers.get('link'), null);
    const one = await server.request(`${EXPORT}?Format=intune&Iccid=${codes[0].iccid}`);
    assert.equal(one.text, `${smdp}\r\n${lines[1]}`);
    for (const [query, message] of [
      ['Status=installed', /^Intune can only use profiles that are available$/],
      [
        'Eid=8904903200500888260003348912345a',
        /^No matching eSIM Profile can be used .* left out: 1$/,
      ],
    ] as const) {
      const refused = await server.request(`${EXPORT}?Format=intune&${query}`);
      assert.deepEqual([refused.status, refused.json.code], [409, 20409]);
      assert.match(refused.json.message, message);
    }
  });

  test('has one SM-DP+ per file: several are refused, unless SmdpPlusAddress chooses one', async () => {
    await using server = await newServer();
    await server.order(FORM);
    const other = await server.order(FORM);
    const moved = `smdp_plus_address = 'two.example.com', resource = replace(resource, '"${smdp}"', '"two.example.com"')`;
    await runSql(server, `update esim_profiles set ${moved} where sid = '${other.sid}'`);
    const refused = await server.request(`${EXPORT}?Format=intune`);
    assert.equal(refused.status, 409);
    assert.match(
      refused.json.message,
      /one SM-DP\+ per file.*two\.example\.com, smdp\.example\.com/,
    );
    const chosen = await server.request(`${EXPORT}?Format=intune&SmdpPlusAddress=TWO.example.com`);
    assert.equal(chosen.text, `two.example.com\r\n${other.iccid},${other.matching_id}\r\n`);
  });

  test('refuses an address with a port, which Intune does not take', async () => {
    await using server = await newServer('localhost:8443');
    await server.order(FORM);
    const { status, json } = await server.request(`${EXPORT}?Format=intune`);
    assert.equal(status, 409);
    assert.match(
      json.message,
      /full name of a host, without a port; these profiles are at localhost:8443$/,
    );
  });

  test('has 1,000 codes; Link leads to the next file', async () => {
    await using server = await newServer();
    for (let batch = 0; batch < 41; batch++) {
      await Promise.all(
        Array.from({ length: 25 }, () => server.request('/v1/ESimProfiles', { form: FORM })),
      );
    }
    await eventually(async () => {
      const { json } = await server.request('/v1/ESimProfiles?Status=new,reserving&PageSize=1');
      return json.esim_profiles.length === 0 ? true : undefined;
    });
    const first = await server.request(`${EXPORT}?Format=intune`);
    const next = /^<(.*)>; rel="next"$/.exec(first.headers.get('link')!)![1]!;
    const second = await server.request(next);
    const codes = [first, second].map(({ text }) => linesOf(text).slice(1));
    assert.deepEqual(
      codes.map(({ length }) => length),
      [1000, 25],
    );
    assert.equal(new Set(codes.flat()).size, 1025);
    assert.equal(second.headers.get('link'), null);
  });
});

describe('exports', () => {
  test('are counted apart from requests and event streams: 429 beyond SIMWRIGHT_MAX_EXPORTS; they do not keep a server from stopping, and are broken off then', async () => {
    await using server = await startTestServer({
      stock: 0,
      env: {
        SIMWRIGHT_MAX_EXPORTS: '2',
        SIMWRIGHT_MAX_CONCURRENT_REQUESTS: '1',
        SIMWRIGHT_MAX_EVENT_STREAMS: '1',
      },
    });
    await insertProfiles(server, server.account.username, MANY);
    const running = [
      await connectRudely(server, '?Format=jsonl'),
      await connectRudely(server, '?Format=jsonl&EndMark=true'),
    ];
    const refused = await server.request(EXPORT);
    assert.deepEqual([refused.status, refused.json.code], [429, 20429]);
    assert.equal(refused.headers.get('retry-after'), '1');
    assert.equal((await server.request('/v1/ESimProfiles?PageSize=1')).status, 200);
    const [first, { rude, connection }] = running as [(typeof running)[0], (typeof running)[0]];
    first.rude.destroy();
    await eventually(async () => {
      const { status } = await server.request(`${EXPORT}?Status=new`);
      return status === 200 ? true : undefined;
    });

    await eventually(() => (connection.writableNeedDrain ? true : undefined));
    const chunks: string[] = [];
    const closed = closing(rude);
    await server.server[Symbol.asyncDispose]();
    rude.on('data', (chunk) => chunks.push(String(chunk)));
    await closed;
    assert.equal(chunks.join('').includes('{"end":'), false);
  });

  test('that nobody reads are broken off after half a minute without progress', async (context) => {
    context.mock.timers.enable({ apis: ['setInterval'] });
    await using server = await startTestServer({ stock: 0 });
    await insertProfiles(server, server.account.username, MANY);
    const { rude, connection } = await connectRudely(server, '?Format=jsonl');
    await eventually(() => (connection.writableNeedDrain ? true : undefined));
    const cut = closing(connection);
    context.mock.timers.tick(30_000);
    assert.equal(connection.destroyed, false);
    context.mock.timers.tick(30_000);
    await cut;
    rude.destroy();
  });

  test('have a column for every field of their resource, but links', () => {
    for (const [component, columns] of [
      ['EsimProfile', ESIM_PROFILE_COLUMNS],
      ['Sim', SIM_COLUMNS],
      ['Callback', CALLBACK_COLUMNS],
    ] as const) {
      const schema = COMPONENTS.find((one) => (one as { $id?: string }).$id === component)!;
      const { links: _links, ...fields } = schema.properties as Record<string, object>;
      assert.deepEqual(new Set<string>(columns), new Set(Object.keys(fields)), component);
    }
  });

  test('ExportSim and ExportCallback: the lists of Sims and callbacks, with the same filters', async () => {
    await using server = await startTestServer();
    await server.order({ ...FORM, CallbackUrl: 'http://user:secret@127.0.0.1:9/status' });
    await server.order({ ...FORM, CallbackUrl: 'http://127.0.0.1:9' });
    const [{ sid }] = (await server.request('/v1/Sims')).json.sims;
    // Someone's name for it, not a formula.
    await server.request(`/v1/Sims/${sid}`, { form: { UniqueName: '=HYPERLINK("http://x")' } });
    for (const [path, key, filter] of [
      ['/v1/Sims', 'sims', 'Status=new'],
      ['/v1/Callbacks', 'callbacks', 'State=pending'],
    ] as const) {
      const list = await server.request(`${path}?${filter}`);
      const records: Record<string, unknown>[] = list.json[key];
      assert.ok(records.length > 1, key);
      const jsonl = await server.request(`${path}/Export?Format=jsonl&${filter}`);
      assert.deepEqual(
        linesOf(jsonl.text).map((line) => JSON.parse(line)),
        records,
      );
      const csv = await server.request(`${path}/Export?${filter}`);
      const parsed: Record<string, string>[] = parse(csv.bytes, { columns: true });
      assert.deepEqual(
        parsed.map((record) => record['sid']),
        records.map((record) => record['sid']),
      );
      assert.ok(!csv.text.includes('secret'));
    }
    const csv = await server.request('/v1/Sims/Export?Columns=sid,unique_name');
    assert.ok(csv.text.includes(`\r\n${sid},"'=HYPERLINK(""http://x"")"\r\n`), csv.text);
  });
});
