// The compact forms of SGP.32 §6.3.2: what an IPA leaves out, its eIM adds again, byte for byte. The messages are random, and reproducible.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  compactAuthenticateServerResponse,
  compactCancelSessionResponse,
  compactNotification,
  compactPrepareDownloadResponse,
} from '../../src/device/ipa/compact-messages.ts';
import {
  AuthenticateServerResponseEsipa,
  CancelSessionResponseEsipa,
  PendingNotificationEsipa,
  PrepareDownloadResponseEsipa,
} from '../../src/rsp/definitions/compact.ts';
import { EUICCInfo2 } from '../../src/rsp/definitions/euicc-info.ts';
import { encodeTlv, readDer } from '../../src/rsp/der.ts';
import { encodeOidContents } from '../../src/rsp/der-values.ts';
import type { Asn1Type } from '../../src/rsp/asn1-type.ts';
import { cancelSessionReasons } from '../../src/rsp/reasons.ts';
import {
  euiccInfo1Of,
  isSameEuiccInfo2,
  rebuildAuthenticateServerResponse,
  rebuildCancelSessionResponse,
  rebuildEuiccSigned1,
  rebuildOtherSignedNotification,
  rebuildPrepareDownloadResponse,
  rebuildProfileInstallationResult,
} from '../../src/rsp/rebuild-messages.ts';
import { randomFrom } from '../mutations.ts';
import { hex, toHex } from '../rsp/vectors.ts';

const CASES = 200;
const random = randomFrom(0x5167);
const bytes = (size: number) => Uint8Array.from({ length: size }, () => random(256));
const maybe = (tlv: () => Uint8Array) => (random(2) === 0 ? [] : [tlv()]);
const text = (size: number) => Buffer.from(Array.from({ length: size }, () => 97 + random(26)));
const signature = () => encodeTlv(0x5f37, bytes(64));
/** What it says is of no consequence. */
const certificate = () => encodeTlv(0x30, encodeTlv(0x30, bytes(300 + random(400))));
const keyIds = (tag: number) =>
  encodeTlv(tag, ...Array.from({ length: 1 + random(3) }, () => encodeTlv(0x04, bytes(20))));

/** With members of later versions, which nobody here knows. */
const euiccInfo2 = (extCardResource: Uint8Array) => {
  const before = [0x81, 0x82, 0x83].map((tag) => encodeTlv(tag, bytes(3)));
  const after = [
    encodeTlv(0x85, Uint8Array.of(random(8), 0x80)),
    ...maybe(() => encodeTlv(0x86, bytes(3))),
    encodeTlv(0x88, Uint8Array.of(4, random(16) << 4)),
    keyIds(0xa9),
    keyIds(0xaa),
    ...maybe(() => encodeTlv(0x99, Uint8Array.of(6, 0x40))),
    encodeTlv(0x04, bytes(3)),
    encodeTlv(0x0c, text(random(64))),
    ...maybe(() => encodeTlv(0x90, Uint8Array.of(0))),
    ...maybe(() => encodeTlv(0xb4, encodeTlv(0xa0, encodeTlv(0x04, bytes(3))))),
    ...maybe(() => encodeTlv(0xbf7f, bytes(random(40)))),
  ];
  return {
    now: encodeTlv(0xbf22, ...before, encodeTlv(0x84, extCardResource), ...after),
    told: encodeTlv(0xbf22, ...before, encodeTlv(0x84, bytes(random(30))), ...after),
  };
};

const read = <T>(type: Asn1Type<T>, der: Uint8Array) => ({ value: type.decode(der), der });
/** As it is read at the other end. */
const arrived = <T>(type: Asn1Type<T>, compact: { der: Uint8Array } | undefined): T => {
  assert.ok(compact !== undefined, 'it was made compact');
  return type.decode(compact.der);
};
const same = (rebuilt: Uint8Array | undefined, full: Uint8Array) =>
  assert.equal(rebuilt && toHex(rebuilt), toHex(full));

const OIDS = ['2.999.10', '1.3.6.1.4.1.31746', '2.25.329800735698586629295641978511506172918'];

