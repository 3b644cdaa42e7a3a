// Vectors of what is a certificate of RSP at all, before anything is said of what it is for.
import { p256 } from '@noble/curves/nist.js';
import { encodeOidContents } from '../../../src/rsp/der-values.ts';
import { encodeTlv } from '../../../src/rsp/der.ts';
import {
  invalid,
  valid,
  type Group,
  type Input,
  type Vector,
  type VectorFile,
} from '../vector-file.ts';
import { base64, makeEuicc } from './authority.ts';
import { certificateOf } from './common.ts';
import {
  changed,
  encodeNode,
  extensionsOf,
  FIELD,
  node,
  parseNode,
  type DerNode,
  lastAs,
} from './der-tree.ts';
import { unknownExtension } from './purpose.ts';

const MALFORMED = 'certificate/malformed';
const right = makeEuicc().certificate.der;

const change = (edit: (tbs: DerNode) => void): Input => certificateOf(makeEuicc({ change: edit }));
const bytes = (der: Uint8Array): Input => ({ certificate: base64(der) });

export function formVectors(): VectorFile {
  return {
    name: 'certificates/form',
    title: 'Whether it is a certificate of RSP',
    judges: 'form of a certificate',
    groups: [
      ofCertificate(),
      ofDer(),
      ofAlgorithm(),
      ofKey(),
      ofNames(),
      ofTimes(),
      ofExtensions(),
    ],
  };
}

function ofCertificate(): Group {
  return {
    rule: 'An X.509 v3 certificate',
    clause: 'RFC 5280 §4.1; SGP.22 §4.5',
    tests: [
      valid('as it should be', bytes(right)),
      invalid(
        MALFORMED,
        'version 1, which is not written',
        change((tbs) => void tbs.children.shift()),
      ),
      invalid(
        MALFORMED,
        'version 2',
        change((tbs) => (tbs.children[0] = node(0xa0, encodeTlv(0x02, Uint8Array.of(1))))),
      ),
      invalid(
        MALFORMED,
        'without extensions',
        change((tbs) => void tbs.children.pop()),
      ),
      invalid(MALFORMED, 'something follows the extensions', {
        ...change((tbs) => void tbs.children.push(node(0x05))),
      }),
      invalid(MALFORMED, 'a CertificateList', bytes(Uint8Array.fromHex('30053003020101'))),
      invalid(MALFORMED, 'nothing', bytes(new Uint8Array())),
    ],
  };
}

function ofDer(): Group {
  const long = Uint8Array.of(0x30, 0x83, 0x00, ...right.subarray(2));
  const indefinite = Uint8Array.of(0x30, 0x80, ...right.subarray(4), 0, 0);
  return {
    rule: 'Strict DER',
    clause: 'X.690 §10, §11',
    tests: [
      invalid(MALFORMED, 'the last byte is missing', bytes(right.subarray(0, -1))),
      invalid(MALFORMED, 'a byte follows', bytes(Uint8Array.of(...right, 0))),
      invalid(MALFORMED, 'a length with a leading zero', bytes(long)),
      invalid(MALFORMED, 'a length of the indefinite form', bytes(indefinite)),
      invalid(
        MALFORMED,
        'a serial number with a leading zero too many',
        change((tbs) => (tbs.children[FIELD.serialNumber] = node(0x02, Uint8Array.of(0, 1)))),
      ),
      invalid(
        MALFORMED,
        'an empty serial number',
        change((tbs) => (tbs.children[FIELD.serialNumber] = node(0x02))),
      ),
      valid(
        'a serial number of 20 bytes',
        change((tbs) => {
          tbs.children[FIELD.serialNumber] = node(0x02, new Uint8Array(20).fill(0x7f));
        }),
      ),
      invalid(
        MALFORMED,
        'an OBJECT IDENTIFIER that ends within an arc',
        change((tbs) => {
          extensionsOf(tbs)[0]!.children[0]!.contents = Uint8Array.of(0x55, 0x1d, 0x80);
        }),
      ),
    ],
  };
}

