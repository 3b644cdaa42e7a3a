// The test PKI of the first start, with which profiles can be downloaded at once: a CI on each curve, with an EUM and
// the SM-DP+'s certificates.
import type { KeyObject } from 'node:crypto';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { isIPv4 } from 'node:net';
import type { Certificate } from '../../rsp/certificate.ts';
import { parseCertificate } from '../../rsp/certificate.ts';
import { hostNames } from '../../rsp/certificate-chain.ts';
import type { CertificateContents, Issuer } from '../../rsp/certificate-issue.ts';
import { issueCertificate } from '../../rsp/certificate-issue.ts';
import type { CurveName } from '../../rsp/curve.ts';
import { curveNames } from '../../rsp/curve.ts';
import type { CertificateBasis } from '../../rsp/test-certificates.ts';
import { ciContents, eumContents, serverContents } from '../../rsp/test-certificates.ts';
import type { Context } from '../../context.ts';
import { ciPKIdHexOf, toPkiRow } from './pki-certificate.ts';
import type { PkiRole, StoredCertificate } from './pki-certificate.ts';
import { loadPki } from './pki.ts';
import type { Pki } from './pki.ts';

/** Under the arc for examples, like the test OIDs of SGP.26, but distinct from them. */
const SMDP_OID = '2.999.10.1';
const CI_YEARS = 35;
const SERVER_YEARS = 10;
/** So devices whose clocks are a little behind accept the certificates. */
const BACKDATED_MS = 24 * 60 * 60 * 1_000;

const MADE = 'test_pki';
const tlsMade = (host: string) => `test_pki_tls ${host}`;

type Keeper = Pick<Context, 'store' | 'masterKey' | 'transact'>;

/** Generates the test PKI, once per database however many nodes start. */
export async function ensureTestPki(smdpAddress: string, keeper: Keeper): Promise<void> {
  const { store } = keeper;
  if ((await store.settings.find(MADE)) !== undefined) return;
  const made = makeTestPki(smdpAddress, store.now());
  await insertOnce([MADE, tlsMade(hostOf(smdpAddress))], made, keeper);
}

/** Generates new TLS certificates of the test PKI if the SM-DP+'s address has changed. */
export async function ensureTestTls(smdpAddress: string, keeper: Keeper): Promise<void> {
  const { store, masterKey } = keeper;
  const host = hostOf(smdpAddress);
  if ((await store.settings.find(tlsMade(host))) !== undefined) return;
  const now = store.now();
  const made = makeTestTls(await loadPki(store, masterKey, now), host, now);
  await insertOnce([tlsMade(host)], made, keeper);
}

async function insertOnce(
  names: string[],
  made: StoredCertificate[],
  { masterKey, transact }: Keeper,
): Promise<void> {
  await transact(async ({ tables, now }) => {
    for (const name of names) {
      if (!(await tables.settings.insert(name, now.toISOString()))) return;
    }
    for (const certificate of made) await tables.pki.insert(toPkiRow(certificate, masterKey, now));
  });
}

/** A CI, EUM, DPauth, DPpb and DPtls on each curve. */
export function makeTestPki(smdpAddress: string, now: Date): StoredCertificate[] {
  return curveNames.flatMap((curve) => makeUnderNewCi(curve, smdpAddress, now));
}

function makeUnderNewCi(curve: CurveName, smdpAddress: string, now: Date): StoredCertificate[] {
  const host = hostOf(smdpAddress);
  const name = `Simwright Test CI${curve === 'prime256v1' ? '' : ` ${curve}`}`;
  const ci = issue(curve, CI_YEARS, now, (basis) => ciContents(basis, { name }));
  const under = (years: number, contents: (basis: CertificateBasis) => CertificateContents) =>
    issue(curve, years, now, contents, ci);
  const issued: [PkiRole, Issued][] = [
    ['ci', ci],
    ['eum', under(CI_YEARS, eumContents)],
    ['dpAuth', under(SERVER_YEARS, (basis) => serverContents(basis, 'dpAuth', smdp))],
    ['dpPb', under(SERVER_YEARS, (basis) => serverContents(basis, 'dpPb', smdp))],
    ['dpTls', under(SERVER_YEARS, (basis) => tlsContents(basis, [host]))],
  ];
  return issued.map(([role, { certificate, privateKey }]) => ({
    role,
    ciPKIdHex: ciPKIdHexOf(ci.certificate),
    certificate,
    privateKey,
    generated: true,
  }));
}

const smdp = { smdpOid: SMDP_OID };

/** New DPtls under each generated CI whose DPtls does not name `host`; they keep the previous names. */
function makeTestTls({ certificates }: Pki, host: string, now: Date): StoredCertificate[] {
  const generated = certificates.filter(({ generated: isOurs }) => isOurs);
  return generated.flatMap(
    ({ role, certificate: ci, privateKey, ciPKIdHex }): StoredCertificate[] => {
      if (role !== 'ci' || privateKey === undefined) return [];
      const newest = generated.find(
        (candidate) => candidate.role === 'dpTls' && candidate.ciPKIdHex === ciPKIdHex,
      );
      const names = newest === undefined ? [] : hostNames(newest.certificate);
      if (names.includes(host)) return [];
      const issuer = { certificate: ci, privateKey };
      const issued = issue(
        ci.curve,
        SERVER_YEARS,
        now,
        (basis) => tlsContents(basis, [host, ...names]),
        issuer,
      );
      return [{ role: 'dpTls', ciPKIdHex, ...issued, generated: true }];
    },
  );
}

function tlsContents(basis: CertificateBasis, hosts: string[]): CertificateContents {
  const [hostName] = hosts;
  const names = new Set([...hosts, 'localhost']);
  return {
    ...serverContents(basis, 'dpTls', { ...smdp, ...(hostName === undefined ? {} : { hostName }) }),
    dNSName: [...names].filter((name) => !isIPv4(name)),
    iPAddress: [...names].filter((name) => isIPv4(name)),
  };
}

export interface Issued {
  certificate: Certificate;
  privateKey: KeyObject;
}

/** @param issuer absent for a self-signed certificate */
export function issue(
  curve: CurveName,
  years: number,
  now: Date,
  contents: (basis: CertificateBasis) => CertificateContents,
  issuer?: Required<Issuer>,
): Issued {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: curve });
  const notBefore = new Date(now.getTime() - BACKDATED_MS);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + years);
  const basis = { serialNumber: randomBytes(16), publicKey, notBefore, notAfter };
  const der = issueCertificate(contents(basis), issuer ?? { privateKey });
  return { certificate: parseCertificate(der), privateKey };
}

/** The host of HOST or HOST:PORT, in lower case. */
export function hostOf(smdpAddress: string): string {
  return smdpAddress.replace(/:\d+$/, '').toLowerCase();
}
