// A stock file is imported completely or not at all, on each database, whatever happens in the meantime.
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { luhnDigit } from '../../../src/rsp/identifiers.ts';
import { StockFileTooLong } from '../../../src/smdp/stock/stock-file.ts';
import { importStock } from '../../../src/smdp/stock/stock-import.ts';
import type { Imported, ImportProgress } from '../../../src/smdp/stock/stock-import.ts';
import { fromRow } from '../../../src/smdp/stock/subscription.ts';
import { onEachDatabase, serverOn } from '../../databases.ts';

const KI = '465B5CE8B199B49FAA5F0A2EE238A6BC';
const OP = 'CDC202D5123E20F62B6D676AC72CB318';
const OPC = 'CD63CB71954A9F4E48A5994E37A02BAF';

function iccid(serial: number): string {
  const digits = `8988303${String(serial).padStart(11, '0')}`;
  return digits + luhnDigit(digits);
}

/** @param count subscriptions from serial 1 on, more than fit into one statement when above 500 */
function csv(count: number): string {
  const rows = Array.from(
    { length: count },
    (_, index) => `${iccid(index + 1)},90128${String(index).padStart(10, '0')},${KI},${OP}\n`,
  );
  return `iccid,imsi,ki,op\n${rows.join('')}`;
}

let folder: string;
let path: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simwright-stock-'));
  path = join(folder, 'stock.csv');
});
after(() => rm(folder, { recursive: true, force: true }));

onEachDatabase('importStock', (database) => {
  const server = serverOn(database, { stock: 0 });

  function run(
    accountSid: string,
    onProgress: (progress: ImportProgress) => void = () => {},
  ): Promise<Imported> {
    return importStock(
      path,
      { accountSid, dryRun: false, iccidCheckDigit: true, onProgress },
      server().server.context,
    );
  }

  async function countOf(accountSid: string): Promise<number> {
    const counts = await server().server.context.store.stock.summary(accountSid);
    return counts.reduce((sum, { count }) => sum + count, 0);
  }

  test('refuses a file with too many rows, including faulty and blank ones', async () => {
    const { username: accountSid } = await server().addAccount(0);
    const run700 = (rowLimit: number) =>
      importStock(
        path,
        { accountSid, dryRun: false, iccidCheckDigit: true, rowLimit },
        server().server.context,
      );
    for (const rows of ['x\n', '\n', ' , , ,\n', 'x,,,\r\n']) {
      await writeFile(path, csv(0) + rows.repeat(700));
      await assert.rejects(run700(699), StockFileTooLong, JSON.stringify(rows));
    }
    await writeFile(path, csv(700));
    await assert.rejects(run700(699), StockFileTooLong);
    assert.equal(await countOf(accountSid), 0);
    assert.deepEqual(await run700(700), { added: 700, known: 0, ignored: [] });
  });

  test('adds all, skips existing ones, and stores opc instead of op', async () => {
    const { username: accountSid } = await server().addAccount(0);
    await writeFile(path, csv(700));
    assert.deepEqual(await run(accountSid), { added: 700, known: 0, ignored: [] });
    await writeFile(path, csv(1300));
    const steps: ImportProgress[] = [];
    const imported = await run(accountSid, (progress) => steps.push(progress));
    assert.deepEqual(imported, { added: 600, known: 700, ignored: [] });
    assert.deepEqual(await run(accountSid), { added: 0, known: 1300, ignored: [] });
    assert.equal(await countOf(accountSid), 1300);
    assert.deepEqual(
      [steps.at(0)!.step, steps.at(-1)],
      ['checking', { step: 'importing', done: 1, rows: 1300 }],
    );
    const { store, masterKey } = server().server.context;
    const row = await store.subscriptions.find(accountSid, iccid(1300));
    assert.deepEqual(fromRow(row!, masterKey).secrets, { ki: KI, opc: OPC });
  });

  test('refuses a file that changes between its two readings', async () => {
    const { username: accountSid } = await server().addAccount(0);
    for (const change of [
      () => appendFile(path, csv(601).split('\n').slice(-2).join('\n')),
      () => appendFile(path, 'x,y,z,0\n'),
      () => appendFile(path, '"'),
      () => writeFile(path, csv(2)),
      () => writeFile(path, csv(600).replaceAll(KI, OPC)),
    ]) {
      await writeFile(path, csv(600));
      let changing: Promise<void> | undefined;
      const importing = run(accountSid, ({ rows }) => {
        if (rows === 600) changing ??= change();
      });
      await assert.rejects(importing, {
        name: 'StockImportFailed',
        message: 'it was changed while it was being imported; nothing was imported',
      });
      await changing;
      assert.equal(await countOf(accountSid), 0);
    }
  });

  test('two concurrent imports of one file do no harm', async () => {
    const { username: accountSid } = await server().addAccount(0);
    await writeFile(path, csv(1200));
    const results = await Promise.allSettled([run(accountSid), run(accountSid)]);
    for (const result of results) {
      if (result.status === 'rejected') {
        assert.equal(result.reason.name, 'StockImportFailed');
        assert.match(result.reason.message, /^the stock was changed by another process/);
      }
    }
    assert.ok(results.some(({ status }) => status === 'fulfilled'));
    assert.equal(await countOf(accountSid), 1200);
  });
});
