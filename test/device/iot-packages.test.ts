// ES10b of the virtual IoT eUICC: eUICC packages of an eIM, and what came of them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { callEs10 } from '../../src/device/es10.ts';
import { createEuicc, type Euicc } from '../../src/device/euicc.ts';
import {
  deleteProfile,
  disable,
  ecoPackage,
  enable,
  listProfileInfo,
  psmoPackage,
  setFallbackAttribute,
} from '../../src/eim/commands.ts';
import { MAX_COUNTER_VALUE } from '../../src/eim/counter.ts';
import { signEuiccPackage } from '../../src/eim/euicc-package.ts';
import { EimError } from '../../src/eim/eim-error.ts';
import { addInitialEimRequest, configurationDataOf } from '../../src/eim/identity.ts';
import { createCredential } from '../../src/device/credential.ts';
import { DerError } from '../../src/rsp/der-error.ts';
import { encodeTlv } from '../../src/rsp/der.ts';
import {
  EuiccPackageRequest,
  EuiccPackageResult,
  type Psmo,
} from '../../src/rsp/definitions/euicc-package.ts';
import {
  AddInitialEimResponse,
  ConfigureImmediateProfileEnablingResponse,
  ExecuteFallbackMechanismResponse,
  GetCertsResponse,
  GetEimConfigurationDataResponse,
  ImmediateEnableResponse,
  IotEuiccMemoryResetRequest,
  IotEuiccMemoryResetResponse,
  IotRetrieveNotificationsListRequest,
  IotRetrieveNotificationsListResponse,
  ProfileRollbackResponse,
  ReturnFromFallbackResponse,
} from '../../src/rsp/definitions/iot-functions.ts';
import { EUICCInfo2 } from '../../src/rsp/definitions/euicc-info.ts';
import {
  NotificationSentRequest,
  NotificationSentResponse,
} from '../../src/rsp/definitions/local-functions.ts';
import { hex } from '../rsp/vectors.ts';
import { EID, EIM_ID, ICCID, OTHER_ICCID, testEim } from '../eim/parties.ts';
import { associated, inWords, iotEuicc, putProfile, repowered } from './iot.ts';
import { testPki } from './test-pki.ts';

const pki = testPki();

const call = (euicc: Euicc, request: string) => callEs10(euicc, hex(request));
const enabledOn = ({ state }: Euicc) =>
  state.profiles.filter(({ isEnabled }) => isEnabled).map(({ iccid }) => iccid);

function keptResults(euicc: Euicc): number[] {
  const { euiccPackageResultList = [] } = IotRetrieveNotificationsListResponse.decode(
    call(euicc, 'bf2b04 a002 8200'),
  );
  return euiccPackageResultList.map(
    ({ value }) => value.euiccPackageResultSigned!.euiccPackageResultDataSigned.value.seqNumber,
  );
}

function removeFromList(euicc: Euicc, seqNumber: number): number {
  const request = NotificationSentRequest.encode({ seqNumber });
  return NotificationSentResponse.decode(callEs10(euicc, request)).deleteNotificationStatus;
}

