// How TLS names the RSP curves: in TLS 1.2 only as groups (RFC 8422 §5.1.1), in TLS 1.3 also in the signature
// algorithms (RFC 8446 §4.2.3), with different names and numbers for brainpool (RFC 8734 §2, §3).
import type { CurveName } from './curve.ts';
import { curveNames } from './curve.ts';

interface TlsCurve {
  /** NamedCurve of TLS 1.2, for the key exchange and for the certificate. */
  readonly group12: number;
  /** NamedGroup of TLS 1.3, only for the key exchange. */
  readonly group13: number;
  /** SignatureScheme of TLS 1.3. */
  readonly scheme13: number;
  readonly groupNames: readonly string[];
  readonly schemeName: string;
}

export const tlsCurves: Readonly<Record<CurveName, TlsCurve>> = {
  prime256v1: {
    group12: 23,
    group13: 23,
    scheme13: 0x0403,
    groupNames: ['prime256v1'],
    schemeName: 'ecdsa_secp256r1_sha256',
  },
  brainpoolP256r1: {
    group12: 26,
    group13: 31,
    scheme13: 0x081a,
    groupNames: ['brainpoolP256r1', 'brainpoolP256r1tls13'],
    schemeName: 'ecdsa_brainpoolP256r1tls13_sha256',
  },
};

/** For the key exchange only, which is no matter of certificates. */
export const X25519 = { group: 29, groupName: 'X25519' } as const;

/** ECDSA with SHA-256 in TLS 1.2, whatever the curve (RFC 8422 §5.1.3). */
const ECDSA_SHA256_12 = tlsCurves.prime256v1;

/** `ecdhCurve` of node:tls: these curves first, then the others, which the key exchange may use. */
export function tlsGroups(first: readonly CurveName[] = curveNames): string {
  const all = new Set([...first, ...curveNames]);
  return [...all].flatMap((curve) => tlsCurves[curve].groupNames).join(':');
}

/** `sigalgs` of node:tls for a client that verifies certificates on these curves. */
export function tlsSignatureAlgorithms(curves: readonly CurveName[]): string {
  const names = curves.map((curve) => tlsCurves[curve].schemeName);
  return [...new Set([...names, ECDSA_SHA256_12.schemeName])].join(':');
}
