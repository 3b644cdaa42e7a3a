// `simwright stock`: all-or-nothing imports, errors by line and column, secrets stay secret.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createWriteStream, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, beforeEach, describe, test } from 'node:test';
import { luhnDigit } from '../../src/rsp/identifiers.ts';
import { eventually } from '../server.ts';
import { commandLine } from './command.ts';
import type { CommandLine, Outcome } from './command.ts';

const HEADER = 'iccid,imsi,ki,opc,pin1,adm1';
const KI = '465B5CE8B199B49FAA5F0A2EE238A6BC';
const OPC = 'CD63CB71954A9F4E48A5994E37A02BAF';
const PIN = '73519264';
const OTA = '9F3C5A7E1B2D4F60718293A4B5C6D7E8';

function iccid(serial: number): string {
  const digits = `8988303${String(serial).padStart(11, '0')}`;
  return digits + luhnDigit(digits);
}

const imsi = (serial: number) => `90128${String(serial).padStart(10, '0')}`;
const row = (serial: number) => [iccid(serial), imsi(serial), KI, OPC, PIN, PIN].join(',');
const rows = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => row(from + index));

const WOULD = 'no errors; an import would add';
const ZEROS = ' (looks as if a spreadsheet had dropped leading zeros: keep the column as text)';

let simwright: CommandLine;
let account: string;
before(async () => {
  simwright = await commandLine();
});
after(() => simwright[Symbol.asyncDispose]());
beforeEach(async () => {
  account = await simwright.addAccount();
});

async function importFile(content: string | string[], ...args: string[]): Promise<Outcome> {
  const text = typeof content === 'string' ? content : `${content.join('\n')}\n`;
  await writeFile(join(simwright.data, 'stock.csv'), text);
  return simwright.run('stock', 'import', 'stock.csv', '--account', account, ...args);
}

async function total(): Promise<number> {
  const summary = await simwright.json('stock', 'summary', '--account', account);
  return summary.reduce((sum: number, type: any) => sum + Number(type.total), 0);
}

function succeeded(line: string): Outcome {
  return { code: 0, stdout: `stock.csv: ${line}\n`, stderr: '' };
}

function refused(...lines: string[]): Outcome {
  return { code: 1, stdout: '', stderr: `simwright: ${lines.join('\n')}\n` };
}

