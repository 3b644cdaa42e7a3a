// The roles of the GSMA PKI, as certificate policies (§4.5.2.1, annex H: id-rspRole).

/** OIDs by role. Since SGP.22 v3, eUICC and EUM have a second OID. */
export const roleOids = {
  ci: ['2.23.146.1.2.1.0'],
  euicc: ['2.23.146.1.2.1.1', '2.23.146.1.2.1.0.0.0.0.0'],
  eum: ['2.23.146.1.2.1.2', '2.23.146.1.2.1.0.0.0'],
  dpTls: ['2.23.146.1.2.1.3'],
  dpAuth: ['2.23.146.1.2.1.4'],
  dpPb: ['2.23.146.1.2.1.5'],
  dsTls: ['2.23.146.1.2.1.6'],
  dsAuth: ['2.23.146.1.2.1.7'],
} as const;

export type Role = keyof typeof roleOids;
/** The roles of the certificates of an SM-DP+ and of an SM-DS. */
export type ServerRole = 'dpTls' | 'dpAuth' | 'dpPb' | 'dsTls' | 'dsAuth';

export function isTlsRole(role: ServerRole): boolean {
  return role === 'dpTls' || role === 'dsTls';
}
