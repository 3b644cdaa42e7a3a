// `simwright profile` and `simwright callback`, beside a server that does the work.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text as textOf } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { changeStatus } from '../../src/operator/esim-profile.ts';
import type { EsimProfileStatus } from '../../src/store/schema.ts';
import { startReceiver } from '../receiver.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { commandLine } from './command.ts';
import type { CommandLine } from './command.ts';
import { unitAt } from '../unit.ts';

const EID = '89049032123451234512345678901235';
let server: TestServer;
let simwright: CommandLine;
before(async () => {
  server = await startTestServer({ stock: 3 });
  simwright = await commandLine({}, server.config.data);
});
after(() => server[Symbol.asyncDispose]());

async function advance(sid: string, status: EsimProfileStatus): Promise<void> {
  const { store, now } = server.server.context;
  await store.transaction(async (tables) => {
    const row = await tables.esimProfiles.find(server.account.username, sid);
    await changeStatus(row!, status, {}, { cause: 'the test' }, unitAt(tables, now()));
  });
}

describe('profile', () => {
  test('order --wait prints the activation code', async () => {
    const profile = await simwright.json(
      'profile',
      'order',
      '--eid',
      EID,
      '--matching-id',
      '--profile-type',
      'default',
      '--wait',
    );
    assert.equal(profile.status, 'available');
    assert.equal(profile.eid, EID);
    assert.match(profile.activation_code, /^1\$localhost:8443\$/);

    const listed = await simwright.json('profile', 'list', '--status', 'available', '--eid', EID);
    assert.deepEqual(listed, [profile]);
    assert.deepEqual(await simwright.json('profile', 'list', '--status', 'installed'), []);
    const [{ iccid: found }] = listed;
    for (const text of [found.slice(-8), `${found}F`, EID.slice(0, 12)]) {
      assert.deepEqual(await simwright.json('profile', 'list', '--search', text), listed);
    }
    const short = await simwright.run('profile', 'list', '--search', '123');
    assert.deepEqual(
      [short.code, short.stderr],
      [
        1,
        "simwright: --search: expected 4 or more characters of an identifier or a friendly name; got '123'\n",
      ],
    );
    const list = (...options: string[]) => simwright.json('profile', 'list', ...options);
    const { iccid, matching_id: matchingId, date_created: created } = profile;
    for (const [options, expected] of [
      [['--status', 'installed', '--status', 'available', '--status', 'installed'], [profile]],
      [['--status', 'new', '--status', 'failed'], []],
      [['--iccid', iccid, '--matching-id', matchingId, '--created-after', created], [profile]],
      [['--iccid', '8900000000000000000'], []],
      [['--matching-id', 'none'], []],
      [['--created-after', '2020-01-01', '--created-before', '9999-01-01'], [profile]],
      [['--created-before', created], []],
    ] as const) {
      assert.deepEqual(await list(...options), expected, options.join(' '));
    }
    const { events, callbacks, ...shown } = await simwright.json('profile', 'show', profile.sid);
    assert.deepEqual(shown, profile);
    assert.deepEqual(callbacks, []);
    assert.deepEqual(
      events.map(({ status, cause }: any) => [status, cause]),
      [
        ['new', 'ordered on the command line'],
        ['reserving', 'reservation begun'],
        ['available', 'released by the SM-DP+'],
      ],
    );
  });

  test('order refuses what the API refuses', async () => {
    const bad: [string[], number, string][] = [
      [[], 2, 'simwright: Give --eid, --matching-id, or both\n'],
      [
        ['--eid', '89049032123451234512345678901236'],
        2,
        "simwright: --eid: expected check digits 35 at the end; got '89049032123451234512345678901236'\n",
      ],
      [['--eid', '123'], 2, "Expected 32 hexadecimal digits; got '123'."],
      [
        ['--callback-url', 'ftp://a'],
        2,
        "simwright: --callback-url: expected an http or https URL of at most 2048 characters, or none; got 'ftp://a'\n",
      ],
      [
        ['--matching-id', '--confirmation-code', '123'],
        2,
        'simwright: --confirmation-code: expected 4 to 64 ASCII letters, digits and punctuation, without spaces\n',
      ],
      [
        ['--matching-id', '--callback-method', 'GET'],
        2,
        'simwright: --callback-method is of no use without --callback-url\n',
      ],
      [['--callback-method', 'PUT'], 2, 'Allowed choices are GET, POST.'],
    ];
    for (const [args, expected, message] of bad) {
      const { code, stderr } = await simwright.run('profile', 'order', ...args);
      assert.equal(code, expected, stderr);
      assert.ok(stderr.includes(message), stderr);
    }
  });

  test('order reports a missing confirmation code on stdin', async () => {
    const ordering = simwright.start(
      'profile',
      'order',
      '--matching-id',
      '--confirmation-code',
      '-',
    );
    ordering.stdout!.resume();
    ordering.stdin!.end();
    const [stderr, [code]] = await Promise.all([textOf(ordering.stderr!), once(ordering, 'close')]);
    assert.deepEqual(
      [code, stderr],
      [2, 'simwright: --confirmation-code -: expected the code on stdin; got nothing\n'],
    );
  });

  test('list refuses what the API refuses', async () => {
    for (const [args, message] of [
      [['--status', 'available', '--status', 'bogus'], 'Allowed choices are new, reserving'],
      [['--created-after', 'today'], 'Expected a date such as 2026-11-23 or a date-time'],
    ] as const) {
      const { code, stderr } = await simwright.run('profile', 'list', ...args);
      assert.equal(code, 2, stderr);
      assert.ok(stderr.includes(message), stderr);
    }
  });

  test('order --wait exits with 1 if the order fails', async () => {
    const { code, stdout } = await simwright.run(
      'profile',
      'order',
      '--matching-id',
      '--profile-type',
      'none such',
      '--wait',
      '10',
    );
    assert.equal(code, 1);
    assert.match(stdout, /^Status +failed$/m);
    assert.match(stdout, /^Error code +83500$/m);
  });

  test('watch prints each transition as it happens, and ends with the last', async () => {
    const { sid } = await server.order({ GenerateMatchingId: 'true' });
    const watching = simwright.start('profile', 'watch', sid);
    let text = '';
    watching.stdout!.on('data', (chunk) => (text += chunk));
    const closed = once(watching, 'close');
    await eventually(() => text.includes('reserving → available') || undefined);
    await advance(sid, 'downloaded');
    await eventually(() => text.includes('available → downloaded') || undefined);
    await advance(sid, 'installed');
    assert.deepEqual(await closed, [0, null]);
    assert.deepEqual(
      text.split('\n').map((line) => line.slice('2026-11-23T12:00:00Z  '.length)),
      [
        text.slice(22, text.indexOf('\n')),
        'new → reserving  reservation begun',
        'reserving → available  released by the SM-DP+',
        'available → downloaded  the test',
        'downloaded → installed  the test',
        '',
      ],
    );
  });

  test('watch ends on Ctrl-C', async () => {
    const { sid } = await server.order({ GenerateMatchingId: 'true' });
    const watching = simwright.start('profile', 'watch', sid);
    const closed = once(watching, 'close');
    await once(watching.stdout!, 'data');
    watching.kill('SIGINT');
    watching.kill('SIGINT');
    assert.deepEqual(await closed, [0, null]);
  });

  test('show of another account is an error', async () => {
    const { username: other } = await server.addAccount(0);
    const [profile] = await simwright.json('profile', 'list', '--account', server.account.username);
    const { code, stderr } = await simwright.run(
      'profile',
      'show',
      profile.sid,
      '--account',
      other,
    );
    assert.equal(code, 1);
    assert.equal(
      stderr,
      `simwright: There is no eSIM Profile ${profile.sid} in account ${other}\n`,
    );
  });

  test('watch without a SID prints new events of the whole account; --since also past ones', async () => {
    const { username } = await server.addAccount(2);
    const account = ['--account', username];
    const order = () => simwright.json('profile', 'order', '--matching-id', '--wait', ...account);
    const first = await order();
    const { events } = await simwright.json('profile', 'show', first.sid, ...account);
    const since = ['--since', events[0].sid.toUpperCase()];
    const watching = simwright.start('profile', 'watch', '--json', ...since, ...account);
    let text = '';
    watching.stdout!.on('data', (chunk) => (text += chunk));
    const closed = once(watching, 'close');
    await eventually(() => (text.split('\n').length > 3 ? true : undefined));
    const second = await order();
    await eventually(() => (text.split('\n').length > 6 ? true : undefined));
    watching.kill('SIGINT');
    assert.deepEqual(await closed, [0, null]);
    const lines = text.trimEnd().split('\n');
    const printed = lines.map((line) => JSON.parse(line));
    assert.deepEqual(printed.slice(0, 3), events);
    assert.deepEqual(
      printed.map((event) => [event.esim_profile_sid, event.status]),
      [first, second].flatMap(({ sid }) => [
        [sid, 'new'],
        [sid, 'reserving'],
        [sid, 'available'],
      ]),
    );
  });

  test('watch of a failed profile prints its history and exits with 1', async () => {
    const { username } = await server.addAccount(0);
    const { sid } = await simwright.json(
      'profile',
      'order',
      '--matching-id',
      '--account',
      username,
    );
    const watched = ['profile', 'watch', sid, '--account', username];
    for (let time = 0; time < 2; time++) {
      const { code, stdout } = await simwright.run(...watched);
      assert.equal(code, 1);
      assert.match(stdout, /^\S+Z {2}new {2}ordered.*\n(.*\n)?.* → failed {2}.*\n$/);
    }
  });
});

