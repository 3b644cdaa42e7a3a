// §3.6, §5.9: orders for an EID are announced at an SM-DS, which verifies everything, until they end.
import assert from 'node:assert/strict';
import dns from 'node:dns';
import { after, before, describe, mock, test } from 'node:test';
import { FunctionExecutionError } from '../../../src/rsp/function-execution-error.ts';
import { formatStatusCode } from '../../../src/rsp/status-codes.ts';
import { lookAtSmds } from '../../../src/smdp/smds/look.ts';
import { smdsLookups } from '../../../src/smdp/smds/smds-client.ts';
import { testPki } from '../../device/test-pki.ts';
import type { TestOperator } from '../../es2plus/operator.ts';
import { newOperator } from '../../es2plus/operator.ts';
import { newEid, newEuicc, newPhone } from '../../es9plus/phone.ts';
import { commandLine } from '../../cli/command.ts';
import { eventually } from '../../server.ts';
import { startSmds } from '../../smds/smds.ts';
import { ciOf, issueUnder } from '../../smds/smds-certificates.ts';
import { startAnnouncing } from './announcing.ts';
import type { Announcing } from './announcing.ts';

let announcing: Announcing;
before(async () => {
  announcing = await startAnnouncing({ stock: 50, env: { SIMWRIGHT_ES2_PORT: '0' } });
});
after(() => announcing[Symbol.asyncDispose]());

const order = (form: Record<string, string>) => announcing.server.order(form);
const change = async (sid: string, path: string, form: Record<string, string>) => {
  const { json } = await announcing.server.request(`/v1/ESimProfiles/${sid}${path}`, { form });
  return json;
};
const eventsOf = (eid: string) => announcing.events().filter(([of]) => of === eid);
const phoneWith = (eid: string) => {
  const { server, smds } = announcing;
  const euicc = newEuicc(server, { eid });
  euicc.state.rootDsAddress = smds.address;
  return newPhone(server, { euicc });
};

describe('§3.6.1 an order for an EID', () => {
  test('§5.9.1 is announced with its MatchingID as EventID, by CERT.DP.TLS', async () => {
    const { server, smds } = announcing;
    const eid = newEid();
    const { sid, matching_id: eventId } = await order({ Eid: eid, GenerateMatchingId: 'true' });
    await announcing.settled();
    assert.deepEqual(eventsOf(eid), [[eid, eventId]]);
    const { path, body, caller, headers } = smds.calls.at(-1)!;
    assert.equal(path, '/gsma/rsp2/es12/registerEvent');
    assert.equal(headers['x-admin-protocol'], 'gsma/rsp/v2.5.0');
    const { header, ...members } = body;
    assert.deepEqual(members, {
      eid,
      eventId,
      rspServerAddress: server.config.smdpAddress,
      forwardingIndicator: false,
    });
    assert.equal(header.functionRequesterIdentifier, caller);
    assert.match(header.functionCallIdentifier, /^[0-9a-f]{32}$/);
    assert.deepEqual(await announcing.logOf(sid), ['registerEvent Executed-Success']);
    // The report for the maker of the device has the call, but no code that is worth something.
    const { text } = await server.request(`/v1/ESimProfiles/${sid}/Report`);
    assert.match(text, /registerEvent/);
    assert.ok(!text.includes(eventId));
    await using simwright = await commandLine({}, server.config.data);
    const { smds_events: shown } = await simwright.json('profile', 'show', sid);
    assert.deepEqual(
      shown.map(({ smds_address, event_id, state }: any) => [smds_address, event_id, state]),
      [[smds.address, eventId, 'registered']],
    );
    assert.match(
      await simwright.print('profile', 'show', sid),
      /Events at SM-DSs\n.*\n.*registered/,
    );
  });

  test('§3.6.2 is found by the phone without a code; once it is installed, its event is deleted', async () => {
    const eid = newEid();
    const { sid, iccid } = await order({ Eid: eid, GenerateMatchingId: 'true' });
    await announcing.settled();
    const phone = phoneWith(eid);
    const [event] = await phone.discover();
    assert.equal((await phone.downloadEvent(event!)).iccid, iccid);
    await announcing.settled();
    assert.deepEqual(await phone.discover(), []);
    assert.deepEqual(await announcing.logOf(sid), [
      'registerEvent Executed-Success',
      'deleteEvent Executed-Success',
    ]);
  });

  test('without a matching ID has an EventID of its own, and is at the default SM-DP+ as well', async () => {
    const eid = newEid();
    const orders = [await order({ Eid: eid }), await order({ Eid: eid })];
    assert.deepEqual(
      orders.map(({ matching_id }) => matching_id),
      [null, null],
    );
    await announcing.settled();
    const phone = phoneWith(eid);
    const events = await phone.discover();
    assert.equal(events.length, 2);
    const { iccid: first } = await phone.downloadEvent(events[1]!);
    const { iccid: second } = await phone.downloadFromDefault();
    assert.deepEqual(new Set([first, second]), new Set(orders.map(({ iccid }) => iccid)));
    await announcing.settled();
    assert.deepEqual(eventsOf(eid), []);
  });

  test('§5.6.3 is refused to another EID with 8.1.1/3.8, whether it has a matching ID or not', async () => {
    const [eid, other] = [newEid(), newEid()];
    await order({ Eid: eid, GenerateMatchingId: 'true' });
    await order({ Eid: eid });
    await announcing.settled();
    const events = await phoneWith(eid).discover();
    assert.equal(events.length, 2);
    for (const event of events) {
      await assert.rejects(phoneWith(other).downloadEvent(event), {
        subjectCode: '8.1.1',
        reasonCode: '3.8',
      });
    }
  });

  test('one of several for an EID is an event of its own, in the order of the orders', async () => {
    const eid = newEid();
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) {
      const { matching_id } = await order({ Eid: eid, GenerateMatchingId: 'true' });
      ids.push(matching_id);
      await announcing.settled();
    }
    assert.deepEqual(
      eventsOf(eid),
      ids.map((id) => [eid, id]),
    );
  });

  test('for no EID is not announced', async () => {
    const { sid } = await order({ GenerateMatchingId: 'true' });
    await announcing.settled();
    assert.deepEqual(await announcing.logOf(sid), []);
  });
});

