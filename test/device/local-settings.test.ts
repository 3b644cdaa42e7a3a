// What an LPA sets, reads and clears on the eUICC, besides the states of profiles.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { callEs10 } from '../../src/device/es10.ts';
import { createEuicc, type Euicc } from '../../src/device/euicc.ts';
import type { Lpa } from '../../src/device/lpa.ts';
import {
  EuiccConfiguredAddressesResponse,
  EuiccMemoryResetRequest,
  EuiccMemoryResetResponse,
  GetRatResponse,
  ProfileInfoListResponse,
} from '../../src/rsp/definitions/local-functions.ts';
import { encodeIccid } from '../../src/rsp/identifiers.ts';
import { SetDefaultDpAddressRequest } from '../../src/device/setDefaultDpAddress.ts';
import { SetNicknameRequest, SetNicknameResponse } from '../../src/device/setNickname.ts';
import { EID, testEuicc, testPhone } from './phone.ts';
import { ICCID, startSmallSmdp, type SmallSmdp } from './small-smdp.ts';
import { testPki } from './test-pki.ts';

const iccid = encodeIccid(ICCID);
const profileInfoListRequest = Uint8Array.of(0xbf, 0x2d, 0x00);
const getRatRequest = Uint8Array.of(0xbf, 0x43, 0x00);
const configuredAddressesRequest = Uint8Array.of(0xbf, 0x3c, 0x00);

type ResetOption = Parameters<typeof EuiccMemoryResetRequest.encode>[0]['resetOptions'][number];

function reset(euicc: Euicc, ...resetOptions: ResetOption[]): number {
  const request = EuiccMemoryResetRequest.encode({ resetOptions });
  return EuiccMemoryResetResponse.decode(callEs10(euicc, request)).resetResult;
}

function name(euicc: Euicc, profileNickname: string): number {
  const request = SetNicknameRequest.encode({ iccid, profileNickname });
  return SetNicknameResponse.decode(callEs10(euicc, request)).setNicknameResult;
}

function nickname(euicc: Euicc): string | undefined {
  const response = ProfileInfoListResponse.decode(callEs10(euicc, profileInfoListRequest));
  return response.profileInfoListOk?.[0]?.profileNickname;
}

async function phoneWithProfile(smdp: SmallSmdp): Promise<Lpa> {
  const phone = testPhone(smdp);
  await phone.download(smdp.activationCode());
  return phone;
}

describe('§5.7.19 eUICCMemoryReset', () => {
  test('deletes operational profiles, even enabled ones or with policy rules, and notifies the server', async () => {
    const faults = { metadata: { profilePolicyRules: ['ppr1', 'ppr2'] as const } };
    await using smdp = await startSmallSmdp({ faults });
    const phone = await phoneWithProfile(smdp);
    const { euicc } = phone;
    euicc.state.profiles[0]!.isEnabled = true;
    assert.equal(reset(euicc, 'deleteFieldLoadedTestProfiles'), 1);
    assert.equal(euicc.state.profiles.length, 1);
    assert.equal(reset(euicc, 'deleteOperationalProfiles'), 0);
    assert.deepEqual(euicc.state.profiles, []);
    assert.equal(reset(euicc, 'deleteOperationalProfiles'), 1);
    await phone.sendNotifications();
    assert.deepEqual(
      smdp.log.notifications.map(({ profileManagementOperation }) => profileManagementOperation),
      [['notificationDelete']],
    );
  });

  test('deletes test profiles with a separate option', async () => {
    await using smdp = await startSmallSmdp({ faults: { metadata: { profileClass: 0 } } });
    const { euicc } = await phoneWithProfile(smdp);
    assert.equal(reset(euicc, 'deleteOperationalProfiles'), 1);
    assert.equal(reset(euicc, 'deleteFieldLoadedTestProfiles'), 0);
    assert.deepEqual(euicc.state.profiles, []);
  });

  test('§5.7.3, §5.7.4 restores the original default SM-DP+ address', async () => {
    const { privateKey, der } = testPki().euicc(EID);
    const euicc = createEuicc({
      eid: EID,
      credentials: [{ privateKey, euiccCertificate: der, eumCertificate: testPki().eum.der }],
      cis: [testPki().ci.der],
      defaultDpAddress: 'smdp.example.com',
    });
    const address = () =>
      EuiccConfiguredAddressesResponse.decode(callEs10(euicc, configuredAddressesRequest))
        .defaultDpAddress;
    const defaultDpAddress = 'other.example.com';
    callEs10(euicc, SetDefaultDpAddressRequest.encode({ defaultDpAddress }));
    assert.equal(address(), defaultDpAddress);
    assert.equal(reset(euicc, 'resetDefaultSmdpAddress'), 0);
    assert.equal(address(), 'smdp.example.com');
  });
});

describe('§5.7.21 SetNickname', () => {
  test('names a profile, renames it, and removes the name', async () => {
    await using smdp = await startSmallSmdp();
    const { euicc } = await phoneWithProfile(smdp);
    assert.equal(nickname(euicc), undefined);
    assert.deepEqual([name(euicc, 'Büro'), nickname(euicc)], [0, 'Büro']);
    assert.deepEqual([name(euicc, 'Home'), nickname(euicc)], [0, 'Home']);
    assert.deepEqual([name(euicc, ''), nickname(euicc)], [0, undefined]);
  });

  test('of an unknown profile is refused', () => {
    assert.equal(name(testEuicc(testPki()), 'Nobody'), 1);
  });
});

describe('§5.7.22, §2.9.2 GetRAT', () => {
  test('allows all operators the policy rules that are not forbidden', () => {
    const euicc = testEuicc(testPki());
    const rules = () =>
      GetRatResponse.decode(callEs10(euicc, getRatRequest)).rat.map(({ pprIds }) => pprIds);
    assert.deepEqual(rules(), [['ppr1', 'ppr2']]);
    euicc.state.forbiddenProfilePolicyRules = ['ppr1'];
    assert.deepEqual(rules(), [['ppr2']]);
    euicc.state.forbiddenProfilePolicyRules = ['ppr1', 'ppr2'];
    assert.deepEqual(rules(), []);
  });
});

describe('§3.1.3.3 the notification of an installation', () => {
  test('goes once to the server of the session, whatever the letter case of its address', async () => {
    await using smdp = await startSmallSmdp();
    smdp.faults.metadata = {
      notificationConfigurationInfo: [
        {
          profileManagementOperation: ['notificationInstall'],
          notificationAddress: smdp.address.toUpperCase(),
        },
      ],
    };
    const phone = testPhone(smdp);
    await phone.download(smdp.activationCode(), { sendsNotification: false });
    assert.equal(phone.euicc.state.notifications.length, 1);
  });
});
