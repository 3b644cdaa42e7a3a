// Requests and responses about the profiles on the eUICC: exact bytes, also over APDU.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApduCard } from '../../src/device/apdu.ts';
import { callEs10 } from '../../src/device/es10.ts';
import { fromHex, toBase64, toHex, type ProfileState } from '../../src/device/euicc-state.ts';
import type { Euicc } from '../../src/device/euicc.ts';
import { StoreMetadataRequest } from '../../src/rsp/definitions/profile-metadata.ts';
import { encodeIccid } from '../../src/rsp/identifiers.ts';
import { profileClasses } from '../../src/rsp/reasons.ts';
import { testEuicc, testPhone } from './phone.ts';
import { startSmallSmdp } from './small-smdp.ts';
import { SMDP_OID, testPki } from './test-pki.ts';

const OPERATIONAL = '898828000000000072';
const TEST = '8988280000000000809';
const ICCIDS = { [OPERATIONAL]: '5A0A988882000000000027FF', [TEST]: '5A0A988882000000000008F9' };
const AIDS = {
  [OPERATIONAL]: '4F10A0000005591010FFFFFFFF8900101000',
  [TEST]: '4F10A0000005591010FFFFFFFF8900101100',
};
const NOTIFICATIONS = 'B6143012800204F0810C736D64702E6578616D706C65';

function profile(iccid: string, isdpAid: string, profileClass: number): ProfileState {
  return {
    iccid,
    isdpAid: isdpAid.slice(4),
    isEnabled: iccid === OPERATIONAL,
    nickname: iccid === OPERATIONAL ? 'Mine' : '',
    metadata: toBase64(
      StoreMetadataRequest.encode({
        iccid: encodeIccid(iccid),
        serviceProviderName: 'SP',
        profileName: 'P',
        profileClass,
        ...(iccid === OPERATIONAL && {
          iconType: 1,
          icon: Uint8Array.of(0x89),
          notificationConfigurationInfo: [
            {
              profileManagementOperation: [
                'notificationInstall',
                'notificationEnable',
                'notificationDisable',
                'notificationDelete',
              ],
              notificationAddress: 'smdp.example',
            },
          ],
          profileOwner: { mccMnc: Uint8Array.of(0x99, 0xf9, 0x07) },
          profilePolicyRules: ['ppr1'] as const,
        }),
      }),
    ),
    upp: '',
    ciPKId: '',
    sqn: '000000000000',
  };
}

function euiccWithTwo(): Euicc {
  const euicc = testEuicc(testPki());
  euicc.state.profiles.push(
    profile(OPERATIONAL, AIDS[OPERATIONAL], profileClasses.operational),
    profile(TEST, AIDS[TEST], profileClasses.test),
  );
  return euicc;
}

/** The hexadecimal digits of profileInfoListOk in ProfileInfoListResponse. */
/** Of a terminal with the ISD-R selected on channel 1, that takes commands of the card. */
function openCard(euicc: Euicc): ApduCard {
  const card = new ApduCard(euicc);
  assert.equal(card.openChannel(), 1);
  assert.equal(toHex(card.transmit(fromHex('8010000001FF'))), '9000');
  return card;
}

/** With what GET RESPONSE fetches. */
function transmit(card: ApduCard, apdu: string): string {
  const response = toHex(card.transmit(fromHex(apdu)));
  const [, length] = /^61(..)$/.exec(response) ?? [];
  if (length === undefined) return response;
  return toHex(card.transmit(fromHex(`${apdu.slice(0, 2)}C00000${length}`)));
}

function listed(...profiles: string[]): string {
  const infos = profiles.map((info) => tlv('E3', info)).join('');
  return tlv('BF2D', tlv('A0', infos));
}

function tlv(tag: string, contents: string): string {
  const length = contents.length / 2;
  const prefix = length < 128 ? '' : '81';
  return `${tag}${prefix}${length.toString(16).padStart(2, '0').toUpperCase()}${contents}`;
}

function ask(request: string, euicc = euiccWithTwo()): string {
  return toHex(callEs10(euicc, fromHex(request)));
}

const DEFAULTS = {
  [OPERATIONAL]: `${ICCIDS[OPERATIONAL]}${AIDS[OPERATIONAL]}9F70010190044D696E6591025350920150930101940189950102`,
  [TEST]: `${ICCIDS[TEST]}${AIDS[TEST]}9F70010091025350920150950100`,
};
const NOTHING = 'BF2D02A000';
const INCORRECT_INPUT_VALUES = 'BF2D03810101';

