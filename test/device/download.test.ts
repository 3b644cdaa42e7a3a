import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ICCID, startSmallSmdp } from './small-smdp.ts';
import { testPhone } from './phone.ts';
import { testPki } from './test-pki.ts';

describe('§3.1.3 a download', () => {
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
});