test('callback list, show, retry', async () => {
  const { username } = await server.addAccount(1);
  const account = ['--account', username];
  let status = 410;
  await using receiver = await startReceiver((_call, _in, out) => {
    out.writeHead(status).end('answer of the receiver');
  });
  const callbackUrl = `${receiver.url}/hook#rc=0`;
  const { sid } = await simwright.json(
    'profile',
    'order',
    '--matching-id',
    '--callback-url',
    callbackUrl,
    ...account,
  );
  const failed = await eventually(async () => {
    const list = await simwright.json('callback', 'list', '--state', 'failed', ...account);
    return list.length === 2 ? list : undefined;
  });
  assert.deepEqual(await simwright.json('callback', 'list', '--resource', sid, ...account), failed);
  const [{ sid: last }, { sid: first }] = failed;
  assert.deepEqual(
    failed.map(({ error }: { error: string }) => error),
    Array(2).fill('answered 410; expected 2xx'),
  );
  const of = (...options: string[]) => simwright.json('callback', 'list', ...options, ...account);
  assert.deepEqual(await of('--state', 'pending', '--state', 'failed'), failed);
  assert.deepEqual(await of('--created-before', '2020-01-01'), []);
  const shown = await simwright.json('callback', 'show', first, ...account);
  assert.equal(shown.parameters.Status, 'reserving');
  const [attempt] = shown.log;
  assert.deepEqual(
    [shown.log.length, attempt.status_code, attempt.error, attempt.response],
    [1, 410, 'answered 410; expected 2xx', 'answer of the receiver'],
  );

  // The names of the API.
  const table = await simwright.print('callback', 'list', ...account);
  assert.match(table, /^SID +STATE +STATUS +ATTEMPTS +ERROR +NEXT +RESOURCE +URL\n/);

  status = 204;
  assert.equal(
    await simwright.print('callback', 'retry', first, ...account),
    '1 callback is due now\n',
  );
  assert.equal(
    await simwright.print('callback', 'retry', '--failed', ...account),
    '1 callback is due now\n',
  );
  await eventually(() => receiver.calls.length === 4 || undefined);
  const text = await eventually(async () => {
    const shownText = await simwright.print('callback', 'show', last, ...account);
    return /^State +delivered$/m.test(shownText) ? shownText : undefined;
  });
  assert.match(text, /^ATTEMPT +STARTED +MS +STATUS +ERROR +RESPONSE$/m);
  assert.match(
    text,
    /^ {6}1 {2}\S+Z +\d+ +410 {2}answered 410; expected 2xx {2}answer of the rec/m,
  );
  assert.match(text, /^ {6}2 {2}\S+Z +\d+ +204 {2}- +-$/m);

  const neither = await simwright.run('callback', 'retry', ...account);
  assert.deepEqual(
    [neither.code, neither.stderr],
    [2, 'simwright: Name the callbacks, or give --failed\n'],
  );
});