describe('SGP.32 §6.3.2 compact forms', () => {
  test('SGP.32 §6.3.2.2 CompactAuthenticateResponseOk: EuiccSigned1 and certificates are what the eUICC has signed and sent', () => {
    for (let count = 0; count < CASES; count += 1) {
      const [transactionId, address] = [bytes(1 + random(16)), text(1 + random(60))];
      const challenge = bytes(16);
      const serverSigned1 = encodeTlv(
        0x30,
        encodeTlv(0x80, transactionId),
        encodeTlv(0x81, bytes(16)),
        encodeTlv(0x83, address),
        encodeTlv(0x84, challenge),
        ...maybe(() => encodeTlv(0xbf7e, bytes(random(20)))),
      );
      const info = euiccInfo2(bytes(random(40)));
      const ctxParams1 = encodeTlv(
        0xa0,
        ...maybe(() => encodeTlv(0x80, Buffer.from(text(random(30)).toString().toUpperCase()))),
        encodeTlv(
          0xa1,
          encodeTlv(0x80, bytes(4)),
          encodeTlv(0xa1),
          ...maybe(() => encodeTlv(0xbf7d, bytes(3))),
        ),
      );
      const signed = encodeTlv(
        0x30,
        encodeTlv(0x80, transactionId),
        encodeTlv(0x83, address),
        encodeTlv(0x84, challenge),
        info.now,
        ctxParams1,
      );
      const [euiccCertificate, eumCertificate] = [certificate(), certificate()];
      const full = encodeTlv(
        0xbf38,
        encodeTlv(0xa0, signed, signature(), euiccCertificate, eumCertificate),
      );
      const given = random(2) === 0 ? { ctxParams1 } : {};
      const { compactAuthenticateResponseOk: compact } = arrived(
        AuthenticateServerResponseEsipa,
        compactAuthenticateServerResponse(read(AuthenticateServerResponseEsipa, full), {
          serverSigned1,
          ...given,
        }),
      );
      const rebuilt = rebuildEuiccSigned1(compact!.signedData, {
        serverSigned1,
        euiccInfo2: info.told,
        ctxParams1: given.ctxParams1,
      });
      same(rebuilt, signed);
      const certificates = { euiccCertificate, eumCertificate };
      same(rebuildAuthenticateServerResponse(compact!, rebuilt!, certificates), full);
      assert.ok(isSameEuiccInfo2(info.told, info.now));
      assert.ok(!isSameEuiccInfo2(info.told, euiccInfo2(bytes(4)).now));
      EUICCInfo2.decode(info.now);
    }
  });

  test('SGP.32 §6.3.2.3 CompactPrepareDownloadResponseOk, with and without what the eIM or the SM-DP+ has given', () => {
    for (let count = 0; count < CASES; count += 1) {
      const [transactionId, euiccOtpk, hash] = [bytes(1 + random(16)), bytes(65), bytes(32)];
      const hasHash = random(2) === 0;
      const signed = encodeTlv(
        0x30,
        encodeTlv(0x80, transactionId),
        encodeTlv(0x5f49, euiccOtpk),
        ...(hasHash ? [encodeTlv(0x04, hash)] : []),
      );
      const full = encodeTlv(0xbf21, encodeTlv(0xa0, signed, signature()));
      const session = {
        bppEuiccOtpk: random(2) === 0 ? euiccOtpk : random(2) === 0 ? bytes(65) : undefined,
        hashCc: hasHash && random(2) === 0 ? hash : undefined,
      };
      const { compactDownloadResponseOk: compact } = arrived(
        PrepareDownloadResponseEsipa,
        compactPrepareDownloadResponse(read(PrepareDownloadResponseEsipa, full), session),
      );
      const rebuilt = rebuildPrepareDownloadResponse(compact!, { transactionId, ...session });
      same(rebuilt!.signed, signed);
      same(rebuilt!.der, full);
    }
  });

  test('SGP.32 §6.3.2.5 CompactCancelSessionResponseOk', () => {
    for (let count = 0; count < CASES; count += 1) {
      const transactionId = bytes(1 + random(16));
      const smdpOid = OIDS[random(OIDS.length)]!;
      const reasons = Object.values(cancelSessionReasons);
      const reason = reasons[random(reasons.length)]!;
      const signed = encodeTlv(
        0x30,
        encodeTlv(0x80, transactionId),
        encodeTlv(0x81, encodeOidContents(smdpOid)),
        encodeTlv(0x82, Uint8Array.of(reason)),
      );
      const full = encodeTlv(0xbf41, encodeTlv(0xa0, signed, signature()));
      const { compactCancelSessionResponseOk: compact } = arrived(
        CancelSessionResponseEsipa,
        compactCancelSessionResponse(read(CancelSessionResponseEsipa, full)),
      );
      const { reason: named } = compact!.compactEuiccCancelSessionSigned;
      assert.equal(named, reason);
      const known = { transactionId, smdpOid, reason: named };
      same(rebuildCancelSessionResponse(compact!, known).der, full);
    }
  });

  test('SGP.32 §6.3.2.4 CompactProfileInstallationResult, of success and of failure', () => {
    for (let count = 0; count < CASES; count += 1) {
      const [transactionId, iccid] = [bytes(1 + random(16)), bytes(10)];
      const serverAddress = text(1 + random(60)).toString();
      const smdpOid = OIDS[random(OIDS.length)]!;
      const success = () =>
        encodeTlv(
          0xa0,
          encodeTlv(0x4f, hex('a0000005591010ffffffff8900'), bytes(2), hex('00')),
          encodeTlv(0x04, random(2) === 0 ? hex('3007a0053003800100') : bytes(random(40))),
        );
      const failure = () =>
        encodeTlv(
          0xa1,
          encodeTlv(0x80, Uint8Array.of(random(6))),
          encodeTlv(0x81, Uint8Array.of(1 + random(12))),
          ...maybe(() => encodeTlv(0x82, bytes(random(40)))),
        );
      const data = encodeTlv(
        0xbf27,
        encodeTlv(0x80, transactionId),
        encodeTlv(
          0xbf2f,
          encodeTlv(0x80, Uint8Array.of(1 + random(120))),
          hex('81020780'),
          encodeTlv(0x0c, Buffer.from(serverAddress)),
          ...maybe(() => encodeTlv(0x5a, iccid)),
        ),
        encodeTlv(0x06, encodeOidContents(smdpOid)),
        encodeTlv(0xa2, random(3) === 0 ? failure() : success()),
      );
      const full = encodeTlv(0xbf37, data, signature());
      const { compactProfileInstallationResult: compact } = arrived(
        PendingNotificationEsipa,
        compactNotification(read(PendingNotificationEsipa, full), bytes(16)),
      );
      const rebuilt = rebuildProfileInstallationResult(compact!, { serverAddress, smdpOid, iccid });
      same(rebuilt!.signed, data);
      same(rebuilt!.der, full);
    }
  });

  test('SGP.32 §6.3.2.4 CompactOtherSignedNotification', () => {
    for (let count = 0; count < CASES; count += 1) {
      const tbs = encodeTlv(
        0xbf2f,
        encodeTlv(0x80, Uint8Array.of(1 + random(120))),
        encodeTlv(0x81, Uint8Array.of(4, 1 << (4 + random(4)))),
        encodeTlv(0x0c, text(1 + random(60))),
        ...maybe(() => encodeTlv(0x5a, bytes(10))),
        ...maybe(() => encodeTlv(0xbf7f, bytes(3))),
      );
      const [euiccCertificate, eumCertificate] = [certificate(), certificate()];
      const full = encodeTlv(0x30, tbs, signature(), euiccCertificate, eumCertificate);
      const eidValue = bytes(16);
      const { compactOtherSignedNotification: compact } = arrived(
        PendingNotificationEsipa,
        compactNotification(read(PendingNotificationEsipa, full), eidValue),
      );
      assert.deepEqual(compact!.eidValue, eidValue);
      const certificates = { euiccCertificate, eumCertificate };
      same(rebuildOtherSignedNotification(compact!, certificates).der, full);
    }
  });

  test('a message that would not come back as it was stays whole: an AID of another form, or members of a later version', () => {
    const result = (aid: string, more = '') =>
      hex(
        `bf37 ${length(`bf27 ${length(`800101 bf2f0c 800105 81020780 0c0361622e 0603883705 a2 ${length(`a0 ${length(`4f10${aid} 0409 3007a0053003800100`)}`)} ${more}`)} 5f3701aa`)}`,
      );
    const compacted = (der: Uint8Array) =>
      compactNotification(read(PendingNotificationEsipa, der), bytes(16));
    const aid = 'a0000005591010ffffffff8900001100';
    assert.ok(compacted(result(aid)));
    assert.equal(compacted(result(`b${aid.slice(1)}`)), undefined);
    assert.equal(compacted(result(aid, '9f7e01aa')), undefined);
    const error = read(PrepareDownloadResponseEsipa, hex('bf2108a106 800101 020101'));
    assert.equal(compactPrepareDownloadResponse(error, {}), undefined);
  });

  test('what is not known is not guessed', () => {
    const signedData = { compactEuiccSigned1: { extCardResource: bytes(3) } };
    const serverSigned1 = hex('30 03 800101');
    const none = { serverSigned1: undefined, euiccInfo2: undefined, ctxParams1: undefined };
    const all = { serverSigned1, euiccInfo2: euiccInfo2(bytes(1)).now, ctxParams1: hex('a000') };
    assert.equal(rebuildEuiccSigned1(signedData, none), undefined);
    for (const name of Object.keys(all)) {
      assert.equal(rebuildEuiccSigned1(signedData, { ...all, [name]: undefined }), undefined);
    }
    const withoutMemory = { ...all, euiccInfo2: hex('bf2205 8103020302') };
    assert.equal(rebuildEuiccSigned1(signedData, withoutMemory), undefined);
    const info = euiccInfo2(bytes(1)).now;
    const names = [];
    for (let at = 3; at < euiccInfo1Of(info).length;) {
      const { tag, der } = readDer(nextTlv(euiccInfo1Of(info).subarray(at)));
      names.push(tag.toString(16));
      at += der.length;
    }
    assert.deepEqual(names, ['82', 'a9', 'aa'], 'EUICCInfo1 is a part of EUICCInfo2');
  });
});

/** The size of some hex, as one octet of length, and the hex. */
function length(contents: string): string {
  const clean = contents.replaceAll(' ', '');
  const size = (clean.length / 2).toString(16).padStart(2, '0');
  return `${clean.length / 2 > 127 ? '81' : ''}${size}${clean}`;
}

const nextTlv = (der: Uint8Array) => der.subarray(0, 2 + der[1]!);