describe('§3.6.1 the event of an order is deleted', () => {
  test('§5.3.3, §5.9.2 when the order is cancelled', async () => {
    const eid = newEid();
    const { sid } = await order({ Eid: eid, GenerateMatchingId: 'true' });
    await announcing.settled();
    await change(sid, '/Cancel', { FinalProfileStatusIndicator: 'Available' });
    await announcing.settled();
    assert.deepEqual(eventsOf(eid), []);
  });

  test('when the order expires', async () => {
    const eid = newEid();
    const { sid } = await order({ Eid: eid, GenerateMatchingId: 'true' });
    await announcing.settled();
    const { transact, wake } = announcing.server.server.context;
    await transact(async ({ tables }) => {
      const account = announcing.server.account.username;
      const row = await tables.esimProfiles.find(account, sid);
      await tables.esimProfiles.transition(row!, { ...row!, expires_at: '2026-01-01T00:00:00Z' });
    });
    wake('expiry');
    await eventually(() => (eventsOf(eid).length === 0 ? true : undefined));
  });

  test('and another registered, when the order is for another EID, or has another matching ID', async () => {
    const [eid, other] = [newEid(), newEid()];
    const { sid, matching_id: eventId } = await order({ Eid: eid, GenerateMatchingId: 'true' });
    await announcing.settled();
    await change(sid, '', { Eid: other });
    await announcing.settled();
    assert.deepEqual([eventsOf(eid), eventsOf(other)], [[], [[other, eventId]]]);
    // Back again, with the same EventID: the later of the two changes decides.
    await change(sid, '', { Eid: eid });
    await announcing.settled();
    assert.deepEqual([eventsOf(eid), eventsOf(other)], [[[eid, eventId]], []]);
    const { matching_id: again } = await change(sid, '/MatchingId', {});
    await announcing.settled();
    assert.notEqual(again, eventId);
    assert.deepEqual(eventsOf(eid), [[eid, again]]);
    await change(sid, '', { Eid: '' });
    await announcing.settled();
    assert.deepEqual(eventsOf(eid), []);
  });

  test('when the eUICC has reported an error that ends it', async () => {
    const eid = newEid();
    const { iccid } = await order({ Eid: eid, GenerateMatchingId: 'true' });
    await announcing.settled();
    const euicc = newEuicc(announcing.server, {
      eid,
      options: {
        misbehaviour: {
          installationError: {
            bppCommandId: 'loadProfileElements',
            errorReason: 'installFailedDueToPEProcessingError',
          },
        },
      },
    });
    const [event] = announcing.smds.events.filter((one) => one.eid === eid);
    await assert.rejects(newPhone(announcing.server, { euicc }).downloadEvent(event!), /refused/);
    await announcing.settled();
    assert.deepEqual([eventsOf(eid), iccid.length > 0], [[], true]);
  });

  test('never before it is registered, however soon the order ends', async () => {
    const { smds } = announcing;
    const eid = newEid();
    const arrived = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    smds.options.misbehaves = (call, done) => {
      if (call.body.eid !== eid || !call.path.endsWith('registerEvent')) return undefined;
      arrived.resolve();
      return answer.promise.then(done);
    };
    const { sid } = await order({ Eid: eid, GenerateMatchingId: 'true' });
    await arrived.promise;
    await change(sid, '/Cancel', { FinalProfileStatusIndicator: 'Available' });
    answer.resolve();
    await announcing.settled();
    smds.options.misbehaves = undefined;
    const calls = smds.calls.filter(({ body }) => body.eid === eid).map(({ path }) => path);
    assert.deepEqual(calls, ['/gsma/rsp2/es12/registerEvent', '/gsma/rsp2/es12/deleteEvent']);
    assert.deepEqual(eventsOf(eid), []);
  });
});

