// The attributes of EC keys of PKCS #11: CKA_EC_PARAMS and CKA_EC_POINT.
import { curveNames, curveOid, POINT_SIZE } from '../rsp/curve.ts';
import type { CurveName } from '../rsp/curve.ts';
import { encodeTlv } from '../rsp/der.ts';
import { encodeOidContents } from '../rsp/der-values.ts';
import { encodeSubjectPublicKeyInfo } from '../rsp/public-key.ts';

/** namedCurve of ECParameters (RFC 3279 §2.3.5) */
export function ecParams(curve: CurveName): Uint8Array {
  return encodeTlv(0x06, encodeOidContents(curveOid(curve)));
}

/** Undefined: not a curve of RSP. */
export function curveOfParams(params: Uint8Array): CurveName | undefined {
  return curveNames.find((name) => Buffer.compare(ecParams(name), params) === 0);
}

/** The point is in an OCTET STRING; some modules leave that out. */
export function spkiOfPoint(curve: CurveName, value: Uint8Array): Uint8Array | undefined {
  const isWrapped = value.length === POINT_SIZE + 2 && value[0] === 0x04 && value[1] === POINT_SIZE;
  const point = isWrapped ? value.subarray(2) : value;
  if (point.length !== POINT_SIZE || point[0] !== 0x04) return undefined;
  return encodeSubjectPublicKeyInfo(curve, point);
}

/** Both ways in which a module may hold the point of this key. */
export function pointsOf(spki: Uint8Array): Uint8Array[] {
  const point = spki.subarray(-POINT_SIZE);
  return [encodeTlv(0x04, point), point];
}
