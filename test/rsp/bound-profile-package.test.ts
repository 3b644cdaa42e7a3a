import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { SEED_LENGTH } from '../../src/rsp/binding-keys.ts';
import {
  bindProfilePackage,
  smdpSignedBytes,
  type Binding,
} from '../../src/rsp/bound-profile-package.ts';
import { curveNames, type CurveName } from '../../src/rsp/curve.ts';
import {
  BoundProfilePackage,
  ConfigureISDPRequest,
  InitialiseSecureChannelRequest,
} from '../../src/rsp/definitions/bound-profile-package.ts';
import { encoded } from '../../src/rsp/encoded.ts';
import { StoreMetadataRequest } from '../../src/rsp/definitions/profile-metadata.ts';
import {
  InstallationError,
  openBoundProfilePackage,
  type InstallationSession,
} from '../../src/rsp/profile-installation.ts';
import { createOneTimeKey } from '../../src/rsp/session-keys.ts';
import { createSigner } from '../../src/rsp/signature.ts';
import { VerifyError } from '../../src/rsp/verify-error.ts';
import { hex, toHex } from './vectors.ts';

const upp = new Uint8Array(12_119).map((_, index) => index % 251);
const configureISDPRequest = ConfigureISDPRequest.encode({
  dpProprietaryData: { dpOid: '2.999.10' },
});
const storeMetadataRequest = StoreMetadataRequest.encode({
  iccid: hex('98001032547698103214'),
  serviceProviderName: 'Simwright',
  profileName: 'Test',
  iconType: 1,
  icon: new Uint8Array(1024),
  profileClass: 2,
});

function parties(curve: CurveName): { binding: Binding; session: InstallationSession } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
  const euiccKey = createOneTimeKey(curve);
  const transactionId = hex('0123456789abcdef');
  const eid = hex('89049032123451234512345678901235');
  return {
    binding: {
      transactionId,
      hostId: hex('0102030405060708'),
      eid,
      euiccOtpk: euiccKey.otpk,
      seed: randomBytes(SEED_LENGTH),
      signer: createSigner(privateKey),
      configureISDPRequest,
      storeMetadataRequest,
      upp,
      usesSessionKeys: true,
    },
    session: { transactionId, eid, oneTimeKey: euiccKey, smdpPublicKey: publicKey },
  };
}

async function refuses(
  expected: readonly [string, string],
  change: {
    session?: Partial<InstallationSession>;
    binding?: Partial<Binding>;
    bytes?: (der: Uint8Array) => Uint8Array;
  },
): Promise<void> {
  const { binding, session } = parties('prime256v1');
  const der = await bindProfilePackage({ ...binding, ...change.binding });
  const bytes = change.bytes?.(der) ?? der;
  assert.throws(
    () => openBoundProfilePackage(bytes, { ...session, ...change.session }),
    (error) => {
      assert.ok(error instanceof InstallationError, String(error));
      assert.deepEqual([error.bppCommandId, error.errorReason], expected);
      return true;
    },
  );
}
const changed = (from: string, to: string) => (der: Uint8Array) =>
  hex(toHex(der).replace(from, to));
const flipped = (at: number) => (der: Uint8Array) =>
  der.map((byte, index) => (index === (at + der.length) % der.length ? byte ^ 1 : byte));

/** otPK.DP identifies the session keys; the profile's own keys are sent under them. */
const keysOf = ({ initialiseSecureChannelRequest }: BoundProfilePackage) =>
  toHex(initialiseSecureChannelRequest.value.smdpOtpk);

