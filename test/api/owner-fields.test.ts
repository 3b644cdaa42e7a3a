// FriendlyName and Metadata of an eSIM Profile: what its owner calls it, from the order to the callback.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { onEachDatabase, serverOn } from '../databases.ts';
import { startReceiver } from '../receiver.ts';
import type { Reply, RequestOptions } from '../server.ts';
import { violated } from '../verify/violated.ts';

const NAMED = { friendly_name: 'Truck 17', metadata: { order: '4711', site: 'Berlin' } };
const FORM = { FriendlyName: 'Truck 17', Metadata: '{"order":"4711","site":"Berlin"}' };

onEachDatabase('FriendlyName and Metadata', (database) => {
  const running = serverOn(database, { stock: 40 });
  const order = (form: Record<string, string> = FORM) =>
    running().order({ GenerateMatchingId: 'true', ...form });
  const post = (path: string, options: RequestOptions): Promise<Reply> =>
    running().request(`/v1/ESimProfiles${path}`, options);
  const ownOf = ({ friendly_name, metadata }: any) => ({ friendly_name, metadata });
  const list = async (query: string): Promise<string[]> => {
    const { json } = await running().request(`/v1/ESimProfiles?${query}`);
    return json.esim_profiles.map(({ sid }: any) => sid);
  };

  test('CreateEsimProfile takes a dictionary as SDKs send it, a parameter for each key, and a JSON body', async () => {
    const GenerateMatchingId = 'true';
    for (const given of [
      { form: { GenerateMatchingId, ...FORM } },
      {
        form: {
          GenerateMatchingId,
          FriendlyName: ' Truck 17 ',
          'Metadata.order': '4711',
          'Metadata[site]': 'Berlin',
        },
      },
      { body: { GenerateMatchingId, FriendlyName: 'Truck 17', Metadata: NAMED.metadata } },
      {
        body: {
          GenerateMatchingId,
          FriendlyName: 'Truck 17',
          Metadata: { order: 4711, site: 'Berlin', lot: null, other: '' },
        },
      },
    ]) {
      const { status, json } = await post('', given);
      assert.equal(status, 201);
      assert.deepEqual(ownOf(json), NAMED);
    }
    const { json } = await post('', {
      form: { GenerateMatchingId, FriendlyName: ' ', Metadata: '{}' },
    });
    assert.ok(!('friendly_name' in json) && !('metadata' in json));
  });

  test('the same order in another form is the same for an Idempotency-Key', async () => {
    const headers = { 'Idempotency-Key': 'owner-fields' };
    const first = await post('', { form: { GenerateMatchingId: 'true', ...FORM }, headers });
    const again = await post('', {
      form: {
        'Metadata.site': 'Berlin',
        GenerateMatchingId: 'true',
        FriendlyName: 'Truck 17',
        'Metadata.order': '4711',
      },
      headers,
    });
    assert.deepEqual([again.status, again.text], [201, first.text]);
    const form = { GenerateMatchingId: 'true', ...FORM, Metadata: '{"order":"4711"}' };
    assert.equal((await post('', { form, headers })).status, 422);
  });

  test('UpdateEsimProfile changes what is named, removes what is empty, in any status', async () => {
    const { sid } = await order();
    for (const [given, own] of [
      [
        { form: { 'Metadata.site': 'Hamburg' } },
        { ...NAMED, metadata: { order: '4711', site: 'Hamburg' } },
      ],
      [
        { form: { 'Metadata.order': '', 'Metadata.a.b/c': ' x ' } },
        { ...NAMED, metadata: { 'a.b/c': ' x ', site: 'Hamburg' } },
      ],
      [
        { form: { Metadata: '{"a.b/c":null,"site":"Köln"}' } },
        { ...NAMED, metadata: { site: 'Köln' } },
      ],
      [
        { body: { Metadata: {}, FriendlyName: 'Tru\u0308ck' } },
        { friendly_name: 'Trück', metadata: { site: 'Köln' } },
      ],
      [{ body: { Metadata: null } }, { friendly_name: 'Trück', metadata: undefined }],
      [
        { form: { FriendlyName: '', Metadata: '{"site":"Berlin"}' } },
        { friendly_name: undefined, metadata: { site: 'Berlin' } },
      ],
      [{ form: { Metadata: '' } }, { friendly_name: undefined, metadata: undefined }],
    ] as const) {
      const { status, json } = await post(`/${sid}`, given);
      assert.equal(status, 200);
      assert.deepEqual(ownOf(json), own);
    }
    assert.deepEqual(await list('Metadata.site=Berlin&FriendlyNamePrefix=tr%C3%BC'), []);
    assert.equal((await post(`/${sid}/Cancel`, { form: {} })).json.status, 'failed');
    const { json } = await post(`/${sid}`, { form: { ...FORM, 'Metadata.x': '1', Metadata: '' } });
    assert.equal(
      json.message,
      'Invalid parameter Metadata: expected either Metadata or Metadata.KEY; got both',
    );
    assert.deepEqual(ownOf((await post(`/${sid}`, { form: FORM })).json), NAMED);
  });

  test('what is invalid is 400/20001, says what was expected, and changes nothing', async () => {
    const { sid } = await order();
    const form =
      'keys of 1 to 40 letters of A to Z, digits and _ . : / @ -, a letter or digit first';
    const dictionary = 'a JSON object of texts, such as {"site":"Berlin"}';
    const most = (count: number, value: string) =>
      JSON.stringify(
        Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, value])),
      );
    for (const [given, message] of [
      [
        { form: { Metadata: 'site' } },
        `Metadata: expected ${dictionary}; got text that is not JSON`,
      ],
      [{ form: { Metadata: '["site"]' } }, `Metadata: expected ${dictionary}; got an array`],
      [{ body: { Metadata: 0 } }, `Metadata: expected ${dictionary}; got a number`],
      [{ body: { Metadata: false } }, `Metadata: expected ${dictionary}; got a boolean`],
      [
        { body: { Metadata: { site: ['Berlin'] } } },
        `Metadata.site: expected one string; got ["Berlin"]`,
      ],
      [{ form: { 'Metadata.a b': 'x' } }, `Metadata: expected ${form}; got 'a b'`],
      [{ form: { 'Metadata[]': 'x' } }, `Metadata: expected ${form}; got ''`],
      // As of a shell's variable that is not set.
      [{ form: { 'Metadata.': 'x' } }, `Metadata: expected ${form}; got ''`],
      [
        { body: { Metadata: { ['k'.repeat(41)]: 'x' } } },
        `Metadata: expected ${form}; got '${'k'.repeat(41)}'`,
      ],
      [
        { form: { 'Metadata.a/b': 'x'.repeat(501) } },
        `Metadata.a/b: expected at most 500 characters; got '${'x'.repeat(99)}…`,
      ],
      [{ form: { 'Metadata.site': 'a\0b' } }, 'Metadata.site: it contains a NUL character'],
      [
        { body: { Metadata: { site: '\ud83d' } } },
        'Metadata.site: it contains half a surrogate pair',
      ],
      [
        { form: { Metadata: most(51, 'v') } },
        `Metadata: expected at most 50 keys; got {"k0":"v","k1":"v","k10":"v","k11":"v","k12":"v","k13":"v","k14":"v","k15":"v","k16":"v","k17":"v","…`,
      ],
      [{ form: { Metadata: most(49, 'v') } }, 'Metadata: expected at most 50 keys; got 51'],
      [
        { form: { Metadata: most(48, 'v'.repeat(60)) } },
        'Metadata: expected at most 2048 bytes of JSON with all keys and values; got 3334',
      ],
      [
        { form: { FriendlyName: 'x'.repeat(129) } },
        `FriendlyName: expected at most 128 characters; got '${'x'.repeat(99)}…`,
      ],
      [
        { form: { FriendlyName: 'two\nlines' } },
        `FriendlyName: expected text without control characters; got 'two\nlines'`,
      ],
    ] as const) {
      const { status, json } = await post(`/${sid}`, given);
      assert.deepEqual(
        [status, json.code, json.message],
        [400, 20001, `Invalid parameter ${message}`],
      );
    }
    const { json } = await running().request(`/v1/ESimProfiles/${sid}`);
    assert.deepEqual(ownOf(json), NAMED);
    for (const [query, message] of [
      ['Metadata.a%20b=x', `Metadata: expected ${form}; got 'a b'`],
      ['Metadata.a=x&Metadata.a=y', 'Metadata.a: expected one string; got ["x","y"]'],
      ['Metadata=x', `Metadata: expected ${dictionary}; got text that is not JSON`],
    ]) {
      const refused = await running().request(`/v1/ESimProfiles?${query}`);
      assert.deepEqual(
        [refused.status, refused.json.message],
        [400, `Invalid parameter ${message}`],
      );
    }
  });

  test('a change is in the history without its values, and is called back with Changed; none is told nobody', async () => {
    await using receiver = await startReceiver();
    const { sid } = await order({ ...FORM, CallbackUrl: receiver.url });
    const form = { FriendlyName: 'Truck 18', 'Metadata.site': 'Hamburg', 'Metadata.lot': '7' };
    const changed = await post(`/${sid}`, { form });
    assert.deepEqual((await post(`/${sid}`, { form })).text, changed.text);
    await post(`/${sid}`, { form: { FriendlyName: '' } });
    const { json } = await running().request(`/v1/ESimProfiles/${sid}/Events`);
    assert.deepEqual(
      json.events.slice(0, 3).map(({ type, cause }: any) => [type, cause]),
      [
        ['change', 'friendly name removed'],
        ['change', 'another friendly name; metadata changed: lot, site'],
        ['status', 'released by the SM-DP+'],
      ],
    );
    const told: Record<string, string>[] = [];
    while (told.length < 4) told.push((await receiver.next()).parameters);
    const own = told.map((one) => [
      one['Status'],
      one['Changed'],
      one['FriendlyName'],
      one['Metadata'],
    ]);
    assert.deepEqual(
      own.toSorted((one, other) => String(one[1]).localeCompare(String(other[1]))),
      [
        ['available', 'FriendlyName', undefined, '{"lot":"7","order":"4711","site":"Hamburg"}'],
        [
          'available',
          'FriendlyName,Metadata',
          'Truck 18',
          '{"lot":"7","order":"4711","site":"Hamburg"}',
        ],
        ['reserving', undefined, 'Truck 17', FORM.Metadata],
        ['available', undefined, 'Truck 17', FORM.Metadata],
      ],
    );
  });

  test('Reorder takes them over, and changes them as an update would', async () => {
    const { sid } = await order({ ...FORM, ProfileType: 'default' });
    await post(`/${sid}/Cancel`, { form: {} });
    const kept = await post(`/${sid}/Reorder`, { form: { KeepSim: 'true' } });
    assert.deepEqual([kept.status, ownOf(kept.json), kept.json.status], [201, NAMED, 'available']);
    await post(`/${kept.json.sid}/Cancel`, { form: {} });
    const other = await post(`/${kept.json.sid}/Reorder`, {
      form: { FriendlyName: '', 'Metadata.order': '', 'Metadata.try': '2' },
    });
    assert.deepEqual(ownOf(other.json), {
      friendly_name: undefined,
      metadata: { site: 'Berlin', try: '2' },
    });
    assert.equal(other.json.profile_type, 'default');
    const refused = await post(`/${sid}/Reorder`, { form: { 'Metadata.x': 'x'.repeat(501) } });
    assert.equal(refused.status, 400);
  });

  test('of changes at the same time none is lost', async () => {
    const { sid } = await order();
    const keys = Array.from({ length: 8 }, (_, at) => `k${at}`);
    await Promise.all(
      keys.map((key) =>
        post(`/${sid}`, { form: { [`Metadata.${key}`]: key, 'Metadata.site': key } }),
      ),
    );
    const { json } = await running().request(`/v1/ESimProfiles/${sid}`);
    assert.deepEqual(Object.keys(json.metadata), [...keys, 'order', 'site']);
    assert.deepEqual(await list(`Metadata.site=${json.metadata.site}&Metadata.k3=k3`), [sid]);
    assert.deepEqual(
      await violated(running().config.database, running().server.context.masterKey),
      [],
    );
  });

  describe('profile_type', () => {
    test('is that of the order, or of the subscription that it got; Reorder takes any again', async () => {
      const { json: ordered } = await post('', {
        form: { GenerateMatchingId: 'true', ProfileType: 'default' },
      });
      assert.equal(ordered.profile_type, 'default');
      const { json: any } = await post('', { form: { GenerateMatchingId: 'true' } });
      assert.equal(any.profile_type, undefined);
      const { sid, profile_type } = await order({});
      assert.equal(profile_type, 'default');
      await post(`/${sid}/Cancel`, { form: {} });
      assert.equal((await post(`/${sid}/Reorder`, { form: {} })).json.profile_type, undefined);
    });
  });

  test('they are in exports; a report for the maker of a device has none of them', async () => {
    const { sid } = await order({ FriendlyName: '=Truck', 'Metadata.only': 'this "one"' });
    const exported = await running().request(
      '/v1/ESimProfiles/Export?Columns=sid,profile_type,friendly_name,metadata&Metadata.only=this+%22one%22',
    );
    assert.equal(
      exported.text,
      `sid,profile_type,friendly_name,metadata\r\n${sid},default,'=Truck,"{""only"":""this \\""one\\""""}"\r\n`,
    );
    const { text } = await running().request(`/v1/ESimProfiles/${sid}/Report`);
    assert.ok(!/Truck|this .{0,2}one/.test(text));
    const sheet = await running().request(
      `/v1/ESimProfiles/QrSheet?Sid=${sid}&Metadata.only=other`,
    );
    assert.ok(!sheet.text.includes('LPA:'));
    assert.deepEqual(await list('Search=%3Dtruck'), [sid]);
  });
});