describe('stock import', () => {
  test('adds new rows; importing them again has no effect', async () => {
    const first = await importFile([HEADER, ...rows(1, 3)], '--dry-run');
    assert.equal(first.stdout.split('\n').at(-2), `stock.csv: ${WOULD} 3 subscriptions`);
    assert.equal(await total(), 0);
    assert.deepEqual(
      await importFile([HEADER, ...rows(1, 3)]),
      succeeded('imported 3 subscriptions'),
    );
    assert.deepEqual(
      await importFile([HEADER, ...rows(1, 4)]),
      succeeded('imported 1 subscription; 3 subscriptions already in stock'),
    );
    assert.deepEqual(
      await importFile([HEADER, ...rows(1, 4)]),
      succeeded('imported 0 subscriptions; 4 subscriptions already in stock'),
    );
    assert.equal(await total(), 4);
    const list = await simwright.json('stock', 'list', '--account', account, '--limit', '2');
    assert.deepEqual(
      list.map((subscription: any) => [subscription.iccid, subscription.imsi, subscription.state]),
      [
        [iccid(1), imsi(1), 'Available'],
        [iccid(2), imsi(2), 'Available'],
      ],
    );
  });

  test('accepts files from spreadsheets: BOM, CRLF, semicolons, quotes, blank lines', async () => {
    const lines = [
      '',
      'Profile Type;OPC;KI;IMSI;ICCID',
      '',
      `"Fleet ""A""; new";${OPC};${KI};"${imsi(1)}"; ${iccid(1)} `,
      ';;;;',
      `;${OPC.toLowerCase()};${KI.toLowerCase()};${imsi(2)};${iccid(2)}`,
    ];
    assert.deepEqual(
      await importFile(`\uFEFF${lines.join('\r\n')}\r\n\r\n`),
      succeeded('imported 2 subscriptions'),
    );
    const summary = await simwright.json('stock', 'summary', '--account', account);
    assert.deepEqual(
      summary.map((type: any) => [type.profile_type, type.available]),
      [
        ['Fleet "A"; new', 1],
        ['default', 1],
      ],
    );
  });

  test('reports all errors, by line and column, and imports nothing', async () => {
    assert.deepEqual(
      await importFile([
        HEADER,
        row(1),
        row(2).replace(imsi(2), '12345a'),
        '',
        `"${iccid(3)}",${imsi(3)},${KI.slice(1)},${OPC},12,${PIN}`,
        row(4).replace(iccid(4), iccid(1)),
        row(5).replace(imsi(5), imsi(1)),
        `${iccid(6).slice(0, -1)},${imsi(6)},${KI},,${PIN},${PIN}`,
        `${iccid(7)},${imsi(7)}`,
      ]),
      refused(
        '8 problems in stock.csv; nothing was imported',
        "stock.csv:3:imsi: expected 6 to 15 digits; got '12345a'",
        `stock.csv:5:ki: expected 32 hexadecimal digits, or 64 with topc; got 31 characters${ZEROS}`,
        `stock.csv:5:pin1: expected 4 to 8 digits; got 2 characters${ZEROS}`,
        `stock.csv:6:iccid: expected each ICCID once; got '${iccid(1)}', which is in line 2`,
        `stock.csv:7:imsi: expected each IMSI once; got '${imsi(1)}', which is in line 2`,
        `stock.csv:8:iccid: expected the check digit ${luhnDigit(iccid(6).slice(0, -2))} at the end; got '${iccid(6).slice(0, -1)}'`,
        'stock.csv:8:opc: expected opc, op or topc; got none of them',
        'stock.csv:9: expected 6 fields, as the first row has; got 2',
      ),
    );
    assert.equal(await total(), 0);
  });

  test('refuses a subscription that is in stock with other values', async () => {
    await importFile([HEADER, ...rows(1, 2)]);
    const otherKey = KI.replace('4', '5');
    assert.deepEqual(
      await importFile([HEADER, row(3), row(1).replace(imsi(1), imsi(9)).replace(KI, otherKey)]),
      refused(
        '2 problems in stock.csv; nothing was imported',
        `stock.csv:3:imsi: expected what is in stock for ICCID ${iccid(1)}; got another value`,
        `stock.csv:3:ki: expected what is in stock for ICCID ${iccid(1)}; got another value`,
      ),
    );
    assert.equal(await total(), 2);
  });

  test('shows the first 50 problems and counts the rest', async () => {
    const bad = Array.from({ length: 60 }, () => 'x,1,2,3,4,5');
    const { stderr } = await importFile([HEADER, ...bad]);
    const lines = stderr.split('\n');
    assert.equal(lines[0], 'simwright: 360 problems in stock.csv; nothing was imported');
    assert.equal(lines.length, 1 + 50 + 1 + 1);
    assert.equal(lines[51], 'and 310 more');
  });

  test('says what is wrong with another kind of file', async () => {
    const quote = [HEADER, row(1), row(2), `"${iccid(3)}`, row(4)];
    assert.deepEqual(
      await importFile(quote),
      refused(
        '1 problem in stock.csv; nothing was imported',
        'stock.csv:4: expected a closing quote; got the end of the file',
      ),
    );
    assert.deepEqual(
      await importFile('\n\n'),
      refused(
        '1 problem in stock.csv; nothing was imported',
        'stock.csv:1: expected column names; got nothing',
      ),
    );
    const missing = await simwright.run('stock', 'import', 'none.csv', '--account', account);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /^simwright: none\.csv cannot be read: ENOENT/);
    const folder = await simwright.run('stock', 'import', '.', '--account', account);
    assert.equal(
      folder.stderr,
      'simwright: . cannot be imported: it is not a regular file, which is required to read it twice\n',
    );
  });

  test('lists ignored columns on one line, after a preview of the columns', async () => {
    const file = [
      ',SIM,IMSI,ICCID,ALGO_2G,Ki,OPC,KIC1,LABEL,',
      `1,a,${imsi(1)},${iccid(1)}F,COMP128,${KI},${OPC},${OTA},fleet A,`,
    ];
    const ignored = '1 subscription; ignored: column 1, SIM, ALGO_2G, LABEL';
    const { stdout } = await importFile(file, '--dry-run');
    assert.equal(
      stdout,
      [
        'COLUMN  NAME     FIELD   FIRST ROW',
        '1       -        ignore  1 digit',
        '2       SIM      ignore  1 hexadecimal digit',
        `3       IMSI     imsi    ${imsi(1)}`,
        `4       ICCID    iccid   ${iccid(1)}`,
        '5       ALGO_2G  ignore  7 characters',
        '6       Ki       ki      32 hexadecimal digits',
        '7       OPC      opc     32 hexadecimal digits',
        '8       KIC1     kic1    32 hexadecimal digits',
        '9       LABEL    ignore  7 characters',
        '10      -        ignore  -',
        `stock.csv: ${WOULD} ${ignored}`,
        '',
      ].join('\n'),
    );
    assert.deepEqual(await importFile(file), succeeded(`imported ${ignored}`));
    const mapped = await importFile(
      [file[0]!, file[1]!.replace(iccid(1), iccid(2)).replace(imsi(1), imsi(2))],
      '--map',
      'LABEL=profile_type',
      '--map',
      '1=ignore',
      '--map',
      'sim=IGNORE',
    );
    assert.deepEqual(mapped, succeeded('imported 1 subscription; ignored: column 1, SIM, ALGO_2G'));
    const list = await simwright.json('stock', 'list', '--account', account);
    assert.deepEqual(
      list.map(({ profile_type: type }: any) => type),
      ['default', 'fleet A'],
    );
  });

  test('explains an invalid mapping', async () => {
    for (const [args, text] of [
      [['--map', 'ki'], /expected COLUMN=FIELD; got 'ki'/],
      [['--map', 'A=ki', '--map', 'B=K'], /expected one column for ki; got 'B', too/],
      [['--map', 'A=colour'], /expected one of iccid, imsi, ki, .*, or ignore; got 'colour'/],
    ] as const) {
      const { code, stderr } = await importFile([HEADER, row(1)], ...args);
      assert.deepEqual([code, text.test(stderr)], [2, true], stderr);
    }
    assert.deepEqual(
      await importFile([HEADER, row(1)], '--map', 'Serial=iccid'),
      refused(
        '2 problems in stock.csv; nothing was imported',
        "stock.csv:1: expected a column 'Serial', as the mapping says; " +
          "got 'iccid', 'imsi', 'ki', 'opc', 'pin1', 'adm1'",
        'stock.csv:1: expected a column for iccid, by its name or by a mapping; ' +
          "got 'iccid', 'imsi', 'ki', 'opc', 'pin1', 'adm1'",
      ),
    );
  });

  test('reveals no secrets, neither in the database nor in its output', async () => {
    const header = `${HEADER},kic1,kid1,kik15,secret`;
    const keys = `,${OTA},${OTA},${OTA},${KI}`;
    assert.equal((await importFile([header, ...rows(1, 2).map((line) => line + keys)])).code, 0);
    const outputs = [
      await importFile([header, row(3) + keys.replace(OTA, OTA.slice(1))]),
      await importFile([header, row(1) + keys.replace(OTA, KI)]),
      await importFile([HEADER, row(3), `${KI},${OPC},${iccid(1)},${PIN},${OPC},${KI}`]),
      await importFile([row(1), row(2)]),
      await importFile([HEADER.replace('iccid,imsi,ki', 'ki,iccid,imsi'), row(1)]),
      await importFile([HEADER, row(1).replace(`${KI},${OPC}`, `${OPC},${KI}`)]),
      await simwright.run('stock', 'list', '--account', account),
      await simwright.run('stock', 'list', '--account', account, '--json'),
    ];
    for (const mapping of ['1=ignore', '3=profile_type', '5=acc', '6=msisdn', '10=profile_type']) {
      outputs.push(await importFile([header, row(3) + keys], '--dry-run', '--map', mapping));
    }
    const texts = outputs.map(({ stdout, stderr }) => stdout + stderr);
    const files = readdirSync(simwright.data).filter((name) => name !== 'stock.csv');
    assert.ok(files.some((name) => name.startsWith('simwright.db')));
    for (const name of files) texts.push(readFileSync(join(simwright.data, name), 'latin1'));
    for (const text of texts) {
      for (const secret of [KI, OPC, PIN, OTA]) {
        assert.ok(!text.toUpperCase().includes(secret), text.slice(0, 500));
        assert.ok(!text.includes(Buffer.from(secret, 'hex').toString('latin1')));
      }
    }
  });

  test('leaves nothing behind if killed half-way', async () => {
    const path = join(simwright.data, 'large.csv');
    const file = createWriteStream(path);
    file.write(`${HEADER}\n`);
    for (let serial = 1; serial <= 40_000; serial += 1_000) {
      file.write(`${rows(serial, serial + 999).join('\n')}\n`);
    }
    file.end();
    await once(file, 'close');

    const importing = simwright.start('stock', 'import', path, '--account', account);
    const closed = once(importing, 'close');
    await writesFor(100);
    importing.kill('SIGKILL');
    assert.deepEqual(await closed, [null, 'SIGKILL']);
    assert.equal(await total(), 0);
  });
});

