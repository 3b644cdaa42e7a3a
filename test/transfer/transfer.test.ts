// Whole databases: into files, out of them, and into others. What they hold comes from an order's whole life.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DatabaseConfig } from '../../src/config.ts';
import { openData } from '../../src/data.ts';
import { MasterKey } from '../../src/process/keys.ts';
import { NOT_DATA } from '../../src/store/bulk.ts';
import { StoreMismatch } from '../../src/store/errors.ts';
import { retentionOf } from '../../src/process/table-retention.ts';
import { openBulkReader, openSnapshots } from '../../src/store/open.ts';
import { backUp } from '../../src/transfer/backup.ts';
import { openBackup, verifyBackup } from '../../src/transfer/backup-file.ts';
import type { Backup } from '../../src/transfer/backup-file.ts';
import { move, shownDatabase, undoMove } from '../../src/transfer/move.ts';
import type { Tell } from '../../src/transfer/progress.ts';
import { restoreBackup } from '../../src/transfer/restore.ts';
import { TransferError } from '../../src/transfer/transfer-error.ts';
import { citusUrl, freshCitusDatabase, makeCitus, plainDatabase, withoutCitus } from '../citus.ts';
import { onPlainDatabases, postgres } from '../databases.ts';
import { stepsOf } from '../es9plus/calls.ts';
import { freshDatabase } from '../postgres.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { violated } from '../verify/violated.ts';
import { contentOf } from './content.ts';

const quiet: Tell = () => {};
const DATE = '2026-11-23T12:00:00Z';

/** Interrupts a transfer when it has come so far. */
class Interrupted extends Error {}
function stopAfter(steps: number): Tell {
  let left = steps;
  return () => {
    if (left-- === 0) throw new Interrupted();
  };
}