test('§3.6.1 forwardingIndicator leads a phone from the root SM-DS to an alternative one, and to us', async () => {
  const { server, smds: root } = announcing;
  await using alternative = await startSmds({ ci: ciOf(server), oid: '2.999.20.3', root });
  const eid = newEid();
  const { iccid } = await order({ Eid: eid, GenerateMatchingId: 'true' });
  await announcing.settled();
  const { transact, wake } = server.server.context;
  await transact(async ({ tables, now }) => {
    const rows = await tables.smdsEvents.list(server.account.username, iccid);
    const row = rows.find(({ wanted }) => wanted === 1);
    const forwarded = { address: alternative.address, forwards: 1, state: 'absent' } as const;
    await tables.smdsEvents.want({ ...row!, ...forwarded, next_attempt_at: now.toISOString() });
  });
  wake('smds');
  await announcing.settled();
  const phone = phoneWith(eid);
  const found = await phone.discover();
  assert.deepEqual(
    found.map(({ rspServerAddress }) => rspServerAddress),
    [server.config.smdpAddress, alternative.address],
  );
  assert.equal((await phone.downloadEvent(found[1]!)).iccid, iccid);
  await announcing.settled();
  assert.deepEqual([eventsOf(eid), alternative.events], [[], []]);
});

describe('§5.9 a call that fails', () => {
  test('8.9/5.1 does not fail the order, is in its log once, and succeeds when the SM-DS is back', async () => {
    const { smds } = announcing;
    const eid = newEid();
    smds.options.misbehaves = async ({ body }, done) =>
      body.eid === eid ? { status: 503, body: '' } : done();
    const ordered = await order({ Eid: eid, GenerateMatchingId: 'true' });
    const failures = (count: number) =>
      eventually(async () =>
        smds.calls.filter(({ body }) => body.eid === eid).length >= count ? true : undefined,
      );
    await failures(1);
    await announcing.retry(ordered);
    await failures(2);
    smds.options.misbehaves = undefined;
    await announcing.retry(ordered);
    await announcing.settled();
    assert.equal(ordered.status, 'available');
    assert.deepEqual(eventsOf(eid), [[eid, ordered.matching_id]]);
    assert.deepEqual(await announcing.logOf(ordered.sid), [
      'registerEvent Failed 8.9 5.1',
      'registerEvent Executed-Success',
    ]);
    const identifiers = smds.calls
      .filter(({ body }) => body.eid === eid)
      .map(({ body }) => body.header.functionCallIdentifier);
    assert.equal(new Set(identifiers).size, 1);
  });

  test('8.9.5/3.3 and 8.9.5/3.9 after a lost answer are success', async () => {
    const { smds } = announcing;
    const eid = newEid();
    smds.options.misbehaves = async ({ body }, done) => {
      if (body.eid !== eid) return done();
      await done();
      return { status: 0, body: '' };
    };
    const ordered = await order({ Eid: eid, GenerateMatchingId: 'true' });
    const calls = () => smds.calls.filter(({ body }) => body.eid === eid).length;
    await eventually(() => (calls() > 0 ? true : undefined));
    smds.options.misbehaves = undefined;
    await announcing.retry(ordered);
    await announcing.settled();
    assert.deepEqual(eventsOf(eid), [[eid, ordered.matching_id]]);
    smds.options.misbehaves = async ({ body }, done) => {
      if (body.eid !== eid) return done();
      await done();
      return { status: 0, body: '' };
    };
    const made = calls();
    await change(ordered.sid, '/Cancel', { FinalProfileStatusIndicator: 'Unavailable' });
    await eventually(() => (calls() > made ? true : undefined));
    smds.options.misbehaves = undefined;
    await announcing.retry(ordered);
    await announcing.settled();
    assert.deepEqual(eventsOf(eid), []);
    const log = await announcing.logOf(ordered.sid);
    assert.deepEqual(log.at(-1), 'deleteEvent Executed-Success');
  });
});

