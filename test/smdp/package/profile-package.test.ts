// Profile packages: ready-made, or from an operator's template or ours, each checked before delivery.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { pino } from 'pino';
import { createAccount } from '../../../src/operator/account/account.ts';
import { mncLengthOf } from '../../../src/smdp/package/mnc-length.ts';
import {
  parseMetadataOverrides,
  storeMetadataOf,
} from '../../../src/smdp/package/profile-metadata.ts';
import { personaliseFor } from '../../../src/smdp/package/personalised-package.ts';
import { ProfilePackageError } from '../../../src/smdp/package/profile-package-error.ts';
import { buildProfilePackage } from '../../../src/smdp/package/profile-package.ts';
import { toPackageRow, toTemplateRow } from '../../../src/smdp/package/sealed-package.ts';
import type { BuiltProfilePackage } from '../../../src/smdp/package/profile-package.ts';
import { toRow } from '../../../src/smdp/stock/subscription.ts';
import type { Subscription } from '../../../src/smdp/stock/subscription.ts';
import { generateTestStock } from '../../../src/smdp/stock/test-stock.ts';
import { StoreMetadataRequest } from '../../../src/rsp/definitions/profile-metadata.ts';
import { encodeIccid } from '../../../src/rsp/identifiers.ts';
import { checkProfilePackage } from '../../../src/saip/check.ts';
import { defaultTemplate } from '../../../src/saip/default-template.ts';
import { readIdentity } from '../../../src/saip/identity.ts';
import {
  decodeProfilePackage,
  elementsOf,
  encodeProfilePackage,
} from '../../../src/saip/profile-element.ts';
import type { SubscriptionRow } from '../../../src/store/schema.ts';
import { openTestData } from '../../data.ts';
import type { TestData } from '../../data.ts';
import { onEachDatabase } from '../../databases.ts';
import { unitAt } from '../../unit.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const SILENT = pino({ enabled: false });
const ADDRESS = 'smdp.example.com:8443';
const SUBSCRIPTION: Subscription = {
  iccid: '8988303000000000017',
  imsi: '310260123456789',
  msisdn: '15551234567',
  profileType: 'fleet',
  secrets: {
    ki: '465B5CE8B199B49FAA5F0A2EE238A6BC',
    opc: 'CD63CB71954A9F4E48A5994E37A02BAF',
  },
};

function akaOf(upp: Uint8Array) {
  const [aka] = elementsOf(decodeProfilePackage(upp), 'akaParameter');
  const configuration = aka!.value.algoConfiguration;
  assert.ok(configuration.choice === 'algoParameter');
  return configuration.value;
}

function headerTypeOf(upp: Uint8Array): string | undefined {
  return elementsOf(decodeProfilePackage(upp), 'header')[0]!.value.profileType;
}

function sdKeysOf(upp: Uint8Array): string[] {
  return elementsOf(decodeProfilePackage(upp), 'securityDomain')
    .flatMap(({ value }) => value.keyList ?? [])
    .map(({ keyComponents }) => keyComponents[0]!.keyData.toHex());
}

