// Common to all commands: help, exit codes, tables, settings.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';
import { readConfig } from '../../src/config.ts';
import { openData } from '../../src/data.ts';
import { renderFields, renderTable } from '../../src/cli/table.ts';
import { commandLine } from './command.ts';
import type { CommandLine } from './command.ts';

let simwright: CommandLine;
before(async () => {
  simwright = await commandLine();
});
after(() => simwright[Symbol.asyncDispose]());

describe('every command', () => {
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
  for (const command of all(buildProgram())) {
    test(`${command.parent?.name() ?? ''} ${command.name()} has a helpful help text`, () => {
      let help = '';
      const writeOut = (text: string) => (help += text);
      command.configureOutput({ writeOut, getOutHasColors: () => false }).outputHelp();
      assert.match(help, /^Usage: simwright /);
      assert.ok(command.description().length > 20);
      assert.match(help, /\nExamples?:\n(.|\n)*\$ .*simwright /);
      // The second example, taken for what the first one means.
      assert.doesNotMatch(help, /^ {2}# simwright /m);
      // Defaults shown as code instead of as people write them.
      assert.doesNotMatch(help, /default: (?:\[|\{|null|undefined|true|false|"")/);
    });
  }
});

describe('exit codes', () => {
  test('are listed in the help', async () => {
    assert.match(await simwright.print('--help'), /\nExit codes: 0 success; 1 .+; 2 /);
  });

  // The other tests run commands in-process; this shows that it makes no difference.
  for (const args of [
    ['--version'],
    ['profile', 'list', '--help'],
    ['stock', 'list', '--limit', '0'],
    ['stock', 'summary'],
    ['account', 'list', '--json'],
  ]) {
    test(`and output of '${args.join(' ')}' are those of a separate process`, async () => {
      assert.deepEqual(await simwright.runAlone(...args), await simwright.run(...args));
    });
  }

  test('0 for help', async () => {
    const { code, stdout, stderr } = await simwright.run('stock', 'import', '--help');
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /\nRequired are iccid, imsi, ki, and opc, op or topc;/);
  });

  test('0 for the version of the package', async () => {
    const { version } = JSON.parse(
      await readFile(join(import.meta.dirname, '../../package.json'), 'utf8'),
    ) as { version: string };
    for (const flag of ['--version', '-V']) {
      assert.deepEqual(await simwright.run(flag), { code: 0, stdout: `${version}\n`, stderr: '' });
    }
  });

  test('2 for an invalid command line', async () => {
    for (const args of [
      ['bogus'],
      ['stock'],
      ['stock', 'list', '--limit', '0'],
      ['key', 'revoke'],
      ['profile', 'list', 'one too many'],
      ['device', 'download', '--connect', 'localhost:http'],
    ]) {
      const { code, stdout, stderr } = await simwright.run(...args);
      assert.deepEqual([code, stdout], [2, ''], args.join(' '));
      assert.doesNotMatch(stderr, /^ +at /m);
    }
  });

  test('2 for a typing error, with a suggestion', async () => {
    for (const [args, meant] of [
      [['profil'], 'profile'],
      [['profile', 'lst'], 'list'],
      [['profile', 'list', '--stats', 'new'], '--status'],
    ] as const) {
      const { code, stderr } = await simwright.run(...args);
      assert.equal(code, 2);
      assert.ok(
        stderr.includes(`(Did you mean ${meant}?)\n(add --help for the options)\n`),
        stderr,
      );
    }
  });

  test('1 for a failure', async () => {
    const none = 'There are no accounts yet; create one with: simwright account create';
    assert.deepEqual(await simwright.run('stock', 'summary'), {
      code: 1,
      stdout: '',
      stderr: `simwright: ${none}\n`,
    });
    assert.equal(await simwright.print('account', 'list'), `${none}\n`);
    assert.deepEqual(await simwright.json('account', 'list'), []);
  });

  test('1, with an explanation, if the database cannot be reached', async () => {
    const away = await commandLine(
      { SIMWRIGHT_DATABASE_URL: 'postgres://me@127.0.0.1:1/none' },
      simwright.data,
    );
    assert.deepEqual(await away.run('account', 'list'), {
      code: 1,
      stdout: '',
      stderr:
        'simwright: PostgreSQL cannot answer: connect ECONNREFUSED 127.0.0.1:1; ' +
        'check that it is running and that SIMWRIGHT_DATABASE_URL is right\n',
    });
  });
});

describe('a database that cannot be opened', () => {
  test('on SQLite is explained in words', async () => {
    const wrong = await commandLine(
      { SIMWRIGHT_DATABASE_URL: 'sqlite:/dev/null/simwright.db' },
      simwright.data,
    );
    const { code, stderr } = await wrong.run('account', 'list');
    assert.deepEqual([code, stderr], [1, 'simwright: /dev/null is not a folder\n']);
  });

  test('because it is not a database is explained in words', async () => {
    await writeFile(join(simwright.data, 'no.db'), 'This is a text. '.repeat(512));
    const wrong = await commandLine({ SIMWRIGHT_DATABASE_URL: 'sqlite:no.db' }, simwright.data);
    const { code, stderr } = await wrong.run('account', 'list');
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^simwright: The database \S+\/no\.db cannot be used: it is not an SQLite database; [^\n]+\n$/,
    );
  });
});

describe('an impossible data folder', () => {
  // Below /proc, Node's recursive mkdir never returns.
  const onLinux = { skip: process.platform !== 'linux' && 'only Linux has /proc', timeout: 20_000 };
  const env = (folder: string) => ({ SIMWRIGHT_DATA: folder, SIMWRIGHT_PORT: '0' });

  test('below /proc ends the start with one line', onLinux, async () => {
    const wrong = await commandLine(env('/proc/x/data'), simwright.data);
    assert.deepEqual(await wrong.run('start'), {
      code: 1,
      stdout: '',
      stderr: 'simwright: The folder /proc/x cannot be created: no such file or directory\n',
    });
  });

  test('that is /proc itself ends with one line', onLinux, async () => {
    const wrong = await commandLine(env('/proc'), simwright.data);
    const { code, stderr } = await wrong.run('account', 'list');
    assert.equal(code, 1);
    assert.match(stderr, /^simwright: The master key \/proc\/master\.key can be neither [^\n]+\n$/);
  });

  test('that is a file ends with one line', async () => {
    const file = join(simwright.data, 'file');
    await writeFile(file, '');
    for (const path of [file, join(file, 'below')]) {
      const wrong = await commandLine(env(path), simwright.data);
      const { code, stderr } = await wrong.run('start');
      assert.deepEqual([code, stderr], [1, `simwright: ${file} is not a folder\n`]);
    }
  });

  test('below /proc is reported by pki export, too', onLinux, async () => {
    const { code, stderr } = await simwright.run('pki', 'export', '/proc/x');
    const message = 'simwright: The folder /proc/x cannot be created: no such file or directory\n';
    assert.deepEqual([code, stderr], [1, message]);
  });
});

describe('files', { skip: process.platform === 'win32' && 'Windows has no modes' }, () => {
  test('are created for their owner only, as are their folders', async () => {
    const folder = join(simwright.data, 'new', 'data');
    const fresh = await commandLine({ SIMWRIGHT_DATA: folder }, simwright.data);
    // With an open connection, so SQLite's own files exist.
    const { config, secrets } = readConfig({ SIMWRIGHT_DATA: folder });
    const data = await openData(config, secrets);
    const modes = Object.fromEntries(
      ['..', '.', 'master.key', 'simwright.db', 'simwright.db-wal', 'simwright.db-shm'].map(
        (name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)],
      ),
    );
    await data.store.close();
    assert.deepEqual(modes, {
      '..': '700',
      '.': '700',
      'master.key': '600',
      'simwright.db': '600',
      'simwright.db-wal': '600',
      'simwright.db-shm': '600',
    });
    assert.deepEqual(await fresh.json('account', 'list'), []);
  });
});

