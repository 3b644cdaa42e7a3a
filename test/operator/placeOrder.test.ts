// One way to place an order: the API, the command line and others have the same result.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { checkOrder, OrderRefused, placeOrder } from '../../src/operator/placeOrder.ts';
import type { Order } from '../../src/operator/placeOrder.ts';
import { openCallbackUrl } from '../../src/operator/callback-url.ts';
import { openConfirmationCode } from '../../src/operator/confirmation-code.ts';
import type { EsimProfileRow } from '../../src/store/schema.ts';
import { commandLine } from '../cli/command.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { eventually } from '../server.ts';

const EID = '89049032123451234512345678901235';
const CODE = '4711-abc';
const URL_GIVEN = 'http://hook-user:secret%201@127.0.0.1:9/status#rc=0';
const order: Order = {
  accountSid: 'AC',
  generateMatchingId: true,
  cause: { cause: 'the test' },
};

const RULES = { eidCheckDigits: true, now: new Date('2026-11-29T12:00:00Z') };

describe('an order is refused before anything is stored', () => {
  const cases: [Partial<Order>, OrderRefused['what'], string][] = [
    [
      { generateMatchingId: false },
      'claim',
      'expected an EID, a matching ID, or both; got neither',
    ],
    [{ eid: '123' }, 'eid', "expected 32 hexadecimal digits; got '123'"],
    [
      { eid: EID.replace(/5$/, '6') },
      'eid',
      `expected check digits 35 at the end; got '${EID.replace(/5$/, '6')}'`,
    ],
    ...['123', 'x'.repeat(65), 'with space', 'tab\t1', 'é-code'].map(
      (confirmationCode): [Partial<Order>, OrderRefused['what'], string] => [
        { confirmationCode },
        'confirmationCode',
        'expected 4 to 64 ASCII letters, digits and punctuation, without spaces',
      ],
    ),
    [
      { expiresAt: RULES.now },
      'expiresAt',
      'expected a time after now, 2026-11-29T12:00:00Z; got 2026-11-29T12:00:00Z',
    ],
    [
      { callback: { url: 'ftp://hook-user:secret@h', method: 'POST' } },
      'callbackUrl',
      "expected an http or https URL of at most 2048 characters, or none; got 'ftp://***:***@h'",
    ],
  ];
  for (const [part, what, message] of cases) {
    test(`${JSON.stringify(part)}: ${message}`, () => {
      assert.throws(() => checkOrder({ ...order, ...part }, RULES), { what, message });
    });
  }

  test('EIDs of lab cards pass if check digits are not required', () => {
    const lab = { ...order, eid: EID.replace(/5$/, '6') };
    assert.equal(checkOrder(lab, { ...RULES, eidCheckDigits: false }), lab);
  });
});

onEachDatabase('an order', (database) => {
  const server = serverOn(database, { stock: 2 });

  async function simwright() {
    const { config } = server();
    const url = config.database.kind === 'postgres' ? config.database.url : undefined;
    return commandLine(url === undefined ? {} : { SIMWRIGHT_DATABASE_URL: url }, config.data);
  }

  function stored(sid: string): Promise<EsimProfileRow | undefined> {
    return server().server.context.store.esimProfiles.find(server().account.username, sid);
  }

  test('from the command line equals one from the API, including code, callback and method', async () => {
    await using cli = await simwright();
    // A type without stock: both orders fail, and keep what the reservation would remove.
    const byApi = await server().order({
      Eid: EID,
      GenerateMatchingId: 'true',
      ProfileType: 'none such',
      ConfirmationCode: CODE,
      CallbackUrl: URL_GIVEN,
      CallbackMethod: 'GET',
    });
    const ordering = cli.start(
      'profile',
      'order',
      '--eid',
      EID,
      '--matching-id',
      '--profile-type',
      'none such',
      '--confirmation-code',
      '-',
      '--callback-url',
      URL_GIVEN,
      '--callback-method',
      'GET',
      '--wait',
      '--json',
    );
    // stdin is left open: one line is enough.
    ordering.stdin!.write(`${CODE}\r\n`);
    const [printed, told, [exit]] = await Promise.all([
      text(ordering.stdout!),
      text(ordering.stderr!),
      once(ordering, 'close'),
    ]);
    assert.deepEqual([exit, told], [1, '']);
    const byCommand = JSON.parse(printed) as { sid: string };

    const { masterKey } = server().server.context;
    const [first, second] = await Promise.all([stored(byApi.sid), stored(byCommand.sid)]);
    for (const row of [first!, second!]) {
      assert.equal(openConfirmationCode(row, masterKey), CODE);
      const { url, authorization } = openCallbackUrl(row.callback_url!, row.account_sid, masterKey);
      assert.equal(url.href, 'http://127.0.0.1:9/status#rc=0');
      assert.equal(authorization, `Basic ${Buffer.from('hook-user:secret 1').toString('base64')}`);
      assert.doesNotMatch(JSON.stringify(row), /4711|secret/);
    }
    const ofItsOwn = {
      sid: '',
      resource: '',
      date_created: '',
      date_updated: '',
      confirmation_code: '',
      callback_url: '',
      request_id: '',
    };
    assert.deepEqual({ ...second!, ...ofItsOwn }, { ...first!, ...ofItsOwn });
    assert.equal(first!.callback_method, 'GET');
  });

  test('is rolled back with its transaction, and one transaction may place several', async () => {
    const { transact, masterKey } = server().server.context;
    const checked = checkOrder({ ...order, accountSid: server().account.username }, RULES);
    const listed = async () =>
      (await server().request('/v1/ESimProfiles')).json.esim_profiles.length;
    const before = await listed();
    const broken = transact(async (unit) => {
      await placeOrder(checked, masterKey, unit);
      throw new Error('the test');
    });
    await assert.rejects(broken, /the test/);
    assert.equal(await listed(), before);

    const rows = await transact(async (unit) => [
      await placeOrder(checked, masterKey, unit),
      await placeOrder(checked, masterKey, unit),
    ]);
    for (const { sid } of rows) {
      await eventually(async () => (await stored(sid))?.status === 'available' || undefined);
    }
  });
});