function ofAlgorithm(): Group {
  const SHA384 = encodeOidContents('1.2.840.10045.4.3.3');
  const RSA = encodeOidContents('1.2.840.113549.1.1.11');
  const inBoth = (oid: Uint8Array): Input =>
    bytes(
      changed(right, ({ tbs, algorithm }) => {
        algorithm.children[0]!.contents = oid;
        tbs.children[FIELD.signature]!.children[0]!.contents = oid;
      }),
    );
  return {
    rule: 'Signed with ECDSA and SHA-256, which the certificate says twice',
    clause: 'SGP.22 §2.6.7.2; RFC 5280 §4.1.1.2',
    tests: [
      invalid('key/algorithm', 'ECDSA with SHA-384', inBoth(SHA384)),
      invalid('key/algorithm', 'RSA with SHA-256', inBoth(RSA)),
      invalid(
        MALFORMED,
        'it says ECDSA with SHA-384 outside and SHA-256 inside',
        bytes(changed(right, ({ algorithm }) => (algorithm.children[0]!.contents = SHA384))),
      ),
      invalid(
        MALFORMED,
        'with a NULL for parameters outside alone',
        bytes(changed(right, ({ algorithm }) => void algorithm.children.push(node(0x05)))),
      ),
    ],
  };
}

/** 04 ‖ X + p ‖ Y of the point with the smallest X: modulo p it is on the curve. */
function unreducedPoint(): Uint8Array {
  const { p } = p256.Point.CURVE();
  for (let x = 1n; ; x += 1n) {
    try {
      const { y } = p256.Point.fromHex(`02${hexOf(x)}`).toAffine();
      return Uint8Array.fromHex(`04${hexOf(x + p)}${hexOf(y)}`);
    } catch {
      // No point has this X.
    }
  }
}

const hexOf = (coordinate: bigint) => coordinate.toString(16).padStart(64, '0');

function ofKey(): Group {
  const spki = (der: Uint8Array): Input =>
    change((tbs) => (tbs.children[FIELD.subjectPublicKeyInfo] = parseNode(der)));
  const point = (edit: (point: Uint8Array) => Uint8Array): Input =>
    change((tbs) => {
      const bits = tbs.children[FIELD.subjectPublicKeyInfo]!.children[1]!;
      bits.contents = Uint8Array.of(0, ...edit(bits.contents.subarray(1)));
    });
  const parameters = (value: DerNode): Input =>
    change((tbs) => {
      tbs.children[FIELD.subjectPublicKeyInfo]!.children[0]!.children[1] = value;
    });
  const ofCurve = (oid: string): DerNode => node(0x06, encodeOidContents(oid));
  const explicit = node(0x30, encodeTlv(0x02, Uint8Array.of(1)));
  return {
    rule: 'An uncompressed point of one of the curves of RSP, which is named',
    clause: 'SGP.22 §2.6.5; RFC 5480 §2.1.1; BSI TR-03111 §4.3.2',
    tests: [
      valid('on prime256v1', bytes(right)),
      valid('on brainpoolP256r1', certificateOf(makeEuicc({ curve: 'brainpoolP256r1' }))),
      invalid('key/curve', 'on secp256k1', parameters(ofCurve('1.3.132.0.10'))),
      invalid('key/curve', 'on secp384r1', parameters(ofCurve('1.3.132.0.34'))),
      invalid('key/curve', 'explicit parameters', parameters(explicit)),
      invalid('key/curve', 'an RSA key', spki(rsaKey())),
      invalid('key/public-key', 'a point of prime256v1 that says brainpoolP256r1', {
        ...parameters(ofCurve('1.3.36.3.3.2.8.1.1.7')),
      }),
      invalid('key/public-key', 'a compressed point', {
        ...point((whole) => Uint8Array.of(2 + (whole[64]! & 1), ...whole.subarray(1, 33))),
      }),
      invalid('key/public-key', 'a hybrid point', {
        ...point((whole) => Uint8Array.of(6 + (whole[64]! & 1), ...whole.subarray(1))),
      }),
      invalid('key/public-key', 'the point at infinity', { ...point(() => Uint8Array.of(0)) }),
      invalid('key/public-key', 'one byte short', { ...point((whole) => whole.subarray(0, 64)) }),
      invalid('key/public-key', 'one byte too many', {
        ...point((whole) => Uint8Array.of(...whole, 0)),
      }),
      invalid('key/public-key', 'beside the curve', {
        ...point((whole) => whole.with(64, whole[64]! ^ 1)),
      }),
      invalid('key/public-key', 'a point of the curve, the prime added to its X', {
        ...point(() => unreducedPoint()),
      }),
      invalid('key/public-key', 'zeros', { ...point(() => new Uint8Array(65).with(0, 4)) }),
      invalid(MALFORMED, 'a bit of the point is unused', {
        ...change((tbs) => {
          const bits = tbs.children[FIELD.subjectPublicKeyInfo]!.children[1]!;
          bits.contents = lastAs(bits.contents.with(0, 1), () => 0);
        }),
      }),
    ],
  };
}

