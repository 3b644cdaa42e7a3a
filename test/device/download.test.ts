import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createEuicc } from '../../src/device/euicc.ts';
import { encodeIccid } from '../../src/rsp/identifiers.ts';
import { ICCID, startSmallSmdp, testProfile } from './small-smdp.ts';
import { EID, testPhone } from './phone.ts';
import { testPki } from './test-pki.ts';

describe('§3.1.3, §5.7.6 a download', () => {
  for (const replacesSessionKeys of [false, true]) {
    for (const curve of ['prime256v1', 'brainpoolP256r1'] as const) {
      const keys = replacesSessionKeys ? 'profile protection keys' : 'session keys';
      test(`with ${keys} on ${curve}`, async () => {
        await using smdp = await startSmallSmdp({ pki: testPki(curve), replacesSessionKeys });
        const steps: string[] = [];
        const phone = testPhone(smdp, { onStep: (step) => steps.push(step) });
        const { iccid } = await phone.download(smdp.activationCode());
        assert.equal(iccid, ICCID);
        assert.equal(steps.length, 7);
        const [result] = smdp.log.results;
        assert.ok(result?.finalResult.successResult);
        assert.deepEqual(phone.euicc.state.notifications, []);
        assert.deepEqual(smdp.log.matchingIds, ['ABC-123']);
      });
    }
  }

  test('by an eUICC with a certificate on each curve, chosen by the server', async () => {
    const pkis = [testPki(), testPki('brainpoolP256r1')] as const;
    const euicc = createEuicc({
      eid: EID,
      credentials: pkis.map((pki) => {
        const { privateKey, der } = pki.euicc(EID);
        return { privateKey, euiccCertificate: der, eumCertificate: pki.eum.der };
      }),
      cis: pkis.map(({ ci }) => ci.der),
    });
    for (const [index, pki] of pkis.entries()) {
      const iccid = ['8988211000000000014', '8988211000000000022'][index] ?? '';
      const faults = { metadata: { iccid: encodeIccid(iccid) }, upp: testProfile(iccid) };
      await using smdp = await startSmallSmdp({ pki, faults });
      await testPhone(smdp, { euicc }).download(smdp.activationCode());
      assert.ok(smdp.log.results[0]?.finalResult.successResult);
    }
    assert.equal(euicc.state.profiles.length, 2);
  });
});
