// `simwright verify`: what it prints, how it ends, and that it changes nothing. What it finds: test/verify.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { INVARIANTS } from '../../src/verify/invariants.ts';
import type { CommandLine } from './command.ts';
import { commandLine } from './command.ts';

describe('simwright verify', () => {
  let line: CommandLine;
  let sids: string[];
  before(async () => {
    line = await commandLine();
    await line.addAccount();
    await line.print('stock', 'generate', '--count', '3');
    const order = () => line.json('profile', 'order', '--matching-id');
    sids = [(await order()).sid, (await order()).sid];
  });
  after(() => line[Symbol.asyncDispose]());

  const file = (name: string) => join(line.data, name);
  function damage(...statements: string[]): void {
    using database = new DatabaseSync(file('simwright.db'));
    for (const statement of statements) database.exec(statement);
  }
  const replace = (from: string, to: string) =>
    damage(`update esim_profiles set resource = replace(resource, '"${from}"', '"${to}"')`);

  test('ends with 0 when nothing is violated', async () => {
    const { code, stdout, stderr } = await line.run('verify');
    assert.deepEqual([code, stderr], [0, '']);
    const lines = stdout.trimEnd().split('\n');
    assert.match(lines[0]!, /^INVARIANT +ROWS +VIOLATIONS$/);
    assert.deepEqual(
      lines.slice(1, 1 + INVARIANTS.length).map((text) => text.split(/ +/)[0]),
      INVARIANTS.map(({ name }) => name),
    );
    assert.deepEqual(lines.slice(-2), ['', 'Nothing is violated.']);
  });

  test('ends with 1 when something is, and names what it is', async () => {
    replace('new', 'available');
    const { code, stdout } = await line.run('verify', '--limit', '1');
    const { code: other } = await line.run('verify', 'iccids', 'seals');
    replace('available', 'new');
    assert.deepEqual([code, other], [1, 0]);
    assert.match(stdout, /^resources +\d+ +2$/m);
    assert.match(stdout, /\nresources: Derived values match their source: /);
    assert.match(
      stdout,
      new RegExp(`\\n {2}${sids[0]} of AC\\w{32}: its columns give \\{"sid":"${sids[0]}"`),
    );
    assert.match(stdout, /\n {2}and 1 more\n/);
    assert.match(stdout, /\n2 violations\.\n$/);
    assert.equal((await line.run('verify')).code, 0);
  });

  test('prints JSON for scripts', async () => {
    damage(`update sims set status = 'scheduled'`, 'delete from accounts');
    const { code, stdout } = await line.run('verify', 'accounts', 'resources', '--json');
    assert.equal(code, 1);
    const { date_verified: date, invariants, ...rest } = JSON.parse(stdout);
    assert.deepEqual(rest, { clean: false, database: 'sqlite' });
    assert.match(date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const [accounts, resources, ...more] = invariants;
    assert.deepEqual(more, []);
    const [{ account_sid: accountSid }] = accounts.found;
    assert.deepEqual(accounts, {
      name: 'accounts',
      promise: 'Everything stored for an account belongs to an account that exists.',
      rows: 0,
      violations: 3,
      unexamined: [],
      found: ['esim_profile_events', 'esim_profiles', 'subscriptions'].map((table) => ({
        account_sid: accountSid,
        subject: accountSid,
        problem: `${table} has rows of this account, which does not exist`,
      })),
    });
    assert.deepEqual([resources.rows, resources.violations, resources.found], [2, 0, []]);
  });

  test('checks what clients were told, when a file has it', async () => {
    const told = file('told.jsonl');
    const check = async (...lines: string[]) => {
      await writeFile(told, `${lines.join('\n')}\n`);
      const { code, stdout, stderr } = await line.run('verify', 'sims', '--acknowledged', told);
      return { code, stdout, stderr };
    };
    damage(
      `insert into accounts (sid, friendly_name, auth_token, date_created)
        select distinct account_sid, 'Again', '', '' from esim_profiles`,
    );
    assert.equal((await check(...sids, `{"sid":"${sids[0]}","status":"new"}`)).code, 0);
    const lost = await check(sids[0]!, `HP${'0'.repeat(32)}`);
    assert.equal(lost.code, 1);
    assert.match(lost.stdout, /\nacknowledged: Every order that a client was told about exists/);
    const wrong = await check(sids[0]!, '', 'HP1');
    assert.deepEqual(
      [wrong.code, wrong.stdout, wrong.stderr],
      [
        2,
        '',
        `simwright: ${told}, line 3: expected the SID of an eSIM Profile (HP…), or an answer as JSON with its sid; got 'HP1'\n`,
      ],
    );
  });

  describe('ends with 2, in a line, when it cannot look:', () => {
    async function assertTrouble(why: RegExp, ...words: string[]): Promise<void> {
      const { code, stdout, stderr } = await line.run('verify', ...words);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, why);
      assert.equal(stderr.indexOf('\n'), stderr.length - 1);
    }

    test('an invariant that does not exist', async () => {
      const { code, stderr } = await line.run('verify', 'everything');
      assert.equal(code, 2);
      assert.match(stderr, /Allowed choices are indexes, accounts, iccids/);
    });

    test('a file of answers that is not there', () =>
      assertTrouble(
        /^simwright: The file .*nothing\.jsonl cannot be read: no such file or directory\n$/,
        '--acknowledged',
        file('nothing.jsonl'),
      ));

    test('a folder of answers', () =>
      assertTrouble(
        /^simwright: The file .* cannot be read: it is a folder\n$/,
        '--acknowledged',
        import.meta.dirname,
      ));

    test('no database: none is made', async () => {
      await rename(file('simwright.db'), file('elsewhere.db'));
      await assertTrouble(/^simwright: There is no database .*simwright\.db/);
      assert.equal((await readdir(line.data)).includes('simwright.db'), false);
      await rename(file('elsewhere.db'), file('simwright.db'));
    });

    test('no master key: none is made', async () => {
      await rename(file('master.key'), file('elsewhere.key'));
      await assertTrouble(/^simwright: The master key .* cannot be read/);
      assert.equal((await readdir(line.data)).includes('master.key'), false);
      await rename(file('elsewhere.key'), file('master.key'));
    });

    test('another master key', async () => {
      const key = await readFile(file('master.key'));
      await writeFile(file('master.key'), 'ab'.repeat(32));
      await assertTrouble(/^simwright: The database was created with another master key/);
      await writeFile(file('master.key'), key);
    });

    test('a database of an older version, which is left as it is', async () => {
      const migration = `(select max(name) from kysely_migration)`;
      damage(`create table kept as select * from kysely_migration where name = ${migration}`);
      damage(`delete from kysely_migration where name = ${migration}`);
      await assertTrouble(/was made by an older version .* has not been migrated/);
      damage('insert into kysely_migration select * from kept', 'drop table kept');
    });

    test('a database of a newer version', async () => {
      damage(`insert into kysely_migration values ('999-later', '2120-01-01T00:00:00Z')`);
      await assertTrouble(/was made by a newer version/);
      damage(`delete from kysely_migration where name = '999-later'`);
    });
  });

  test('changes nothing', async () => {
    const digest = async (name: string) => hash('sha256', await readFile(file(name)), 'hex');
    const names = ['simwright.db', 'master.key'];
    const digests = await Promise.all(names.map(digest));
    await line.run('verify');
    assert.deepEqual(await Promise.all(names.map(digest)), digests);
    // What SQLite needs to read a log: an empty one, and its index.
    const left = (await readdir(line.data)).filter((name) => name.startsWith('simwright.db'));
    assert.deepEqual(left.toSorted(), ['simwright.db', 'simwright.db-shm', 'simwright.db-wal']);
    assert.equal((await readFile(file('simwright.db-wal'))).length, 0);
    await rm(file('told.jsonl'));
  });
});