describe('in one line, without a stack', () => {
  const wrong: [what: string, env: Record<string, string>, message: RegExp][] = [
    [
      'a data folder that is not there',
      { SIMWRIGHT_DATA: '/none/data' },
      /^simwright: The folder \/none\/data does not exist: set SIMWRIGHT_DATA to [^\n]+ simwright start\n$/,
    ],
    [
      'another master key',
      { SIMWRIGHT_MASTER_KEY: 'ab'.repeat(32) },
      /^simwright: The database was created with another master key; set [^\n]+\n$/,
    ],
    [
      'a master key file that is none',
      { SIMWRIGHT_MASTER_KEY_FILE: import.meta.filename },
      /^simwright: \S+\.ts does not contain a master key: expected 64 hexadecimal digits\n$/,
    ],
    [
      'a master key file that cannot be read',
      { SIMWRIGHT_MASTER_KEY_FILE: import.meta.dirname },
      /^simwright: The master key \S+ can be neither read nor created: illegal operation on a directory\n$/,
    ],
  ];
  for (const [what, env, message] of wrong) {
    test(what, async () => {
      await simwright.print('account', 'list');
      const { code, stdout, stderr } = await (
        await commandLine({ SIMWRIGHT_DATA: simwright.data, ...env }, simwright.data)
      ).run('account', 'list');
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, message);
    });
  }

  test('a master key file that is not there, and is not left there with another key', async () => {
    await simwright.print('account', 'list');
    const file = join(simwright.data, 'mistyped.key');
    const env = { SIMWRIGHT_DATA: simwright.data, SIMWRIGHT_MASTER_KEY_FILE: file };
    const { code, stderr } = await (await commandLine(env, simwright.data)).run('account', 'list');
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^simwright: The database was created with another master key; [^\n]+\. There is no \S+\/mistyped\.key\n$/,
    );
    assert.ok(!existsSync(file));
  });

  test('a read-only command does not create the data folder', async () => {
    const data = join(simwright.data, 'not-made');
    const elsewhere = await commandLine({ SIMWRIGHT_DATA: data }, simwright.data);
    assert.equal((await elsewhere.run('profile', 'list')).code, 1);
    assert.ok(!existsSync(data));
  });
});

