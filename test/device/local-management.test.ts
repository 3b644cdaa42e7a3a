// Profiles on the eUICC, the notifications about them, and that they work.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { authenticate } from '../../src/device/authenticate.ts';
import { callEs10 } from '../../src/device/es10.ts';
import type { Euicc } from '../../src/device/euicc.ts';
import {
  DeleteProfileRequest,
  DeleteProfileResponse,
  DisableProfileRequest,
  DisableProfileResponse,
  EnableProfileRequest,
  EnableProfileResponse,
  GetEuiccDataResponse,
  ListNotificationRequest,
  ListNotificationResponse,
  NotificationSentRequest,
  NotificationSentResponse,
  ProfileInfoListResponse,
  RetrieveNotificationsListRequest,
  RetrieveNotificationsListResponse,
} from '../../src/rsp/definitions/local-functions.ts';
import { decodeEid, encodeIccid } from '../../src/rsp/identifiers.ts';
import { milenage } from '../../src/saip/milenage.ts';
import { EID, restarted, testEuicc, testPhone } from './phone.ts';
import { ICCID, K, OPC, startSmallSmdp } from './small-smdp.ts';

const iccid = encodeIccid(ICCID);

function enable(euicc: Euicc): number {
  const request = { profileIdentifier: { iccid }, refreshFlag: false };
  return EnableProfileResponse.decode(callEs10(euicc, EnableProfileRequest.encode(request)))
    .enableResult;
}

function disable(euicc: Euicc): number {
  const request = { profileIdentifier: { iccid }, refreshFlag: false };
  return DisableProfileResponse.decode(callEs10(euicc, DisableProfileRequest.encode(request)))
    .disableResult;
}

function remove(euicc: Euicc): number {
  return DeleteProfileResponse.decode(callEs10(euicc, DeleteProfileRequest.encode({ iccid })))
    .deleteResult;
}

function list(euicc: Euicc, event?: 'notificationEnable') {
  const request = event === undefined ? {} : { profileManagementOperation: [event] };
  return ListNotificationResponse.decode(callEs10(euicc, ListNotificationRequest.encode(request)))
    .notificationMetadataList;
}

describe('§5.7.16 to §5.7.18 a profile', () => {
  test('is enabled, disabled and deleted, and the server is notified of each', async () => {
    await using smdp = await startSmallSmdp();
    const phone = testPhone(smdp);
    await phone.download(smdp.activationCode());
    const { euicc } = phone;
    assert.equal(disable(euicc), 2);
    assert.equal(enable(euicc), 0);
    assert.equal(enable(euicc), 2);
    assert.equal(remove(euicc), 2);
    assert.equal(disable(euicc), 0);
    assert.equal(remove(euicc), 0);
    assert.equal(remove(euicc), 1);
    const again = testPhone(smdp, { euicc: restarted(euicc) });
    const { sent, failed } = await again.sendNotifications();
    assert.deepEqual([sent.length, failed.length], [3, 0]);
    assert.deepEqual(
      smdp.log.notifications.map(({ profileManagementOperation, seqNumber }) => [
        seqNumber,
        ...profileManagementOperation,
      ]),
      [
        [2, 'notificationEnable'],
        [3, 'notificationDisable'],
        [4, 'notificationDelete'],
      ],
    );
    assert.deepEqual(again.euicc.state.notifications, []);
  });

  test('§2.4.12.1 with a policy rule cannot be disabled or deleted', async () => {
    const faults = { metadata: { profilePolicyRules: ['ppr1', 'ppr2'] as const } };
    await using smdp = await startSmallSmdp({ faults });
    const phone = testPhone(smdp);
    await phone.download(smdp.activationCode());
    assert.equal(remove(phone.euicc), 3);
    assert.equal(enable(phone.euicc), 0);
    assert.equal(disable(phone.euicc), 3);
  });

  test('is listed with its metadata', async () => {
    await using smdp = await startSmallSmdp();
    const phone = testPhone(smdp);
    await phone.download(smdp.activationCode());
    const response = callEs10(phone.euicc, Uint8Array.of(0xbf, 0x2d, 0x00));
    const [info] = ProfileInfoListResponse.decode(response).profileInfoListOk ?? [];
    assert.deepEqual(info?.iccid, iccid);
    assert.equal(info?.profileState, 0);
    assert.equal(info?.serviceProviderName, 'Simwright');
    assert.equal(info?.isdpAid?.length, 16);
  });
});