/** Resolves when another process has been in a transaction for this long. */
async function writesFor(milliseconds: number): Promise<void> {
  using database = new DatabaseSync(join(simwright.data, 'simwright.db'), { timeout: 0 });
  let since = Infinity;
  await eventually(() => {
    try {
      database.exec('begin immediate; rollback');
      since = Infinity;
    } catch {
      since = Math.min(since, Date.now());
    }
    return Date.now() - since > milliseconds || undefined;
  });
}

test('stock generate, and the stock as text', async () => {
  const generated = await simwright.print(
    'stock',
    'generate',
    '--count',
    '3',
    '--profile-type',
    'lab',
    '--account',
    account,
  );
  assert.equal(
    generated,
    'Generated 3 test subscriptions, ICCID 8999901000000000013 to 8999901000000000039\n',
  );
  assert.equal(
    await simwright.print('stock', 'summary', '--account', account),
    [
      'PROFILE TYPE  AVAILABLE  ORDERED  IN USE  UNUSABLE  TOTAL  THRESHOLD  RUNS OUT',
      'lab                   3        0       0         0      3  -          no orders lately',
      '',
    ].join('\n'),
  );
  assert.equal(
    await simwright.print('stock', 'list', '--account', account, '--state', 'Installed'),
    'No subscriptions found\n',
  );
});

