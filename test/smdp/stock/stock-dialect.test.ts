// Stock files as written by vendors, spreadsheets and tools: whatever surrounds the fields, the rows are the same.
import assert from 'node:assert/strict';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as fc from 'fast-check';
import { checkIccid } from '../../../src/values/iccid.ts';
import { parseRow, toSubscription } from '../../../src/smdp/stock/stock-csv.ts';
import { StockReading } from '../../../src/smdp/stock/stock-file.ts';
import { parseMappings } from '../../../src/smdp/stock/stock-mapping.ts';
import { StockTable } from '../../../src/smdp/stock/stock-table.ts';
import type { Subscription } from '../../../src/smdp/stock/subscription.ts';
import { luhnDigit } from '../../../src/rsp/identifiers.ts';

const IMSI = '999700000900007';
const ICCID = '8949440000009000074';
const KI = '00112233445566778899AABBCCDDEEFF';
const OPC = 'FFEEDDCCBBAA99887766554433221100';
const ROW = { iccid: ICCID, imsi: IMSI, profileType: 'default', secrets: { ki: KI, opc: OPC } };

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simwright-stock-'));
});
after(() => rm(folder, { recursive: true, force: true }));

interface Table {
  subscriptions: Subscription[];
  /** Of each of them. */
  lines: number[];
  ignored: string[];
  problems: string[];
}

async function read(content: string | Uint8Array, ...mappings: string[]): Promise<Table> {
  const path = join(folder, 'stock.csv');
  await writeFile(path, content);
  await using file = await open(path);
  const said = parseMappings(mappings);
  const table = new StockTable(new StockReading(file, said), said);
  const found: Table = { subscriptions: [], lines: [], ignored: [], problems: [] };
  const report = ({ line, text }: { line: number; text: string }) =>
    found.problems.push(`${line}: ${text}`);
  try {
    for await (const rows of table.rows()) {
      if (table.header!.problems.length > 0) break;
      for (const { line, fields } of rows) {
        const { values, problems } = parseRow(fields, table.header!.columns, line, true);
        problems.forEach(report);
        if (problems.length > 0) continue;
        found.subscriptions.push(toSubscription(values));
        found.lines.push(line);
      }
    }
    table.header?.problems.forEach(report);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'CsvSyntaxError') throw error;
    found.problems.push(error.message);
  }
  found.ignored = table.ignored();
  return found;
}

/** Asserts that a file contains only the row, on this line. */
async function holdsTheRow(content: string | Uint8Array, line = 2): Promise<string[]> {
  const { subscriptions, lines, ignored, problems } = await read(content);
  assert.deepEqual({ subscriptions, problems }, { subscriptions: [ROW], problems: [] });
  assert.deepEqual(lines, [line]);
  return ignored;
}

const BOM = '\uFEFF';
const HEADER = 'IMSI,ICCID,Ki,OPC';
const VALUES = [IMSI, ICCID, KI, OPC].join(',');
const CSV = `${HEADER}\n${VALUES}\n`;

test('comments and commented-out rows may appear between and after the rows', async () => {
  const rows = `# first\n${VALUES}\n#${VALUES}\n\n# the end, with, some, commas, in it\n`;
  await holdsTheRow(`${HEADER}\n${rows}`, 3);
  await holdsTheRow(`No,${HEADER}\n# first\n#1,${VALUES}\n# end of file\n`, 3);
  const { problems } = await read(`No,${HEADER}\n#1,${VALUES}\n#2,${IMSI}\n`);
  assert.deepEqual(problems, ['3: expected 5 fields, as the first row has; got 2']);
});

describe('fields may be separated by', () => {
  for (const [title, delimiter] of [
    ['commas', ','],
    ['semicolons', ';'],
    ['tabs', '\t'],
    ['pipes', '|'],
    ['blanks', ' '],
    ['runs of spaces', '    '],
    ['spaces and tabs', ' \t '],
    ['pipes with spaces around', ' | '],
    ['semicolons with spaces around', ' ; '],
  ] as const) {
    test(title, async () => {
      assert.deepEqual(await holdsTheRow(CSV.replaceAll(',', delimiter)), []);
    });
  }

  test("the delimiter of Excel's sep= line, with and without a byte order mark, quotes and repetition", async () => {
    for (const line of ['sep=;', `${BOM}sep=;`, '"sep=;"', 'SEP=;', 'sep=;;;;', `${BOM}sep=;\r`]) {
      await holdsTheRow(`${line}\n${CSV.replaceAll(',', ';')}`, 3);
    }
    await holdsTheRow(`sep=^\r\n${CSV.replaceAll(',', '^')}`, 3);
    await holdsTheRow(`sep=\t\r\n${CSV.replaceAll(',', '\t')}`, 3);
    await holdsTheRow(`sep=\\t\r\n${CSV.replaceAll(',', '\t')}`, 3);
  });

  test('something else than in that line', async () => {
    await holdsTheRow(`sep=;\n${CSV}`, 3);
  });

  test('a delimiter that does not occur in a quoted name', async () => {
    const ignored = await holdsTheRow(`"Label; internal",IMSI,ICCID,Ki,"OPC"\n"a;b;c",${VALUES}\n`);
    assert.deepEqual(ignored, ['Label; internal']);
    await holdsTheRow(
      `"Label, internal, of ours";IMSI;ICCID;Ki;OPC\n"a,b";${VALUES.replaceAll(',', ';')}\n`,
    );
  });

  test('a table drawn as in Markdown or by a database shell', async () => {
    await holdsTheRow(
      `| IMSI | ICCID | Ki | OPC |\n|------|:-----:|----|-----|\n| ${VALUES.replaceAll(',', ' | ')} |\n`,
      3,
    );
    await holdsTheRow(
      ` imsi | iccid | ki | opc \n------+-------+----+-----\n ${VALUES.replaceAll(',', ' | ')}\n`,
      3,
    );
  });
});