describe('§2.5.4 bound profile package', () => {
  for (const curve of curveNames) {
    for (const mode of ['session keys', 'random keys']) {
      test(`on ${curve} with ${mode} opens to the bound contents`, async () => {
        const { binding, session } = parties(curve);
        const usesSessionKeys = mode === 'session keys';
        const opened = openBoundProfilePackage(
          await bindProfilePackage({ ...binding, usesSessionKeys }),
          session,
        );
        assert.equal(toHex(opened.upp), toHex(upp));
        assert.equal(toHex(opened.storeMetadataRequest.der), toHex(storeMetadataRequest));
        assert.equal(opened.configureISDPRequest.dpProprietaryData?.dpOid, '2.999.10');
        assert.equal(opened.hasReplacedSessionKeys, mode === 'random keys');
      });
    }
  }

  test('§2.5.3 its segments: 12 of 1020 bytes and one of 58 for 12,119 bytes', async () => {
    const bpp = BoundProfilePackage.decode(await bindProfilePackage(parties('prime256v1').binding));
    const sizes = bpp.sequenceOf86.map(({ length }) => length);
    assert.deepEqual(sizes, [...Array<number>(12).fill(1020), 58]);
    // With the icon, the metadata is too long for one segment.
    assert.equal(bpp.sequenceOf88.length, 2);
    assert.equal(bpp.secondSequenceOf87, undefined);
  });

  test('§2.5.3 random keys are sent under the session keys', async () => {
    const { binding } = parties('prime256v1');
    const bytes = await bindProfilePackage({ ...binding, usesSessionKeys: false });
    assert.equal(BoundProfilePackage.decode(bytes).secondSequenceOf87?.length, 1);
  });

  for (const curve of curveNames) {
    test(`with the same seed on ${curve}: the same segments, or other keys if anything has changed`, async () => {
      const { binding, session } = parties(curve);
      const bind = async (changes: Partial<Binding> = {}) => {
        const bound = await bindProfilePackage({ ...binding, usesSessionKeys: false, ...changes });
        return BoundProfilePackage.decode(bound);
      };
      const first = await bind();
      const transactionId = hex('ff');
      const again = await bind({ transactionId });
      for (const part of [
        'firstSequenceOf87',
        'sequenceOf88',
        'secondSequenceOf87',
        'sequenceOf86',
      ] as const) {
        assert.deepEqual(again[part], first[part]);
      }
      const seen = new Set([keysOf(first)]);
      const changes: Partial<Binding>[] = [
        { upp: upp.with(upp.length - 1, 1) },
        { upp: upp.subarray(1) },
        { storeMetadataRequest: storeMetadataRequest.with(30, 7) },
        { configureISDPRequest: ConfigureISDPRequest.encode({}) },
        { hostId: hex('0102030405060709') },
        { eid: hex('89049032123451234512345678901236') },
        { euiccOtpk: createOneTimeKey(curve).otpk },
        { usesSessionKeys: true },
        { seed: randomBytes(SEED_LENGTH) },
        // The same octets, divided differently.
        {
          configureISDPRequest: Buffer.concat([
            configureISDPRequest,
            storeMetadataRequest.subarray(0, 1),
          ]),
          storeMetadataRequest: storeMetadataRequest.subarray(1),
        },
      ];
      for (const change of changes) {
        const other = await bind(change);
        const keys = keysOf(other);
        assert.ok(!seen.has(keys), Object.keys(change).join());
        seen.add(keys);
        // No segment of the profile is the same, although most of the contents are.
        const segments = new Set(first.sequenceOf86.map(toHex));
        assert.ok(!other.sequenceOf86.some((segment) => segments.has(toHex(segment))));
      }
      const bytes = await bindProfilePackage(binding);
      assert.equal(openBoundProfilePackage(bytes, session).upp.length, upp.length);
    });
  }

  test('§2.6.4.1 a euiccOtpk that is not a point is refused before anything is bound', async () => {
    const { binding } = parties('prime256v1');
    await assert.rejects(bindProfilePackage({ ...binding, euiccOtpk: hex('00') }), VerifyError);
    const seed = new Uint8Array(SEED_LENGTH - 1);
    await assert.rejects(bindProfilePackage({ ...binding, seed }), RangeError);
  });

  test('a signer may be asynchronous, like an HSM', async () => {
    const { binding, session } = parties('prime256v1');
    const { signer } = binding;
    const later = { ...signer, sign: async (bytes: Uint8Array) => signer.sign(bytes) };
    const bpp = await bindProfilePackage({ ...binding, signer: later });
    assert.equal(openBoundProfilePackage(bpp, session).upp.length, upp.length);
  });
});

