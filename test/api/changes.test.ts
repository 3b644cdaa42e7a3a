// What the owner of an order may change after it was placed: cancel it, give it another matching ID or EID, let it expire,
// order again what has failed. SGP.22 §5.3: the SM-DP+ learns of each.
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { callEs10 } from '../../src/device/es10.ts';
import type { SmdpFunctions } from '../../src/es2plus/functions.ts';
import { DeleteProfileRequest } from '../../src/rsp/definitions/local-functions.ts';
import { encodeIccid } from '../../src/rsp/identifiers.ts';
import { FunctionExecutionError } from '../../src/rsp/function-execution-error.ts';
import { expireOrders } from '../../src/operator/expire-orders.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { errorsLogged, moveClock, stateOf, statusOf, stepsOf, SUCCESS } from '../es9plus/calls.ts';
import { newEid, newEuicc, newPhone } from '../es9plus/phone.ts';
import { violated } from '../verify/violated.ts';
import type { ReceivedCall, Receiver } from '../receiver.ts';
import { startReceiver } from '../receiver.ts';
import { eventually } from '../server.ts';
import type { Reply, RequestOptions } from '../server.ts';

/** What the built-in SM-DP+ is asked for does not matter to it. */
const on = { subject: 'of a test', task: { kind: 'reserve' } } as const;

const DAY_MS = 24 * 60 * 60 * 1_000;

