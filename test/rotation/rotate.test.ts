// `simwright key rotate`: another master key for a database that is in use.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { openData } from '../../src/data.ts';
import { createConsoleTicket } from '../../src/operator/account/console-session.ts';
import { callbackSecretsOf } from '../../src/operator/account/callback-secret.ts';
import { keysIn } from '../../src/process/key-file.ts';
import { MasterKey, newMasterKey, shortKeyId } from '../../src/process/keys.ts';
import { liveHolders } from '../../src/rotation/holders.ts';
import { currentRing } from '../../src/rotation/rotate.ts';
import { backUp } from '../../src/transfer/backup.ts';
import { openBackup } from '../../src/transfer/backup-file.ts';
import { restoreBackup } from '../../src/transfer/restore.ts';
import { commandLine } from '../cli/command.ts';
import { onEachDatabase } from '../databases.ts';
import { stepsOf } from '../es9plus/calls.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { violated } from '../verify/violated.ts';
import { rotateOnce, rotateWithDeaths } from './killed.ts';

const CALLBACK = 'http://user:secret@127.0.0.1:9/status';
const quiet = () => {};

onEachDatabase('the master key of a database that is served', (database) => {
  let server: TestServer;
  let first: string;
  let backup: string;
  const keyFile = () => server.config.masterKeyFile;
  const idOf = (text: string) => new MasterKey(text).id;

  before(async () => {
    const databaseUrl = await database.own();
    server = await startTestServer({
      es9: true,
      stock: 60,
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
    });
    first = keysIn(keyFile());
    backup = join(server.config.data, 'before.backup');
    await backUp(server.config.database, backup, new MasterKey(first), 'test', quiet);
  });
  after(() => server[Symbol.asyncDispose]());

  test('is rotated by processes that die at every transaction, and the server serves all the time', async () => {
    const { context } = server.server;
    const sid = server.account.username;
    const secretsNow = async () =>
      callbackSecretsOf(
        (await context.store.accounts.find(sid))!,
        context.masterKey,
        context.now(),
      );
    const secrets = await secretsNow();
    const ordered = await server.order({
      GenerateMatchingId: 'true',
      ConfirmationCode: '12345678',
      CallbackUrl: CALLBACK,
    });
    const key = { 'Idempotency-Key': 'before' };
    const form = { GenerateMatchingId: 'true' };
    const answer = await server.request('/v1/ESimProfiles', { form, headers: key });
    const { ticket } = await context.transact(async (unit) =>
      createConsoleTicket((await unit.tables.accounts.find(sid))!, unit),
    );
    const session = await server.request('/console/session', { body: { ticket }, as: null });
    const cookie = session.headers
      .getSetCookie()
      .map((one) => one.split(';')[0]!)
      .join('; ');
    // A download that is under way.
    const download = stepsOf(server, (await server.order(form)).matching_id as string);
    await download.initiate();

    const { deaths, to, keptIn } = await rotateWithDeaths(
      server.config,
      server.secrets,
      async (number) => {
        if (number % 4 === 0) {
          const { status } = await server.request('/v1/ESimProfiles?PageSize=1');
          assert.equal(status, 200);
          await server.order({ GenerateMatchingId: 'true', CallbackUrl: CALLBACK });
        }
      },
    );
    assert.ok(deaths > 10, String(deaths));
    assert.equal(idOf(keysIn(keyFile())), to);
    assert.deepEqual(keptIn, [`${keyFile()}.${shortKeyId(idOf(first))}`]);
    assert.equal(keysIn(keptIn[0]!), first);
    assert.equal(context.masterKey.id, to);

    // Only the new key is needed, and nothing is sealed with the old one.
    assert.deepEqual(await violated(server.config.database, new MasterKey(keysIn(keyFile()))), []);
    // What others hold outside is the same.
    assert.deepEqual(await secretsNow(), secrets);
    const again = await server.request('/v1/ESimProfiles', { form, headers: key });
    assert.deepEqual([again.json, again.headers.get('idempotent-replayed')], [answer.json, 'true']);
    const other = { ...form, FriendlyName: 'another' };
    const reused = await server.request('/v1/ESimProfiles', { form: other, headers: key });
    assert.equal(reused.status, 422);
    const held = await server.request('/console/session', { headers: { cookie }, as: null });
    assert.equal(held.status, 200);
    assert.equal(held.json.csrf_token, session.json.csrf_token);
    await download.authenticate();
    const { activation_code } = (await server.request(`/v1/ESimProfiles/${ordered.sid}`)).json;
    assert.equal(activation_code, ordered.activation_code);
  });

  test('is rotated a second time: what was replaced twice still opens, also new callback secrets of in between', async () => {
    const { context } = server.server;
    const rotated = await server.request('/v1/Account/CallbackSecret', {
      method: 'POST',
      form: {},
    });
    const { from, to, keptIn } = await rotateOnce(server.config, server.secrets);
    assert.equal(context.masterKey.id, to);
    assert.equal(keptIn.length, 1);
    assert.deepEqual(await violated(server.config.database, new MasterKey(keysIn(keyFile()))), []);
    const now = await server.request('/v1/Account/CallbackSecret');
    assert.equal(now.json.secret, rotated.json.secret);
    const { keys } = await currentRing(context);
    assert.deepEqual(
      keys.map(({ id }) => id),
      [idOf(first), from, to],
    );
  });

  test('is found by its id for a backup from before, and that database is then given the present one', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-rotated-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const { config, secrets } = readConfig({
      SIMWRIGHT_DATA: folder,
      SIMWRIGHT_MASTER_KEY_FILE: keyFile(),
      SIMWRIGHT_SMDP_ADDRESS: 'localhost:8443',
    });
    const opened = await openBackup(backup);
    assert.equal(opened.head.master_key, idOf(first));
    await assert.rejects(
      restoreBackup(opened, new MasterKey(newMasterKey()), config.database, {}, quiet),
      new RegExp(
        `needs the master key ${idOf(first)}, .* as master\\.key\\.${shortKeyId(idOf(first))}`,
      ),
    );
    const cli = await commandLine({ SIMWRIGHT_MASTER_KEY_FILE: keyFile() }, folder);
    // One that has no key hides none of the others.
    writeFileSync(`${keyFile()}.00000000`, '');
    await cli.print('restore', 'from', backup);
    const data = await openData(config, secrets);
    assert.equal(data.masterKey.id, idOf(first));
    await data.store.close();
    const { from, to, sealed } = await rotateOnce(config, secrets);
    assert.deepEqual([from, to], [idOf(first), idOf(keysIn(keyFile()))]);
    assert.ok(sealed >= 60);
    assert.deepEqual(await violated(config.database, new MasterKey(keysIn(keyFile()))), []);
  });

  test('stays until every server has the new one; a server without it is named', async () => {
    const present = keysIn(keyFile());
    const next = newMasterKey();
    // As where the file of the servers is another one than that of the command.
    const elsewhere = { ...server.secrets, masterKey: `${present} ${next}` };
    await assert.rejects(
      rotateOnce(server.config, elsewhere, { patienceMs: 0 }),
      new RegExp(`${process.pid} does not have the key ${shortKeyId(idOf(next))}`),
    );
    const { context } = server.server;
    await eventually(() =>
      server.logged.find((line) => line.includes('which this process does not have')),
    );
    assert.equal(context.masterKey.id, idOf(present));
    writeFileSync(keyFile(), `# both\n${present}\n${next}\n`);
    const { to, leftOver, keptIn } = await rotateOnce(server.config, elsewhere);
    assert.deepEqual([to, leftOver, keptIn], [idOf(next), [idOf(present)], []]);
    assert.equal(context.masterKey.id, to);
    // The same again only says what is left to do.
    assert.deepEqual(await rotateOnce(server.config, elsewhere), {
      from: null,
      to,
      sealed: 0,
      leftOver,
      keptIn,
    });
    writeFileSync(keyFile(), `${next}\n`);
    assert.deepEqual(await violated(server.config.database, new MasterKey(next)), []);
  });

  test('that is replaced is refused, with what is needed', async () => {
    await assert.rejects(openData(server.config, { ...server.secrets, masterKey: first }), {
      name: 'StoreMismatch',
      message: new RegExp(
        `^The database has the master key ${shortKeyId(idOf(keysIn(keyFile())))} since .*, and this process has ${shortKeyId(idOf(first))}; `,
      ),
    });
  });

  test('is missed by verify in what is sealed with an older one; --again seals that, too', async () => {
    const { context } = server.server;
    const { masterKey, store } = context;
    const older = masterKey.with(masterKey.ids.at(-1)!);
    const place = `accounts.auth_token ${server.account.username}`;
    const sealed = older.seal(server.account.password, place);
    await store.transaction(({ accounts }) =>
      accounts.update(server.account.username, { auth_token: sealed }),
    );
    const key = new MasterKey(keysIn(keyFile()));
    assert.match(
      (await violated(server.config.database, key)).join(),
      /^seals: AC\w+: accounts\.auth_token: it is sealed with the master key \w{8}, which was replaced; run simwright key rotate --again$/,
    );
    const { sealed: count } = await rotateOnce(server.config, server.secrets, {}, { again: true });
    assert.equal(count, 1);
    assert.deepEqual(await violated(server.config.database, key), []);
  });

  test('whose rotation is only announced stays with --cancel', async () => {
    const cli = await commandLine(
      {
        SIMWRIGHT_MASTER_KEY: `${keysIn(keyFile())} ${newMasterKey()}`,
        ...(server.config.database.kind === 'postgres'
          ? { SIMWRIGHT_DATABASE_URL: server.config.database.url }
          : {}),
      },
      server.config.data,
    );
    const { code, stderr } = await cli.run('key', 'rotate', '--patience', '1');
    assert.equal(code, 1);
    assert.match(
      stderr,
      /These servers are not ready:\n {2}- \S+ \d+ does not have the key \w{8}\n/,
    );
    const status = await cli.json('key', 'status');
    assert.deepEqual(status.keys.map(({ state }: { state: string }) => state).slice(-2), [
      'seals',
      'next',
    ]);
    assert.equal(status.servers.length, 1);
    assert.match(await cli.print('key', 'rotate', '--cancel'), /is given up; nothing was sealed/);
    assert.equal((await cli.run('key', 'rotate', '--cancel')).code, 1);
  });

  test('is said to be here by a server until it stops', async () => {
    const { config, secrets } = server;
    await server.server[Symbol.asyncDispose]();
    const { store } = await openData(config, secrets);
    assert.deepEqual(await liveHolders(store), []);
    await store.close();
  });
});

