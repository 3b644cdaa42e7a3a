// Batches as CSV: what is read, and what is refused.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BatchCsvRefused, parseBatchCsv } from '../../src/api/batch-csv.ts';
import type { CsvItem } from '../../src/api/batch-csv.ts';
import { METADATA_KEYS_LIMIT } from '../../src/operator/owner-fields.ts';

const refused = (message: RegExp) => (error: unknown) =>
  error instanceof BatchCsvRefused && message.test(error.message);

const given = (items: CsvItem[]) => items.map((item) => item.given);

describe('parseBatchCsv', () => {
  test('each item has the line on which it begins, whatever is empty or in quotes before it', async () => {
    const file = '\nFriendlyName,Eid\n\nTom,1\n"Anna\nSchmidt",2\n  \n,3\nBerta,4';
    for (const lineBreak of ['\n', '\r\n', '\r']) {
      const items = await parseBatchCsv(file.replaceAll('\n', lineBreak));
      assert.deepEqual(
        items.map(({ line }) => line),
        [4, 5, 8, 9],
      );
    }
    // Across the slices in which it is read.
    const [, last] = await parseBatchCsv(`Eid\n1\n${'\r\n'.repeat(50_000)}2\n`);
    assert.deepEqual(last, { line: 50_003, given: { Eid: '2' } });
  });

  test('refuses more columns than an order can have at once, so comparing them and making items of them stays cheap', async () => {
    const keys = Array.from({ length: 4_000 }, (_, index) => `Metadata.k${index}`);
    const csv = [keys.join(), ...Array.from({ length: 100 }, () => 'x')].join('\n');
    await assert.rejects(parseBatchCsv(csv), refused(/^expected at most 60 columns; got 4000$/));
    const most = keys.slice(0, METADATA_KEYS_LIMIT);
    const [item] = await parseBatchCsv([most.join(), most.map(() => 'x').join()].join('\n'));
    assert.equal(Object.keys(item!.given).length, METADATA_KEYS_LIMIT);
  });

  test('refuses a line that is longer than any order, such as one whose quote is never closed', async () => {
    await assert.rejects(
      parseBatchCsv(`Eid\n"${'x\n'.repeat(50_000)}`),
      refused(/^expected CSV \(RFC 4180\); got: Max Record Size/),
    );
  });

  test('others get their turn while a long file is read', async () => {
    let turns = 0;
    const count = () => {
      turns++;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    const items = await parseBatchCsv(`FriendlyName\n${`${'x'.repeat(120)}\n`.repeat(8_000)}`);
    clearImmediate(counting);
    assert.equal(items.length, 8_000);
    assert.ok(turns >= 10, `${turns}`);
  });

  test('ignores columns at the end that spreadsheets add without a name, unless something is in them', async () => {
    const [first, second] = await parseBatchCsv('Eid,GenerateMatchingId,,\n1,true,,\n2,true,,x\n');
    assert.deepEqual(first, { line: 2, given: { Eid: '1', GenerateMatchingId: 'true' } });
    assert.equal(second!.given, 'expected 2 fields, as the first line has; got 4');
    await assert.rejects(parseBatchCsv(',,\n1,true,\n'), refused(/^expected a first line with/));
    await assert.rejects(parseBatchCsv('Eid,,GenerateMatchingId\n'), refused(/; got ''$/));
  });

  test('an empty cell is not given, so it does not hide what is for all items', async () => {
    const items = await parseBatchCsv('GenerateMatchingId,Metadata.site\ntrue,\ntrue,Bonn\n');
    assert.deepEqual(given(items), [
      { GenerateMatchingId: 'true' },
      { GenerateMatchingId: 'true', 'Metadata.site': 'Bonn' },
    ]);
  });

  test('one key of Metadata is one column, however it is spelt', async () => {
    await assert.rejects(
      parseBatchCsv('Metadata.a,metadata[a]\nx,y\n'),
      refused(/^the column Metadata\.a is there twice$/),
    );
  });
});