describe('SGP.32 §5.9.1 LoadEuiccPackage', () => {
  test('SGP.32 §5.9.1 executes the commands in order, signs the result, and keeps it until it is acknowledged', async () => {
    const device = associated({ pki });
    const { euicc } = device;
    putProfile(euicc, ICCID, { isEnabled: true });
    putProfile(euicc, OTHER_ICCID);
    const outcome = device.load(
      await device.sign(
        psmoPackage(listProfileInfo(), disable(ICCID), deleteProfile(ICCID), enable(OTHER_ICCID)),
      ),
    );
    assert.deepEqual(inWords(outcome), [
      'listProfileInfo ok',
      'disable ok',
      'delete ok',
      'enable ok',
    ]);
    assert.ok(outcome.outcome === 'executed');
    const [listed] = outcome.results;
    assert.deepEqual(
      listed?.data.listProfileInfoResult?.profileInfoListOk?.map(
        ({ profileState }) => profileState,
      ),
      [1, 0],
    );
    assert.deepEqual(enabledOn(euicc), [OTHER_ICCID]);
    assert.equal(euicc.refreshes, true);
    // Three notifications were numbered before.
    assert.equal(outcome.seqNumber, 4);
    const again = repowered(euicc);
    assert.deepEqual(keptResults(again), [4]);
    assert.equal(again.state.notifications.length, 3);
    assert.deepEqual([removeFromList(again, 4), removeFromList(again, 4)], [0, 1]);
    assert.deepEqual(keptResults(again), []);
  });

  test('SGP.32 §5.9.1 checks eIM, signature, EID and counter, in this order', async () => {
    const device = associated({ pki });
    const { euicc } = device;
    const list = psmoPackage(listProfileInfo());
    const honest = await device.sign(list);
    const after = device.association.counterValue;
    const { der } = honest;
    const stranger = testEim();
    const attempt = async (changes: object, eim = device.eim, counterValue = after) => {
      const sent = await signEuiccPackage(
        eim,
        { ...device.association, ...changes },
        { counterValue, eimTransactionId: hex('01'), euiccPackage: list },
      );
      const error = EuiccPackageResult.decode(callEs10(euicc, sent.der));
      return (
        error.euiccPackageErrorUnsigned ??
        error.euiccPackageErrorSigned?.euiccPackageErrorDataSigned.value.euiccPackageErrorCode
      );
    };
    const unsigned = { eimId: EIM_ID, eimTransactionId: hex('01') };
    // An unknown eIM has no token, whatever else is wrong.
    assert.deepEqual(await attempt({ eimId: 'x', eid: '0'.repeat(32) }, stranger, 0), {
      ...unsigned,
      eimId: 'x',
    });
    const withToken = { ...unsigned, associationToken: 1 };
    assert.deepEqual(await attempt({ eid: '0'.repeat(32) }, stranger, 0), withToken);
    assert.deepEqual(await attempt({ associationToken: 2 }), withToken);
    assert.equal(await attempt({ eid: '0'.repeat(32) }, device.eim, MAX_COUNTER_VALUE + 1), 3);
    assert.equal(await attempt({}, device.eim, MAX_COUNTER_VALUE + 1), 6);
    assert.equal(await attempt({}, device.eim, 0), 4);
    assert.deepEqual(keptResults(euicc), []);

    assert.deepEqual(inWords(device.load(honest)), ['listProfileInfo ok']);
    // The same bytes again: executed only once.
    const replayed = EuiccPackageResult.decode(callEs10(repowered(euicc), der));
    assert.equal(
      replayed.euiccPackageErrorSigned?.euiccPackageErrorDataSigned.value.euiccPackageErrorCode,
      4,
    );
    assert.deepEqual(inWords(device.load(honest)), ['refused replayError']);
  });

  test('SGP.32 §5.9.1 a failure, a repetition or an unknown command ends the package', async () => {
    const device = associated({ pki });
    const { euicc } = device;
    putProfile(euicc, ICCID, { isEnabled: true, profilePolicyRules: ['ppr1'] });
    putProfile(euicc, OTHER_ICCID);
    const run = (...psmoList: Psmo[]) => device.run({ psmoList });
    assert.deepEqual(await run(disable(ICCID), enable(OTHER_ICCID)), [
      'disable disallowedByPolicy',
      'terminated undefinedError',
    ]);
    assert.deepEqual(await run(enable(OTHER_ICCID)), ['enable disallowedByPolicy']);
    assert.deepEqual(await run(deleteProfile(ICCID)), ['delete profileNotInDisabledState']);
    assert.deepEqual(await run(deleteProfile(OTHER_ICCID), listProfileInfo()), [
      'delete ok',
      'listProfileInfo profileChangeOngoing',
    ]);
    assert.deepEqual(await run({ unknown: hex('af00') }, { getRAT: {} }), [
      'terminated unknownOrDamagedCommand',
    ]);
    assert.deepEqual(await run({ getRAT: {} }, { unknown: hex('a300') }), [
      'getRAT ok',
      'terminated unknownOrDamagedCommand',
    ]);
    assert.deepEqual(await run(enable(OTHER_ICCID)), ['enable iccidOrAidNotFound']);
  });

  test('SGP.32 §5.9.1 settings: default SM-DP+, immediate enable, fallback attribute', async () => {
    const device = associated({ pki });
    const { euicc } = device;
    putProfile(euicc, ICCID, { isEnabled: true, fallbackAllowed: true });
    putProfile(euicc, OTHER_ICCID);
    const run = (...psmoList: Psmo[]) => device.run({ psmoList });
    const address = (defaultDpAddress: string) => ({ setDefaultDpAddress: { defaultDpAddress } });
    assert.deepEqual(await run(address('a.b')), ['setDefaultDpAddress ok']);
    assert.equal(euicc.state.defaultDpAddress, 'a.b');
    assert.deepEqual(await run(address('')), ['setDefaultDpAddress ok']);
    const flag = { configureImmediateEnable: { immediateEnableFlag: null } };
    assert.deepEqual(await run(flag, address('c.d')), [
      'configureImmediateEnable ok',
      'setDefaultDpAddress undefinedError',
    ]);
    assert.deepEqual(await run(setFallbackAttribute(OTHER_ICCID)), [
      'setFallbackAttribute fallbackNotAllowed',
    ]);
    assert.deepEqual(await run({ unsetFallbackAttribute: {} }), [
      'unsetFallbackAttribute noFallbackAttribute',
    ]);
    assert.deepEqual(await run(setFallbackAttribute(ICCID)), ['setFallbackAttribute ok']);
    assert.deepEqual(await run({ unsetFallbackAttribute: {} }), [
      'unsetFallbackAttribute fallbackProfileEnabled',
    ]);
    const outcome = device.load(await device.sign(psmoPackage(listProfileInfo())));
    assert.ok(outcome.outcome === 'executed');
    assert.deepEqual(
      outcome.results[0]?.data.listProfileInfoResult?.profileInfoListOk?.map(
        ({ fallbackAttribute }) => fallbackAttribute,
      ),
      [true, undefined],
    );
  });

  test('SGP.32 §2.11.1.1.2 eCOs add, update, list and delete eIMs', async () => {
    const device = associated({ pki });
    const { euicc } = device;
    const other = testEim('other');
    const added = device.load(
      await device.sign(ecoPackage({ addEim: configurationDataOf(other) }, { listEim: {} })),
    );
    assert.deepEqual(inWords(added), ['addEim ok', 'listEim ok']);
    assert.ok(added.outcome === 'executed');
    assert.equal(added.results[0]?.data.addEimResult?.associationToken, 2);
    assert.deepEqual(added.results[1]?.data.listEimResult?.eimIdList, [
      { eimId: EIM_ID, eimIdType: 2 },
      { eimId: 'other', eimIdType: 2 },
    ]);
    const add = (changes: object) =>
      device.run(ecoPackage({ addEim: { ...configurationDataOf(testEim('third')), ...changes } }));
    assert.deepEqual(await add({ eimId: 'other' }), ['addEim associatedEimAlreadyExists']);
    assert.deepEqual(await add({ associationToken: 5 }), ['addEim invalidAssociationToken']);
    assert.deepEqual(await add({ counterValue: MAX_COUNTER_VALUE + 1 }), [
      'addEim counterValueOutOfRange',
    ]);
    assert.deepEqual(await add({ euiccCiPKId: hex('00') }), ['addEim ciPKUnknown']);
    assert.deepEqual(
      await add({ eimPublicKeyData: { eimPublicKey: hex('3008 3003020101 030100') } }),
      ['addEim commandError'],
    );
    const update = (changes: object) =>
      device.run(ecoPackage({ updateEim: { eimId: EIM_ID, ...changes } }));
    assert.deepEqual(await update({ eimId: 'x' }), ['updateEim eimNotFound']);
    assert.deepEqual(await update({ associationToken: -1 }), ['updateEim commandError']);
    assert.deepEqual(await update({ counterValue: -1 }), ['updateEim counterValueOutOfRange']);
    // The eIM changes its own key: the result is still of the old association, the next package of the new key.
    const renewed = testEim();
    const { eimPublicKeyData } = configurationDataOf(renewed);
    assert.deepEqual(await update({ eimPublicKeyData }), ['updateEim ok']);
    assert.deepEqual(await device.run(psmoPackage({ getRAT: {} })), ['unverified']);
    Object.assign(device, { eim: renewed });
    assert.deepEqual(await device.run(psmoPackage({ getRAT: {} })), ['getRAT ok']);
    // The eIM deletes itself: its result is signed nevertheless.
    assert.deepEqual(await device.run(ecoPackage({ deleteEim: { eimId: 'other' } })), [
      'deleteEim ok',
    ]);
    assert.deepEqual(await device.run(ecoPackage({ deleteEim: { eimId: EIM_ID } })), [
      'deleteEim lastEimDeleted',
    ]);
    assert.deepEqual(euicc.state.iot?.eims, []);
  });

  test('SGP.32 §2.11.1.1 a package from before an association is worthless after it', async () => {
    const device = associated({ pki });
    const old = await device.sign(psmoPackage({ getRAT: {} }));
    await device.run(ecoPackage({ deleteEim: { eimId: EIM_ID } }));
    const request = addInitialEimRequest(configurationDataOf(device.eim));
    const { addInitialEimOk } = AddInitialEimResponse.decode(callEs10(device.euicc, request));
    assert.deepEqual(addInitialEimOk, [{ associationToken: 2 }]);
    assert.deepEqual(inWords(device.load(old)), ['unverified']);
  });
});