onEachDatabase('buildProfilePackage', (database) => {
  let data: TestData;
  let accountSid: string;
  before(async () => {
    data = await openTestData(database);
  });
  after(() => data[Symbol.asyncDispose]());
  beforeEach(async () => {
    const created = await data.store.transaction((tables) =>
      createAccount({ friendlyName: 'Test' }, data.masterKey, unitAt(tables, NOW)),
    );
    accountSid = created!.account.sid;
  });

  const rowOf = (subscription: Subscription) =>
    toRow(subscription, accountSid, data.masterKey, NOW);
  const build = (subscription: Subscription): Promise<BuiltProfilePackage> =>
    buildFrom(rowOf(subscription));

  async function buildFrom(row: SubscriptionRow): Promise<BuiltProfilePackage> {
    const { masterKey, store } = data;
    const find = () => store.orderedProfiles.find(accountSid, row.iccid);
    if ((await find()) === undefined) {
      await store.transaction((tables) => tables.subscriptions.insertMany([row]));
    }
    const { versions } = (await find())!;
    return buildProfilePackage(
      { profile: row, versions },
      { config: { smdpAddress: ADDRESS }, masterKey, store, log: SILENT },
    );
  }

  async function setTemplate(template: Uint8Array, metadata = '{}'): Promise<void> {
    const key = { accountSid, profileType: 'fleet' };
    await data.store.transaction((tables) =>
      tables.profilePackages.setTemplate(
        toTemplateRow(template, key, metadata, data.masterKey, NOW),
      ),
    );
  }

  async function setReady(upp: Uint8Array): Promise<void> {
    const key = { accountSid, iccid: SUBSCRIPTION.iccid };
    await data.store.transaction((tables) =>
      tables.profilePackages.set(toPackageRow(upp, key, data.masterKey, NOW)),
    );
  }

  test('test stock gives packages without findings', async () => {
    await data.store.transaction((tables) =>
      generateTestStock(accountSid, 3, undefined, data.masterKey, unitAt(tables, NOW)),
    );
    for (const row of await data.store.subscriptions.list(accountSid, { limit: 3 })) {
      const { upp, metadata } = await buildFrom(row);
      assert.deepEqual(checkProfilePackage(upp, { iccid: row.iccid, imsi: row.imsi }), []);
      assert.deepEqual(metadata.iccid, encodeIccid(row.iccid));
    }
  });

  test('a minimal CSV row is enough; missing values are derived deterministically', async () => {
    const { upp } = await build(SUBSCRIPTION);
    assert.deepEqual((await build(SUBSCRIPTION)).upp, upp);
    const other = await build({ ...SUBSCRIPTION, iccid: '8988303000000000025' });
    const keys = [...sdKeysOf(upp), ...sdKeysOf(other.upp)];
    assert.equal(new Set(keys).size, 6);
  });

  test("a subscription's values take precedence over derived ones", async () => {
    const secrets = { ...SUBSCRIPTION.secrets, puk1: '11223344', adm1: '0123456789ABCDEF' };
    const { upp } = await build({ ...SUBSCRIPTION, secrets });
    const elements = decodeProfilePackage(upp);
    const [puk] = elementsOf(elements, 'pukCodes')[0]!.value.pukCodes;
    assert.equal(Buffer.from(puk!.pukValue).toString(), '11223344');
    const { pinCodes } = elementsOf(elements, 'pinCodes')[0]!.value;
    assert.ok(pinCodes.choice === 'pinconfig');
    assert.equal(pinCodes.value[1]!.pinValue.toHex(), '0123456789abcdef');
  });

  test('TS 102 225: keys of a stock file take precedence over derived ones, sealed at rest like Ki', async () => {
    const [kic, kid, other] = ['0A', '0B', '0C'].map((byte) => byte.repeat(16));
    const secrets = { ...SUBSCRIPTION.secrets, kic1: kic!, kid1: kid!, kik3: other! };
    const row = rowOf({ ...SUBSCRIPTION, secrets, otaAlgorithm: '3des' });
    // Not by three letters: a sealed text has those by chance.
    const stored = JSON.stringify(row) + Buffer.from(row.secrets, 'base64').toString('latin1');
    assert.doesNotMatch(stored, /(?:0A|0B|0C){8}|(?:kic1|kid1|kik3|3des)\\?"/i);
    const derived = sdKeysOf(personaliseFor(SUBSCRIPTION));
    const { upp } = await buildFrom(row);
    const keys = elementsOf(decodeProfilePackage(upp), 'securityDomain')[0]!.value.keyList!;
    assert.deepEqual(
      keys.map(({ keyVersionNumber, keyIdentifier, keyUsageQualifier, keyComponents }) => [
        `${keyVersionNumber[0]}/${keyIdentifier[0]}`,
        keyUsageQualifier.toHex(),
        keyComponents[0]!.keyType.toHex(),
        keyComponents[0]!.keyData.toHex().toUpperCase(),
      ]),
      [
        ['1/1', '18', '80', kic],
        ['1/2', '14', '80', kid],
        ['1/3', '48', '88', derived[2]!.toUpperCase()],
        ['3/3', '48', '80', other],
      ],
    );
  });

  test('MSISDN, access class and MNC length reach their files', async () => {
    const { upp } = await build({ ...SUBSCRIPTION, acc: '0C01' });
    const elements = decodeProfilePackage(upp);
    assert.equal(readIdentity(elements, 'msisdn'), '+15551234567');
    assert.deepEqual(readIdentity(elements, 'accessClasses'), [0, 11]);
    assert.equal(readIdentity(elements, 'administrativeData')?.mncLength, 3);
  });

  test('TUAK if the subscription has TOPc, otherwise Milenage', async () => {
    assert.equal(akaOf((await build(SUBSCRIPTION)).upp).algorithmID, 1);
    const topc = 'AB'.repeat(32);
    const secrets = { ki: '01'.repeat(32), topc };
    const aka = akaOf((await build({ ...SUBSCRIPTION, secrets })).upp);
    assert.equal(aka.algorithmID, 2);
    assert.equal(aka.opc.toHex().toUpperCase(), topc);
    assert.equal(aka.key.length, 32);
  });

  test("the operator's template of the profile type is used, and no other", async () => {
    await setTemplate(defaultTemplate({ profileType: 'Fleet 1', isim: true }));
    const iccid = '8988303000000000025';
    const other = await build({ ...SUBSCRIPTION, iccid, profileType: 'other' });
    assert.equal(headerTypeOf((await build(SUBSCRIPTION)).upp), 'Fleet 1');
    assert.equal(headerTypeOf(other.upp), 'Simwright');
  });

  test('a template that one node replaces is replaced on every node, compiled or not', async () => {
    await using other = await data.open();
    const nodes = [data, other];
    let last = 100;
    const headerTypes = async () => {
      const types: (string | undefined)[] = [];
      for (const { masterKey, store } of nodes) {
        for (let n = 0; n < 2; n += 1) {
          const iccid = `8988303000000000${(last += 1)}`;
          const row = rowOf({ ...SUBSCRIPTION, iccid });
          await data.store.transaction((tables) => tables.subscriptions.insertMany([row]));
          const order = (await store.orderedProfiles.find(accountSid, iccid))!;
          const maker = { config: { smdpAddress: ADDRESS }, masterKey, store, log: SILENT };
          const { upp } = await buildProfilePackage(order, maker);
          assert.deepEqual(checkProfilePackage(upp, { iccid }), []);
          types.push(headerTypeOf(upp));
        }
      }
      return types;
    };
    for (const profileType of ['First', 'Second', 'First again']) {
      await setTemplate(defaultTemplate({ profileType }));
      assert.deepEqual(await headerTypes(), Array(4).fill(profileType));
    }
  });

  test('keys that the template has are not replaced by derived ones', async () => {
    const elements = decodeProfilePackage(defaultTemplate());
    const list = elementsOf(elements, 'securityDomain')[0]!.value.keyList!;
    list[0]!.keyComponents[0]!.keyData = new Uint8Array(16).fill(7);
    await setTemplate(encodeProfilePackage(elements));
    const [first, second] = sdKeysOf((await build(SUBSCRIPTION)).upp);
    assert.equal(first, '07'.repeat(16));
    assert.notEqual(second, '00'.repeat(16));
  });

  test("a template without a place for the subscription's values is refused", async () => {
    const elements = decodeProfilePackage(defaultTemplate());
    await setTemplate(encodeProfilePackage(elements.filter(({ name }) => name !== 'opt-usim')));
    await assert.rejects(build(SUBSCRIPTION), (error: ProfilePackageError) => {
      assert.ok(error instanceof ProfilePackageError);
      assert.match(error.message, /ICCID 8988303000000000017 cannot be built: .*ef-msisdn/);
      return true;
    });
  });

  test('a ready package is delivered unchanged', async () => {
    const ready = personaliseFor(SUBSCRIPTION, defaultTemplate({ profileType: 'Ready' }));
    await setReady(ready);
    await setTemplate(defaultTemplate(), '{"profileName":"Of the type"}');
    const { upp, metadata } = await build(SUBSCRIPTION);
    assert.deepEqual(upp, ready);
    assert.equal(metadata.profileName, 'Of the type');
  });

  test('a ready package with findings is not delivered, and all are reported', async () => {
    const other = { ...SUBSCRIPTION, imsi: '310260000000000' };
    const elements = decodeProfilePackage(personaliseFor(other));
    elementsOf(elements, 'pukCodes')[0]!.value.pukCodes[0]!.pukValue = Buffer.from('00000000');
    await setReady(encodeProfilePackage(elements));
    await assert.rejects(build(SUBSCRIPTION), (error: ProfilePackageError) => {
      assert.deepEqual(
        error.findings.map(({ rule }) => rule),
        ['placeholder-secret', 'identity-expected'],
      );
      assert.doesNotMatch(error.message, /465B5CE8/i);
      return true;
    });
  });

  test('packages and templates are sealed to their place', async () => {
    await setReady(personaliseFor(SUBSCRIPTION));
    const row = await data.store.profilePackages.find(accountSid, SUBSCRIPTION.iccid);
    await data.store.transaction((tables) =>
      tables.profilePackages.set({ ...row!, iccid: '8988303000000000025' }),
    );
    await assert.rejects(build({ ...SUBSCRIPTION, iccid: '8988303000000000025' }), {
      name: 'SealError',
    });
  });
});

describe('§5.5.3 StoreMetadata', () => {
  const profile = { iccid: SUBSCRIPTION.iccid, imsi: SUBSCRIPTION.imsi, mncLength: 3 as const };
  const roundTrip = (overrides: string, profileType = 'default') =>
    StoreMetadataRequest.decode(
      StoreMetadataRequest.encode(
        storeMetadataOf({ ...profile, profileType }, ADDRESS, parseMetadataOverrides(overrides)),
      ),
    );

  test('without overrides: names, owner by the IMSI, every notification to the SM-DP+', () => {
    const metadata = roundTrip('{}');
    assert.equal(metadata.serviceProviderName, 'Simwright');
    assert.equal(metadata.profileName, 'Simwright');
    assert.equal(metadata.profileClass, 2);
    assert.equal(metadata.profileOwner!.mccMnc.toHex(), '130062');
    assert.equal(metadata.profilePolicyRules, undefined);
    assert.deepEqual(metadata.notificationConfigurationInfo, [
      { profileManagementOperation: ['notificationInstall'], notificationAddress: ADDRESS },
      { profileManagementOperation: ['notificationEnable'], notificationAddress: ADDRESS },
      { profileManagementOperation: ['notificationDisable'], notificationAddress: ADDRESS },
      { profileManagementOperation: ['notificationDelete'], notificationAddress: ADDRESS },
    ]);
  });

  test('the profile type is the name, cut to 64 bytes between characters', () => {
    assert.equal(roundTrip('{}', 'Fleet 1').profileName, 'Fleet 1');
    assert.equal(roundTrip('{}', 'é'.repeat(40)).profileName, 'é'.repeat(32));
  });

  test('with overrides', () => {
    const icon = Buffer.from('89504e470d0a1a0a', 'hex').toString('base64');
    const metadata = roundTrip(
      JSON.stringify({
        serviceProviderName: 'Example Mobile',
        profileName: 'Fleet',
        icon,
        profileClass: 'test',
        notificationAddress: 'notify.example.com',
        profileOwner: { mcc: '001', mnc: '01', gid1: 'ff' },
        profilePolicyRules: ['ppr1'],
        fallbackAllowed: true,
        ecallIndication: false,
      }),
    );
    assert.equal(metadata.serviceProviderName, 'Example Mobile');
    assert.equal(metadata.iconType, 1);
    assert.equal(metadata.profileClass, 0);
    assert.equal(metadata.profileOwner!.mccMnc.toHex(), '00f110');
    assert.equal(metadata.profileOwner!.gid1!.toHex(), 'ff');
    assert.deepEqual(metadata.profilePolicyRules, ['ppr1']);
    assert.deepEqual([metadata.fallbackAllowed, metadata.ecallIndication], [true, false]);
    assert.equal(
      metadata.notificationConfigurationInfo![0]!.notificationAddress,
      'notify.example.com',
    );
  });

  test('all errors in overrides are reported', () => {
    const wrong: [string, RegExp][] = [
      ['{', /^expected JSON: /],
      ['[]', /^metadata: expected an object$/],
      ['{"toString":1}', /^toString: expected one of serviceProviderName, profileName, /],
      ['{"profileClass":"toString"}', /^profileClass: expected one of test, provisioning, op/],
      ['{"serviceProviderName":"é".}', /^expected JSON/],
      [`{"serviceProviderName":"${'é'.repeat(17)}"}`, /^serviceProviderName: expected 1 to 32 /],
      ['{"icon":"AAAA","profileName":""}', /^icon: expected base64 .*; profileName: expected 1 to/],
      ['{"profileOwner":{"mcc":"1"}}', /^profileOwner\.mnc: .*; profileOwner\.mcc: expected 3 dig/],
      ['{"fallbackAllowed":"yes"}', /^fallbackAllowed: expected true or false$/],
      ['{"profilePolicyRules":["ppr9"]}', /^profilePolicyRules: expected a list of ppr1 and ppr2$/],
    ];
    for (const [json, message] of wrong) {
      assert.throws(() => parseMetadataOverrides(json), { name: 'MetadataError', message });
    }
  });
});

test('ITU-T E.212: MNCs of three digits by the MCC', () => {
  assert.equal(mncLengthOf('310260123456789'), 3);
  assert.equal(mncLengthOf('001010000000001'), 2);
  assert.equal(mncLengthOf('262011234567890'), 2);
});
