// `simwright profile cancel`, `reissue`, `bind`, `expire`, `reorder`, `update`, `count`, and `account update`, beside a server.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startReceiver } from '../receiver.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { commandLine } from './command.ts';
import type { CommandLine } from './command.ts';

const EID = '89049032123451234512345678901235';
let server: TestServer;
let simwright: CommandLine;
before(async () => {
  server = await startTestServer({ stock: 12, es9: true });
  const { config } = server.server.context;
  simwright = await commandLine(
    { SIMWRIGHT_ES9_PORT: String(config.es9Port), SIMWRIGHT_SMDP_ADDRESS: config.smdpAddress },
    server.config.data,
  );
});
after(() => server[Symbol.asyncDispose]());

const order = (form: Record<string, string> = {}) =>
  server.order({ GenerateMatchingId: 'true', ...form });
const profile = (...words: string[]) => simwright.json('profile', ...words);
const fetch = async (sid: string) => (await server.request(`/v1/ESimProfiles/${sid}`)).json;

/** Of a command that must fail. */
async function refused(...words: string[]): Promise<[code: number | null, message: string]> {
  const { code, stdout, stderr } = await simwright.run(...words);
  assert.equal(stdout, '');
  return [code, stderr];
}

describe('profile', () => {
  test('cancel ends an order, as the API shows it; a second time it says why not', async () => {
    const { sid } = await order();
    const cancelled = await profile('cancel', sid);
    assert.deepEqual([cancelled.status, cancelled.error_code], ['failed', '83590']);
    assert.deepEqual(await fetch(sid), { ...cancelled, url: (await fetch(sid)).url });
    const { events } = await profile('show', sid);
    assert.deepEqual(
      [events.at(-1).cause, events.at(-1).detail],
      ['cancelled', 'on the command line'],
    );
    const [code, message] = await refused('profile', 'cancel', sid);
    assert.equal(code, 1);
    assert.match(
      message,
      /is failed \(83590: The order was cancelled\); an order can be cancelled/,
    );
    const unknown = `HP${'0'.repeat(32)}`;
    assert.match((await refused('profile', 'cancel', unknown))[1], /There is no eSIM Profile HP0/);
  });

  test('cancel --unavailable takes the subscription out of use', async () => {
    const { sid, iccid } = await order();
    await profile('cancel', sid, '--unavailable');
    const { store } = server.server.context;
    const row = await store.subscriptions.find(server.account.username, iccid as string);
    assert.equal(row?.state, 'Unavailable');
  });

  test('reissue prints the new activation code; a matching ID of its own must be long enough', async () => {
    const placed = await order();
    const { matching_id: generated } = await profile('reissue', placed.sid);
    assert.notEqual(generated, placed.matching_id);
    // Of the server, whatever the settings of the command say.
    assert.equal((await fetch(placed.sid)).smdp_plus_address, placed.smdp_plus_address);
    const chosen = await profile('order', '--matching-id', 'SHOP-4712', '--wait');
    assert.match(chosen.activation_code, /\$SHOP-4712$/);
    const { activation_code } = await profile('reissue', placed.sid, '--matching-id', 'SHOP-4711');
    assert.match(activation_code, /\$SHOP-4711$/);
    const text = await simwright.run('profile', 'reissue', placed.sid);
    assert.match(text.stdout, /^Activation code +1\$/m);
    const [code, message] = await refused('profile', 'reissue', placed.sid, '--matching-id', 'A1');
    assert.equal(code, 2);
    assert.match(
      message,
      /--matching-id: expected 8 to 128 capital letters, digits and dashes; got 'A1'/,
    );
  });

  test('bind --eid and --none: one of them', async () => {
    const { sid } = await order();
    assert.equal((await profile('bind', sid, '--eid', EID)).eid, EID);
    assert.equal((await profile('bind', sid, '--none')).eid, null);
    for (const words of [[], ['--none', '--eid', EID]]) {
      assert.deepEqual(await refused('profile', 'bind', sid, ...words), [
        2,
        'simwright: Give either --eid or --none\n',
      ]);
    }
    const [code, message] = await refused('profile', 'bind', sid, '--eid', EID.replace(/5$/, '6'));
    assert.equal(code, 2);
    assert.match(message, /--eid: expected check digits 35 at the end/);
  });

  test('expire --expires-at and --never; order --expires-at', async () => {
    const placed = await profile('order', '--matching-id', '--expires-at', '2999-12-31', '--wait');
    assert.equal(placed.expires_at, '2999-12-31T00:00:00Z');
    const moved = await profile('expire', placed.sid, '--expires-at', '2999-12-31T18:00:00+02:00');
    assert.equal(moved.expires_at, '2999-12-31T16:00:00Z');
    assert.equal((await profile('expire', placed.sid, '--never')).expires_at, undefined);
    const past = await refused('profile', 'expire', placed.sid, '--expires-at', '2020-01-01');
    assert.equal(past[0], 2);
    assert.match(past[1], /expected a time after now, .*; got 2020-01-01T00:00:00Z/);
  });

  test('order --friendly-name --metadata, update, list and count by them, reorder', async () => {
    const { sid, ...placed } = await profile(
      'order',
      '--matching-id',
      '--wait',
      '--friendly-name',
      'Truck 17',
      '--metadata',
      'order=4711',
      '--metadata',
      'site=Berlin=West',
    );
    assert.deepEqual(
      [placed.friendly_name, placed.metadata, placed.profile_type],
      ['Truck 17', { order: '4711', site: 'Berlin=West' }, 'default'],
    );
    const filter = [
      '--metadata',
      'order=4711',
      '--friendly-name-prefix',
      'tru',
      '--profile-type',
      'default',
    ];
    const listed = await simwright.run('profile', 'list', ...filter);
    assert.match(listed.stdout, new RegExp(`^SID +FRIENDLY NAME.*\n${sid} +Truck 17 `));
    assert.deepEqual(await profile('count', ...filter), { count: 1, more: false });
    assert.equal((await simwright.run('profile', 'count', '--metadata', 'order=1')).stdout, '0\n');
    const update = (...words: string[]) => profile('update', sid, ...words);
    assert.deepEqual((await update('--metadata', 'order=', '--metadata', 'lot=7')).metadata, {
      lot: '7',
      site: 'Berlin=West',
    });
    await profile('cancel', sid);
    const again = await profile(
      'reorder',
      sid,
      '--friendly-name',
      'Truck 18',
      '--metadata',
      'site=',
    );
    assert.deepEqual([again.friendly_name, again.metadata], ['Truck 18', { lot: '7' }]);
    const { friendly_name, metadata } = await update('--metadata', '', '--friendly-name', '');
    assert.deepEqual([friendly_name, metadata], [undefined, undefined]);
  });

  test('update: what is wrong is said by its option', async () => {
    const { sid } = await order();
    for (const [words, message] of [
      [[], 'Give at least one change, such as --metadata site=Berlin'],
      [
        ['--friendly-name', 'x'.repeat(129)],
        '--friendly-name: expected at most 128 characters; got 129',
      ],
      [['--metadata', 'site'], "Expected KEY=VALUE; got 'site'."],
      [['--metadata', 'a b=c'], "Invalid metadata: expected keys of .*; got 'a b'."],
      [['--metadata', 'a=b', '--metadata', ''], "Give '' alone: it removes all keys."],
    ] as const) {
      const [code, said] = await refused('profile', 'update', sid, ...words);
      assert.equal(code, 2);
      assert.match(said, new RegExp(message));
    }
  });

  test('reorder: both orders name each other; --keep-sim only if no eUICC can have the profile', async () => {
    const { sid } = await order();
    const early = await refused('profile', 'reorder', sid);
    assert.match(early[1], /is available; it can be ordered again while it is failed/);
    await profile('cancel', sid);
    const again = await profile('reorder', sid, '--eid', EID, '--expires-at', '2999-12-31');
    assert.deepEqual([again.replaces_sid, again.eid], [sid, EID]);
    assert.equal((await fetch(sid)).replaced_by_sid, again.sid);
    const shown = await simwright.run('profile', 'show', sid);
    assert.match(shown.stdout, new RegExp(`^Replaced by +${again.sid}$`, 'm'));
    const other = await order();
    await profile('cancel', other.sid);
    // In stock, unless another order has taken it since.
    const kept = await profile('reorder', other.sid, '--keep-sim');
    assert.deepEqual([kept.status, kept.iccid], ['available', other.iccid]);
  });
});