describe('a server that is stopped while it calls', () => {
  test('does not wait for the SM-DS, and its successor makes the call again', async () => {
    const { smds, server } = announcing;
    const eid = newEid();
    const arrived = Promise.withResolvers<void>();
    smds.options.misbehaves = ({ body }, done) => {
      if (body.eid !== eid) return done();
      arrived.resolve();
      return new Promise(() => {});
    };
    const { matching_id: eventId } = await order({ Eid: eid, GenerateMatchingId: 'true' });
    await arrived.promise;
    const stopping = server.restart();
    smds.options.misbehaves = undefined;
    await stopping;
    await announcing.settled();
    assert.deepEqual(eventsOf(eid), [[eid, eventId]]);
  });
});

describe('§5.3.2 ConfirmOrder with smdsAddress', () => {
  let operator: TestOperator;
  before(async () => {
    operator = await newOperator(announcing.server);
  });
  after(() => operator[Symbol.dispose]());

  const stateOf = async (iccid: string) => {
    const { store } = announcing.server.server.context;
    return (await store.subscriptions.find(announcing.server.account.username, iccid))!.state;
  };

  async function download(eid?: string): Promise<string> {
    const { json } = await operator.call('downloadOrder', {
      profileType: 'default',
      ...(eid === undefined ? {} : { eid }),
    });
    return json.iccid;
  }

  async function confirm(members: { eid?: string; smdsAddress: string; releaseFlag?: boolean }) {
    const { eid, releaseFlag = true, smdsAddress } = members;
    const iccid = await download(eid);
    const request = { iccid, releaseFlag, smdsAddress };
    const { result, json } = await operator.call('confirmOrder', request);
    return { result, iccid, matchingId: json.matchingId as string, state: await stateOf(iccid) };
  }

  test('the order is announced there alone, and with the indicator of the setting', async () => {
    const { smds, server } = announcing;
    await using other = await startSmds({ ci: ciOf(server), oid: '2.999.20.7' });
    const eid = newEid();
    const confirmed = await confirm({ eid, smdsAddress: other.address });
    await announcing.settled();
    assert.deepEqual(
      other.events.map(({ eventId }) => eventId),
      [confirmed.matchingId],
    );
    assert.deepEqual(eventsOf(eid), []);
    const another = newEid();
    await confirm({ eid: another, smdsAddress: smds.address.toUpperCase() });
    await announcing.settled();
    assert.equal(eventsOf(another).length, 1);
    // Those of other tests are not to wait for this one.
    assert.equal(other.calls.length, 1);
  });

  test('§5.3.4 an order that is not released yet is announced when it is', async () => {
    const { smds } = announcing;
    const eid = newEid();
    const { state, iccid } = await confirm({
      eid,
      smdsAddress: smds.address,
      releaseFlag: false,
    });
    assert.equal(state, 'Confirmed');
    await announcing.settled();
    assert.deepEqual(eventsOf(eid), []);
    await operator.call('releaseProfile', { iccid });
    await announcing.settled();
    assert.equal(eventsOf(eid).length, 1);
  });

  test('8.1.1/2.2 without an EID, and nobody is asked', async () => {
    const { server } = announcing;
    await using other = await startSmds({ ci: ciOf(server) });
    let looks = 0;
    other.options.misbehaves = (_call, done) => (looks++, done());
    const { result, state } = await confirm({ smdsAddress: other.address });
    assert.deepEqual([result, state, looks], ['8.1.1/2.2', 'Allocated', 0]);
  });

  test('8.9/5.1 at an address where nobody is, or no SM-DS; the order stays as it was', async () => {
    const { server } = announcing;
    await using stranger = await startSmds({ ci: testPki().ci });
    await using noSmds = await startSmds({
      ci: ciOf(server),
      tls: issueUnder(ciOf(server), 'dpTls', '2.999.20.8'),
    });
    const { smdpAddress } = server.config;
    for (const smdsAddress of [
      'localhost:1',
      'invalid.smds.invalid',
      'https://smds.example',
      stranger.address,
      noSmds.address,
      smdpAddress,
    ]) {
      const { result, state } = await confirm({ eid: newEid(), smdsAddress });
      assert.deepEqual([smdsAddress, result, state], [smdsAddress, '8.9/5.1', 'Linked']);
    }
  });

  test('8.9/4.2 at one that does not admit our certificate', async () => {
    const { server } = announcing;
    await using closed = await startSmds({ ci: ciOf(server), admits: testPki().ci });
    await using refusing = await startSmds({ ci: ciOf(server) });
    refusing.options.misbehaves = async () => ({ status: 403, body: '' });
    for (const { address: smdsAddress } of [closed, refusing]) {
      const { result, state } = await confirm({ eid: newEid(), smdsAddress });
      assert.deepEqual([result, state], ['8.9/4.2', 'Linked']);
    }
  });

  test('does not connect into our own network, if callbacks do not; and says the same of all addresses', async () => {
    const { server, smds } = announcing;
    let looks = 0;
    await using inside = await startSmds({ ci: ciOf(server) });
    inside.options.misbehaves = (_call, done) => (looks++, done());
    const { context } = server.server;
    const config = { ...context.config, callbackPrivateNetworks: false };
    const iccid = await download(newEid());
    const peer = { accountSid: server.account.username, operatorSid: operator.sid };
    const look = async (smdsAddress: string) => {
      try {
        await lookAtSmds({ iccid, smdsAddress }, peer, smdsLookups(config), { ...context, config });
        return 'admitted';
      } catch (error) {
        if (!(error instanceof FunctionExecutionError)) throw error;
        return `${formatStatusCode(error)} ${error.message}`;
      }
    };
    const messages = new Set<string>();
    for (const smdsAddress of [
      inside.address,
      inside.address.replace('localhost', '127.0.0.1'),
      'localhost:1',
      'nobody.invalid',
    ]) {
      messages.add(await look(smdsAddress));
    }
    assert.deepEqual(
      [looks, [...messages]],
      [0, ['8.9/5.1 The SM-DS cannot be reached, or is none']],
    );
    // The setting may name one there.
    assert.equal(await look(smds.address), 'admitted');
  });

  test('whose name is not resolved holds one thread, however many an operator names', async (context) => {
    const { server } = announcing;
    const asked: ((error: Error) => void)[] = [];
    const { mock: lookup } = mock.method(
      dns,
      'lookup',
      (_name: string, _options: unknown, done: (error: Error) => void) => asked.push(done),
    );
    context.after(() => lookup.restore());
    const iccid = await download(newEid());
    const peer = { accountSid: server.account.username, operatorSid: operator.sid };
    const config = { ...server.server.context.config, threads: 4 };
    const lookups = smdsLookups(config);
    const looks = Array.from({ length: 9 }, (_, index) =>
      lookAtSmds({ iccid, smdsAddress: `silent-${index}.example` }, peer, lookups, {
        ...server.server.context,
        config,
      }).catch((error: unknown) => error),
    );
    await eventually(async () => (asked.length > 0 ? true : undefined));
    for (let left = looks.length; left > 0; left--) {
      assert.equal(asked.length, 1);
      asked.pop()!(Object.assign(new Error('none'), { code: 'ENOTFOUND' }));
      await new Promise(setImmediate);
    }
    for (const outcome of await Promise.all(looks)) {
      assert.match(String(outcome), /The SM-DS cannot be reached/);
    }
  });
});