describe('the master key', () => {
  test('that is not in a file of ours is rotated to the one that is given beside it', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-given-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const [old, next] = [newMasterKey(), newMasterKey()];
    const keys = join(folder, 'keys');
    const given = (text: string) => {
      writeFileSync(keys, text);
      return readConfig({
        SIMWRIGHT_DATA: folder,
        SIMWRIGHT_MASTER_KEY_COMMAND: `cat ${keys}`,
      });
    };
    const { config, secrets } = readConfig({ SIMWRIGHT_DATA: folder, SIMWRIGHT_MASTER_KEY: old });
    await (await openData(config, secrets)).store.close();
    await assert.rejects(rotateOnce(config, secrets), {
      name: 'RotationError',
      message:
        /^A new master key cannot be made here, since SIMWRIGHT_MASTER_KEY is set\. Make one/,
    });
    const by = given(`${old}\n${next}\n`);
    const { to, leftOver } = await rotateOnce(by.config, by.secrets);
    assert.deepEqual([to, leftOver], [new MasterKey(next).id, [new MasterKey(old).id]]);
    assert.deepEqual(await violated(config.database, new MasterKey(next)), []);
  });

  test('is killed with its process, at any moment, and loses nothing', async (context) => {
    const cli = await commandLine({ SIMWRIGHT_TEST_STOCK: '0' });
    context.after(() => cli[Symbol.asyncDispose]());
    const { config, secrets } = readConfig({ SIMWRIGHT_DATA: cli.data });
    const data = await openData(config, secrets);
    await data.store.close();
    await cli.addAccount();
    await cli.print('stock', 'generate', '--count', '1000');
    for (const row of [1, 700]) {
      const child = cli.start('key', 'rotate');
      const { store } = await openData(config, secrets);
      const isThere = async () => {
        const text = await store.settings.find('master_key_progress');
        return text ? (JSON.parse(text) as { seen: number }).seen >= row : false;
      };
      while (child.exitCode === null && !(await isThere())) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await store.close();
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    }
    await cli.print('key', 'rotate');
    assert.deepEqual(
      await violated(config.database, new MasterKey(keysIn(config.masterKeyFile))),
      [],
    );
    const files = readdirSync(dirname(config.masterKeyFile)).filter((name) =>
      name.startsWith(basename(config.masterKeyFile)),
    );
    for (const name of files) keysIn(join(cli.data, name));
  });

  test('seals in places that are all known to a rotation', () => {
    const folder = join(import.meta.dirname, '../../src');
    const sealing = globSync('**/*.ts', { cwd: folder }).flatMap((file) => {
      const found = readFileSync(join(folder, file), 'utf8').match(/\b[mM]asterKey\.seal\(/g);
      return found === null ? [] : [`${file.replaceAll('\\', '/')} ${found.length}`];
    });
    // Whoever adds one adds it to rotation/sealed-columns.ts, where each of these is.
    assert.deepEqual(sealing.filter((one) => !one.startsWith('rotation/')).toSorted(), [
      'eim/operations/download.ts 1',
      'eim/server-keys.ts 1',
      'first-start.ts 1',
      'operator/account/account.ts 2',
      'operator/batch/batch-part.ts 3',
      'operator/callback-url.ts 2',
      'operator/confirmation-code.ts 1',
      'operator/rented/task-state.ts 1',
      'operator/rented/task.ts 1',
      'smdp/download/profile-binding.ts 1',
      'smdp/operators/operator-ca.ts 1',
      'smdp/orders/confirmation-code.ts 1',
      'smdp/package/sealed-package.ts 2',
      'smdp/pki/pki-certificate.ts 1',
      'smdp/stock/subscription.ts 1',
    ]);
  });
});
