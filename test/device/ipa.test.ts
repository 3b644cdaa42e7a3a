// The IPA in the device: packages, downloads and data for an eIM.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { callEs10 } from '../../src/device/es10.ts';
import { HttpsTransport } from '../../src/device/es9plus-transport.ts';
import {
  ConnectionError,
  EimBusy,
  EsipaHttpsTransport,
} from '../../src/device/ipa/esipa-transport.ts';
import { EsipaError } from '../../src/device/ipa/esipa.ts';
import { FaultyTransport, type Faults } from '../../src/device/ipa/faulty-transport.ts';
import { Ipa, type IpaStep } from '../../src/device/ipa/ipa.ts';
import { IotDevice } from '../../src/device/ipa/poll-eims.ts';
import { isIotEuicc } from '../../src/device/iot/iot-euicc.ts';
import { ecoPackage, enable, psmoPackage } from '../../src/eim/commands.ts';
import { configurationDataOf } from '../../src/eim/identity.ts';
import { NotificationSentRequest } from '../../src/rsp/definitions/local-functions.ts';
import { stateChangeCauses } from '../../src/rsp/eim-codes.ts';
import { verifyEuiccCertificates } from '../../src/eim/euicc-certificates.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import type { EimConfigurationData } from '../../src/rsp/definitions/eim-configuration-data.ts';
import type { EimPackageResult } from '../../src/rsp/definitions/esipa.ts';
import type { EuiccPackageResult } from '../../src/rsp/definitions/euicc-package.ts';
import { hashCc, hashConfirmationCode } from '../../src/rsp/hash-cc.ts';
import { encodeTlv } from '../../src/rsp/der.ts';
import { hex, toHex } from '../rsp/vectors.ts';
import { EID, EIM_ID, ICCID, OTHER_ICCID, testEim } from '../eim/parties.ts';
import { associated, inWords, putProfile } from './iot.ts';
import { SmallEim, listenEsipa } from './small-eim.ts';
import { ICCID as DOWNLOADED, startSmallSmdp } from './small-smdp.ts';
import { testPki } from './test-pki.ts';

type Trusted = NonNullable<EimConfigurationData['trustedPublicKeyDataTls']>;

const pki = testPki();

function ipaOf(eim: SmallEim, device = associated({ pki })) {
  const steps: IpaStep[] = [];
  const ipa = new Ipa(device.euicc, { transport: eim, onStep: (step) => steps.push(step) });
  return { ipa, steps, device, euicc: device.euicc };
}

const resultIn = (result: EimPackageResult | undefined) =>
  (result?.euiccPackageResult ?? result?.ePRAndNotifications?.euiccPackageResult)!;
const seqNumberIn = ({ euiccPackageResultSigned }: EuiccPackageResult) =>
  euiccPackageResultSigned!.euiccPackageResultDataSigned.value.seqNumber;

describe('SGP.32 §3.1.1.1, §3.3.1 eUICC packages through the IPA', () => {
  test('SGP.32 §3.3.1 the result and the notifications come together, and only what is acknowledged is removed', async () => {
    const eim = new SmallEim();
    const { ipa, device, euicc } = ipaOf(eim);
    putProfile(euicc, ICCID);
    const sent = await device.sign(psmoPackage(enable(ICCID)));
    eim.addPackage(sent.der);
    eim.acknowledges = (result) => [seqNumberIn(resultIn(result).value)];
    assert.equal(await ipa.poll('reset'), 1);
    // The second poll found nothing, and no longer tells of the reset.
    assert.deepEqual(eim.polls, [4, undefined]);
    const [result] = eim.results;
    assert.deepEqual(inWords(device.verify(resultIn(result).der, sent)), ['enable ok']);
    assert.equal(result?.ePRAndNotifications?.notificationList.length, 1);
    assert.deepEqual(euicc.state.iot?.results, []);
    assert.equal(euicc.state.notifications.length, 1);
  });

  test('SGP.32 §5.14.6 a result whose answer was lost is sent again, and stays until it is acknowledged', async () => {
    const eim = new SmallEim();
    const { ipa, device, euicc } = ipaOf(eim);
    eim.addPackage((await device.sign(psmoPackage({ getRAT: {} }))).der);
    eim.losesResults = 2;
    assert.equal(await ipa.poll(), 1);
    assert.equal(eim.results.length, 1);
    assert.equal(euicc.state.iot?.results.length, 1);
    eim.addPackage((await device.sign(psmoPackage({ getRAT: {} }))).der);
    eim.losesResults = 3;
    await assert.rejects(ipa.poll(), ConnectionError);
    assert.equal(await ipa.poll(), 1);
    assert.equal(eim.results.length, 3, 'first the one that is kept');
    assert.equal(euicc.state.iot?.results.length, 2);
  });

  test('SGP.32 §3.4.1 the device goes back to the profile before if the new one has no connectivity', async () => {
    const eim = new SmallEim();
    const { ipa, device, euicc, steps } = ipaOf(eim);
    putProfile(euicc, ICCID, { isEnabled: true });
    putProfile(euicc, OTHER_ICCID);
    const sent = await device.sign(psmoPackage(enable(OTHER_ICCID, { rollback: true })));
    eim.addPackage(sent.der);
    eim.losesResults = 3;
    assert.equal(await ipa.poll(), 1);
    assert.deepEqual(steps, ['euiccPackage', 'rollback']);
    assert.deepEqual(inWords(device.verify(resultIn(eim.results[0]).der, sent)), [
      'enable ok',
      'rollback ok',
    ]);
    assert.equal(euicc.state.profiles.find(({ isEnabled }) => isEnabled)?.iccid, ICCID);
  });

  test('SGP.32 §5.14.5 an eIM that does not know the eUICC is named', async () => {
    const eim = new SmallEim();
    eim.waiting.push({ eimPackageError: 2 });
    await assert.rejects(ipaOf(eim).ipa.poll(), (error) => {
      assert.ok(error instanceof EsipaError);
      return error.code === 'eidNotFound';
    });
  });
});