function ofNames(): Group {
  const organisation = (tag: number, hex: string): Input =>
    change((tbs) => {
      const attribute = tbs.children[FIELD.subject]!.children[1]!.children[0]!;
      attribute.children[1] = node(tag, Uint8Array.fromHex(hex));
    });
  return {
    rule: 'Names in a character set that is known',
    clause: 'RFC 5280 §4.1.2.4',
    tests: [
      valid('UTF8String', organisation(0x0c, 'c3a9')),
      valid('PrintableString', organisation(0x13, '41')),
      invalid(MALFORMED, 'a UTF8String that ends within a character', organisation(0x0c, 'c3')),
      invalid(MALFORMED, 'BMPString', organisation(0x1e, '0041')),
      invalid(MALFORMED, 'an INTEGER', organisation(0x02, '01')),
    ],
  };
}

function ofTimes(): Group {
  const notAfter = (tag: number, text: string): Vector['input'] =>
    change((tbs) => (tbs.children[FIELD.validity]!.children[1] = node(tag, Buffer.from(text))));
  return {
    rule: 'UTCTime or GeneralizedTime with seconds, in UTC',
    clause: 'RFC 5280 §4.1.2.5',
    tests: [
      valid('UTCTime', notAfter(0x17, '491231235959Z')),
      valid('GeneralizedTime', notAfter(0x18, '20500101000000Z')),
      valid('the 29th of February of a leap year', notAfter(0x17, '280229000000Z')),
      invalid(MALFORMED, 'of another year', notAfter(0x17, '270229000000Z')),
      invalid(MALFORMED, 'without seconds', notAfter(0x17, '2801010000Z')),
      invalid(MALFORMED, 'in another time zone', notAfter(0x17, '280101000000+0100')),
      invalid(MALFORMED, 'with a fraction of a second', notAfter(0x18, '20280101000000.5Z')),
      invalid(MALFORMED, 'the 13th month', notAfter(0x17, '281301000000Z')),
      invalid(MALFORMED, 'a UTF8String', notAfter(0x0c, '20280101000000Z')),
    ],
  };
}

function ofExtensions(): Group {
  const critical = (byte: number): Input =>
    change((tbs) => {
      const keyUsage = extensionsOf(tbs)[2]!;
      keyUsage.children[1]!.contents = Uint8Array.of(byte);
    });
  return {
    rule: 'Each extension once, and of its own type',
    clause: 'RFC 5280 §4.2; X.690 §11.1',
    tests: [
      valid(
        'an unknown one',
        change((tbs) => void extensionsOf(tbs).push(unknownExtension(false))),
      ),
      invalid(
        MALFORMED,
        'the same twice',
        change((tbs) => void extensionsOf(tbs).push(extensionsOf(tbs)[2]!)),
      ),
      valid('critical: FF', critical(0xff)),
      invalid(MALFORMED, 'critical: 01, which is BER', critical(0x01)),
      invalid(
        MALFORMED,
        'keyUsage that is a BOOLEAN',
        change((tbs) => {
          extensionsOf(tbs)[2]!.children[2] = node(0x04, encodeTlv(0x01, Uint8Array.of(0xff)));
        }),
      ),
      invalid(
        MALFORMED,
        'something follows the value',
        change((tbs) => {
          const { children } = extensionsOf(tbs)[2]!;
          children[2] = node(0x04, Uint8Array.of(...children[2]!.contents, 5, 0));
        }),
      ),
      valid(
        'in another order',
        change((tbs) => {
          const list = tbs.children[FIELD.extensions]!.children[0]!;
          list.children = list.children.toReversed();
        }),
      ),
    ],
  };
}

/** Any: only that it is one is looked at. */
function rsaKey(): Uint8Array {
  const modulus = encodeTlv(0x02, Uint8Array.of(0, ...new Uint8Array(64).fill(0xc5)));
  const key = encodeTlv(0x30, modulus, encodeTlv(0x02, Uint8Array.of(1, 0, 1)));
  const algorithm = node(0x30, node(0x06, encodeOidContents('1.2.840.113549.1.1.1')), node(0x05));
  return encodeTlv(0x30, encodeNode(algorithm), encodeTlv(0x03, Uint8Array.of(0), key));
}