onPlainDatabases('a whole database', (database) => {
  let folder: string;
  let server: TestServer;
  let masterKey: MasterKey;
  let file: string;
  let backup: Backup;
  let content: Map<string, string[]>;

  /** An empty one of the other kind. */
  const another = async (name: string): Promise<DatabaseConfig> =>
    database.name === 'SQLite' && postgres !== undefined
      ? { kind: 'postgres', url: await freshDatabase(postgres.url) }
      : { kind: 'sqlite', file: join(folder, name) };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simwright-transfer-'));
    const databaseUrl = await database.own();
    server = await startTestServer({
      es9: true,
      stock: 120,
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
    });
    ({ masterKey } = server.server.context);
    // Not only letters; and, with a download, bytes.
    await server.server.context.transact(({ tables }) =>
      tables.settings.set('test', 'tab\tline\nreturn\r \\t \\ 🂡'),
    );
    const order = await server.order({
      GenerateMatchingId: 'true',
      FriendlyName: 'back\\slash ünï 漢 \\N "quoted"',
    });
    await stepsOf(server, order.matching_id as string).install();
    await server.order({ GenerateMatchingId: 'true', 'Metadata.site': 'a,b{c}' });
    file = join(folder, 'simwright.backup');
    // While it is served.
    const made = await backUp(server.config.database, file, masterKey, 'test', quiet);
    backup = await openBackup(file);
    await server.server[Symbol.asyncDispose]();
    content = await contentOf(server.config.database);
    assert.ok(made.rows > 150);
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  test('has no table that a backup or a move forgets, and each has a key to walk it by', async () => {
    const schema = join(import.meta.dirname, '../../src/store/schema');
    const typed = readdirSync(schema).flatMap((family) => {
      const text = readFileSync(join(schema, family), 'utf8');
      return /export interface \w+Tables \{([^}]+)\}/.exec(text)![1]!;
    });
    const names = typed.flatMap((tables) =>
      Array.from(tables.matchAll(/^ {2}(\w+):/gm), ([, name]) => name!),
    );
    await using reader = await openBulkReader(server.config.database);
    const wanted = names.filter((name) => !NOT_DATA.includes(name));
    assert.deepEqual(reader.tables.map(({ name }) => name).toSorted(), wanted.toSorted());
    assert.deepEqual(
      backup.head.tables.map(({ name }) => name),
      reader.tables.map(({ name }) => name),
    );
    for (const { name, key } of reader.tables) assert.ok(key.length > 0, name);
  });

  test('says of each table how many rows it has, what they take, and how long they are kept', async () => {
    const snapshots = await openSnapshots(server.config.database);
    const sizes = await snapshots.sizes();
    await snapshots.close();
    const data = sizes.filter(({ name }) => !NOT_DATA.includes(name));
    assert.deepEqual(
      new Map(data.map(({ name, rows }) => [name, rows])),
      new Map(Array.from(content, ([name, lines]) => [name, lines.length])),
    );
    for (const size of sizes) assert.ok(size.bytes > size.index_bytes, size.name);
    const rules = retentionOf({ logRetentionDays: undefined, auditRetentionDays: 3_650 });
    const ruled = Object.keys(rules).filter((name) => !NOT_DATA.includes(name));
    assert.deepEqual(ruled.toSorted(), [...content.keys()]);
    assert.match(rules.rsp_log.rule, /^kept: set SIMWRIGHT_LOG_RETENTION_DAYS$/);
    assert.match(
      retentionOf({ logRetentionDays: 90, auditRetentionDays: 3_650 }).rsp_log.rule,
      /^90 days/,
    );
  });

  test('is in a file that only its owner can read, in which nothing can be read', async () => {
    const { mode } = await stat(file);
    assert.equal(mode & 0o777, 0o600);
    const bytes = await readFile(file);
    const order = content.get('esim_profiles')![0]!;
    const [iccid] = /89\d{17,18}/.exec(order)!;
    assert.ok(!bytes.includes(iccid) && !bytes.includes(server.account.username));
    assert.ok(!(await readdir(folder)).some((name) => name.endsWith('.part')));
  });

  test('is restored into a database of the other kind, after any interruption, and violates nothing', async () => {
    const target = await another('restored.db');
    let rows: number | undefined;
    let interruptions = 0;
    for (let steps = 3; rows === undefined; steps += 11) {
      try {
        rows = await restoreBackup(backup, masterKey, target, {}, stopAfter(steps));
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        interruptions++;
        // Nobody takes it for a whole one.
        await assert.rejects(
          openData({ ...server.config, database: target }, server.secrets),
          /^StoreMismatch: The database is not whole/,
        );
      }
    }
    assert.ok(interruptions > 3);
    assert.deepEqual(await contentOf(target), await contentOfBackup());
    assert.deepEqual(await violated(target, masterKey), []);
    await assert.rejects(
      restoreBackup(backup, masterKey, target, {}, quiet),
      /^StoreMismatch: The database is not empty/,
    );
  });

  async function contentOfBackup(): Promise<Map<string, string[]>> {
    const target: DatabaseConfig = { kind: 'sqlite', file: join(folder, 'again.db') };
    await restoreBackup(backup, masterKey, target, {}, quiet);
    return contentOf(target);
  }

  test('is moved to the other kind and back, after any interruption, with all its rows', async () => {
    const there = await another('moved.db');
    const from = server.config.database;
    let moved: number | undefined;
    for (let steps = 2; moved === undefined; steps += 13) {
      try {
        moved = await move(from, there, DATE, stopAfter(steps));
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
      }
      await assert.rejects(
        openData(server.config, server.secrets),
        /^StoreMismatch: The database was moved to .* since 2026-11-23T12:00:00Z.*simwright move --undo$/,
      );
    }
    assert.deepEqual(await contentOf(there), content);
    assert.deepEqual(await violated(there, masterKey), []);
    await assert.rejects(
      move(from, { kind: 'sqlite', file: join(folder, 'elsewhere.db') }, DATE, quiet),
      /^TransferError: The database was moved to .* since 2026-11-23T12:00:00Z; now the target is sqlite:.*elsewhere\.db\. /,
    );
    const back: DatabaseConfig =
      from.kind === 'sqlite'
        ? { kind: 'sqlite', file: join(folder, 'back.db') }
        : { kind: 'postgres', url: await freshDatabase(postgres!.url) };
    await move(there, back, DATE, quiet);
    assert.deepEqual(await contentOf(back), content);
    assert.deepEqual(await violated(back, masterKey), []);

    assert.equal((await undoMove(from))?.date, DATE);
    assert.equal(await undoMove(from), undefined);
    assert.deepEqual(await contentOf(from), content);
  });

  test('can be used as before when the target cannot', async () => {
    const full = server.config.database;
    const there = await another('whole.db');
    await restoreBackup(backup, masterKey, there, {}, quiet);
    await assert.rejects(
      move(full, there, DATE, quiet),
      /^StoreMismatch: The database is not empty/,
    );
    await assert.rejects(
      move(full, { kind: 'postgres', url: 'postgres://127.0.0.1:1/none' }, DATE, quiet),
      /^StoreUnavailable: /,
    );
    assert.equal(await undoMove(full), undefined);
  });

  const skip = database.name === 'SQLite' && 'it has no hosts';
  test('is found at the one of several hosts that accepts writes', { skip }, async () => {
    const { url } = server.config.database as { url: string };
    const { host, pathname } = new URL(url);
    const several = url.replace(host, `127.0.0.1:1,${host}`);
    const there: DatabaseConfig = { kind: 'postgres', url: several };
    assert.deepEqual(await contentOf(there), content);
    assert.equal(await undoMove(there), undefined);
    assert.equal(shownDatabase(there), `postgres://127.0.0.1:1,${host}${pathname}`);
  });

  test('is not moved into one that is partly filled from another', async () => {
    const there = await another('partly.db');
    await assert.rejects(restoreBackup(backup, masterKey, there, {}, stopAfter(5)), Interrupted);
    await assert.rejects(
      move(server.config.database, there, DATE, quiet),
      /^TransferError: The database is partly filled from the backup /,
    );
    await undoMove(server.config.database);
  });

  describe('a backup', () => {
    test('is whole when all of it can be read', async () => {
      const tables = await verifyBackup(backup, masterKey, quiet);
      assert.equal(tables.size, backup.head.tables.length);
    });

    test('that is damaged anywhere is refused, and leaves no database to be used', async () => {
      const bytes = await readFile(file);
      const damaged = join(folder, 'damaged.backup');
      const head = Buffer.byteLength(backup.headLine);
      const places = [2, 30, head - 10, head, head + 3, head + 4, head + 100, bytes.length - 1];
      for (const place of places) {
        const changed = Buffer.from(bytes);
        changed[place]! ^= 1;
        await writeFile(damaged, changed);
        await assert.rejects(
          openBackup(damaged).then((opened) => verifyBackup(opened, masterKey, quiet)),
          TransferError,
          `octet ${place}`,
        );
      }
      const target: DatabaseConfig = { kind: 'sqlite', file: join(folder, 'unusable.db') };
      const changed = Buffer.from(bytes);
      changed[head + 5_000]! ^= 1;
      await writeFile(damaged, changed);
      await assert.rejects(
        restoreBackup(await openBackup(damaged), masterKey, target, {}, quiet),
        /^TransferError: The backup is damaged: its frame 1 is not as it was written/,
      );
      await assert.rejects(
        openData({ ...server.config, database: target }, server.secrets),
        StoreMismatch,
      );
    });

    test('whose head has other members than expected is refused', async () => {
      const wrong = join(folder, 'head.backup');
      const heads: object[] = [
        { simwright_backup: 1 },
        { ...backup.head, tables: 3 },
        { ...backup.head, tables: [{ name: 'settings' }] },
        { ...backup.head, migrations: 'all' },
        { ...backup.head, date_taken: 'today' },
        { ...backup.head, database: 'toString' },
      ];
      for (const head of heads) {
        await writeFile(wrong, `${JSON.stringify(head)}\n`);
        await assert.rejects(openBackup(wrong), /^TransferError: The head of .* is damaged: /);
      }
    });

    test('does not take its place before it is whole, also if two are written to one file', async () => {
      const shared = join(folder, 'shared.backup');
      const { database: from } = server.config;
      let other: Promise<unknown> | undefined;
      const first = backUp(from, shared, masterKey, 'test', () => {
        other ??= backUp(from, shared, masterKey, 'test', quiet);
      });
      const ends = await Promise.allSettled([first, first.catch(() => {}).then(() => other)]);
      const failed = ends.filter(({ status }) => status === 'rejected');
      for (const { reason } of failed as PromiseRejectedResult[]) {
        assert.match(
          String(reason),
          /^TransferError: Another backup is written to .*shared\.backup/,
        );
      }
      assert.ok(failed.length < 2);
      await verifyBackup(await openBackup(shared), masterKey, quiet);
      assert.ok(!(await readdir(folder)).some((name) => name.endsWith('.part')));
    });

    test('that is cut short is refused', async () => {
      const cut = join(folder, 'cut.backup');
      const bytes = await readFile(file);
      await writeFile(cut, bytes);
      for (const length of [bytes.length - 1, bytes.length - 500, backup.headLine.length + 2]) {
        await truncate(cut, length);
        await assert.rejects(
          openBackup(cut).then((opened) => verifyBackup(opened, masterKey, quiet)),
          /^TransferError: The backup is cut short/,
        );
      }
    });

    test('of another master key, or of a newer version, is refused', async () => {
      const target: DatabaseConfig = { kind: 'sqlite', file: join(folder, 'never.db') };
      await assert.rejects(
        restoreBackup(backup, new MasterKey('f'.repeat(64)), target, {}, quiet),
        /^TransferError: .* needs the master key \w{32}, and here is \w{32}\. Put that key beside/,
      );
      const newer = { ...backup, head: { ...backup.head, migrations: ['999-future'] } };
      await assert.rejects(
        restoreBackup(newer, masterKey, target, {}, quiet),
        /^StoreMismatch: The database was made by a newer version/,
      );
    });

    test('does not replace a file that is none', async () => {
      const other = join(folder, 'other.txt');
      await writeFile(other, 'something else');
      await assert.rejects(
        backUp(server.config.database, other, masterKey, 'test', quiet),
        /exists and is not a backup; it is not overwritten$/,
      );
      assert.equal(await readFile(other, 'utf8'), 'something else');
      await backUp(server.config.database, file, masterKey, 'test', quiet);
    });
  });
});

