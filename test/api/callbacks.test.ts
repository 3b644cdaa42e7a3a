// The callbacks about a profile and their delivery, over the API.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import twilio from 'twilio';
import { beginRehearsal } from '../../src/rehearsal/rehearse.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { generateTestStock } from '../../src/smdp/stock/test-stock.ts';
import { startReceiver } from '../receiver.ts';
import type { ReceivedCall } from '../receiver.ts';
import { eventually } from '../server.ts';
import type { Credentials } from '../server.ts';

/** The secrets of those given that have signed a call. */
function signers({ headers, body }: ReceivedCall, secrets: string[]): string[] {
  const signatures = String(headers['webhook-signature']).split(' ');
  const signed = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
  return secrets.filter((secret) => {
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const expected = createHmac('sha256', key).update(signed).digest('base64');
    return signatures.includes(`v1,${expected}`);
  });
}

const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

onEachDatabase(
  'ListEsimProfileCallback, FetchCallback, RetryCallback: the callbacks of a profile',
  (database) => {
    const running = serverOn(database, { stock: 20, es9: true });

    /** Its callbacks over the API, once all of them are in this state. */
    function callbacksOf(sid: string, state: string, attempts = 1): Promise<any[]> {
      return eventually(async () => {
        const { json } = await running().request(`/v1/ESimProfiles/${sid}/Callbacks`);
        const found: any[] = json.callbacks;
        const are = found.every((one) => one.state === state && one.attempts.length >= attempts);
        return are && found.length > 0 ? found : undefined;
      });
    }

    test('are listed newest first, with their parameters and every attempt', async () => {
      const server = running();
      await using receiver = await startReceiver((_call, _request, response) =>
        response.writeHead(200).end('thanks'),
      );
      const profile = await server.order({
        GenerateMatchingId: 'true',
        CallbackUrl: `${receiver.url}/status`,
      });
      const callbacks = await callbacksOf(profile.sid, 'delivered');
      assert.deepEqual(
        callbacks.map(({ parameters }) => parameters.Status),
        ['available', 'reserving'],
      );
      const [callback] = callbacks;
      const [attempt] = callback.attempts;
      assert.match(callback.sid, /^CB[0-9a-f]{32}$/);
      for (const date of [callback.date_created, callback.date_settled, attempt.date_started]) {
        assert.match(date, DATE);
      }
      assert.deepEqual(callback, {
        sid: callback.sid,
        account_sid: server.account.username,
        esim_profile_sid: profile.sid,
        sim_sid: null,
        callback_url: `${receiver.url}/status`,
        callback_method: 'POST',
        parameters: receiver.calls[1]!.parameters,
        state: 'delivered',
        attempts: [
          {
            attempt: 1,
            date_started: attempt.date_started,
            duration_ms: attempt.duration_ms,
            status_code: 200,
            error: null,
            response: 'thanks',
          },
        ],
        next_attempt_at: null,
        date_created: callback.date_created,
        date_settled: callback.date_settled,
        url: `${server.url}/v1/Callbacks/${callback.sid}`,
      });
      assert.deepEqual((await server.request(callback.url)).json, callback);
      const page = await server.request(`/v1/ESimProfiles/${profile.sid}/Callbacks?PageSize=1`);
      assert.deepEqual(page.json.callbacks, [callback]);
      const next = await server.request(page.json.meta.next_page_url);
      assert.deepEqual(next.json.callbacks, [callbacks[1]]);
    });

    test('are sent again, even if they were given up', async () => {
      const server = running();
      let status = 500;
      await using receiver = await startReceiver((_call, _request, response) =>
        response.writeHead(status).end(),
      );
      const profile = await server.order({
        GenerateMatchingId: 'true',
        // Given up after the first attempt.
        CallbackUrl: `${receiver.url}/status#rc=0`,
      });
      const [failed] = await callbacksOf(profile.sid, 'failed');
      assert.equal(failed.attempts[0].status_code, 500);
      status = 204;
      const retried = await server.request(`${failed.url}/Retry`, { method: 'POST' });
      assert.equal(retried.status, 202);
      assert.match(retried.json.next_attempt_at, DATE);
      assert.deepEqual(retried.json, {
        ...failed,
        state: 'pending',
        date_settled: null,
        next_attempt_at: retried.json.next_attempt_at,
      });
      const settled = await eventually(async () => {
        const { json } = await server.request(failed.url);
        return json.state === 'delivered' ? json : undefined;
      });
      assert.deepEqual(
        settled.attempts.map((attempt: any) => [attempt.attempt, attempt.status_code]),
        [
          [1, 500],
          [2, 204],
        ],
      );
      const { store } = server.server.context;
      const rows = await store.callbacks.list(server.account.username, { limit: 100 });
      assert.equal(rows.filter(({ state }) => state === 'failed').length, 1, 'no other was sent');
    });

    test('of a Sim name the Sim', async () => {
      const server = running();
      await using receiver = await startReceiver();
      const profile = await server.order({ GenerateMatchingId: 'true' });
      await server.request(`/v1/Sims/${profile.sim_sid}`, {
        form: { Status: 'active', CallbackUrl: receiver.url },
      });
      await receiver.next();
      const { store } = server.server.context;
      const resourceSid: string = profile.sim_sid;
      const [row] = await store.callbacks.list(server.account.username, {
        subject: resourceSid,
        limit: 1,
      });
      const { json } = await server.request(`/v1/Callbacks/${row!.sid}`);
      assert.deepEqual([json.esim_profile_sid, json.sim_sid], [null, resourceSid]);
    });

    test('are 404 for another account, and for an unknown profile', async () => {
      const server = running();
      const as = await server.addAccount(0);
      await using receiver = await startReceiver();
      const profile = await server.order({ GenerateMatchingId: 'true', CallbackUrl: receiver.url });
      const [callback] = await callbacksOf(profile.sid, 'delivered');
      for (const [path, method] of [
        [`/v1/ESimProfiles/${profile.sid}/Callbacks`, 'GET'],
        [`/v1/Callbacks/${callback.sid}`, 'GET'],
        [`/v1/Callbacks/${callback.sid}/Retry`, 'POST'],
      ] as const) {
        const { status, json } = await server.request(path, { method, as });
        assert.deepEqual(
          [status, json.message],
          [404, `The requested resource ${path} was not found`],
        );
      }
      assert.equal((await server.request('/v1/ESimProfiles/HP0/Callbacks')).status, 404);
      assert.deepEqual((await server.request(callback.url)).json, callback);
    });

    describe('UpdateAccount: the callback URL of an account', () => {
      const setUrl = (form: Record<string, string>) => running().request('/v1/Account', { form });

      test('is used by orders and Sims without one, also by those from before, and not by those that have none', async () => {
        const server = running();
        await using receiver = await startReceiver();
        const order = (form: Record<string, string> = {}) =>
          server.order({ GenerateMatchingId: 'true', ...form });
        const called = async () => {
          const { parameters: told, method, url } = await receiver.next();
          return [
            told['ESimProfileSid'] ?? told['SimSid'],
            told['Status'],
            method,
            url.split('?')[0],
          ];
        };
        const before = await order();
        const { status, json } = await setUrl({
          CallbackUrl: `${receiver.url.replace('//', '//user:secret@')}/all`,
          CallbackMethod: 'GET',
        });
        assert.deepEqual(
          [status, json.callback_url, json.callback_method],
          [200, `${receiver.url.replace('//', '//***:***@')}/all`, 'GET'],
        );
        const all = ['GET', `${receiver.url}/all`];
        const none = await order({ CallbackUrl: 'none' });
        const own = await order({ CallbackUrl: `${receiver.url}/own` });
        for (const step of ['reserving', 'available']) {
          assert.deepEqual(await called(), [own.sid, step, 'POST', `${receiver.url}/own`]);
        }
        const byDefault = await order({ CallbackUrl: '' });
        for (const step of ['reserving', 'available']) {
          assert.deepEqual(await called(), [byDefault.sid, step, ...all]);
        }
        assert.equal(receiver.calls.at(-1)!.headers.authorization, `Basic ${btoa('user:secret')}`);
        await server.request(`/v1/ESimProfiles/${before.sid}/Cancel`, { method: 'POST' });
        assert.deepEqual(await called(), [before.sid, 'failed', ...all]);

        // The order that takes the place of one without callbacks has none either.
        await server.request(`/v1/ESimProfiles/${none.sid}/Cancel`, { method: 'POST' });
        const { json: instead } = await server.request(`/v1/ESimProfiles/${none.sid}/Reorder`, {
          method: 'POST',
        });
        const sim = `/v1/Sims/${byDefault.sim_sid}`;
        await server.request(sim, { form: { Status: 'ready' } });
        assert.deepEqual(await called(), [byDefault.sim_sid, 'ready', ...all]);
        for (const [url, Status] of [
          ['none', 'inactive'],
          ['', 'active'],
        ] as const) {
          await server.request(sim, { form: { Status, CallbackUrl: url } });
          await eventually(
            async () => (await server.request(sim)).json.status === Status || undefined,
          );
        }
        assert.deepEqual(await called(), [byDefault.sim_sid, 'active', ...all]);

        const removed = await setUrl({ CallbackUrl: '' });
        assert.equal(removed.json.callback_url, null);
        await server.request(`/v1/ESimProfiles/${byDefault.sid}/Cancel`, { method: 'POST' });
        const list = async (sid: string) =>
          (await server.request(`/v1/ESimProfiles/${sid}/Callbacks`)).json.callbacks;
        assert.equal((await list(byDefault.sid)).length, 2);
        assert.deepEqual([await list(none.sid), await list(instead.sid)], [[], []]);
      });

      test('is stored sealed, and refused if no callback can be sent there', async () => {
        const server = running();
        await setUrl({ CallbackUrl: 'https://user:secret@example.com/' });
        const { store } = server.server.context;
        const { callback_url: stored } = (await store.accounts.find(server.account.username))!;
        assert.match(stored!, /^https:\/\/sealed:[\w-]+@example.com\/$/);
        for (const CallbackUrl of ['none', 'ftp://example.com/', 'https://user:secret@']) {
          const { status, json } = await setUrl({ CallbackUrl });
          assert.deepEqual([status, json.code], [400, 20001]);
          assert.doesNotMatch(json.message, /secret/);
        }
        const { callback_url: kept } = (await store.accounts.find(server.account.username))!;
        assert.equal(kept, stored);
        await setUrl({ CallbackUrl: '' });
      });
    });

    describe('FetchCallbackSecret, RotateCallbackSecret: the secret of webhook-signature', () => {
      const PATH = '/v1/Account/CallbackSecret';
      const rotate = async (PreviousSeconds: string) =>
        (await running().request(PATH, { form: { PreviousSeconds } })).json;

      test('Standard Webhooks: while two are in use, both sign; a retry has the same id and a new time', async () => {
        const server = running();
        let status = 500;
        await using receiver = await startReceiver((_call, _request, response) =>
          response.writeHead(status).end(),
        );
        const { json: first } = await server.request(PATH);
        assert.match(first.secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
        assert.deepEqual([first.previous_secret, first.previous_until], [null, null]);
        const second = await rotate('3600');
        assert.equal(second.previous_secret, first.secret);
        const inAnHour = Date.parse(second.previous_until) - Date.now();
        assert.ok(Math.abs(inAnHour - 3_600_000) < 60_000, String(inAnHour));

        const form = { GenerateMatchingId: 'true', CallbackUrl: `${receiver.url}/#rc=0` };
        const { sid } = await server.order(form);
        const [failed] = await callbacksOf(sid, 'failed');
        const all = [first.secret, second.secret];
        assert.deepEqual(signers(receiver.calls[1]!, all), all);

        const third = await rotate('0');
        assert.deepEqual([third.previous_secret, third.previous_until], [null, null]);
        status = 204;
        const before = receiver.calls.length;
        await server.request(`/v1/Callbacks/${failed.sid}/Retry`, { method: 'POST' });
        const again = await eventually(() => receiver.calls[before]);
        assert.deepEqual(signers(again, [...all, third.secret]), [third.secret]);
        const [headers, then] = [again.headers, receiver.calls[1]!.headers];
        assert.equal(headers['webhook-id'], failed.sid);
        assert.equal(headers['i-twilio-idempotency-token'], failed.sid);
        assert.equal(then['webhook-id'], failed.sid);
        const time = (text: unknown) => Number(text) * 1000;
        assert.ok(time(headers['webhook-timestamp']) >= time(then['webhook-timestamp']));
        assert.ok(Math.abs(time(headers['webhook-timestamp']) - Date.now()) < 60_000);
      });

      test('is not for keys that may only read, nor for caches; each account has its own', async () => {
        const server = running();
        const { json: key } = await server.request('/v1/Keys', { form: { Scope: 'read' } });
        const as = { username: key.sid, password: key.secret };
        const refused = await server.request(PATH, { as });
        assert.deepEqual([refused.status, refused.json.code], [403, 20006]);
        const { headers, json } = await server.request(PATH);
        assert.equal(headers.get('cache-control'), 'no-store');
        const other = await server.request(PATH, { as: await server.addAccount() });
        assert.notEqual(other.json.secret, json.secret);
        for (const seconds of ['-1', '604801', 'x']) {
          const { status } = await server.request(PATH, { form: { PreviousSeconds: seconds } });
          assert.equal(status, 400);
        }
      });
    });

    describe('TestCallback: a test of a receiver', () => {
      const PATH = '/v1/Callbacks/Test';

      test('is signed like a callback, says that it is a test, and is answered with what the receiver answered', async () => {
        const server = running();
        await using receiver = await startReceiver((_call, _request, response) =>
          response.writeHead(418).end('a teapot'),
        );
        const as = await server.addAccount(0);
        const CallbackUrl = `${receiver.url.replace('//', '//me:my-secret@')}/a?b=c`;
        const { status, json } = await server.request(PATH, { form: { CallbackUrl }, as });
        const call = await receiver.next();
        const { 'x-twilio-signature': signature, 'webhook-id': id } = call.headers;
        assert.ok(
          twilio.validateRequest(as.password, String(signature), call.url, call.parameters),
        );
        const { json: secret } = await server.request('/v1/Account/CallbackSecret', { as });
        assert.deepEqual(signers(call, [secret.secret]), [secret.secret]);
        assert.equal(call.headers.authorization, `Basic ${btoa('me:my-secret')}`);
        assert.deepEqual(call.parameters, {
          Test: 'true',
          AccountSid: as.username,
          ApiVersion: 'v1',
          ESimProfileSid: `HP${'0'.repeat(32)}`,
          Status: 'available',
          PreviousStatus: 'reserving',
          DateUpdated: json.date_started,
        });
        const { duration_ms: took, date_started: started } = json;
        assert.deepEqual(
          [status, json],
          [
            200,
            {
              sid: id,
              account_sid: as.username,
              callback_url: `${receiver.url.replace('//', '//***:***@')}/a?b=c`,
              callback_method: 'POST',
              parameters: call.parameters,
              state: 'failed',
              date_started: started,
              duration_ms: took,
              status_code: 418,
              error: 'answered 418; expected 2xx',
              response: 'a teapot',
            },
          ],
        );
        const { json: list } = await server.request('/v1/Callbacks', { as });
        assert.deepEqual(list.callbacks, []);
      });

      test('goes to the URL of the account by default, and needs one', async () => {
        const server = running();
        await using receiver = await startReceiver();
        const as = await server.addAccount(0);
        const without = await server.request(PATH, { form: {}, as });
        assert.deepEqual([without.status, without.json.code], [400, 20001]);
        const form = { CallbackUrl: `${receiver.url}/default`, CallbackMethod: 'GET' };
        await server.request('/v1/Account', { form, as });
        const { json } = await server.request(PATH, { form: {}, as });
        const { method, parameters } = await receiver.next();
        assert.deepEqual([json.state, method, parameters['Test']], ['delivered', 'GET', 'true']);
      });

      test('is one of ten in a minute, and one at a time', async () => {
        const server = running();
        const { promise: hold, resolve: release } = Promise.withResolvers<void>();
        await using receiver = await startReceiver((_call, _request, response) => {
          void hold.then(() => response.writeHead(204).end());
        });
        const as = await server.addAccount(0);
        const ask = () => server.request(PATH, { form: { CallbackUrl: receiver.url }, as });
        const first = ask();
        await receiver.next();
        const second = await ask();
        assert.deepEqual([second.status, second.headers.get('retry-after')], [429, '1']);
        release();
        assert.equal((await first).status, 200);
        for (let count = 1; count < 10; count++) assert.equal((await ask()).status, 200);
        let taken = 10;
        // However slow the machine is: one comes back every six seconds.
        const tooMany = await eventually(async () => {
          const answer = await ask();
          return answer.status === 200 ? void taken++ : answer;
        });
        assert.deepEqual([tooMany.status, tooMany.json.code], [429, 20429]);
        assert.match(tooMany.headers.get('retry-after')!, /^[1-6]$/);
        assert.equal(receiver.calls.length, taken);
      });
    });

    describe('CreateRehearsal: the life of a test profile', () => {
      const PATH = '/v1/Callbacks/Rehearsals';
      const rehearse = async (as: Credentials, form: Record<string, string>) => {
        const reply = await server().request(PATH, { form, as });
        const lines = reply.text.split('\n').slice(0, -1);
        return { ...reply, steps: lines.map((line): any => JSON.parse(line)) };
      };
      const server = running;

      test('its test subscription never gets into the stock, also if its order is cancelled', async () => {
        const as = await server().addAccount(0);
        const { transact, masterKey } = server().server.context;
        await transact((unit) => generateTestStock(as.username, 1, 'rehearsal', masterKey, unit));
        const { sid } = await server().order(
          { GenerateMatchingId: 'true', ProfileType: 'rehearsal' },
          as,
        );
        const cancelled = await server().request(`/v1/ESimProfiles/${sid}/Cancel`, {
          form: {},
          as,
        });
        assert.deepEqual([cancelled.status, cancelled.json.status], [200, 'failed']);
        const { states } = (await server().request('/v1/Stock', { as })).json.profile_types[0];
        assert.deepEqual([states.Available, states.Unavailable], [0, 1]);
      });

      test('is ordered, downloaded over ES9+, installed, enabled, disabled and deleted, with all callbacks; the stock stays', async () => {
        await using receiver = await startReceiver();
        const as = await server().addAccount(1);
        const { status, headers, steps } = await rehearse(as, { CallbackUrl: receiver.url });
        assert.deepEqual([status, headers.get('content-type')], [200, 'application/x-ndjson']);
        assert.deepEqual(
          steps.filter(({ step }) => step !== 'callback').map(({ step }) => step),
          [
            'ordered',
            'available',
            'initiateAuthentication',
            'authenticateServer',
            'authenticateClient',
            'prepareDownload',
            'getBoundProfilePackage',
            'loadBoundProfilePackage',
            'handleNotification',
            'installed',
            'enabled',
            'disabled',
            'deleted',
            'finished',
          ],
        );
        assert.ok(steps.every(({ ok }) => ok));
        assert.equal(steps.at(-1).detail, '4 of 4 callbacks delivered');
        const sid = steps[0].esim_profile_sid;
        assert.deepEqual(
          receiver.calls.map(({ parameters: told }) => [told['ESimProfileSid'], told['Status']]),
          ['reserving', 'available', 'downloaded', 'installed'].map((told) => [sid, told]),
        );
        const { json: profile } = await server().request(`/v1/ESimProfiles/${sid}`, { as });
        assert.deepEqual(
          [profile.status, profile.profile_type, profile.friendly_name, profile.metadata],
          ['installed', 'rehearsal', 'Rehearsal', { rehearsal: 'true' }],
        );
        const { json } = await server().request(`/v1/ESimProfiles/${sid}/Events`, { as });
        assert.equal(json.events.filter(({ type }: any) => type === 'notification').length, 3);
        const { json: stock } = await server().request('/v1/Stock', { as });
        assert.deepEqual(
          stock.profile_types.map((one: any) => [one.profile_type, one.available, one.in_use]),
          [
            ['default', 1, 0],
            ['rehearsal', 0, 1],
          ],
        );

        const again = await rehearse(as, { CallbackUrl: receiver.url });
        assert.deepEqual([again.status, again.json.code], [429, 20429]);
        assert.match(again.headers.get('retry-after')!, /^([12]?\d|30)$/);
      });

      test('says which callbacks were not delivered, and needs a receiver', async () => {
        await using receiver = await startReceiver(({ parameters: { Status } }, _in, response) =>
          response.writeHead(Status === 'installed' ? 500 : 204).end(),
        );
        const as = await server().addAccount(0);
        const without = await rehearse(as, {});
        assert.deepEqual([without.status, without.json.code], [400, 20001]);
        const { steps } = await rehearse(as, { CallbackUrl: `${receiver.url}/#rc=0` });
        const failed = steps.filter(({ ok }) => !ok);
        assert.match(failed[0].detail, /^installed: answered 500; expected 2xx after \d+ ms$/);
        assert.deepEqual(
          failed.map(({ step }) => step),
          ['callback', 'finished'],
        );
        assert.equal(failed[1].detail, '3 of 4 callbacks delivered');
      });

      test('is refused without the test CI, and nothing is ordered', async () => {
        const { context } = server().server;
        const as = await server().addAccount(1);
        const account = (await context.store.accounts.find(as.username))!;
        const pki = { ...context.pki, certificates: [] };
        const begun = await beginRehearsal(account, undefined, { ...context, pki });
        assert.match((begun as { refused: string }).refused, /needs the test CI/);
        const { json } = await server().request('/v1/ESimProfiles', { as });
        assert.deepEqual(json.esim_profiles, []);
      });
    });
  },
);