describe('SGP.32 §5.9.4, §5.9.18 the first eIM', () => {
  test('SGP.32 §5.9.4 is added while there is none, and is returned with counter and token', async () => {
    const euicc = iotEuicc(pki);
    const data = configurationDataOf(testEim());
    const add = (...list: (typeof data)[]) =>
      AddInitialEimResponse.decode(callEs10(euicc, addInitialEimRequest(...list)));
    assert.deepEqual(add(), { addInitialEimError: 7 });
    // All of them, or none.
    assert.deepEqual(add(data, { ...data, eimId: 'b', associationToken: 9 }), {
      addInitialEimError: 5,
    });
    const { associationToken: _, ...withoutToken } = data;
    assert.deepEqual(add(data, { ...withoutToken, eimId: 'b' }), {
      addInitialEimOk: [{ associationToken: 2 }, { addOk: null }],
    });
    assert.deepEqual(add(data), { addInitialEimError: 2 });
    const get = (request: string) =>
      GetEimConfigurationDataResponse.decode(call(euicc, request)).eimConfigurationDataList.map(
        ({ eimId, counterValue, associationToken }) => [eimId, counterValue, associationToken],
      );
    assert.deepEqual(get('bf5500'), [
      [EIM_ID, 0, 2],
      ['b', 0, undefined],
    ]);
    assert.deepEqual(get('bf5505 a003 800162'), [['b', 0, undefined]]);
  });
});