test('account update --release-again, as the API and account show have it', async () => {
  const { username } = server.account;
  const updated = await simwright.json('account', 'update', username, '--release-again', 'both');
  assert.equal(updated.release_again, 'both');
  const { json } = await server.request('/v1/Account');
  assert.equal(json.release_again, 'both');
  const { stdout } = await simwright.run('account', 'show', username);
  assert.match(stdout, /^Release again +both$/m);
  assert.equal((await refused('account', 'update', username))[0], 2);
});

test('account update --callback-url, removed by an empty one; profile order --callback-url none', async () => {
  const { username } = server.account;
  const update = (url: string) =>
    simwright.json('account', 'update', username, '--callback-url', url);
  const { callback_url: url, callback_method: method } = await update(
    'http://me:my-secret@127.0.0.1:9/',
  );
  assert.deepEqual([url, method], ['http://***:***@127.0.0.1:9/', 'POST']);
  const { stdout } = await simwright.run('account', 'show', username);
  assert.match(stdout, /^Callback +POST http:\/\/\*\*\*:\*\*\*@127\.0\.0\.1:9\/$/m);
  const { sid } = await simwright.json(
    'profile',
    'order',
    '--matching-id',
    '--callback-url',
    'none',
  );
  const shown = await simwright.run('profile', 'show', sid);
  assert.match(shown.stdout, /^Callback +none$/m);
  assert.deepEqual(
    await refused('account', 'update', username, '--callback-url', 'http://me:my-secret@'),
    [
      2,
      "simwright: --callback-url: expected an http or https URL of at most 2048 characters; got 'http://***:***@'\n",
    ],
  );
  assert.equal((await update('')).callback_url, null);
});