describe('the table may be surrounded by', () => {
  for (const [title, before_, lines] of [
    ['blank lines', '\n\n', 2],
    ['a title', 'Order 4711 of 23 November\n', 1],
    ['a title with quotes', 'Cards "of ours"\n', 1],
    ['comments', '# IMSI and others\n#\n  # written by hand\n', 3],
    ['a title and a line of delimiters, as Numbers exports', 'Tabelle 1\n,,,\n', 2],
  ] as const) {
    test(`${title} before it`, async () => {
      await holdsTheRow(before_ + CSV, 2 + lines);
    });
  }

  test('a comment that contains the names', async () => {
    await holdsTheRow(`# cards of ours\n#${HEADER}\n${VALUES}\n`, 3);
  });

  test('columns without a name at either end, and delimiters at the end of lines', async () => {
    assert.deepEqual(await holdsTheRow(`,${HEADER},\n,${VALUES},\n`), []);
    assert.deepEqual(await holdsTheRow(`${HEADER},,,\n${VALUES}\n`), []);
    assert.deepEqual(await holdsTheRow(`${HEADER}\n${VALUES},,\n`), []);
    assert.deepEqual(await holdsTheRow(`,${HEADER}\n0,${VALUES}\n`), ['column 1']);
  });

  test('line ends of every kind', async () => {
    for (const end of ['\r\n', '\r', '\n']) await holdsTheRow(CSV.replaceAll('\n', end));
    await holdsTheRow(CSV.trimEnd());
  });
});

describe('the file may be', () => {
  test('UTF-16, as Excel writes "Unicode text"', async () => {
    const text = CSV.replaceAll(',', '\t').replaceAll('\n', '\r\n');
    const le = Buffer.from(BOM + text, 'utf16le');
    await holdsTheRow(le);
    await holdsTheRow(Buffer.from(le).swap16());
    await holdsTheRow(Buffer.from(text, 'utf16le'));
    await holdsTheRow(Buffer.from(text, 'utf16le').swap16());
  });

  test('UTF-16 with more rows than one chunk, and letters of other scripts', async () => {
    const rows = Array.from({ length: 2000 }, (_, index) => {
      const serial = String(index).padStart(10, '0');
      return `${withCheckDigit(`89494400${serial}`)}\t99970${serial}\t${KI}\t${OPC}\tфлот 𝒜 ${index}\r\n`;
    });
    const text = `ICCID\tIMSI\tKI\tOPC\tProfile Type\r\n${rows.join('')}`;
    const [narrow, wide] = [await read(BOM + text), await read(Buffer.from(BOM + text, 'utf16le'))];
    assert.deepEqual(wide, narrow);
    assert.equal(narrow.subscriptions.length, 2000);
    assert.equal(narrow.subscriptions[1999]!.profileType, 'флот 𝒜 1999');
  });

  test('text only', async () => {
    for (const [bytes, text] of [
      ['504b030414000600', /workbook or another archive \(\.xlsx, \.ods, \.zip\): save it as CSV/],
      ['d0cf11e0a1b11ae1', /workbook of an old Excel \(\.xls\): save it as CSV/],
      ['1f8b0800', /compressed file/],
      ['496363696400', /NUL bytes/],
    ] as const) {
      const { problems } = await read(Buffer.from(bytes, 'hex'));
      assert.match(problems.join(), text);
    }
  });

  test('without names, if all its columns are mapped', async () => {
    const said = ['1=imsi', '2=iccid', '3=ki', '4=opc'];
    for (const delimiter of [',', ';', '\t', ' ']) {
      const { subscriptions, lines } = await read(
        `${VALUES}\n${VALUES}\n`.replaceAll(',', delimiter),
        ...said,
      );
      assert.deepEqual(
        [subscriptions, lines],
        [
          [ROW, ROW],
          [1, 2],
        ],
      );
    }
    const { subscriptions, ignored } = await read(`${VALUES},${KI}\n`, ...said);
    assert.deepEqual([subscriptions, ignored], [[ROW], ['column 5']]);
  });
});

