// `simwright sim`, beside a server that applies the changes: the same Sims as the API's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startReceiver } from '../receiver.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { commandLine } from './command.ts';
import type { CommandLine } from './command.ts';

let server: TestServer;
let simwright: CommandLine;
before(async () => {
  server = await startTestServer({ stock: 3 });
  simwright = await commandLine({ SIMWRIGHT_PUBLIC_URL: server.url }, server.config.data);
});
after(() => server[Symbol.asyncDispose]());

const list = (...options: string[]) => simwright.json('sim', 'list', ...options);

test('list and show return the same as the API, with every filter', async () => {
  const orders = [
    await server.order({ GenerateMatchingId: 'true' }),
    await server.order({ GenerateMatchingId: 'true' }),
  ];
  const { json } = await server.request('/v1/Sims');
  assert.deepEqual(await list(), json.sims);
  const [newest, oldest] = json.sims;
  assert.equal(oldest.sid, orders[0].sim_sid);
  assert.deepEqual(await simwright.json('sim', 'show', oldest.sid), oldest);
  for (const [options, expected] of [
    [['--iccid', oldest.iccid], [oldest]],
    [['--iccid', `${oldest.iccid}F`], [oldest]],
    [['--iccid', `${oldest.iccid.slice(0, 4)} ${oldest.iccid.slice(4)} f`], [oldest]],
    [['--status', 'new', '--status', 'active'], json.sims],
    [['--status', 'active'], []],
    [['--unique-name', 'nobody'], []],
    [['--fleet', `HF${'0'.repeat(32)}`], []],
    [['--created-before', '2020-01-01'], []],
    [['--created-after', '2020-01-01', '--limit', '1'], [newest]],
  ] as const) {
    assert.deepEqual(await list(...options), expected, options.join(' '));
  }
  const [titles, first] = (await simwright.print('sim', 'list')).split('\n');
  assert.match(titles!, /^SID +STATUS +ICCID +UNIQUE NAME +FLEET +CREATED$/);
  assert.ok(first!.startsWith(`${newest.sid}  new     ${newest.iccid}  -`), first!);
});

test('update names a Sim and changes its status, with a callback', async () => {
  await using receiver = await startReceiver();
  const { sim_sid: sid } = await server.order({ GenerateMatchingId: 'true' });
  const update = (name: string, ...options: string[]) =>
    simwright.json('sim', 'update', name, ...options);
  const fleet = `HF${'1'.repeat(32)}`;
  const wanted = ['--unique-name', 'meter 17', '--status', 'active', '--fleet', fleet];
  const callback = ['--callback-url', receiver.url, '--callback-method', 'GET'];
  const changed = await update(sid, ...wanted, ...callback);
  assert.deepEqual(
    [changed.unique_name, changed.status, changed.fleet_sid],
    ['meter 17', 'scheduled', fleet],
  );
  await eventually(async () => {
    const { status } = await simwright.json('sim', 'show', 'meter 17');
    return status === 'active';
  });
  const { method, parameters } = await receiver.next();
  assert.deepEqual([method, parameters['SimSid'], parameters['Status']], ['GET', sid, 'active']);
  assert.deepEqual(await list('--fleet', fleet, '--unique-name', 'meter 17'), [
    (await server.request(`/v1/Sims/${sid}`)).json,
  ]);
  const unnamed = await update('meter 17', '--unique-name', '', '--callback-url', '');
  assert.equal(unnamed.unique_name, null);
});

test('failures are explained in words', async () => {
  const [one, two] = await list();
  await simwright.print('sim', 'update', one.sid, '--unique-name', 'taken');
  for (const [args, code, message] of [
    [['show', 'nobody'], 1, /^simwright: There is no Sim nobody in account AC\w+\n$/],
    [['update', two.sid], 2, /^simwright: Give at least one change, such as --status active\n$/],
    [
      ['update', two.sid, '--unique-name', 'taken'],
      1,
      /: Another Sim has the unique name taken\n$/,
    ],
    [
      ['update', two.sid, '--unique-name', one.sid],
      1,
      /: The unique name must not look like a SID\n$/,
    ],
    [['list', '--iccid', '123'], 2, /Expected an ICCID, 18 to 20 digits beginning with 89,/],
    [['update', two.sid, '--fleet', 'HF1'], 2, /Expected HF and 32 hexadecimal digits; got 'HF1'/],
    [['update', two.sid, '--callback-url', 'ftp://x'], 2, /expected an http or https URL/],
    [['update', two.sid, '--status', 'new'], 2, /Allowed choices are ready, active, inactive/],
  ] as const) {
    const outcome = await simwright.run('sim', ...args);
    assert.equal(outcome.code, code, args.join(' '));
    assert.match(outcome.stderr, message);
  }
});
