// The nine documented examples of the eSIM Profiles API, answered by the real server.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';

const EID = '89049032005008882600033489aaaaaa';
const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

let server: TestServer;
before(async () => {
  server = await startTestServer({ env: { SIMWRIGHT_SMDP_ADDRESS: 'sm-dp-plus.example.com' } });
});
after(() => server[Symbol.asyncDispose]());

/** The example's body, with values that differ from call to call taken from the response. */
function example(answer: any, fields: Record<string, unknown>) {
  assert.match(answer.sid, /^HP[0-9a-f]{32}$/);
  assert.match(answer.date_created, DATE);
  assert.match(answer.date_updated, DATE);
  return {
    sid: answer.sid,
    account_sid: server.account.username,
    iccid: null,
    sim_sid: null,
    status: 'new',
    eid: null,
    smdp_plus_address: null,
    matching_id: null,
    activation_code: null,
    error_code: null,
    error_message: null,
    date_created: answer.date_created,
    date_updated: answer.date_updated,
    // Ours.
    profile_type: undefined,
    url: `${server.url}/v1/ESimProfiles/${answer.sid}`,
    ...fields,
  };
}

/** Compares the bytes of a response: fields in the documented order, null for null. */
function assertBody(text: string, expected: unknown) {
  assert.equal(text, JSON.stringify(expected));
}

describe('CreateEsimProfile', () => {
  test('createDefaultSmdp', async () => {
    const { status, text, json } = await server.request('/v1/ESimProfiles', { form: { Eid: EID } });
    assert.equal(status, 201);
    assertBody(text, example(json, { eid: EID }));
  });

  test('createActivationCode', async () => {
    const { status, text, json } = await server.request('/v1/ESimProfiles', {
      form: { GenerateMatchingId: 'true' },
    });
    assert.equal(status, 201);
    assertBody(text, example(json, {}));
  });

  test('createWithCallback', async () => {
    const { status, text, json } = await server.request('/v1/ESimProfiles', {
      form: { CallbackUrl: 'http://127.0.0.1:9', CallbackMethod: 'POST', Eid: EID },
    });
    assert.equal(status, 201);
    assertBody(text, example(json, { eid: EID }));
  });
});

describe('FetchEsimProfile', () => {
  test('fetchDefaultSmdp', async () => {
    const { sid } = await server.order({ Eid: EID });
    const { status, text, json } = await server.request(`/v1/ESimProfiles/${sid}`);
    assert.equal(status, 200);
    assert.match(json.iccid, /^89\d{17}$/);
    assert.match(json.sim_sid, /^HS[0-9a-f]{32}$/);
    assertBody(
      text,
      example(json, {
        iccid: json.iccid,
        sim_sid: json.sim_sid,
        status: 'available',
        eid: EID,
        smdp_plus_address: 'sm-dp-plus.example.com',
        profile_type: 'default',
      }),
    );
  });

  test('fetchActivationCode', async () => {
    const { sid } = await server.order({ GenerateMatchingId: 'true' });
    const { status, text, json } = await server.request(`/v1/ESimProfiles/${sid}`);
    assert.equal(status, 200);
    assert.match(json.matching_id, /^[A-Z2-9]{5}(-[A-Z2-9]{5}){4}$/);
    assertBody(
      text,
      example(json, {
        iccid: json.iccid,
        sim_sid: json.sim_sid,
        status: 'available',
        smdp_plus_address: 'sm-dp-plus.example.com',
        matching_id: json.matching_id,
        activation_code: `1$sm-dp-plus.example.com$${json.matching_id}`,
        profile_type: 'default',
      }),
    );
  });
});

function page(base: string, query: string, profiles: unknown[]) {
  const url = `${base}/v1/ESimProfiles?${query}PageSize=50&Page=0`;
  return {
    esim_profiles: profiles,
    meta: {
      first_page_url: url,
      key: 'esim_profiles',
      next_page_url: null,
      page: 0,
      page_size: 50,
      previous_page_url: null,
      url,
    },
  };
}

describe('ListEsimProfile', () => {
  test('readAll, readByEid, readBySimSid, readByStatus', async () => {
    await using own = await startTestServer();
    const byEid = await own.order({ Eid: EID });
    const byCode = await own.order({ GenerateMatchingId: 'true' });
    const cases: [string, unknown[]][] = [
      ['', [byCode, byEid]],
      [`Eid=${EID}`, [byEid]],
      [`SimSid=${byCode.sim_sid}`, [byCode]],
      ['Status=available', [byCode, byEid]],
      ['Status=downloaded', []],
      [`Eid=${EID}&SimSid=${byEid.sim_sid}&Status=available`, [byEid]],
      [`Eid=${EID}&SimSid=${byCode.sim_sid}`, []],
    ];
    for (const [query, profiles] of cases) {
      const { status, text } = await own.request(`/v1/ESimProfiles?${query}`);
      assert.equal(status, 200);
      assertBody(text, page(own.url, query && `${query}&`, profiles));
    }
  });
});