describe('SGP.32 §2.11.1.1.2 a device and all eIMs of its eUICC', () => {
  /** A device whose eUICC knows these eIMs; the first one signs its packages. */
  async function deviceOf(eims: Readonly<Record<string, SmallEim>>, faults?: Faults) {
    const device = associated({ pki });
    const { euicc } = device;
    assert.ok(isIotEuicc(euicc));
    for (const eimId of Object.keys(eims).slice(1)) {
      const sent = await device.sign(ecoPackage({ addEim: configurationDataOf(testEim(eimId)) }));
      device.load(sent);
      callEs10(euicc, NotificationSentRequest.encode({ seqNumber: euicc.state.nextSeqNumber - 1 }));
    }
    const steps: string[] = [];
    const iot = new IotDevice(euicc, {
      transportTo: ({ eimId }) =>
        faults === undefined ? eims[eimId]! : new FaultyTransport(eims[eimId]!, euicc, faults),
      onStep: ({ eimId, step, what }) => steps.push(`${eimId} ${step} ${what}`),
    });
    return { device, euicc, iot, steps };
  }

  test('SGP.32 §6.3.2.6 polls each, and tells one what another has changed: stateChangeCause otherEim', async () => {
    const [one, other] = [new SmallEim(), new SmallEim()];
    const { device, euicc, iot, steps } = await deviceOf({
      [EIM_ID]: one,
      'eim.example.org': other,
    });
    putProfile(euicc, ICCID);
    assert.equal((await iot.poll()).count, 0);
    one.addPackage((await device.sign(psmoPackage(enable(ICCID)))).der);
    assert.equal((await iot.poll()).count, 1);
    assert.deepEqual(steps, [`${EIM_ID} euiccPackage enable ${ICCID}: ok`]);
    assert.deepEqual(other.polls, [undefined, stateChangeCauses.otherEim]);
    assert.equal((await iot.poll()).count, 0);
    assert.deepEqual(one.polls, Array(4).fill(undefined));
    assert.deepEqual(other.polls.slice(2), [undefined], 'it was told once');
  });

  test('SGP.32 §5.9.20 falls back if no eIM can be reached, and tells them: stateChangeCause fallback', async () => {
    const eim = new SmallEim();
    const faults = { lostAnswers: 0, withoutConnectivity: [ICCID] };
    const { euicc, iot, steps } = await deviceOf({ [EIM_ID]: eim }, faults);
    putProfile(euicc, ICCID, { isEnabled: true });
    putProfile(euicc, OTHER_ICCID);
    assert.deepEqual(await iot.poll(), { count: 0, isReached: false });
    assert.deepEqual(eim.polls, [], 'there is no fallback profile');
    euicc.state.iot.fallbackIccid = OTHER_ICCID;
    assert.deepEqual(await iot.poll(), { count: 0, isReached: true });
    assert.deepEqual(eim.polls, [stateChangeCauses.fallback]);
    assert.match(steps.at(-1)!, new RegExp(`fallback fell back to ${OTHER_ICCID}`));
    assert.equal(euicc.state.iot.returnIccid, ICCID);
  });

  test('SGP.32 §2.11.1.1.2 delivers a result to the eIM of its package alone, and asks for what a new one has', async () => {
    const [one, other] = [new SmallEim(), new SmallEim()];
    const { device, iot, euicc } = await deviceOf({ [EIM_ID]: one });
    one.addPackage((await device.sign(psmoPackage({ getRAT: {} }))).der);
    one.losesResults = 3;
    await iot.poll();
    const configuration = configurationDataOf(testEim('eim.example.org'));
    const added = new IotDevice(euicc, {
      memory: iot.memory,
      transportTo: ({ eimId }) => (eimId === EIM_ID ? one : other),
    });
    one.addPackage((await device.sign(ecoPackage({ addEim: configuration }))).der);
    assert.equal((await added.poll()).count, 1);
    assert.equal(one.results.length, 2, 'first the one that was lost');
    assert.deepEqual([other.results.length, other.polls.length], [0, 1]);
  });

  test('an eIM that forgets the eUICC keeps it from no other, and nobody is asked after it', async () => {
    const [one, other] = [new SmallEim(), new SmallEim()];
    const { device, iot, steps } = await deviceOf({ [EIM_ID]: one, 'eim.example.org': other });
    one.waiting.push({ eimPackageError: 2 });
    await iot.poll();
    assert.deepEqual(
      [steps, other.polls.length],
      [[`${EIM_ID} failed The eIM refused getEimPackage: eidNotFound.`], 1],
    );
    const sent = await device.sign(ecoPackage({ deleteEim: { eimId: EIM_ID } }));
    one.addPackage(sent.der);
    one.addPackage(sent.der);
    await iot.poll();
    assert.deepEqual(one.waiting.length, 1, 'the eUICC has forgotten it');
  });

  test('what was done is said in words, also what was refused', async () => {
    const eim = new SmallEim();
    const { device, euicc, iot, steps } = await deviceOf({ [EIM_ID]: eim });
    putProfile(euicc, ICCID);
    const listing = { listProfileInfo: { tagList: hex('5a') } };
    const wrong = await device.sign(psmoPackage(listing), { associationToken: 99 });
    for (const sent of [
      await device.sign(psmoPackage(listing, enable(OTHER_ICCID), { getRAT: {} })),
      await device.sign(psmoPackage({ setDefaultDpAddress: { defaultDpAddress: 'smdp' } })),
      wrong,
      await device.sign(psmoPackage(listing), { eid: '0'.repeat(32) }),
    ]) {
      eim.addPackage(sent.der);
    }
    await iot.poll();
    assert.deepEqual(
      steps.map((step) => step.slice(`${EIM_ID} euiccPackage `.length)),
      [
        `listProfileInfo: ok\nenable ${OTHER_ICCID}: iccidOrAidNotFound\nthe package ended: undefinedError`,
        'setDefaultDpAddress smdp: ok',
        'the eUICC refused the package: it knows no such eIM, or the signature is not that of its eIM',
        'the eUICC refused the package: invalidEid',
      ],
    );
  });
});

