import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createEuicc } from '../../src/device/euicc.ts';
import { readDer } from '../../src/rsp/der.ts';
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

  test("§2.5.5 with the header of a sequence of '87' apart from its segments, as some LPAs send it", async () => {
    await using smdp = await startSmallSmdp({ replacesSessionKeys: true });
    const apart = (segment: Uint8Array) => {
      if (segment[0] !== 0xa0 && segment[0] !== 0xa2) return [segment];
      const { contentsOffset } = readDer(segment);
      return [segment.subarray(0, contentsOffset), segment.subarray(contentsOffset)];
    };
    const segments = (honest: readonly Uint8Array[]) => honest.flatMap(apart);
    assert.equal(
      (await testPhone(smdp, { segments }).download(smdp.activationCode())).iccid,
      ICCID,
    );
    const beside = (honest: readonly Uint8Array[]) =>
      segments(honest).map((one) => (one[0] === 0x87 ? Uint8Array.of(...one, 0) : one));
    const refused = testPhone(smdp, { segments: beside });
    await assert.rejects(refused.download(smdp.activationCode()), /scp03tStructureError/);
  });

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