describe('SGP.32 §5.9.16 ProfileRollback', () => {
  const rollback = (euicc: Euicc) => ProfileRollbackResponse.decode(call(euicc, 'bf5803 8001ff'));

  test('SGP.32 §5.9.16 goes back to the profile before, and replaces the result', async () => {
    const device = associated({ pki });
    const { euicc } = device;
    putProfile(euicc, ICCID, { isEnabled: true });
    putProfile(euicc, OTHER_ICCID);
    const sent = await device.sign(psmoPackage(enable(OTHER_ICCID, { rollback: true })));
    assert.deepEqual(inWords(device.load(sent)), ['enable ok']);
    assert.deepEqual(enabledOn(euicc), [OTHER_ICCID]);
    const again = repowered(euicc);
    const { cmdResult, eUICCPackageResult } = rollback(again);
    assert.equal(cmdResult, 0);
    assert.ok(eUICCPackageResult);
    assert.deepEqual(enabledOn(again), [ICCID]);
    const outcome = device.verify(eUICCPackageResult.der, sent);
    assert.deepEqual(inWords(outcome), ['enable ok', 'rollback ok']);
    // Notifications 1, 2, 4 and 5; result 3 was replaced.
    assert.deepEqual(keptResults(again), [6]);
    assert.equal(rollback(again).cmdResult, 1);
  });

  test('SGP.32 §5.9.16 is allowed only by the enable, with a profile before, until the next package', async () => {
    const device = associated({ pki });
    const { euicc } = device;
    putProfile(euicc, ICCID);
    putProfile(euicc, OTHER_ICCID);
    const run = (...psmoList: Psmo[]) => device.run({ psmoList });
    assert.deepEqual(await run(enable(ICCID, { rollback: true })), ['enable rollbackNotAvailable']);
    assert.deepEqual(await run(enable(ICCID)), ['enable ok']);
    assert.equal(rollback(euicc).cmdResult, 1);
    assert.deepEqual(await run(enable(OTHER_ICCID, { rollback: true }), deleteProfile(ICCID)), [
      'enable ok',
      'delete rollbackNotAvailable',
    ]);
    assert.deepEqual(await run({ getRAT: {} }), ['getRAT ok']);
    assert.equal(rollback(euicc).cmdResult, 1);
    assert.deepEqual(enabledOn(euicc), [OTHER_ICCID]);
  });
});