describe('§5.7.9 to §5.7.11, §3.5 notifications', () => {
  test('are pending, found and removed', async () => {
    await using smdp = await startSmallSmdp();
    const phone = testPhone(smdp);
    await phone.download(smdp.activationCode(), { sendsNotification: false });
    const { euicc } = phone;
    enable(euicc);
    assert.deepEqual(
      list(euicc)?.map(({ seqNumber }) => seqNumber),
      [1, 2],
    );
    assert.deepEqual(
      list(euicc, 'notificationEnable')?.map(({ seqNumber }) => seqNumber),
      [2],
    );
    const retrieve = RetrieveNotificationsListRequest.encode({ searchCriteria: { seqNumber: 1 } });
    const { notificationList } = RetrieveNotificationsListResponse.decode(
      callEs10(euicc, retrieve),
    );
    assert.equal(notificationList?.length, 1);
    assert.ok(notificationList[0]?.profileInstallationResult);
    const sent = NotificationSentRequest.encode({ seqNumber: 1 });
    const statusOf = () =>
      NotificationSentResponse.decode(callEs10(euicc, sent)).deleteNotificationStatus;
    assert.deepEqual([statusOf(), statusOf()], [0, 1]);
  });

  test('that cannot be sent stay', async () => {
    const phone = await (async () => {
      await using smdp = await startSmallSmdp();
      const left = testPhone(smdp);
      await left.download(smdp.activationCode(), { sendsNotification: false });
      return left;
    })();
    const { sent, failed } = await phone.sendNotifications();
    assert.deepEqual([sent.length, failed.length], [0, 1]);
    assert.equal(phone.euicc.state.notifications.length, 1);
  });
});

describe('§5.7.20 GetEID', () => {
  test('returns the EID', async () => {
    await using smdp = await startSmallSmdp();
    const response = callEs10(testEuicc(smdp.pki), Uint8Array.of(0xbf, 0x3e, 0x00));
    assert.equal(decodeEid(GetEuiccDataResponse.decode(response).eidValue), EID);
  });
});

describe('TS 33.102 §6.3 an installed profile', () => {
  test('authenticates to a network that has its keys, once per sequence number', async () => {
    await using smdp = await startSmallSmdp();
    const phone = testPhone(smdp);
    await phone.download(smdp.activationCode());
    const [profile] = phone.euicc.state.profiles;
    assert.ok(profile);
    const rand = Uint8Array.from({ length: 16 }, (_, index) => index);
    const sqn = Uint8Array.of(0, 0, 0, 0, 1, 0);
    const amf = Uint8Array.of(0x80, 0);
    const network = milenage({ k: K, opc: OPC }, { rand, sqn, amf });
    const autn = Uint8Array.of(
      ...sqn.map((byte, index) => byte ^ network.ak[index]!),
      ...amf,
      ...network.macA,
    );
    const answer = authenticate(profile, rand, autn);
    assert.ok(answer.outcome === 'ok');
    assert.deepEqual(answer.res, network.res);
    assert.deepEqual(answer.ck, network.ck);
    const again = authenticate(profile, rand, autn);
    assert.ok(again.outcome === 'synchronisation-failure');
    const wanted = milenage({ k: K, opc: OPC }, { rand, sqn, amf: new Uint8Array(2) });
    assert.deepEqual(
      again.auts,
      Uint8Array.of(...sqn.map((byte, index) => byte ^ wanted.akStar[index]!), ...wanted.macS),
    );
    const forged = autn.with(15, autn[15]! ^ 1);
    assert.equal(authenticate(profile, rand, forged).outcome, 'mac-failure');
  });
});
