// Whatever a server sends, the eUICC responds or reports a malformed request; it never fails in another way.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { callEs10 } from '../../src/device/es10.ts';
import { segmentBoundProfilePackage } from '../../src/device/bpp-segments.ts';
import {
  authenticateMutually,
  authenticateServerRequest,
} from '../../src/device/lpa-authentication.ts';
import { prepareDownloadRequest } from '../../src/device/lpa-preparation.ts';
import { NoSessionError } from '../../src/device/loadBoundProfilePackage.ts';
import type { Euicc } from '../../src/device/euicc.ts';
import { DerError } from '../../src/rsp/der-error.ts';
import { testPhone } from './phone.ts';
import { startSmallSmdp } from './small-smdp.ts';

const RUNS = { numRuns: 300 };

function mutated(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const index = fc.nat({ max: bytes.length - 1 });
  const byte = fc.nat({ max: 255 });
  return fc.oneof(
    fc.tuple(index, byte).map(([at, value]) => bytes.with(at, value)),
    index.map((at) => bytes.subarray(0, at)),
    fc
      .tuple(index, byte)
      .map(([at, value]) => Uint8Array.of(...bytes.subarray(0, at), value, ...bytes.subarray(at))),
  );
}

function survives(euicc: Euicc, request: Uint8Array): void {
  try {
    callEs10(euicc, request);
  } catch (error) {
    assert.ok(error instanceof DerError || error instanceof NoSessionError, String(error));
  }
}

describe('§5.7 mutated requests', () => {
  test('AuthenticateServer', async () => {
    await using smdp = await startSmallSmdp();
    const phone = testPhone(smdp);
    const challenge = phone.euiccChallenge();
    const initiated = await phone.es9.initiateAuthentication(
      smdp.address,
      challenge,
      phone.euiccInfo1(),
    );
    const request = authenticateServerRequest(initiated, 'ABC', '356938035643809');
    fc.assert(
      fc.property(mutated(request), (bytes) => {
        phone.euicc.euiccChallenge = challenge;
        survives(phone.euicc, bytes);
      }),
      RUNS,
    );
  });

  test('PrepareDownload and the segments of a package', async () => {
    await using smdp = await startSmallSmdp({ replacesSessionKeys: true });
    const phone = testPhone(smdp);
    const { euicc } = phone;
    const session = await authenticateMutually(phone, {
      smdpAddress: smdp.address,
      matchingId: 'ABC',
      confirmationCodeRequired: false,
    });
    const request = prepareDownloadRequest(session, undefined);
    const { boundProfilePackage } = await phone.es9.getBoundProfilePackage(
      smdp.address,
      session.transactionIdHex,
      callEs10(euicc, request),
    );
    const segments = segmentBoundProfilePackage(boundProfilePackage);
    const prepared = euicc.session;
    assert.ok(prepared?.prepared);
    const { oneTimeKey, smdpPublicKey } = prepared.prepared;
    // After the honest request, because a changed one can end the session.
    fc.assert(
      fc.property(mutated(request), (bytes) => survives(euicc, bytes)),
      RUNS,
    );
    for (const [index, segment] of segments.entries()) {
      fc.assert(
        fc.property(mutated(segment), (bytes) => {
          prepared.prepared = { oneTimeKey, smdpPublicKey };
          euicc.session = prepared;
          for (const before of segments.slice(0, index)) callEs10(euicc, before);
          survives(euicc, bytes);
          euicc.state.profiles = [];
          euicc.state.notifications = [];
        }),
        { numRuns: 40 },
      );
    }
  });
});