describe('real files', () => {
  // osmocom/pysim: tests/unittests/test_card_key_provider.csv, docs/card-key-provider.rst
  test("sysmocom's card data: KIC1, KID1, KIK1 and two more sets", async () => {
    const sets = [1, 2, 3].flatMap((set) => [`kic${set}`, `kid${set}`, `kik${set}`]);
    const keys = sets.map((_, index) => `${index + 1}A`.repeat(16));
    const header = [
      '',
      'IMSI',
      'ICCID',
      'ACC',
      'PIN1',
      'PUK1',
      'PIN2',
      'PUK2',
      'Ki',
      'OPC',
      'ADM1',
    ];
    const row = [
      '',
      IMSI,
      ICCID,
      '0080',
      '1111',
      '11111111',
      '0101',
      '01010101',
      KI,
      OPC,
      '22222222',
    ];
    const { subscriptions, ignored, problems } = await read(
      `Tabelle 1\n${',,'.repeat(10)}\n` +
        `${[...header, ...sets.map((name) => name.toUpperCase())].join(',')}\n` +
        `${[...row, ...keys].join(',')}\n`,
    );
    assert.deepEqual([problems, ignored], [[], []]);
    const { secrets, ...rest } = subscriptions[0]!;
    assert.deepEqual(rest, { iccid: ICCID, imsi: IMSI, acc: '0080', profileType: 'default' });
    assert.deepEqual(secrets, {
      ki: KI,
      opc: OPC,
      pin1: '1111',
      puk1: '11111111',
      pin2: '0101',
      puk2: '01010101',
      adm1: '22222222',
      ...Object.fromEntries(sets.map((name, index) => [name, keys[index]])),
    });
  });

  test("pySim's card data: every value quoted, and unknown columns", async () => {
    const columns = {
      card_type_id: 'sysmoISIM-SJA5',
      formfactor_id: '3FF',
      imsi: IMSI,
      iccid: ICCID,
      ki: KI,
      adm2: '99999999',
      proprietary: 'data, and more',
      opc: OPC,
      SCP02_ENC_1: KI,
      ALGO_2G: 'COMP128v1',
    };
    const quoted = (texts: string[]) => texts.map((text) => `"${text}"`).join(',');
    const ignored = await holdsTheRow(
      `${quoted(Object.keys(columns))}\n${quoted(Object.values(columns))}\n`,
    );
    assert.deepEqual(ignored, [
      'card_type_id',
      'formfactor_id',
      'adm2',
      'proprietary',
      'SCP02_ENC_1',
      'ALGO_2G',
    ]);
  });

  test('="…" in a file without quoting', async () => {
    await holdsTheRow(`${HEADER}\n${[IMSI, ICCID, KI, OPC].map((v) => `="${v}"`).join(',')}\n`);
    await holdsTheRow(`${HEADER}\n${[IMSI, ICCID, KI, OPC].map((v) => `"=""${v}"""`).join(',')}\n`);
  });
});

describe('errors are still errors', () => {
  test('a file without the required columns: what was expected and what was found', async () => {
    const { problems } = await read('# HSS\nName,IMSI,Key,OP_Type,OPc\na,1,2,3,4\n');
    assert.deepEqual(problems, [
      '2: expected a column for iccid, by its name or by a mapping; ' +
        "got 'Name', 'IMSI', 'Key', 'OP_Type', 'OPc'",
    ]);
  });

  test('rows that are truncated or too long', async () => {
    const { problems } = await read(`${HEADER},LABEL\n${IMSI},${ICCID},${KI}\n${VALUES},a,b\n`);
    assert.deepEqual(problems, [
      '2: expected 5 fields, as the first row has; got 3',
      '3: expected 5 fields, as the first row has; got 6',
    ]);
  });

  test('an empty field between spaces must be quoted, so nothing shifts', async () => {
    const { problems } = await read(`imsi iccid pin1 ki opc\n${IMSI} ${ICCID}   ${KI} ${OPC}\n`);
    assert.deepEqual(problems, ['2: expected 5 fields, as the first row has; got 4']);
    await holdsTheRow(`imsi iccid pin1 ki opc\n${IMSI} ${ICCID} "" ${KI} ${OPC}\n`);
  });
});