describe('SGP.32 §2.11.1.2, §2.11.2.2 eUICC data through the IPA', () => {
  test('SGP.32 §2.11.2.2 has what the eIM asks for, enough to verify results', async () => {
    const eim = new SmallEim();
    const { ipa, device } = ipaOf(eim);
    const tagList = hex('a0 81 a2 bf20 bf22 83 84 a5 a6 a8 a9');
    eim.addDataRequest({ tagList, eimTransactionId: hex('0102') });
    await ipa.poll();
    const { ipaEuiccData } = eim.results[0]!.ipaEuiccDataResponse!;
    assert.ok(ipaEuiccData);
    const { euiccCertificate, eumCertificate, associationToken, ipaCapabilities } = ipaEuiccData;
    const chain = { euiccCertificate: euiccCertificate!, eumCertificate: eumCertificate! };
    const now = new Date();
    assert.equal(verifyEuiccCertificates(chain, [parseCertificate(pki.ci.der)], { now }).eid, EID);
    assert.equal(associationToken, device.association.associationToken);
    assert.deepEqual(ipaCapabilities?.ipaFeatures, ['indirectRspServerCommunication']);
    assert.equal(ipaEuiccData.euiccInfo2?.value.ipaMode, 0);
    assert.equal(toHex(ipaEuiccData.eimTransactionId!), '0102');
  });

  test('SGP.32 §2.11.2.2 a list with another tag, or a CI that the eUICC does not have, is refused', async () => {
    const eim = new SmallEim();
    const { ipa } = ipaOf(eim);
    eim.addDataRequest({ tagList: hex('a5 5a') });
    eim.addDataRequest({ tagList: hex('bf2d') });
    eim.addDataRequest({ tagList: hex('a5'), euiccCiPKIdentifierToBeUsed: hex('00') });
    assert.equal(await ipa.poll(), 3);
    assert.deepEqual(
      eim.results.map(
        ({ ipaEuiccDataResponse }) =>
          ipaEuiccDataResponse?.ipaEuiccDataResponseError?.ipaEuiccDataErrorCode,
      ),
      [1, 1, 5],
    );
  });
});

