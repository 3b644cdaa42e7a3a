import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import {
  AuthenticateServerResponse,
  ServerSigned1,
} from '../../src/rsp/definitions/authenticate-server.ts';
import { CancelSessionResponse } from '../../src/rsp/definitions/cancel-session.ts';
import { EUICCInfo1 } from '../../src/rsp/definitions/euicc-info.ts';
import {
  NotificationMetadata,
  ProfileInstallationResult,
  decodeSimaResponse,
} from '../../src/rsp/definitions/notification.ts';
import {
  PrepareDownloadResponse,
  SmdpSigned2,
} from '../../src/rsp/definitions/prepare-download.ts';
import { StoreMetadataRequest } from '../../src/rsp/definitions/profile-metadata.ts';
import { DerError } from '../../src/rsp/der-error.ts';
import { DerReader, encodeTlv, readDer, type Tlv } from '../../src/rsp/der.ts';
import { installed, samples } from './messages.ts';
import { hex, toHex } from './vectors.ts';

const inside = (tlv: Tlv): Tlv => DerReader.inside(tlv).next();

const smdpSigned2Of = (transactionId: string): Uint8Array =>
  encodeTlv(0x30, encodeTlv(0x80, hex(transactionId)), hex('0101ff'));

const named = (serviceProviderName: string) => ({
  iccid: hex('98001032547698103214'),
  serviceProviderName,
  profileName: '',
  profileClass: 2,
});