describe('output', () => {
  const columns = [
    { title: 'NAME', value: ({ name }: { name: string }) => name },
    { title: 'COUNT', value: ({ count }: { count: number | null }) => count },
    { title: 'NOTE', value: ({ note }: { note: string | null }) => note },
  ];

  test('a table is aligned, complete, and has no trailing spaces', () => {
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

  describe('a table on a terminal', () => {
    const wide = [
      { title: 'SID', value: ({ sid }: Wide) => sid },
      { title: 'CAUSE', value: ({ cause }: Wide) => cause, flexible: true as const },
      { title: 'CREATED', value: ({ created }: Wide) => created },
    ];
    interface Wide {
      sid: string;
      cause: string;
      created: string;
    }
    const sid = `HP${'0'.repeat(32)}`;
    const rows = [{ sid, cause: 'a rather long story 漢字', created: '2026-11-23' }];

    test('is complete if there is room', () => {
      assert.equal(
        renderTable(wide, rows, 72),
        `SID${' '.repeat(33)}CAUSE                     CREATED\n${sid}  a rather long story 漢字  2026-11-23\n`,
      );
    });

    test('first cuts flexible columns', () => {
      const text = renderTable(wide, rows, 71);
      assert.ok(text.endsWith(`\n${sid}  a rather long story 漢…  2026-11-23\n`), text);
    });

    test('then drops columns, and names them; a SID is never cut', () => {
      assert.equal(
        renderTable(wide, rows, 63),
        `SID${' '.repeat(33)}CAUSE\n${sid}  a rather long story 漢字\n\nA wider terminal also shows: CREATED\n`,
      );
      assert.equal(
        renderTable(wide, rows, 20),
        `SID\n${sid}\n\nA wider terminal also shows: CAUSE, CREATED\n`,
      );
    });
  });

  test('has colours if requested, and none if refused', async () => {
    await simwright.run('account', 'create');
    for (const [env, expected] of [
      [{ FORCE_COLOR: '1' }, true],
      [{ FORCE_COLOR: '0' }, false],
      [{ NO_COLOR: '1' }, false],
    ] as const) {
      const painted = await commandLine(env, simwright.data);
      for (const args of [
        ['account', 'list'],
        ['profile', 'list', '--help'],
      ]) {
        assert.equal((await painted.print(...args)).includes('\u001B['), expected, args.join(' '));
      }
    }
  });

  test('times have the format of the API, in tables and in JSON', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-times-'));
    try {
      const fresh = await commandLine({}, folder);
      await fresh.print('account', 'create');
      await fresh.print('key', 'create');
      const device = ['device', 'create', 'phone'];
      await fresh.print(...device);
      const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
      let found = 0;
      for (const args of [
        ['account', 'list'],
        ['key', 'list'],
        ['device', 'show'],
        ['pki', 'show'],
      ]) {
        for (const form of [[], ['--json']]) {
          const times = (await fresh.print(...args, ...form)).match(time) ?? [];
          found += times.length;
          assert.deepEqual(
            times.filter((text) => text.includes('.')),
            [],
            args.join(' '),
          );
        }
      }
      assert.ok(found >= 8, `only ${found} times`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('untrusted text cannot control the terminal', () => {
    assert.equal(renderFields([['Answer', '\u001B[2J\nok']]), 'Answer  \\x1b[2J\\x0aok\n');
    assert.equal(renderFields([['Name', '\u202Eemosdnah']]), 'Name  \\x202eemosdnah\n');
  });

  test('has no colours in a pipe, and arrives completely', async () => {
    await simwright.print('stock', 'generate', '--count', '3000');
    const { stdout: text } = await simwright.runAlone('stock', 'list', '--limit', '3000');
    assert.equal(text.split('\n').length, 1 + 3000 + 1);
    assert.ok(!text.includes('\u001B'));
  });

  test('ends silently when the reader goes away', async () => {
    const child = simwright.start('stock', 'list', '--limit', '3000');
    let stderr = '';
    child.stderr!.on('data', (chunk) => (stderr += chunk));
    child.stdout!.destroy();
    const [code] = await once(child, 'close');
    assert.deepEqual([code, stderr], [0, '']);
  });
});

describe('check-config', () => {
  test('prints the settings in force, without secrets', async () => {
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
        'simwright: The settings are invalid:',
        '  - SIMWRIGHT_COLOUR is not a setting',
        "  - SIMWRIGHT_PORT must be a whole number from 0 to 65535; it is 'eighty'",
        "  - SIMWRIGHT_LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent; it is 'loud'",
        '',
      ].join('\n'),
    });
  });

  test('reads the file .env of its folder; the environment takes precedence', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-env-'));
    try {
      await writeFile(
        join(folder, '.env'),
        'SIMWRIGHT_PORT=8080\nSIMWRIGHT_ES9_PORT=9443\nSIMWRIGHT_LOG_LEVEL=debug\n',
      );
      const inFolder = await commandLine({ SIMWRIGHT_LOG_LEVEL: 'warn' }, folder);
      // `commandLine` sets the variable ES9_PORT.
      const settings = await inFolder.json('check-config');
      assert.equal(settings.SIMWRIGHT_PORT, '8080');
      assert.equal(settings.SIMWRIGHT_LOG_LEVEL, 'warn');
      assert.equal(settings.SIMWRIGHT_ES9_PORT, '0');
      await writeFile(join(folder, '.env'), '\nSIMWRIGHT_PORT=eighty\nSIMWRIGHT_PROT=1\n');
      const { code, stderr } = await inFolder.run('check-config');
      assert.deepEqual(
        [code, stderr],
        [
          1,
          'simwright: The settings are invalid:\n' +
            '  - SIMWRIGHT_PROT is not a setting (.env, line 3)\n' +
            "  - SIMWRIGHT_PORT must be a whole number from 0 to 65535; it is 'eighty' (.env, line 2)\n",
        ],
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