describe('SGP.32 §3.2.3.2 indirect download', () => {
  test('SGP.32 §3.2.3.2 goes through the eIM, and is enabled at once if that is allowed', async () => {
    await using smdp = await startSmallSmdp();
    using transport = new HttpsTransport({ cis: smdp.tlsCis });
    const eim = new SmallEim(transport);
    const { ipa, device, euicc, steps } = ipaOf(eim, associated({ pki: smdp.pki }));
    const flag = psmoPackage({ configureImmediateEnable: { immediateEnableFlag: null } });
    eim.addPackage((await device.sign(flag)).der);
    eim.addTrigger(smdp.activationCode().replace(/^LPA:/, ''), hex('0102'));
    assert.equal(await ipa.poll(), 2);
    assert.deepEqual(steps, ['euiccPackage', 'download']);
    assert.deepEqual(
      euicc.state.profiles.map(({ iccid, isEnabled }) => [iccid, isEnabled]),
      [[DOWNLOADED, true]],
    );
    assert.equal(toHex(eim.initiated[0]!.eimTransactionId!), '0102');
    assert.equal(smdp.log.results.length, 1);
  });

  test('SGP.32 §3.2.3.2 the confirmation code may be held by the eIM, which sends its hash', async () => {
    await using smdp = await startSmallSmdp({ confirmationCode: '1234' });
    using transport = new HttpsTransport({ cis: smdp.tlsCis });
    const eim = new SmallEim(transport);
    const { ipa, steps } = ipaOf(eim, associated({ pki: smdp.pki }));
    const activationCode = smdp
      .activationCode()
      .replace(/^LPA:/, '')
      .replace(/\$\$1$/, '');
    eim.addTrigger(activationCode);
    await ipa.poll();
    eim.hashCc = (transactionId) =>
      encodeTlv(0x04, hashCc(hashConfirmationCode('1234'), transactionId));
    eim.addTrigger(activationCode);
    await ipa.poll();
    assert.deepEqual(steps, ['failed', 'download']);
  });

  test('SGP.32 §3.2.3.2 a trigger that cannot be carried out is reported to the eIM', async () => {
    const eim = new SmallEim();
    const { ipa, steps } = ipaOf(eim);
    eim.addTrigger('not an activation code', hex('0102'));
    await ipa.poll();
    assert.deepEqual(steps, ['failed']);
    const [result] = eim.results;
    assert.deepEqual(result?.eimPackageResultResponseError, {
      eimTransactionId: hex('0102'),
      eimPackageResultErrorCode: 127,
    });
  });
});

describe('SGP.32 §6.1.1 ESipa over HTTPS', () => {
  test('SGP.32 §6.1.1 trusts the key or the certificate that the eUICC knows, and nothing else', async () => {
    const eim = new SmallEim();
    const server = pki.server('dpTls');
    await using listener = await listenEsipa(eim, server);
    const { eimFqdn } = listener;
    const spkiOf = (key = createPublicKey(server.privateKey)) =>
      Uint8Array.from(key.export({ format: 'der', type: 'spki' }));
    const poll = async (trustedPublicKeyDataTls: Trusted | undefined) => {
      const known = { eimFqdn, ...(trustedPublicKeyDataTls && { trustedPublicKeyDataTls }) };
      const transport = new EsipaHttpsTransport({ eim: known });
      return new Ipa(associated({ pki }).euicc, { transport, retries: 0 }).poll();
    };
    assert.equal(await poll({ trustedEimPkTls: spkiOf() }), 0);
    assert.equal(await poll({ trustedCertificateTls: server.der }), 0);
    assert.equal(await poll({ trustedCertificateTls: pki.ci.der }), 0);
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    await assert.rejects(poll({ trustedEimPkTls: spkiOf(publicKey) }), /another key/);
    await assert.rejects(poll({ trustedCertificateTls: testPki().ci.der }), ConnectionError);
    await assert.rejects(poll(undefined), ConnectionError);
    assert.equal(listener.headers.length, 3);
    listener.isBusy = true;
    await assert.rejects(poll({ trustedEimPkTls: spkiOf() }), EimBusy);
    listener.isBusy = false;
    const [headers] = listener.headers;
    assert.equal(headers?.['path'], '/gsma/rsp2/asn1');
    assert.equal(headers['content-type'], 'application/x-gsma-rsp-asn1');
    assert.equal(headers['x-admin-protocol'], 'gsma/rsp/v2.1.0');
    assert.equal(headers['user-agent'], 'gsma-rsp-ipad');
  });
});