describe('§5.7.15 GetProfilesInfo', () => {
  const answers: [string, string, string][] = [
    [
      'without a criterion gives every profile',
      'BF2D00',
      listed(DEFAULTS[OPERATIONAL], DEFAULTS[TEST]),
    ],
    ['by ICCID', 'BF2D0EA00C5A0A988882000000000027FF', listed(DEFAULTS[OPERATIONAL])],
    [
      'by AID of the ISD-P',
      'BF2D14A0124F10A0000005591010FFFFFFFF8900101100',
      listed(DEFAULTS[TEST]),
    ],
    ['by class test', 'BF2D05A003950100', listed(DEFAULTS[TEST])],
    ['by class operational, the default', 'BF2D05A003950102', listed(DEFAULTS[OPERATIONAL])],
    ['by class provisioning, without any', 'BF2D05A003950101', NOTHING],
    ['by a class that does not exist', 'BF2D05A003950107', NOTHING],
    ['by an unknown ICCID', 'BF2D0EA00C5A0A988882000000000037FF', NOTHING],
    ['by an ICCID that is not a number', 'BF2D0EA00C5A0AAAAAAAAAAAAAAAAAAAAA', NOTHING],
    ['by an unknown AID', 'BF2D05A0034F01A0', NOTHING],
    [
      'by a criterion that is not defined: incorrectInputValues',
      'BF2D05A003960100',
      INCORRECT_INPUT_VALUES,
    ],
    [
      'by an ICCID of the wrong size: incorrectInputValues',
      'BF2D06A0045A029888',
      INCORRECT_INPUT_VALUES,
    ],
    ['by an empty criterion: incorrectInputValues', 'BF2D02A000', INCORRECT_INPUT_VALUES],
    ['by two criteria: incorrectInputValues', 'BF2D08A006950100950102', INCORRECT_INPUT_VALUES],
    [
      'by a criterion behind the list of tags: incorrectInputValues',
      'BF2D085C015AA003950100',
      INCORRECT_INPUT_VALUES,
    ],
    ['for ICCIDs alone', 'BF2D035C015A', listed(ICCIDS[OPERATIONAL], ICCIDS[TEST])],
    ['for notification configurations', 'BF2D035C01B6', listed(NOTIFICATIONS, '')],
    ['for a tag of two bytes', 'BF2D045C029F70', listed('9F700101', '9F700100')],
    ['for icons, if present', 'BF2D045C029394', listed('930101940189', '')],
    [
      'for owner and policy rules, which it gives to none who did not ask',
      'BF2D045C02B799',
      listed('B705800399F90799020640', ''),
    ],
    [
      'leaves out tags that it does not know, of any size',
      'BF2D0B5C099F24BF7FDF81015A77',
      listed(ICCIDS[OPERATIONAL], ICCIDS[TEST]),
    ],
    ['for nothing', 'BF2D025C00', listed('', '')],
    ['for a truncated tag: incorrectInputValues', 'BF2D035C019F', INCORRECT_INPUT_VALUES],
    ['by class and for a tag at once', 'BF2D08A0039501005C015A', listed(ICCIDS[TEST])],
  ];
  for (const [what, request, answer] of answers) {
    test(what, () => assert.equal(ask(request), answer));
  }

  test('returns the data of the SM-DP+ from ConfigureISDP', async () => {
    await using smdp = await startSmallSmdp();
    const phone = testPhone(smdp);
    await phone.download(smdp.activationCode());
    assert.equal(SMDP_OID, '2.999.10');
    assert.equal(ask('BF2D035C01B8', phone.euicc), listed('B805800388370A'));
  });

  test('answers the same as a card', () => {
    const card = openCard(euiccWithTwo());
    const request = 'BF2D08A0039501005C015A';
    assert.equal(transmit(card, `81E291000B${request}`), `${listed(ICCIDS[TEST])}9000`);
  });
});

describe('§5.7 the parameters of a request are respected', () => {
  test('§5.7.20 GetEID returns the EID, requested by its tag, and no other data', () => {
    const eid = ask('BF3E035C015A');
    assert.match(eid, /^BF3E125A10/);
    assert.equal(ask('BF3E00'), eid);
    assert.throws(() => ask('BF3E035C015C'), { name: 'DerError' });
  });

  test('§5.7.10 RetrieveNotificationsList returns an error for an unknown criterion', () => {
    assert.equal(ask('BF2B05A003820105'), 'BF2B0381017F');
    assert.equal(ask('BF2B05A003800105'), 'BF2B02A000');
    assert.equal(ask('BF2B00'), 'BF2B02A000');
  });

  const enable = (refreshFlag: 'FF' | '00') => `BF3111A00C${ICCIDS[TEST]}8101${refreshFlag}`;
  function store(card: ApduCard, request: string): string {
    const length = (request.length / 2).toString(16).padStart(2, '0');
    return transmit(card, `81E29100${length}${request}`);
  }

  test('§5.7.16 a profile is enabled with a REFRESH if the flag is set', () => {
    for (const [flag, sw] of [
      ['00', '9000'],
      ['FF', '910B'],
    ] as const) {
      const euicc = euiccWithTwo();
      euicc.state.profiles[0]!.isEnabled = false;
      const card = openCard(euicc);
      assert.equal(store(card, enable(flag)), `BF3103800100${sw}`);
      assert.equal(store(card, enable(flag)).slice(0, 12), 'BF3103800102');
      assert.deepEqual(
        euicc.state.profiles.map(({ isEnabled }) => isEnabled),
        [false, true],
      );
    }
  });

  test('TS 102 223 §6.6.13 the REFRESH is fetched and answered once', () => {
    const euicc = euiccWithTwo();
    euicc.state.profiles[0]!.isEnabled = false;
    const card = openCard(euicc);
    const fetch = fromHex('801200000B');
    assert.equal(toHex(card.transmit(fetch)), '6985');
    store(card, enable('FF'));
    assert.equal(toHex(card.transmit(fetch)), 'D0098103010104820281829000');
    const response = fromHex('801400000C810301010482028281830100');
    assert.equal(toHex(card.transmit(response)), '9000');
    assert.equal(store(card, 'BF2D035C0177').slice(-4), '9000');
  });

  test('§5.7.19 a memory reset that deletes the enabled profile ends with a REFRESH', () => {
    const card = openCard(euiccWithTwo());
    assert.equal(store(card, 'BF340482020640'), 'BF34038001009000');
    assert.equal(store(card, 'BF340482020780'), 'BF3403800100910B');
  });
});
