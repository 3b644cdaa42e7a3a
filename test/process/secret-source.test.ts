// Secrets of the settings from a value, a file or a command.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ConfigError, readConfig } from '../../src/config.ts';
import { readSecret } from '../../src/process/secret-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'simwright-secret-'));
after(() => rmSync(folder, { recursive: true }));
const node = `'${process.execPath}'`;

describe('a secret', () => {
  test('is the value, what the file has, or what the command prints, without the space around it', async () => {
    const file = join(folder, 'secret');
    writeFileSync(file, ' of the file\n');
    assert.equal(await readSecret('PIN', {}), undefined);
    assert.equal(await readSecret('PIN', { PIN: ' ', PIN_FILE: '' }), undefined);
    assert.equal(await readSecret('PIN', { PIN: ' 1234 ' }), '1234');
    assert.equal(await readSecret('PIN', { PIN_FILE: file }), 'of the file');
    const command = `${node} -p "'of the ' + process.argv[1]" 'command, quoted'`;
    assert.equal(await readSecret('PIN', { PIN_COMMAND: command }), 'of the command, quoted');
  });

  test('is set in one way only', async () => {
    await assert.rejects(readSecret('PIN', { PIN: 'hush', PIN_COMMAND: 'hush' }), {
      name: 'SecretError',
      message: 'PIN and PIN_COMMAND are set; set only one of them',
    });
  });

  test('that cannot be had is told with the reason, and without the secret', async () => {
    const empty = join(folder, 'empty');
    writeFileSync(empty, '\n');
    const long = join(folder, 'long');
    writeFileSync(long, 'x'.repeat(64 * 1024 + 1));
    const run = (script: string) => ({ PIN_COMMAND: `${node} -e "${script}"` });
    const cases: [Record<string, string>, string][] = [
      [
        { PIN_FILE: '/nowhere/pin' },
        'PIN_FILE: /nowhere/pin cannot be read: no such file or directory',
      ],
      [{ PIN_FILE: empty }, `PIN_FILE: ${empty} is empty`],
      [{ PIN_FILE: long }, `PIN_FILE: ${long} is longer than 64 KiB`],
      [
        { PIN_COMMAND: '/nowhere/pin' },
        'PIN_COMMAND: the command was not found; name a program on the PATH, or its whole path',
      ],
      [run(''), 'PIN_COMMAND: the command printed nothing'],
      [
        run(`console.error('sealed'); console.log('hush'); process.exitCode = 3`),
        'PIN_COMMAND: the command ended with exit code 3: sealed',
      ],
      [
        run(`console.error('bad hush'); console.log('hush'); process.exitCode = 3`),
        'PIN_COMMAND: the command ended with exit code 3',
      ],
      [run(`console.log('x'.repeat(70000))`), 'PIN_COMMAND: the command printed more than 64 KiB'],
      [{ PIN_COMMAND: `vault "read` }, 'PIN_COMMAND: a quotation mark " has no end'],
      ...['$PIN', 'a | b', 'a;b', '`a`', 'a > b'].map(
        (command): [Record<string, string>, string] => [
          { PIN_COMMAND: command },
          `PIN_COMMAND has ${/[|;$`>]/.exec(command)![0]}, and is not run by a shell: put it between quotation marks, or write sh -c '…'`,
        ],
      ),
    ];
    for (const [env, message] of cases) {
      await assert.rejects(readSecret('PIN', env), { name: 'SecretError', message });
    }
  });
});

describe('settings that are secrets', () => {
  test('come from files and commands, of which each runs once', () => {
    const url = join(folder, 'url');
    writeFileSync(url, 'postgres://me:hush@db/simwright\n');
    const ran = join(folder, 'ran');
    const once = `const { appendFileSync } = require('fs'); appendFileSync('${ran}', 'x');`;
    const env = {
      SIMWRIGHT_DATABASE_URL_FILE: url,
      SIMWRIGHT_MASTER_KEY_COMMAND: `${node} -e "${once} console.log('ab'.repeat(32))"`,
      SIMWRIGHT_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
      SIMWRIGHT_AUTH_TOKEN_COMMAND: `${node} -p "'t'.repeat(32)"`,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
      OTEL_EXPORTER_OTLP_HEADERS_COMMAND: `${node} -p "'authorization=Basic%20abc'"`,
    };
    const { config, secrets } = readConfig(env);
    assert.deepEqual(config.database, { kind: 'postgres', url: 'postgres://me:hush@db/simwright' });
    assert.deepEqual(secrets, {
      masterKey: 'ab'.repeat(32),
      masterKeyCommand: env.SIMWRIGHT_MASTER_KEY_COMMAND,
      hsmPin: {},
      account: { sid: env.SIMWRIGHT_ACCOUNT_SID, authToken: 't'.repeat(32) },
      traceHeaders: { authorization: 'Basic abc' },
    });
    rmSync(ran);
    readConfig(env);
    assert.throws(() => rmSync(ran), { code: 'ENOENT' });
  });

  test('that cannot be had are problems of the settings, as others are', () => {
    assert.throws(
      () =>
        readConfig({
          SIMWRIGHT_DATABASE_URL_FILE: '/nowhere/url',
          SIMWRIGHT_MASTER_KEY: 'ab'.repeat(32),
          SIMWRIGHT_MASTER_KEY_FILE: '/nowhere/key',
        }),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.deepEqual(error.problems.toSorted(), [
          'SIMWRIGHT_DATABASE_URL_FILE: /nowhere/url cannot be read: no such file or directory',
          'SIMWRIGHT_MASTER_KEY and SIMWRIGHT_MASTER_KEY_FILE are set; set only one of them',
        ]);
        return true;
      },
    );
  });
});
