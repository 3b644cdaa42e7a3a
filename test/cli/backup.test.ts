// `simwright backup`, `restore`, `move` and `data usage`: what they print, and how they end. What they do: test/transfer.
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { CommandLine } from './command.ts';
import { commandLine } from './command.ts';

describe('simwright backup, restore, move and data usage', () => {
  let line: CommandLine;
  let folder: string;
  let restored: CommandLine;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simwright-backup-'));
    line = await commandLine();
    await line.addAccount();
    await line.print('stock', 'generate', '--count', '4');
    const data = join(folder, 'restored');
    await mkdir(data);
    await copyFile(join(line.data, 'master.key'), join(data, 'master.key'));
    restored = await commandLine({}, data);
  });
  after(async () => {
    await line[Symbol.asyncDispose]();
    await restored[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const file = () => join(folder, 'a.backup');

  test('a backup is written, shown without the key, and verified', async () => {
    assert.match(await line.print('backup', file()), /a\.backup: \d+ rows, [\d.]+ KB\n$/);
    await line.print('backup');
    assert.ok((await readdir(line.data)).some((name) => /^simwright-20.*Z\.backup$/.test(name)));
    const shown = await line.json('backup', 'show', file());
    assert.deepEqual([shown.database, shown.master_key.length], ['sqlite', 32]);
    const { rows } = await line.json('backup', 'verify', file());
    assert.equal(
      await line.print('backup', 'verify', file()),
      `${file()} is whole: ${rows} rows\n`,
    );
  });

  test('what is no backup is refused with 1', async () => {
    const other = join(folder, 'other');
    await writeFile(other, '{}\n');
    assert.deepEqual(await line.run('backup', 'verify', other), {
      code: 1,
      stdout: '',
      stderr: `simwright: ${other} is not a backup made by simwright backup, or its head is damaged\n`,
    });
  });

  test('a restore says what is held back, a server does not start, and what is free is released', async () => {
    assert.match(await restored.print('restore', file()), /Held back of AC\w+: 4 subscriptions/);
    const { code, stderr } = await restored.run('start');
    assert.equal(code, 1);
    assert.match(stderr, /^simwright: The database is a restored past, of /);
    const [first, second] = (await restored.json('stock', 'list')).map((one: any) => one.iccid);
    assert.deepEqual(await restored.json('restore', 'release', first), { released: 1 });
    const inUse = join(folder, 'in-use');
    await writeFile(inUse, `${JSON.stringify({ sid: 'HP', iccid: second })}\n\n{"Status":"new"}\n`);
    assert.deepEqual(await restored.json('restore', 'release', '--except', inUse), {
      released: 2,
      kept: 1,
      held: 0,
    });
    await restored.print('restore', 'resume');
    const status = await restored.json('restore', 'status');
    assert.deepEqual([status.held, status.past.is_held], [[], true]);
    assert.notEqual(status.past.date_resumed, null);
    const states = (await restored.json('stock', 'list')).map((one: any) => one.state);
    assert.deepEqual(states.toSorted(), ['Available', 'Available', 'Available', 'Unavailable']);
  });

  test('restore since holds back what was given no order', async () => {
    const text = await restored.print('restore', 'since', '2026-01-01T00:00:00Z');
    assert.match(text, /Held back of AC\w+: 3 subscriptions/);
    for (const args of [
      ['restore', 'since', '2999-01-01'],
      ['restore', 'release'],
      ['restore', 'release', '--all', '--except', 'x'],
    ]) {
      assert.equal((await restored.run(...args)).code, 2, args.join(' '));
    }
  });

  test('a move leaves a source that is refused until it is undone', async () => {
    const to = `sqlite:${join(folder, 'moved.db')}`;
    const { rows } = await line.json('move', '--to', to);
    assert.ok(rows > 10);
    const { code, stderr } = await line.run('stock', 'summary');
    assert.equal(code, 1);
    assert.match(stderr, /^simwright: The database was moved to sqlite:.*moved\.db, or is being/);
    assert.match(await line.print('move', '--undo'), /can be used again/);
    await line.print('stock', 'summary');
    for (const args of [['move'], ['move', '--to', 'mysql://x'], ['move', '--to', to, '--undo']]) {
      assert.equal((await line.run(...args)).code, 2, args.join(' '));
    }
  });

  test('data usage lists all tables, the largest first, with the rule that ends their rows', async () => {
    const { tables, bytes } = await line.json('data', 'usage');
    const sizes = tables.map((table: any) => table.bytes as number);
    assert.deepEqual(
      sizes,
      sizes.toSorted((left: number, right: number) => right - left),
    );
    assert.equal(
      bytes,
      sizes.reduce((sum: number, size: number) => sum + size, 0),
    );
    const keys = tables.find((table: any) => table.name === 'idempotency_keys');
    assert.equal(keys.retention, 'a day');
    assert.match(await line.print('data', 'usage'), /^TABLE +ROWS +SIZE +INDEXES +OLDEST +KEPT\n/);
  });
});