describe('RSPDefinitions (annex H)', () => {
  for (const { name, type, value } of samples) {
    const der = type.encode(value);

    test(`${name} is decoded to what was encoded`, () => {
      assert.deepEqual(type.decode(der), value);
      assert.equal(toHex(type.encode(type.decode(der))), toHex(der));
    });

    test(`${name} truncated at any byte is refused`, () => {
      for (let size = 0; size < der.length; size += 1) {
        assert.throws(() => type.decode(der.subarray(0, size)), DerError);
      }
    });

    test(`${name} with an extra byte is refused`, () => {
      assert.throws(() => type.decode(Uint8Array.of(...der, 0)), DerError);
    });

    test(`${name} with a non-minimal length is refused`, () => {
      const tagSize = (der[0] ?? 0) % 32 === 31 ? 2 : 1;
      const body = der.subarray(tagSize);
      const short = body[0] ?? 0;
      const long = short < 0x80 ? [0x81] : [short + 1, 0];
      const rest = short < 0x80 ? body : body.subarray(1);
      const bytes = Uint8Array.of(...der.subarray(0, tagSize), ...long, ...rest);
      assert.throws(() => type.decode(bytes), /minimal/);
    });

    test(`${name} with random changes is decoded or refused with a DerError`, () => {
      const changes = fc.array(fc.tuple(fc.nat(der.length - 1), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 4,
      });
      fc.assert(
        fc.property(changes, (bytes) => {
          const changed = Uint8Array.from(der);
          for (const [at, byte] of bytes) changed[at] = byte;
          try {
            type.notation(type.decode(changed), '');
          } catch (error) {
            assert.ok(error instanceof DerError, String(error));
          }
        }),
        { seed: 2, numRuns: 300 },
      );
    });
  }

  test('EXTENSIBILITY IMPLIED: components of later versions are skipped', () => {
    const value = { transactionId: hex('01'), ccRequiredFlag: true };
    const later = encodeTlv(0xbf55, encodeTlv(0x80, hex('00')));
    const contents = readDer(SmdpSigned2.encode(value)).contents;
    assert.deepEqual(SmdpSigned2.decode(encodeTlv(0x30, contents, later)), value);
    assert.throws(() => SmdpSigned2.decode(encodeTlv(0x30, contents, hex('8005'))), DerError);
  });

  test('a missing component is named', () => {
    assert.throws(
      () => ServerSigned1.decode(hex('3003800101')),
      /expected euiccChallenge \('81'\), found the end/,
    );
    assert.throws(
      () => AuthenticateServerResponse.decode(hex('bf3802a200')),
      /expected 'A0' or 'A1', found 'A2'/,
    );
  });

  test('a size out of bounds is refused', () => {
    assert.throws(() => SmdpSigned2.decode(smdpSigned2Of('')), /0 bytes, not 1 to 16/);
    assert.throws(() => SmdpSigned2.decode(smdpSigned2Of('00'.repeat(17))), /17 bytes/);
  });

  test('§5.5.3 a name is limited in characters, not bytes', () => {
    const longest = StoreMetadataRequest.encode(named('é'.repeat(32)));
    assert.equal(StoreMetadataRequest.decode(longest).serviceProviderName, 'é'.repeat(32));
    const tooLong = StoreMetadataRequest.encode(named('e'.repeat(33)));
    assert.throws(() => StoreMetadataRequest.decode(tooLong), /33 characters/);
  });

  test('§5.5.3 the default profile class is omitted, but accepted if a peer encodes it', () => {
    const metadata = {
      iccid: hex('98001032547698103214'),
      serviceProviderName: 'A',
      profileName: 'B',
      profileClass: 2,
    };
    const der = StoreMetadataRequest.encode(metadata);
    assert.equal(toHex(der), 'bf25125a0a98001032547698103214910141920142');
    const explicit = encodeTlv(0xbf25, readDer(der).contents, hex('950102'));
    assert.deepEqual(StoreMetadataRequest.decode(explicit), metadata);
  });

  test('§2.5.6 an event is identified by its bit, whatever the padding', () => {
    for (const [bits, event] of [
      ['810207 80', 'notificationInstall'],
      ['810200 80', 'notificationInstall'],
      ['810206 40', 'notificationEnable'],
      ['810205 20', 'notificationDisable'],
      ['810204 10', 'notificationDelete'],
    ] as const) {
      const der = encodeTlv(0xbf2f, hex('800101'), hex(bits), hex('0c0161'));
      assert.deepEqual(NotificationMetadata.decode(der).profileManagementOperation, [event]);
    }
  });

  test('§2.6.7 signed components keep their received bytes', () => {
    // The same result with '00 80' for the event, as sent by an eUICC in the field.
    const der = ProfileInstallationResult.encode(installed);
    const odd = hex(toHex(der).replace('81020780', '81020080'));
    const { profileInstallationResultData } = ProfileInstallationResult.decode(odd);
    assert.match(toHex(profileInstallationResultData.der), /81020080/);
    assert.deepEqual(
      profileInstallationResultData.value,
      installed.profileInstallationResultData.value,
    );
    assert.equal(
      toHex(ProfileInstallationResult.encode(ProfileInstallationResult.decode(odd))),
      toHex(odd),
    );
  });

  test('signatures of a wrong size are left for the verifier', () => {
    const der = encodeTlv(
      0xbf21,
      encodeTlv(0xa0, hex('3006 800101 5f490100'), encodeTlv(0x5f37, new Uint8Array(63))),
    );
    assert.throws(() => PrepareDownloadResponse.decode(der), DerError);
    const whole = encodeTlv(
      0xbf21,
      encodeTlv(0xa0, hex('3007 800101 5f490100'), encodeTlv(0x5f37, new Uint8Array(63))),
    );
    assert.equal(
      PrepareDownloadResponse.decode(whole).downloadResponseOk?.euiccSignature2.length,
      63,
    );
  });

  test('automatic tags: the components of EuiccCancelSessionSigned are 80, 81, 82', () => {
    const sample = samples.find(({ name }) => name === 'CancelSessionResponse');
    const der = CancelSessionResponse.encode(sample?.value as CancelSessionResponse);
    const tags: number[] = [];
    for (const reader = DerReader.inside(inside(inside(readDer(der)))); !reader.isAtEnd;) {
      tags.push(reader.next().tag);
    }
    assert.deepEqual(tags, [0x80, 0x81, 0x82]);
  });

  test('§5.7.8 the lists of CI keys keep their order', () => {
    const der = hex('bf2019 8203020500 a908 0402aaaa 0402bbbb aa08 0402bbbb 0402aaaa');
    const { euiccCiPKIdListForVerification, euiccCiPKIdListForSigning } = EUICCInfo1.decode(der);
    assert.deepEqual(euiccCiPKIdListForVerification.map(toHex), ['aaaa', 'bbbb']);
    assert.deepEqual(euiccCiPKIdListForSigning.map(toHex), ['bbbb', 'aaaa']);
  });

  test('a simaResponse contains concatenated EUICCResponses', () => {
    const ok = hex('3007a0053003800100');
    const statuses = decodeSimaResponse(Buffer.concat([ok, ok])).map(({ peStatus }) => peStatus);
    assert.deepEqual(statuses, [[{ status: 0 }], [{ status: 0 }]]);
    assert.throws(() => decodeSimaResponse(hex('3000')), DerError);
  });
});