describe('malicious files', () => {
  test('are refused, without quadratic run time', { timeout: 20_000 }, async () => {
    const long = 60_000;
    for (const content of [
      `${HEADER}\n${'1'.repeat(long)},${'1'.repeat(long / 2)}e\n`,
      `${HEADER},${'('.repeat(long)}\n${VALUES}\nx\n`,
      `${HEADER}${','.repeat(long)}\n${'x\n'.repeat(20_000)}`,
      '='.repeat(long),
      `${'sep='.repeat(5_000)}\n`.repeat(64),
      '"'.repeat(long),
      '#\n'.repeat(long),
    ]) {
      assert.notDeepEqual((await read(content)).problems.length, 0, content.slice(0, 40));
    }
  });

  test('of random bytes are read or refused, without another error', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.nat(CSV.length), fc.uint8Array({ maxLength: 6 }), fc.nat(8))
        .map(([at, some, cut]) =>
          Buffer.concat([Buffer.from(CSV.slice(0, at)), some, Buffer.from(CSV.slice(at + cut))]),
        ),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        const { subscriptions } = await read(content);
        for (const { iccid, imsi, secrets } of subscriptions) {
          assert.equal(checkIccid(iccid, true), undefined);
          assert.match(`${imsi} ${secrets.ki} ${secrets.opc}`, /^\d{6,15}( [0-9A-F]{32}){2}$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test('in every dialect, generated files contain the same rows', async () => {
  const field = fc.constantFrom('plain', 'quoted', 'formula', 'apostrophe', 'groups', 'filler');
  const dialect = fc.record({
    delimiter: fc.constantFrom(',', ';', '\t', '|', ' ', '^'),
    end: fc.constantFrom('\n', '\r\n', '\r'),
    encoding: fc.constantFrom('utf8', 'utf8 BOM', 'utf16le', 'utf16be'),
    before: fc.array(fc.constantFrom('', '# a comment; with, all | of them', 'Cards'), {
      maxLength: 4,
    }),
    order: fc.shuffledSubarray(['ICCID', 'imsi', 'K', 'OPc', 'Label', 'PIN'], { minLength: 6 }),
    ends: fc.constantFrom('none', 'before', 'after', 'both'),
    rows: fc.array(
      fc.record({ serial: fc.nat(9999), styles: fc.array(field, { minLength: 6, maxLength: 6 }) }),
      {
        minLength: 1,
        maxLength: 5,
      },
    ),
    separator: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(dialect, async (given) => {
      const { delimiter, end, encoding, order, ends, rows } = given;
      const isBlank = delimiter === ' ';
      const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const style = (value: string, how: string): string => {
        if (how === 'quoted') return quote(value);
        if (how === 'formula') return `="${value}"`;
        if (how === 'apostrophe') return `'${value}`;
        if (how === 'groups') return quote(value.replaceAll(/(....)/g, '$1 '));
        if (how === 'filler' && value.length === 19) return `${value}f`;
        return value;
      };
      const line = (cells: string[]): string => {
        const outer = isBlank ? '' : delimiter;
        return (
          (ends === 'before' || ends === 'both' ? outer : '') +
          cells.join(delimiter) +
          (ends === 'after' || ends === 'both' ? outer : '')
        );
      };
      const expected = rows.map(({ serial }) => {
        const digits = String(serial).padStart(4, '0');
        const iccid = withCheckDigit(`89494400000090${digits}`);
        return { iccid, imsi: `99970000000${digits}`, pin: '0012' };
      });
      const lines = [
        ...(given.separator || delimiter === '^' ? [`sep=${delimiter}`] : []),
        ...given.before,
        line(order.map((name) => (name === 'Label' ? quote('Label') : name))),
        ...rows.map(({ styles }, index) => {
          const { iccid, imsi, pin } = expected[index]!;
          const values: Record<string, string> = {
            ICCID: iccid,
            imsi,
            K: KI,
            OPc: OPC,
            PIN: pin,
            Label: 'x',
          };
          return line(order.map((name, at) => style(values[name]!, styles[at]!)));
        }),
      ];
      const text = lines.join(end) + end;
      const wide = Buffer.from(BOM + text, 'utf16le');
      const content = {
        utf8: Buffer.from(text),
        'utf8 BOM': Buffer.from(BOM + text),
        utf16le: wide,
        utf16be: Buffer.from(wide).swap16(),
      }[encoding];
      const found = await read(content);
      assert.deepEqual(found.problems, []);
      assert.deepEqual(
        found.subscriptions,
        expected.map(({ iccid, imsi, pin }) => ({
          iccid,
          imsi,
          profileType: 'default',
          secrets: { ki: KI, opc: OPC, pin1: pin },
        })),
      );
      assert.deepEqual(found.ignored, ['Label']);
    }),
    { numRuns: 500 },
  );
});

function withCheckDigit(digits: string): string {
  return digits + luhnDigit(digits);
}