onEachDatabase('changes of an order', (database) => {
  const running = serverOn(database, { es9: true, stock: 60 });
  afterEach(() => moveClock(running(), 0));
  after(() => assert.deepEqual(errorsLogged(running()), []));

  const order = (form: Record<string, string> = {}) =>
    running().order({ GenerateMatchingId: 'true', ...form });
  const post = (
    { sid }: { sid: string },
    operation = '',
    form: Record<string, string> = {},
    options: RequestOptions = {},
  ): Promise<Reply> =>
    running().request(`/v1/ESimProfiles/${sid}${operation && `/${operation}`}`, {
      form,
      ...options,
    });
  const fetch = async ({ sid }: { sid: string }): Promise<any> =>
    (await running().request(`/v1/ESimProfiles/${sid}`)).json;
  const subscriptionOf = ({ iccid }: { iccid: string }) =>
    running().server.context.store.subscriptions.find(running().account.username, iccid);

  /** Newest first: type, status, cause. */
  async function historyOf({ sid }: { sid: string }): Promise<string[]> {
    const { json } = await running().request(`/v1/ESimProfiles/${sid}/Events`);
    return json.events.map(({ type, status, cause }: any) => `${type} ${status}: ${cause}`);
  }

  /** @returns the refusal of a device that begins with a matching ID */
  async function resultOf(matchingId: string, euicc = newEuicc(running())): Promise<string> {
    const steps = stepsOf(running(), matchingId, euicc);
    assert.equal((await steps.initiate()).result, SUCCESS);
    return (await steps.authenticate()).result;
  }

  async function told(receiver: Receiver, count: number): Promise<Record<string, string>[]> {
    const calls: ReceivedCall[] = [];
    while (calls.length < count) calls.push(await receiver.next());
    return calls.map(({ parameters }) => parameters);
  }

  describe('CancelEsimProfile', () => {
    test('ends an available order: its subscription is in stock, and its code worth nothing: 8.2.6 / 3.8', async () => {
      await using receiver = await startReceiver();
      const placed = await order({ CallbackUrl: `${receiver.url}/status` });
      const { status, json } = await post(placed, 'Cancel');
      assert.equal(status, 200);
      const ended = {
        status: 'failed',
        error_code: '83590',
        error_message: 'The order was cancelled',
      };
      assert.deepEqual(json, { ...placed, ...ended, date_updated: json.date_updated });
      assert.deepEqual(await fetch(placed), json);
      assert.equal((await subscriptionOf(placed))?.state, 'Available');
      assert.equal(await resultOf(placed.matching_id), '8.2.6 / 3.8');
      assert.deepEqual((await historyOf(placed))[0], 'status failed: cancelled');
      const last = (await told(receiver, 3)).at(-1)!;
      assert.deepEqual(
        [last['Status'], last['PreviousStatus'], last['ErrorCode'], last['Changed']],
        ['failed', 'available', '83590', undefined],
      );
    });

    test('after that, a device that could not install it is heard, too', async () => {
      const placed = await order();
      const installationError = {
        bppCommandId: 'loadProfileElements',
        errorReason: 'installFailedDueToDataMismatch',
      } as const;
      const euicc = newEuicc(running(), { options: { misbehaviour: { installationError } } });
      const steps = stepsOf(running(), placed.matching_id, euicc);
      const result = await steps.install();
      await post(placed, 'Cancel', { FinalProfileStatusIndicator: 'Unavailable' });
      assert.equal((await steps.notify(result)).status, 204);
      assert.equal((await fetch(placed)).error_code, '83590');
      assert.deepEqual(
        (await historyOf(placed))[0],
        'notification failed: installation failed on the device',
      );
    });

    test('with FinalProfileStatusIndicator=Unavailable, its subscription is never used again', async () => {
      const placed = await order();
      const form = { FinalProfileStatusIndicator: 'Unavailable' };
      assert.equal((await post(placed, 'Cancel', form)).status, 200);
      assert.equal((await subscriptionOf(placed))?.state, 'Unavailable');
    });

    test('ends an order that no reservation has taken up', async () => {
      const { transact } = running().server.context;
      const created = await running().request('/v1/ESimProfiles', {
        form: { GenerateMatchingId: 'true' },
      });
      // New, or already available: it ends either way.
      const { status, json } = await post(created.json, 'Cancel');
      assert.deepEqual([status, json.status], [200, 'failed']);
      const rows = await transact(({ tables }) => tables.esimProfiles.claimToReserve(10));
      assert.deepEqual(rows, []);
    });

    test('of a downloaded order: its package may be installed at any time, so it must become Unavailable', async () => {
      const server = running();
      const placed = await order();
      const steps = stepsOf(server, placed.matching_id);
      const result = await steps.install();
      const refused = await post(placed, 'Cancel');
      assert.equal(refused.status, 409);
      assert.match(refused.json.message, /is downloaded: its package has left/);
      assert.deepEqual(refused.json.details, {
        status: 'downloaded',
        allowed_statuses: ['new', 'available'],
      });
      assert.equal(await statusOf(server, placed.sid), 'downloaded Downloaded');
      const form = { FinalProfileStatusIndicator: 'Unavailable' };
      const { json } = await post(placed, 'Cancel', form);
      assert.deepEqual([json.status, json.error_code], ['failed', '83590']);
      assert.equal(await statusOf(server, placed.sid), 'failed Unavailable');
      // The same eUICC, again or from the beginning.
      assert.equal((await steps.again('getBoundProfilePackage')).result, '8.2 / 3.7');
      assert.equal(await resultOf(placed.matching_id, steps.euicc), '8.2.6 / 3.8');
      // §3.5: its result is accepted, and told as it is.
      assert.equal((await steps.notify(result)).status, 204);
      assert.equal((await steps.notify(result)).status, 204);
      assert.equal(await statusOf(server, placed.sid), 'failed Unavailable');
      assert.deepEqual((await historyOf(placed)).slice(0, 2), [
        'notification failed: installed on the device',
        'status failed: cancelled',
      ]);
      const again = await server.order({ GenerateMatchingId: 'true' });
      assert.notEqual(again.iccid, placed.iccid);
    });

    test('is refused once it is installed or has failed: 409 names the status, and those that allow it', async () => {
      const server = running();
      const placed = await order();
      const steps = stepsOf(server, placed.matching_id);
      await steps.notify(await steps.install());
      const { status, json } = await post(placed, 'Cancel');
      assert.equal(status, 409);
      assert.deepEqual(json, {
        code: 20409,
        message: `${placed.sid} is installed; an order can be cancelled while it is new, reserving, available or downloaded`,
        more_info: 'https://www.twilio.com/docs/errors/20409',
        status: 409,
        details: {
          status: 'installed',
          allowed_statuses: ['new', 'reserving', 'available', 'downloaded'],
        },
      });
      const other = await order();
      assert.equal((await post(other, 'Cancel')).status, 200);
      const twice = await post(other, 'Cancel');
      assert.match(twice.json.message, /is failed \(83590: The order was cancelled\)/);
    });

    test('of an unknown SID, or that of another account, is 404; an unknown indicator 400; a read-only key 403', async () => {
      const placed = await order();
      const as = await running().addAccount(0);
      assert.equal((await post({ sid: `HP${'0'.repeat(32)}` }, 'Cancel')).status, 404);
      assert.equal((await post(placed, 'Cancel', {}, { as })).status, 404);
      const form = { FinalProfileStatusIndicator: 'Gone' };
      assert.equal((await post(placed, 'Cancel', form)).status, 400);
      const { json: key } = await running().request('/v1/Keys', {
        form: { FriendlyName: 'reader', Scope: 'read' },
      });
      const reader = { username: key.sid, password: key.secret };
      assert.equal((await post(placed, 'Cancel', {}, { as: reader })).status, 403);
      assert.equal((await fetch(placed)).status, 'available');
    });
  });

  describe('Idempotency-Key', () => {
    const headers = { 'Idempotency-Key': 'a change' };

    test('a repeated change takes effect once, and gets the first response', async () => {
      const placed = await order();
      const first = await post(placed, 'MatchingId', {}, { headers });
      const again = await post(placed, 'MatchingId', {}, { headers });
      assert.equal(again.headers.get('idempotent-replayed'), 'true');
      assert.equal(again.text, first.text);
      assert.notEqual(first.json.matching_id, placed.matching_id);
      assert.deepEqual(await fetch(placed), first.json);
    });

    test('422 for another order, or another operation, with the same key', async () => {
      const placed = await order();
      assert.equal((await post(placed, 'MatchingId', {}, { headers })).status, 422);
      const own = { headers: { 'Idempotency-Key': 'another change' } };
      assert.equal((await post(placed, 'MatchingId', {}, own)).status, 200);
      assert.equal((await post(placed, 'Cancel', {}, own)).status, 422);
      assert.equal((await fetch(placed)).status, 'available');
    });

    test('of concurrent repeats one is carried out, and all get its response', async () => {
      const placed = await order();
      const own = { headers: { 'Idempotency-Key': 'cancelled at once' } };
      const replies = await Promise.all(
        Array.from({ length: 8 }, () => post(placed, 'Cancel', {}, own)),
      );
      assert.deepEqual(
        replies.map(({ status }) => status),
        Array(8).fill(200),
      );
      assert.equal(new Set(replies.map(({ text }) => text)).size, 1);
      assert.equal((await historyOf(placed)).filter((event) => / cancelled/.test(event)).length, 1);
    });
  });

  describe('CreateEsimProfile with a MatchingId', () => {
    test('§5.3.2 is available with it, once for all; the next order that asks for it fails with 8.2.6/3.3, and takes no subscription', async () => {
      const form = { MatchingId: 'SHOP-0001-CHOSEN' };
      const first = await running().order(form);
      assert.deepEqual(
        [first.status, first.matching_id, first.activation_code],
        ['available', 'SHOP-0001-CHOSEN', `1$${first.smdp_plus_address}$SHOP-0001-CHOSEN`],
      );
      const { json: before } = await running().request('/v1/Stock');
      const second = await running().order(form);
      assert.deepEqual(
        [second.status, second.error_code, second.matching_id, second.iccid],
        ['failed', '8.2.6/3.3', null, null],
      );
      const { json: since } = await running().request('/v1/Stock');
      assert.deepEqual(since.stock, before.stock);
      const again = await post(second, 'Reorder');
      assert.equal(again.status, 201, 'with a generated one');
    });

    test('§5.3.2 of several orders that ask for it at once, one gets it, and so it is with one ICCID', async () => {
      const ends = async (form: Record<string, string>) => {
        const asked = Array.from({ length: 6 }, () => running().order(form));
        const placed = await Promise.all(asked);
        return placed.map(({ status, error_code: code }): string => code ?? status).toSorted();
      };
      const others = (code: string) => [...Array.from({ length: 5 }, () => code), 'available'];
      assert.deepEqual(await ends({ MatchingId: 'SHOP-0003-CHOSEN' }), others('8.2.6/3.3'));
      const [free] = await running().server.context.store.subscriptions.list(
        running().account.username,
        { state: 'Available', limit: 1 },
      );
      const form = { GenerateMatchingId: 'true', Iccid: free!.iccid };
      assert.deepEqual(await ends(form), others('8.2.1/3.3'));
    });

    test('in another form is refused, as is one for all items of a batch', async () => {
      for (const MatchingId of ['SHORT-1', 'lower-case-4711', 'UNDER_SCORE_4711', 'DOLLAR$4711']) {
        const { status, json } = await running().request('/v1/ESimProfiles', {
          form: { MatchingId },
        });
        assert.deepEqual(
          [status, json.message],
          [
            400,
            `Invalid parameter MatchingId: expected 8 to 128 capital letters, digits and dashes; got '${MatchingId}'`,
          ],
        );
      }
      const form = { Count: '2', MatchingId: 'SHOP-0002-CHOSEN' };
      const { status, json } = await running().request('/v1/ESimProfiles/Batches', { form });
      assert.equal(status, 400);
      assert.match(json.message, /no two orders may have the same/);
    });
  });

  describe('ReissueMatchingId', () => {
    test('the old code dies at once: 8.2.6 / 3.8; SID, status, ICCID and EID stay', async () => {
      await using receiver = await startReceiver();
      const eid = newEid();
      const placed = await order({ Eid: eid, CallbackUrl: `${receiver.url}/status` });
      const { status, json } = await post(placed, 'MatchingId');
      assert.equal(status, 200);
      const { matching_id, activation_code, date_updated } = json;
      assert.deepEqual(json, { ...placed, matching_id, activation_code, date_updated });
      assert.match(matching_id, /^[A-Z2-9]{5}(-[A-Z2-9]{5}){4}$/);
      assert.equal(
        activation_code,
        placed.activation_code.replace(placed.matching_id, matching_id),
      );
      const euicc = newEuicc(running(), { eid });
      assert.equal(await resultOf(placed.matching_id, euicc), '8.2.6 / 3.8');
      await stepsOf(running(), matching_id, euicc).install();
      assert.equal(await statusOf(running(), placed.sid), 'downloaded Downloaded');
      assert.deepEqual((await historyOf(placed)).slice(1, 2), [
        'change available: matching ID re-issued',
      ]);
      const changed = (await told(receiver, 4)).find((one) => one['Changed'] !== undefined)!;
      assert.deepEqual(
        [changed['Status'], changed['PreviousStatus'], changed['Changed'], changed['MatchingId']],
        ['available', 'available', 'MatchingId', matching_id],
      );
    });

    test('a download that had begun with the old code gets no package: 8.2 / 3.7', async () => {
      const placed = await order();
      const steps = await stepsOf(running(), placed.matching_id).begin();
      await post(placed, 'MatchingId');
      assert.equal((await steps.getPackage()).result, '8.2 / 3.7');
      assert.equal((await steps.again('authenticateClient')).result, '8.10.1 / 3.9');
      assert.equal(await statusOf(running(), placed.sid), 'available Released');
      const { json } = await running().request(`/v1/ESimProfiles/${placed.sid}/RspLog`);
      const refused = json.rsp_log.map((entry: any) => [entry.function, entry.status]);
      assert.ok(
        refused.some(([name, status]: string[]) => /Bound/.test(name!) && status === 'Failed'),
      );
    });

    test('a matching ID of the owner: taken as it is, refused if another order has it or nobody could use it', async () => {
      const [one, other] = [await order(), await order()];
      const { json } = await post(one, 'MatchingId', { MatchingId: 'SHOP-4711-QX7' });
      assert.equal(json.matching_id, 'SHOP-4711-QX7');
      assert.match(json.activation_code, /\$SHOP-4711-QX7$/);
      const taken = await post(other, 'MatchingId', { MatchingId: 'SHOP-4711-QX7' });
      assert.equal(taken.status, 409);
      assert.deepEqual(taken.json.details, {
        function: 'ConfirmOrder',
        subject_code: '8.2.6',
        reason_code: '3.3',
      });
      assert.match(taken.json.message, /Nothing was changed$/);
      assert.deepEqual(await fetch(other), other);
      assert.equal((await subscriptionOf(other))?.matching_id, other.matching_id);
      assert.equal((await post(one, 'MatchingId', { MatchingId: 'SHOP-4711-QX7' })).status, 409);
      for (const MatchingId of ['short', 'lower-case-4711', 'WITH SPACE 4711', 'DOLLAR$4711']) {
        assert.equal((await post(one, 'MatchingId', { MatchingId })).status, 400, MatchingId);
      }
    });

    test('gives an order for an EID alone an activation code', async () => {
      const eid = newEid();
      const placed = await running().order({ Eid: eid });
      const { json } = await post(placed, 'MatchingId');
      assert.ok(json.activation_code.endsWith(json.matching_id));
      const euicc = newEuicc(running(), { eid });
      assert.equal(await resultOf('', euicc), '8.1.1 / 3.8');
      await stepsOf(running(), json.matching_id, euicc).install();
    });

    test('keeps the confirmation code, or takes another', async () => {
      const placed = await order({ ConfirmationCode: '2580' });
      const { json } = await post(placed, 'MatchingId');
      assert.match(json.activation_code, /\$\$1$/);
      const steps = await stepsOf(running(), json.matching_id).begin();
      assert.equal((await steps.getPackage('0000')).result, '8.2.7 / 3.8');
      const { json: next } = await post(placed, 'MatchingId', { ConfirmationCode: '1357' });
      const others = await stepsOf(running(), next.matching_id).begin();
      assert.equal((await others.getPackage('2580')).result, '8.2.7 / 3.8');
      assert.equal((await others.getPackage('1357')).result, SUCCESS);
      const row = await stateOf(running(), placed.sid);
      assert.notEqual(row.profile?.confirmation_code, null);
    });

    test('of an order whose code an older version did not keep needs it again', async () => {
      const placed = await order({ ConfirmationCode: '2580' });
      const { transact, store } = running().server.context;
      const row = (await store.esimProfiles.find(running().account.username, placed.sid))!;
      await transact(({ tables }) =>
        tables.esimProfiles.transition(row, { ...row, confirmation_code: '' }),
      );
      for (const operation of ['MatchingId', '']) {
        const refused = await post(placed, operation, { Eid: newEid() });
        assert.equal(refused.status, 409);
        assert.match(refused.json.message, /give ConfirmationCode$/);
      }
      assert.equal((await post(placed, 'MatchingId', { ConfirmationCode: '2580' })).status, 200);
    });

    test('is refused in every other status', async () => {
      const placed = await order();
      await stepsOf(running(), placed.matching_id).install();
      const { status, json } = await post(placed, 'MatchingId');
      assert.deepEqual([status, json.details.allowed_statuses], [409, ['available']]);
    });
  });

  describe('UpdateEsimProfile', () => {
    test('binds to another EID, which alone can claim it: 8.1.1 / 3.8; the code stays', async () => {
      const placed = await order();
      const begun = await stepsOf(running(), placed.matching_id).begin();
      const eid = newEid();
      const { status, json } = await post(placed, '', { Eid: eid });
      assert.equal(status, 200);
      assert.deepEqual(json, { ...placed, eid, date_updated: json.date_updated });
      assert.equal((await begun.getPackage()).result, '8.2 / 3.7');
      assert.equal(await resultOf(placed.matching_id), '8.1.1 / 3.8');
      await stepsOf(running(), placed.matching_id, newEuicc(running(), { eid })).install();
      assert.deepEqual((await historyOf(placed))[1], `change available: bound to EID ${eid}`);
    });

    test('binds to none: the first device that comes', async () => {
      const placed = await order({ Eid: newEid() });
      const { json } = await post(placed, '', { Eid: '' });
      assert.equal(json.eid, null);
      await stepsOf(running(), placed.matching_id).install();
    });

    test('an order must have an EID or a matching ID', async () => {
      const placed = await running().order({ Eid: newEid() });
      const { status, json } = await post(placed, '', { Eid: '' });
      assert.equal(status, 409);
      assert.match(json.message, /has no matching ID/);
      assert.deepEqual(await fetch(placed), placed);
    });

    test('gives it another confirmation code, or its first; the code says so, and is not told', async () => {
      await using receiver = await startReceiver();
      const placed = await order({ CallbackUrl: `${receiver.url}/status` });
      const { json } = await post(placed, '', { ConfirmationCode: '1357924680' });
      assert.equal(json.activation_code, `${placed.activation_code}$$1`);
      const changed = (await told(receiver, 3)).at(-1)!;
      assert.equal(changed['Changed'], 'ConfirmationCode');
      assert.doesNotMatch(JSON.stringify(changed), /1357924680/);
      const steps = await stepsOf(running(), placed.matching_id).begin();
      assert.equal((await steps.getPackage('0000')).result, '8.2.7 / 3.8');
      assert.equal((await steps.getPackage('1357924680')).result, SUCCESS);
    });

    test('400 for an EID with wrong check digits, and for a time that is over', async () => {
      const placed = await order();
      for (const form of [
        { Eid: newEid().replace(/.$/, (digit) => String((Number(digit) + 1) % 10)) },
        { Eid: '123' },
        { ExpiresAt: '2020-01-01' },
        { ExpiresAt: 'tomorrow' },
      ]) {
        const { status, json } = await post(placed, '', form);
        assert.deepEqual([status, json.code], [400, 20001], JSON.stringify(form));
      }
      assert.deepEqual(await fetch(placed), placed);
    });

    test('what is already so changes nothing, and is told nobody', async () => {
      const eid = newEid();
      const placed = await order({ Eid: eid, ExpiresAt: '2999-12-31' });
      const { json } = await post(placed, '', {
        Eid: eid.toLowerCase(),
        ExpiresAt: '2999-12-31T00:00:00Z',
      });
      assert.deepEqual(json, placed);
      assert.equal((await historyOf(placed)).length, 3);
    });

    test('several changes are one, with one callback', async () => {
      await using receiver = await startReceiver();
      const placed = await order({ CallbackUrl: `${receiver.url}/status` });
      const eid = newEid();
      await post(placed, '', { Eid: eid, ExpiresAt: '2999-12-31' });
      const changed = (await told(receiver, 3)).at(-1)!;
      assert.deepEqual(
        [changed['Changed'], changed['Eid'], changed['ExpiresAt']],
        ['Eid,ExpiresAt', eid, '2999-12-31T00:00:00Z'],
      );
    });
  });

  describe('ExpiresAt', () => {
    const expire = (milliseconds: number) => {
      moveClock(running(), milliseconds);
      return expireOrders(running().server.context, 50);
    };
    const ahead = (milliseconds: number) =>
      new Date(Date.now() + milliseconds).toISOString().replace(/\.\d+Z/, 'Z');

    test('an order that nobody has downloaded by then fails with 83591, at once and by itself', async () => {
      // Cut to seconds; on a busy machine it may be over before the server reads it: then again.
      const placed = await eventually(() =>
        order({ ExpiresAt: ahead(2_500) }).catch(() => undefined),
      );
      assert.match(placed.expires_at, /Z$/);
      const ended = await eventually(async () => {
        const profile = await fetch(placed);
        return profile.status === 'failed' ? profile : undefined;
      });
      assert.equal(ended.error_code, '83591');
      assert.ok(ended.date_updated >= placed.expires_at);
      assert.equal((await subscriptionOf(placed))?.state, 'Available');
      assert.deepEqual((await historyOf(placed))[0], 'status failed: expired');
    });

    test('may be moved and removed while nobody has downloaded it', async () => {
      const placed = await order({ ExpiresAt: ahead(DAY_MS) });
      const moved = await post(placed, '', { ExpiresAt: ahead(3 * DAY_MS) });
      assert.equal(moved.status, 200);
      assert.equal(await expire(2 * DAY_MS), 0);
      moveClock(running(), 0);
      const { json } = await post(placed, '', { ExpiresAt: '' });
      assert.equal(json.expires_at, undefined);
      assert.equal(await expire(4 * DAY_MS), 0);
      assert.equal((await fetch(placed)).status, 'available');
    });

    test('does not end a downloaded order', async () => {
      const placed = await order({ ExpiresAt: ahead(DAY_MS) });
      await stepsOf(running(), placed.matching_id).install();
      assert.equal(await expire(2 * DAY_MS), 0);
      assert.equal(await statusOf(running(), placed.sid), 'downloaded Downloaded');
      const refused = await post(placed, '', { ExpiresAt: '' });
      assert.deepEqual(refused.json.details.allowed_statuses, ['new', 'reserving', 'available']);
    });

    test('two nodes that end the same orders at the same time end each of them once', async () => {
      const placed = await Promise.all(
        Array.from({ length: 4 }, () => order({ ExpiresAt: ahead(DAY_MS) })),
      );
      moveClock(running(), 2 * DAY_MS);
      const { context } = running().server;
      await Promise.all([expireOrders(context, 50), expireOrders(context, 50)]);
      for (const one of placed) {
        const events = await historyOf(one);
        assert.equal(events.filter((event) => event.endsWith(': expired')).length, 1);
      }
    });
  });

  describe('ReorderEsimProfile', () => {
    test('a new order in place of a failed one, with the same parameters; both name each other', async () => {
      const eid = newEid();
      const placed = await order({ Eid: eid, ConfirmationCode: '2580', ExpiresAt: '2999-12-31' });
      await post(placed, 'Cancel');
      const { status, json } = await post(placed, 'Reorder');
      assert.equal(status, 201);
      assert.deepEqual(
        [json.status, json.eid, json.replaces_sid, json.expires_at],
        ['new', eid, placed.sid, undefined],
      );
      const old = await fetch(placed);
      assert.deepEqual([old.status, old.replaced_by_sid], ['failed', json.sid]);
      const available = await eventually(async () => {
        const profile = await fetch(json);
        return profile.status === 'available' ? profile : undefined;
      });
      assert.match(available.activation_code, /\$\$1$/);
      assert.notEqual(available.matching_id, placed.matching_id);
      const euicc = newEuicc(running(), { eid });
      const steps = await stepsOf(running(), available.matching_id, euicc).begin();
      assert.equal((await steps.getPackage('2580')).result, SUCCESS);
    });

    test('a device that came to an order without an EID does not bind the next one; another EID may be given', async () => {
      const placed = await order();
      await stepsOf(running(), placed.matching_id).install();
      await post(placed, 'Cancel', { FinalProfileStatusIndicator: 'Unavailable' });
      assert.notEqual((await fetch(placed)).eid, null);
      const { json } = await post(placed, 'Reorder');
      assert.equal(json.eid, null);
      const eid = newEid();
      await eventually(async () => (await fetch(json)).status === 'available' || undefined);
      await post(json, 'Cancel');
      assert.equal((await post(json, 'Reorder', { Eid: eid })).json.eid, eid);
    });

    test('once only, and only of what has failed: 409', async () => {
      const placed = await order();
      const early = await post(placed, 'Reorder');
      assert.deepEqual([early.status, early.json.details.allowed_statuses], [409, ['failed']]);
      await post(placed, 'Cancel');
      const replies = await Promise.all(Array.from({ length: 5 }, () => post(placed, 'Reorder')));
      const made = replies.filter(({ status }) => status === 201);
      assert.equal(made.length, 1);
      const other = replies.find(({ status }) => status === 409)!;
      assert.match(
        other.json.message,
        new RegExp(`has been replaced already, by ${made[0]!.json.sid}$`),
      );
    });
  });

  describe('the subscription is released again', () => {
    const failInstallation = async (matchingId: string) => {
      const installationError = {
        bppCommandId: 'loadProfileElements',
        errorReason: 'installFailedDueToDataMismatch',
      } as const;
      const euicc = newEuicc(running(), { options: { misbehaviour: { installationError } } });
      const steps = stepsOf(running(), matchingId, euicc);
      await steps.notify(await steps.install());
    };

    test('KeepSim=true after a failed installation: the same ICCID and Sim, another matching ID', async () => {
      const placed = await order();
      await failInstallation(placed.matching_id);
      const { status, json } = await post(placed, 'Reorder', { KeepSim: 'true' });
      assert.equal(status, 201);
      assert.deepEqual(
        [json.status, json.iccid, json.sim_sid, json.replaces_sid, json.eid],
        ['available', placed.iccid, placed.sim_sid, placed.sid, null],
      );
      assert.equal(await statusOf(running(), json.sid), 'available Released');
      const steps = stepsOf(running(), json.matching_id);
      await steps.notify(await steps.install());
      assert.equal(await statusOf(running(), json.sid), 'installed Installed');
      assert.equal((await fetch(placed)).status, 'failed');
    });

    test('KeepSim=true is refused if an eUICC may have the profile: 8.2.1 / 3.3', async () => {
      const placed = await order();
      const steps = stepsOf(running(), placed.matching_id);
      await steps.notify(await steps.install());
      const refused = await post(placed, 'Reorder', { KeepSim: 'true' });
      assert.equal(refused.status, 409);
      assert.deepEqual(refused.json.details, {
        function: 'CancelOrder',
        subject_code: '8.2.1',
        reason_code: '3.3',
      });
      assert.equal((await fetch(placed)).replaced_by_sid, undefined);
    });

    test('UpdateAccount: with ReleaseAgain=deletion, by itself when the device has deleted it', async () => {
      const server = running();
      await server.request('/v1/Account', { form: { ReleaseAgain: 'deletion' } });
      const placed = await order();
      const phone = newPhone(server);
      await phone.download(placed.activation_code);
      const iccid = encodeIccid(placed.iccid);
      callEs10(phone.euicc, DeleteProfileRequest.encode({ iccid }));
      assert.deepEqual((await phone.sendNotifications()).failed, []);
      const old = await fetch(placed);
      assert.equal(old.status, 'installed');
      const next = await fetch({ sid: old.replaced_by_sid });
      assert.deepEqual([next.status, next.iccid], ['available', placed.iccid]);
      assert.deepEqual((await historyOf(placed)).slice(0, 2), [
        'change installed: replaced by another order',
        'notification installed: deleted on the device',
      ]);
      // The same device, again: the next report is about the next order.
      await phone.download(next.activation_code);
      assert.equal((await fetch(next)).status, 'installed');
      await server.request('/v1/Account', { form: { ReleaseAgain: 'off' } });
    });

    test('UpdateAccount: with ReleaseAgain=both, by itself after a failure, at most three times in a row', async () => {
      const server = running();
      const policy = async (ReleaseAgain: string) => {
        const { json } = await server.request('/v1/Account', { form: { ReleaseAgain } });
        assert.equal(json.release_again, ReleaseAgain);
      };
      const off = await order();
      await failInstallation(off.matching_id);
      assert.equal((await fetch(off)).replaced_by_sid, undefined);
      await policy('both');
      let current = await order();
      const first = current;
      for (let failure = 1; failure <= 3; failure++) {
        await failInstallation(current.matching_id);
        const { replaced_by_sid: next } = await fetch(current);
        assert.equal(next !== undefined, failure < 3, `after failure ${failure}`);
        if (next !== undefined) current = await fetch({ sid: next });
      }
      assert.equal(current.iccid, first.iccid);
      assert.equal(
        (await server.request('/v1/Account', { form: { ReleaseAgain: 'x' } })).status,
        400,
      );
      await policy('off');
    });
  });

  test('a sequence that was interrupted after CancelOrder is completed by repeating the request', async () => {
    const { transact, smdp } = running().server.context;
    const accountSid = running().account.username;
    const placed = await order();
    await transact((unit) =>
      smdp(accountSid, unit, on).cancelOrder({
        header: { functionRequesterIdentifier: accountSid, functionCallIdentifier: placed.sid },
        iccid: placed.iccid,
        finalProfileStatusIndicator: 'Available',
      }),
    );
    assert.equal((await post(placed, 'MatchingId')).status, 200);
    assert.equal(await statusOf(running(), placed.sid), 'available Released');
  });

  test('what the SM-DP+ refuses in the middle leaves everything as it was, and the answer names the function', async () => {
    const { context } = running().server;
    const placed = await order();
    const { smdp } = context;
    try {
      context.smdp = (...call): SmdpFunctions => ({
        ...smdp(...call),
        downloadOrder: async () => {
          throw new FunctionExecutionError('8.2.1', '3.3', 'taken');
        },
      });
      const { status, json } = await post(placed, 'MatchingId');
      assert.deepEqual(
        [status, json.message],
        [409, 'The SM-DP+ refused DownloadOrder: 8.2.1/3.3: taken. Nothing was changed'],
      );
    } finally {
      context.smdp = smdp;
    }
    assert.equal(await statusOf(running(), placed.sid), 'available Released');
    assert.equal(await resultOf(placed.matching_id), SUCCESS);
  });

  test('all of this leaves a database that violates nothing', async () => {
    const { config, server } = running();
    assert.deepEqual(await violated(config.database, server.context.masterKey), []);
  });
});
