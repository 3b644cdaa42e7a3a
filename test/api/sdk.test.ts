// The official SDK for Node, unchanged, pointed here by its base URL.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import twilio from 'twilio';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { startReceiver } from '../receiver.ts';

const EID = '89049032005008882600033489aaaaaa';
const STOCK = 30;

let server: TestServer;
let client: twilio.Twilio;
before(async () => {
  server = await startTestServer({ stock: STOCK });
  client = twilio(server.account.username, server.account.password);
  client.supersim.baseUrl = server.url;
});
after(() => server[Symbol.asyncDispose]());

describe('the twilio package for Node', () => {
  test('creates, then finds the profile available, with a callback that validateRequest accepts', async () => {
    await using receiver = await startReceiver();
    const created = await client.supersim.v1.esimProfiles.create({
      generateMatchingId: true,
      callbackUrl: `${receiver.url}/status?from=sdk`,
    });
    assert.equal(created.status, 'new');
    assert.equal(created.accountSid, server.account.username);
    assert.ok(created.dateCreated instanceof Date);

    const reserving = await receiver.next();
    const available = await receiver.next();
    assert.equal(reserving.parameters['Status'], 'reserving');
    assert.equal(available.parameters['Status'], 'available');
    for (const call of [reserving, available]) {
      const { headers, url, parameters } = call;
      const signature = headers['x-twilio-signature'] as string;
      assert.ok(twilio.validateRequest(server.account.password, signature, url, parameters));
      assert.ok(!twilio.validateRequest('another token', signature, url, parameters));
    }

    const fetched = await client.supersim.v1.esimProfiles(created.sid).fetch();
    assert.equal(fetched.status, 'available');
    assert.equal(fetched.smdpPlusAddress, 'localhost:8443');
    assert.equal(fetched.activationCode, `1$localhost:8443$${fetched.matchingId}`);
    assert.deepEqual(
      [available.parameters['Iccid'], available.parameters['SimSid']],
      [fetched.iccid, fetched.simSid],
    );
    assert.equal(available.parameters['ActivationCode'], fetched.activationCode);

    const sim = await client.supersim.v1.sims(fetched.simSid).fetch();
    assert.equal(sim.iccid, fetched.iccid);
    assert.equal(sim.status, 'new');
  });

  test('a callback by GET has its parameters in the signed URL', async () => {
    await using receiver = await startReceiver();
    await client.supersim.v1.esimProfiles.create({
      eid: EID,
      callbackUrl: `${receiver.url}/status?a=1`,
      callbackMethod: 'GET',
    });
    const { headers, method, url } = await receiver.next();
    assert.equal(method, 'GET');
    const signature = headers['x-twilio-signature'] as string;
    assert.ok(twilio.validateRequest(server.account.password, signature, url, {}));
    assert.equal(new URL(url).searchParams.get('Status'), 'reserving');
    assert.equal(new URL(url).searchParams.get('a'), '1');
  });

  test('lists: list, limit, each, page, getPage, nextPage, previousPage, filters', async () => {
    const { esimProfiles } = client.supersim.v1;
    while ((await esimProfiles.list()).length < 7) await esimProfiles.create({ eid: EID });
    const all = (await esimProfiles.list()).map(({ sid }) => sid);
    assert.deepEqual(all, all.toSorted().toReversed(), 'newest first');

    assert.deepEqual(
      (await esimProfiles.list({ limit: 2000 })).map(({ sid }) => sid),
      all,
      'the SDK sends PageSize=2000',
    );
    assert.deepEqual(
      (await esimProfiles.list({ pageSize: 2, limit: 5 })).map(({ sid }) => sid),
      all.slice(0, 5),
    );
    const each: string[] = [];
    await new Promise<void>((resolve, reject) => {
      esimProfiles.each({
        pageSize: 3,
        callback: ({ sid }) => each.push(sid),
        done: (error?: Error) => (error ? reject(error) : resolve()),
      });
    });
    assert.deepEqual(each, all);

    const first = await esimProfiles.page({ pageSize: 3 });
    const second = await first.nextPage();
    assert.deepEqual(
      second?.instances.map(({ sid }) => sid),
      all.slice(3, 6),
    );
    const again = await esimProfiles.getPage(second.nextPageUrl!);
    assert.deepEqual(
      again.instances.map(({ sid }) => sid),
      all.slice(6, 9),
    );
    const back = await second.previousPage();
    assert.deepEqual(
      back?.instances.map(({ sid }) => sid),
      all.slice(0, 3),
    );

    const byEid = await esimProfiles.list({ eid: EID });
    assert.ok(byEid.length > 0 && byEid.every(({ eid }) => eid === EID));
    const available = await esimProfiles.list({ status: 'available' });
    assert.ok(available.every(({ status }) => status === 'available'));
    const [one] = available;
    assert.deepEqual(
      (await esimProfiles.list({ simSid: one!.simSid })).map(({ sid }) => sid),
      [one!.sid],
    );
  });

  test('FetchSim, UpdateSim: unique name 200, status 202 scheduled, which turns active by itself', async () => {
    const { sim_sid: simSid } = await server.order({ Eid: EID });
    const named = await client.supersim.v1.sims(simSid).update({ uniqueName: 'My SIM' });
    assert.equal(named.uniqueName, 'My SIM');
    const scheduled = await client.supersim.v1
      .sims('My SIM')
      .update({ status: 'active', fleet: `HF${'a'.repeat(32)}` });
    assert.equal(scheduled.status, 'scheduled');
    const active = await client.supersim.v1.sims.list({ status: 'active' });
    assert.deepEqual(
      active.map(({ sid }) => sid),
      [simSid],
    );
  });

  test('its errors are RestException, with status, code, message, moreInfo', async () => {
    const { esimProfiles } = client.supersim.v1;
    const missing = `HP${'0'.repeat(32)}`;
    await assert.rejects(esimProfiles(missing).fetch(), {
      constructor: twilio.RestException,
      status: 404,
      code: 20404,
      message: `The requested resource /v1/ESimProfiles/${missing} was not found`,
      moreInfo: 'https://www.twilio.com/docs/errors/20404',
    });
    await assert.rejects(esimProfiles.create(), { status: 400, code: 20001 });
    await assert.rejects(esimProfiles.list({ status: 'bogus' as 'new' }), {
      status: 400,
      code: 20001,
    });
    const stranger = twilio(server.account.username, 'wrong');
    stranger.supersim.baseUrl = server.url;
    await assert.rejects(stranger.supersim.v1.esimProfiles.list(), { status: 401, code: 20003 });
  });
});
