// The elliptic curves of RSP (§2.6.5) and the only format of their public keys: 04 ‖ X ‖ Y, a point on the curve.
import { VerifyError } from './verify-error.ts';

interface CurveParameters {
  readonly oid: string;
  readonly p: bigint;
  readonly a: bigint;
  readonly b: bigint;
}

/** By their names in node:crypto. */
const curves = {
  // FIPS 186-4 §D.1.2.3
  prime256v1: {
    oid: '1.2.840.10045.3.1.7',
    p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    a: 0xffffffff00000001000000000000000000000000fffffffffffffffffffffffcn,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  // RFC 5639 §3.4
  brainpoolP256r1: {
    oid: '1.3.36.3.3.2.8.1.1.7',
    p: 0xa9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377n,
    a: 0x7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9n,
    b: 0x26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6n,
  },
} as const satisfies Record<string, CurveParameters>;

export type CurveName = keyof typeof curves;
export const curveNames = Object.keys(curves) as readonly CurveName[];

/** Bytes of a public key, of one coordinate, and of a raw signature. */
export const POINT_SIZE = 65;
export const COORDINATE_SIZE = 32;

export function curveOid(curve: CurveName): string {
  return curves[curve].oid;
}

/** The curve of an OID, or undefined if it is unknown. */
export function findCurve(oid: string): CurveName | undefined {
  return curveNames.find((name) => curves[name].oid === oid);
}

/** Throws `VerifyError` for anything but an uncompressed point of the curve (BSI TR-03111 §4.3.2). */
export function verifyPoint(curve: CurveName, point: Uint8Array): void {
  if (point.length !== POINT_SIZE || point[0] !== 0x04) {
    throw new VerifyError('key', 'public-key', 'a public key is 04, X and Y in 65 bytes');
  }
  const { p, a, b } = curves[curve];
  const x = toBigInt(point.subarray(1, 1 + COORDINATE_SIZE));
  const y = toBigInt(point.subarray(1 + COORDINATE_SIZE));
  if (x >= p || y >= p || (y * y - (x * x + a) * x - b) % p !== 0n) {
    throw new VerifyError('key', 'public-key', `the public key is not a point of ${curve}`);
  }
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}