describe('SGP.32 §5.9.20, §5.9.21 fallback', () => {
  test('SGP.32 §5.9.20 the profile with the attribute is enabled, and later the one before it again', async () => {
    const device = associated({ pki });
    const { euicc } = device;
    putProfile(euicc, ICCID, { isEnabled: true });
    putProfile(euicc, OTHER_ICCID, { fallbackAllowed: true });
    const execute = () =>
      ExecuteFallbackMechanismResponse.decode(call(euicc, 'bf5d03 800100'))
        .executeFallbackMechanismResult;
    const back = () =>
      ReturnFromFallbackResponse.decode(call(euicc, 'bf5e03 800100')).returnFromFallbackResult;
    assert.deepEqual([execute(), back()], [6, 6]);
    await device.run(psmoPackage(setFallbackAttribute(OTHER_ICCID)));
    assert.equal(execute(), 0);
    assert.deepEqual(enabledOn(euicc), [OTHER_ICCID]);
    assert.equal(execute(), 2);
    assert.deepEqual(await device.run(psmoPackage(deleteProfile(ICCID))), [
      'delete returnFallbackProfile',
    ]);
    assert.deepEqual([back(), back()], [0, 6]);
    assert.deepEqual(enabledOn(euicc), [ICCID]);
    assert.deepEqual(await device.run(psmoPackage(disable(ICCID), deleteProfile(OTHER_ICCID))), [
      'disable ok',
      'delete ok',
    ]);
    assert.equal(execute(), 7);
  });
});