describe('§5.5 refusals of the eUICC', () => {
  test('§5.5.1 a signature of another server', () =>
    refuses(['initialiseSecureChannel', 'invalidSignature'], {
      session: { smdpPublicKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey },
    }));

  test('§5.5.1 smdpSign covers the one-time key of the eUICC', () =>
    refuses(['initialiseSecureChannel', 'invalidSignature'], {
      session: { oneTimeKey: createOneTimeKey('prime256v1') },
    }));

  test('§5.5.1 a changed operation type, key type or TransactionID is a wrong signature', async () => {
    for (const [from, to] of [
      ['820101', '820102'],
      ['800188', '800180'],
      ['80080123', '80080124'],
    ] as const) {
      const bytes = changed(from, to);
      await refuses(['initialiseSecureChannel', 'invalidSignature'], { bytes });
    }
  });

  const template = { keyType: hex('88'), keyLen: hex('10'), hostId: hex('01') };
  for (const [errorReason, change] of [
    ['unsupportedRemoteOperationType', { remoteOpId: 2 }],
    ['unsupportedCrtValues', { controlRefTemplate: { ...template, keyType: hex('80') } }],
    ['unsupportedCrtValues', { controlRefTemplate: { ...template, keyLen: hex('20') } }],
    ['incorrectInputValues', { smdpOtpk: hex('00') }],
  ] as const) {
    test(`§5.5.1 a validly signed request with ${Object.keys(change)[0]}: ${errorReason}`, async () => {
      const { binding, session } = parties('prime256v1');
      const bpp = BoundProfilePackage.decode(await bindProfilePackage(binding));
      const request = { ...bpp.initialiseSecureChannelRequest.value, ...change };
      const unsigned = InitialiseSecureChannelRequest.encode(request);
      const smdpSign = await binding.signer.sign(smdpSignedBytes(unsigned, binding.euiccOtpk));
      const bytes = BoundProfilePackage.encode({
        ...bpp,
        initialiseSecureChannelRequest: encoded(InitialiseSecureChannelRequest, {
          ...request,
          smdpSign,
        }),
      });
      assert.throws(
        () => openBoundProfilePackage(bytes, session),
        (error) => error instanceof InstallationError && error.errorReason === errorReason,
      );
    });
  }

  test('§5.5.1 a package of another session', () =>
    refuses(['initialiseSecureChannel', 'invalidTransactionId'], {
      session: { transactionId: hex('00') },
    }));

  test('§5.5.2 keys for another EID', () =>
    refuses(['configureISDP', 'scp03tSecurityError'], { session: { eid: new Uint8Array(16) } }));

  test('§5.5.3 invalid metadata', () =>
    refuses(['storeMetadata', 'scp03tStructureError'], {
      binding: { storeMetadataRequest: hex('bf2500') },
    }));

  test('§5.5.4 a profile under other keys than declared', async () => {
    const { binding } = parties('prime256v1');
    const other = await bindProfilePackage({ ...binding, usesSessionKeys: false });
    const { sequenceOf86 } = BoundProfilePackage.decode(other);
    await refuses(['loadProfileElements', 'scp03tSecurityError'], {
      binding: { usesSessionKeys: false },
      bytes: (der) =>
        BoundProfilePackage.encode({ ...BoundProfilePackage.decode(der), sequenceOf86 }),
    });
  });

  test('§5.5.5 a changed profile', () =>
    refuses(['loadProfileElements', 'scp03tSecurityError'], { bytes: flipped(-1) }));

  test('something else than a package', () =>
    refuses(['initialiseSecureChannel', 'incorrectInputValues'], { bytes: () => hex('bf3600') }));

  test('randomly changed bytes always cause an InstallationError', async () => {
    const { binding, session } = parties('prime256v1');
    const der = await bindProfilePackage({ ...binding, upp: upp.subarray(0, 100) });
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const bytes = der.map((byte, index) => (index === at ? byte ^ mask : byte));
        assert.throws(() => openBoundProfilePackage(bytes, session), InstallationError);
      }),
      { seed: 6, numRuns: 1000 },
    );
  });
});