test('stock threshold: is set and removed, for a profile type that there is', async () => {
  const own = await simwright.addAccount();
  const as = ['--account', own];
  await simwright.print('stock', 'generate', '--count', '3', '--profile-type', 'edge', ...as);
  const url = 'https://example.com/stock';
  assert.equal(
    await simwright.print('stock', 'threshold', 'edge', '1000', '--callback-url', url, ...as),
    'The profile type edge runs low below 1,000.\n',
  );
  const [type] = await simwright.json('stock', 'summary', ...as);
  assert.equal(type.threshold, 1000);
  assert.deepEqual(type.iccid_ranges, [
    { first: '8999901000000000013', last: '8999901000000000039', available: 3 },
  ]);
  assert.equal(
    await simwright.print('stock', 'threshold', 'edge', 'none', ...as),
    'The profile type edge has no threshold.\n',
  );
  const refusal =
    "The account has no subscriptions of the profile type 'other'; see: simwright stock summary";
  assert.deepEqual(await simwright.run('stock', 'threshold', 'other', '5', ...as), {
    code: 1,
    stdout: '',
    stderr: `simwright: ${refusal}\n`,
  });
});

test('statistics: are shown, and counted again', async () => {
  const own = await simwright.addAccount();
  const shown = await simwright.print('statistics', 'show', '--account', own);
  assert.ok(!shown.includes('\u001B'), 'no colours where there is no terminal');
  assert.match(shown, /eSIM Profiles by status, now and as they got there since/);
  const json = await simwright.json('statistics', 'show', '--hours', '3', '--account', own);
  assert.deepEqual([json.interval, json.intervals.length], ['hour', 3]);
  assert.deepEqual(await simwright.json('statistics', 'recount', '--account', own), {
    account_sid: own,
    counted: 0,
  });
});