describe('SGP.32 §5.9.15, §5.9.17 immediate enable', () => {
  test('SGP.32 §5.9.15 enables what was just installed, from the SM-DP+ that was configured', async () => {
    const euicc = iotEuicc(pki);
    const configure = (request: string) =>
      ConfigureImmediateProfileEnablingResponse.decode(call(euicc, request))
        .configImmediateEnableResult;
    const enableNow = () =>
      ImmediateEnableResponse.decode(call(euicc, 'bf5a03 8001ff')).immediateEnableResult;
    putProfile(euicc, ICCID);
    assert.equal(enableNow(), 1);
    assert.equal(configure('bf5907 8000 8203 612e62'), 0);
    assert.equal(enableNow(), 4);
    euicc.lastInstalled = { iccid: ICCID, smdpOid: '2.999.10', smdpAddress: 'other' };
    assert.equal(enableNow(), 1);
    euicc.lastInstalled = { iccid: ICCID, smdpOid: '2.999.10', smdpAddress: 'a.b' };
    assert.equal(enableNow(), 0);
    assert.deepEqual(enabledOn(euicc), [ICCID]);
    assert.equal(enableNow(), 4);
    callEs10(euicc, addInitialEimRequest(configurationDataOf(testEim())));
    assert.equal(configure('bf5900'), 2);
  });
});

describe('SGP.32 §5.9.5 eUICCMemoryReset', () => {
  test('SGP.32 §5.9.5 deletes profiles, eIMs and settings; results stay', async () => {
    const device = associated({ pki });
    const { euicc } = device;
    putProfile(euicc, ICCID, { isEnabled: true, fallbackAllowed: true });
    putProfile(euicc, OTHER_ICCID, { profileClass: 1 });
    await device.run(psmoPackage(setFallbackAttribute(ICCID)));
    const reset = (
      ...resetOptions: Parameters<typeof IotEuiccMemoryResetRequest.encode>[0]['resetOptions']
    ) =>
      IotEuiccMemoryResetResponse.decode(
        callEs10(euicc, IotEuiccMemoryResetRequest.encode({ resetOptions })),
      );
    assert.deepEqual(reset('deletePreLoadedTestProfiles'), { resetResult: 1 });
    assert.deepEqual(reset('deleteOperationalProfiles'), { resetResult: 0 });
    assert.deepEqual(
      euicc.state.profiles.map(({ iccid }) => iccid),
      [OTHER_ICCID],
    );
    assert.equal(euicc.state.iot?.fallbackIccid, undefined);
    assert.deepEqual(
      reset('deleteProvisioningProfiles', 'resetEimConfigData', 'resetImmediateEnableConfig'),
      { resetResult: 0, resetEimResult: 0, resetImmediateEnableConfigResult: 0 },
    );
    assert.deepEqual(reset('resetEimConfigData').resetEimResult, 1);
    assert.equal(keptResults(euicc).length, 1);
  });
});

describe('SGP.32 §5.9 the other functions of an IoT eUICC', () => {
  test('SGP.32 §5.9.2, §5.9.10, §5.9.11 it describes itself, and returns certificates and lists', async () => {
    const device = associated({ pki });
    const { euicc } = device;
    const { ipaMode, iotSpecificInfo } = EUICCInfo2.decode(call(euicc, 'bf2200'));
    assert.equal(ipaMode, 0);
    assert.deepEqual(iotSpecificInfo?.iotVersion, ['1.2.0']);
    const { ciPKId, euiccCertificate, eumCertificate } = euicc.credentials[0]!;
    const request = encodeTlv(0xbf56, encodeTlv(0x80, ciPKId));
    assert.deepEqual(GetCertsResponse.decode(callEs10(euicc, request)).certs, {
      eumCertificate,
      euiccCertificate,
    });
    assert.equal(GetCertsResponse.decode(call(euicc, 'bf5603 800100')).getCertsError, 1);
    putProfile(euicc, ICCID);
    await device.run(psmoPackage(enable(ICCID)));
    const retrieve = (seqNumber: number) =>
      IotRetrieveNotificationsListResponse.decode(
        callEs10(
          euicc,
          IotRetrieveNotificationsListRequest.encode({ searchCriteria: { seqNumber } }),
        ),
      );
    assert.equal(retrieve(1).notificationList?.length, 1);
    assert.equal(retrieve(2).euiccPackageResultList?.length, 1);
    assert.equal(retrieve(3).notificationList?.length, 0);
  });

  test('SGP.32 §5.9 a user cannot change profiles, and a consumer eUICC has no eIMs', async () => {
    const euicc = iotEuicc(pki);
    for (const request of ['bf3100', 'bf3200', 'bf3300', 'bf3400', 'bf2900', 'bf3f00']) {
      assert.throws(() => call(euicc, request), DerError, request);
    }
    const { privateKey, der } = pki.euicc(EID);
    const consumer = createEuicc({
      eid: EID,
      credentials: [{ privateKey, euiccCertificate: der, eumCertificate: pki.eum.der }],
      cis: [pki.ci.der],
    });
    assert.throws(() => call(consumer, 'bf5500'), DerError);
  });
});