test('account callback-secret, as the API has it; --rotate replaces it', async () => {
  const { username } = server.account;
  const of = (...options: string[]) =>
    simwright.json('account', 'callback-secret', username, ...options);
  const { json } = await server.request('/v1/Account/CallbackSecret');
  const first = await of();
  assert.equal(first.secret, json.secret);
  const second = await of('--rotate', '--previous-hours', '1');
  assert.equal(second.previous_secret, first.secret);
  const { stdout } = await simwright.run('account', 'callback-secret', username);
  assert.match(stdout, new RegExp(`^Secret +${RegExp.escape(second.secret)}$`, 'm'));
  assert.equal((await of('--rotate', '--previous-hours', '0')).previous_secret, null);
  assert.equal(
    (await refused('account', 'callback-secret', username, '--previous-hours', '1'))[0],
    2,
  );
});

test('callback test: prints what the receiver answers; 1 unless that is 2xx', async () => {
  await using receiver = await startReceiver();
  const tested = await simwright.json('callback', 'test', '--callback-url', receiver.url);
  const { headers, parameters } = await receiver.next();
  assert.deepEqual(
    [tested.state, tested.status_code, tested.sid],
    ['delivered', 204, headers['webhook-id']],
  );
  assert.equal(parameters['Test'], 'true');
  assert.equal((await refused('callback', 'test'))[0], 2);
  const { code, stdout } = await simwright.run(
    'callback',
    'test',
    '--callback-url',
    'http://127.0.0.1:9',
  );
  assert.equal(code, 1);
  assert.match(stdout, /^Error +the connection was refused$/m);
});

test('callback rehearse: a line per step; 0 once all callbacks are delivered', async () => {
  await using receiver = await startReceiver();
  assert.equal((await refused('callback', 'rehearse'))[0], 2);
  const { code, stdout } = await simwright.run(
    'callback',
    'rehearse',
    '--callback-url',
    receiver.url,
  );
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^ {2}ordered +HP[0-9a-f]{32}, of the profile type rehearsal/);
  assert.match(stdout, /^ {2}finished +4 of 4 callbacks delivered\n$/m);
  assert.deepEqual(
    receiver.calls.map(({ parameters }) => parameters['Status']),
    ['reserving', 'available', 'downloaded', 'installed'],
  );
  const [again, message] = await refused('callback', 'rehearse', '--callback-url', receiver.url);
  assert.equal(again, 1);
  assert.match(message, /try again in \d+ s/);
});
