// What holds for every command: help, exit codes, tables, settings.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';
import { renderFields, renderTable } from '../../src/cli/table.ts';
import { commandLine } from './command.ts';
import type { CommandLine } from './command.ts';

let simwright: CommandLine;
before(async () => {
  simwright = await commandLine();
});
after(() => simwright[Symbol.asyncDispose]());

describe('every command', () => {
  const leaves = (command: Command): Command[] =>
    command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
  for (const command of leaves(buildProgram())) {
    test(`${command.parent?.name()} ${command.name()} teaches by its help`, () => {
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      assert.match(help, /^Usage: simwright /);
      assert.ok(command.description().length > 20);
      if (command.name() !== 'start') assert.match(help, /\nExamples?:\n(.|\n)*\$ .*simwright /);
    });
  }
});

describe('exit codes', () => {
  test('0 for help', async () => {
    const { code, stdout, stderr } = await simwright.run('stock', 'import', '--help');
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /\nNeeded are iccid, imsi, ki, and opc, op or topc;/);
  });

  test('2 for what cannot be understood', async () => {
    for (const args of [
      ['bogus'],
      ['stock'],
      ['stock', 'list', '--limit', '0'],
      ['key', 'revoke'],
    ]) {
      assert.equal((await simwright.run(...args)).code, 2, args.join(' '));
    }
  });

  test('1 for what cannot be done', async () => {
    const none = 'There is no account yet; make one with: simwright account create';
    assert.deepEqual(await simwright.run('stock', 'summary'), {
      code: 1,
      stdout: '',
      stderr: `simwright: ${none}\n`,
    });
    assert.equal(await simwright.print('account', 'list'), `${none}\n`);
    assert.deepEqual(await simwright.json('account', 'list'), []);
  });

  test('1, in words, when the database is out of reach', async () => {
    const away = await commandLine(
      { SIMWRIGHT_DATABASE_URL: 'postgres://me@127.0.0.1:1/none' },
      simwright.data,
    );
    assert.deepEqual(await away.run('account', 'list'), {
      code: 1,
      stdout: '',
      stderr: 'simwright: PostgreSQL cannot answer: connect ECONNREFUSED 127.0.0.1:1\n',
    });
  });
});

describe('a database that cannot be opened', () => {
  test('on SQLite is told in words', async () => {
    const wrong = await commandLine(
      { SIMWRIGHT_DATABASE_URL: 'sqlite:/dev/null/simwright.db' },
      simwright.data,
    );
    const { code, stderr } = await wrong.run('account', 'list');
    assert.equal(code, 1);
    assert.match(stderr, /^simwright: SQLite cannot open \/dev\/null\/simwright\.db: [^\n]+\n$/);
  });
});

describe('output', () => {
  const columns = [
    { title: 'NAME', value: ({ name }: { name: string }) => name },
    { title: 'COUNT', value: ({ count }: { count: number | null }) => count },
    { title: 'NOTE', value: ({ note }: { note: string | null }) => note },
  ];

  test('a table is aligned, complete, and has no blanks at the end of a line', () => {
    const rows = [
      { name: 'a', count: 12345678, note: 'x'.repeat(200) },
      { name: 'longer than the title', count: 1, note: null },
      { name: 'b', count: null, note: '' },
    ];
    assert.equal(
      renderTable(columns, rows),
      [
        'NAME                      COUNT  NOTE',
        `a                      12345678  ${'x'.repeat(200)}`,
        'longer than the title         1  -',
        'b                             -  -',
        '',
      ].join('\n'),
    );
  });

  test('what strangers wrote cannot steer the terminal', () => {
    assert.equal(renderFields([['Answer', '\u001B[2J\nok']]), 'Answer  \\x1b[2J\\x0aok\n');
  });

  test('has no colours in a pipe, and all of it arrives there', async () => {
    await simwright.print('account', 'create');
    await simwright.print('stock', 'generate', '--count', '3000');
    const text = await simwright.print('stock', 'list', '--limit', '3000');
    assert.equal(text.split('\n').length, 1 + 3000 + 1);
    assert.ok(!text.includes('\u001B'));
  });

  test('ends without a word when the reader goes away', async () => {
    const child = simwright.start('stock', 'list', '--limit', '3000');
    let stderr = '';
    child.stderr!.on('data', (chunk) => (stderr += chunk));
    child.stdout!.destroy();
    const [code] = await once(child, 'close');
    assert.deepEqual([code, stderr], [0, '']);
  });
});

describe('check-config', () => {
  test('prints what takes effect, without secrets', async () => {
    const settings = await commandLine(
      {
        SIMWRIGHT_PORT: '8080',
        SIMWRIGHT_DATABASE_URL: 'postgres://me:hush1@db.example/simwright?password=hush2',
        SIMWRIGHT_MASTER_KEY: 'ab'.repeat(32),
        SIMWRIGHT_ACCOUNT_SID: `AC${'1'.repeat(32)}`,
        SIMWRIGHT_AUTH_TOKEN: 'hush3hush3hush3hush3',
      },
      simwright.data,
    );
    const text = await settings.print('check-config');
    assert.match(text, /^SIMWRIGHT_PORT +8080$/m);
    assert.match(text, /^SIMWRIGHT_DATABASE_URL +postgres:\/\/me:\*\*\*@db.example\/simwright/m);
    assert.match(text, /^SIMWRIGHT_AUTH_TOKEN +set, not shown$/m);
    assert.doesNotMatch(text, /hush|abab/);
  });

  test('prints all problems at once', async () => {
    const wrong = await commandLine(
      { SIMWRIGHT_PORT: 'eighty', SIMWRIGHT_LOG_LEVEL: 'loud', SIMWRIGHT_COLOUR: 'red' },
      simwright.data,
    );
    assert.deepEqual(await wrong.run('check-config'), {
      code: 1,
      stdout: '',
      stderr: [
        'simwright: The settings are not usable:',
        '  - SIMWRIGHT_COLOUR is not a setting',
        "  - SIMWRIGHT_PORT must be a whole number from 0 to 65535; it is 'eighty'",
        "  - SIMWRIGHT_LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent; it is 'loud'",
        '',
      ].join('\n'),
    });
  });
});