describe('SGP.32 a misbehaving IoT eUICC', () => {
  test('SGP.32 §2.11.2.1 its results are refused by the eIM', async () => {
    const other = pki.euicc('89049032000000000000000000000298');
    const foreign = createCredential(other.privateKey, {
      euiccCertificate: other.der,
      eumCertificate: pki.eum.der,
    });
    const cases = [
      [
        { signature: (_: string, honest: Uint8Array) => honest.with(0, honest[0]! ^ 1) },
        'signature',
      ],
      [{ credential: foreign }, 'signature'],
      [{ signsEimSignature: true }, 'signature'],
      [
        { euiccPackageResultDataSigned: (honest: object) => ({ ...honest, counterValue: 99 }) },
        'counter',
      ],
      [
        { euiccPackageResultDataSigned: (honest: object) => ({ ...honest, eimId: 'x' }) },
        'other-eim',
      ],
      [
        { euiccPackageResultDataSigned: (honest: object) => ({ ...honest, euiccResult: [] }) },
        'results',
      ],
    ] as const;
    for (const [misbehaviour, failure] of cases) {
      const device = associated({ pki, misbehaviour: misbehaviour as never });
      const sent = await device.sign(psmoPackage({ getRAT: {} }));
      assert.throws(
        () => device.load(sent),
        (error) => error instanceof EimError && error.failure === failure,
        failure,
      );
    }
  });

  test('SGP.32 §5.9.1 it refuses packages, executes them again, or loses power within them', async () => {
    const misbehaviour = { euiccPackageError: 'ecallActive' } as {
      euiccPackageError?: 'ecallActive' | 'unsigned';
      ignoresCounterValue?: boolean;
      commandsUntilInterruption?: number;
    };
    const device = associated({ pki, misbehaviour });
    const twice = psmoPackage({ getRAT: {} }, { getRAT: {} });
    assert.deepEqual(await device.run(twice), ['refused ecallActive']);
    misbehaviour.euiccPackageError = 'unsigned';
    assert.deepEqual(await device.run(twice), ['unverified']);
    delete misbehaviour.euiccPackageError;
    const sent = await device.sign(twice);
    device.load(sent);
    misbehaviour.ignoresCounterValue = true;
    assert.deepEqual(inWords(device.load(sent)), ['getRAT ok', 'getRAT ok']);
    misbehaviour.commandsUntilInterruption = 1;
    assert.deepEqual(await device.run(twice), ['getRAT ok', 'terminated interruption']);
  });

  test('SGP.32 §5.9.1 a package whose bytes are no package is a coding error', async () => {
    const device = associated({ pki });
    const { der } = await device.sign(psmoPackage({ getRAT: {} }));
    EuiccPackageRequest.decode(der);
    for (let size = 3; size < der.length; size += 7) {
      assert.throws(() => callEs10(device.euicc, der.subarray(0, size)), DerError);
    }
  });
});