describe('a whole database that is spread, on Citus', { skip: withoutCitus }, () => {
  let folder: string;
  let server: TestServer;
  let content: Map<string, string[]>;
  const isAlone = true;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simwright-transfer-'));
    const databaseUrl = await freshCitusDatabase(citusUrl!);
    server = await startTestServer({ es9: true, stock: 20, databaseUrl });
    const order = await server.order({ GenerateMatchingId: 'true', 'Metadata.site': 'a' });
    await stepsOf(server, order.matching_id as string).install();
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  test('is not backed up by us, nor restored or moved into: it says what to do instead', async () => {
    const { database } = server.config;
    const { masterKey } = server.server.context;
    await assert.rejects(
      backUp(database, join(folder, 'none.backup'), masterKey, 'test', quiet),
      /^StoreMismatch: .*citus_create_restore_point.*simwright move$/,
    );
    const source: DatabaseConfig = { kind: 'sqlite', file: join(folder, 'other.db') };
    await (await openData({ ...server.config, database: source }, server.secrets)).store.close();
    await assert.rejects(
      move(source, database, DATE, quiet),
      /^StoreMismatch: The database has the extension citus.*docs\/citus\.md\)$/,
    );
    assert.equal(await undoMove(source), undefined, 'the source is as before');
  });

  test('says of each table how many rows it has, and what they take on all servers', async () => {
    const snapshots = await openSnapshots(server.config.database);
    const sizes = new Map((await snapshots.sizes()).map((size) => [size.name, size]));
    await snapshots.close();
    assert.equal(sizes.get('subscriptions')!.rows, 20);
    assert.equal(sizes.get('esim_profiles')!.rows, 1);
    const { bytes, index_bytes: indexes } = sizes.get('subscriptions')!;
    assert.ok(bytes > indexes && indexes > 0);
  });

  test('is moved to SQLite when nobody uses it, and from there into one that is then spread', async () => {
    const { database: from, masterKeyFile } = server.config;
    const { masterKey } = server.server.context;
    const there: DatabaseConfig = { kind: 'sqlite', file: join(folder, 'moved.db') };
    await assert.rejects(move(from, there, DATE, quiet), /^StoreInUse: /);
    await server.server[Symbol.asyncDispose]();
    await move(from, there, DATE, quiet);
    await assert.rejects(openData(server.config, server.secrets), /^StoreMismatch: .*was moved/);
    content = await contentOf(there);
    assert.equal(content.get('subscriptions')!.length, 20);
    assert.deepEqual(await violated(there, masterKey), []);

    const url = await plainDatabase(citusUrl!);
    const back: DatabaseConfig = { kind: 'postgres', url };
    await move(there, back, DATE, quiet);
    await makeCitus(url);
    const data = await openData(
      { ...server.config, database: back, masterKeyFile },
      server.secrets,
    );
    assert.equal(data.store.isSpread, true);
    await data.store.close();
    assert.deepEqual(await contentOf(back, { isAlone }), content);
    assert.deepEqual(await violated(back, masterKey), []);
  });
});
