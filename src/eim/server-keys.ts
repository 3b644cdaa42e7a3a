// Who the eIM is: its eimId, the keys with which it signs eUICC packages, and the certificate of its TLS (SGP.32 §2.6). eUICCs trust
// what the EimConfigurationData says, so the certificates are self-signed.
import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { OF_SERVER } from '../audit/entry.ts';
import type { Config } from '../config.ts';
import type { Context } from '../context.ts';
import type { ServerCertificate } from '../https/choose-certificate.ts';
import type { MasterKey } from '../process/keys.ts';
import type { Certificate } from '../rsp/certificate.ts';
import { parseCertificate } from '../rsp/certificate.ts';
import { hostNames } from '../rsp/certificate-chain.ts';
import { issueCertificate } from '../rsp/certificate-issue.ts';
import { attributeTypes } from '../rsp/distinguished-name.ts';
import type { EimIdentity } from './identity.ts';
import { certificatePem, privateKeyPem } from '../rsp/pem.ts';
import type { LocalSigner } from '../rsp/signature.ts';
import { createSigner } from '../rsp/signature.ts';
import type { EimKeyRow } from '../store/schema.ts';
import type { Transaction } from '../store/store.ts';
import type { Unit } from '../unit.ts';

/** A key with which packages are signed. */
interface PackageKey {
  signer: LocalSigner;
  certificate: Certificate;
}

export type Keeper = Pick<Context, 'config' | 'store' | 'masterKey' | 'transact'>;

/** X.509 allows 64 characters for a common name. */
const CN_LENGTH = 64;
const YEARS = 30;
/** So that devices whose clocks are behind accept the certificates. */
const BACKDATED_MS = 24 * 60 * 60 * 1_000;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
/** IPAs that listen are shown it. */
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

export const keyPlace = ({ role, number }: Pick<EimKeyRow, 'role' | 'number'>) =>
  `eim_keys.private_key ${role} ${number}`;

const hostOfFqdn = (fqdn: string) => fqdn.replace(/:\d+$/, '').toLowerCase();

/** eimId, SGP.32 §2.11.1.1.2. */
export function eimIdOf({ eimId, eimFqdn }: Pick<Config, 'eimId' | 'eimFqdn'>): string {
  return eimId ?? hostOfFqdn(eimFqdn);
}

/** Throws `SealError`. */
export function openEimKey(row: EimKeyRow, masterKey: MasterKey): KeyObject {
  return createPrivateKey(masterKey.open(row.private_key, keyPlace(row)));
}

/** Makes what is missing: the first key for packages, and a TLS certificate for the host. Any number of nodes may call it at once. */
export async function ensureEimKeys({ config, masterKey, transact }: Keeper): Promise<void> {
  const host = hostOfFqdn(config.eimFqdn);
  await transact(async (unit) => {
    const rows = await unit.tables.eimKeys.list();
    if (!rows.some(({ role }) => role === 'package')) {
      await insertPackageKey(1, eimIdOf(config), masterKey, unit);
    }
    const newest = rows.findLast(({ role }) => role === 'tls');
    const names = newest === undefined ? [] : hostNames(certificateOf(newest));
    if (names.includes(host)) return;
    // The same key, since eUICCs may have been told to trust it.
    const key = newest === undefined ? newKey() : openEimKey(newest, masterKey);
    const certificate = issueTls(key, [...new Set([host, ...names, 'localhost'])], unit.now);
    await insertKey(
      { role: 'tls', number: (newest?.number ?? 0) + 1 },
      key,
      certificate,
      masterKey,
      unit,
    );
  });
}

/** A new key, which eUICCs trust that are registered, or told so, from now on. @returns its number */
export async function rotatePackageKey({ config, masterKey, transact }: Keeper): Promise<number> {
  return transact(async (unit) => {
    const number = (await newestKeyNumber(unit.tables)) + 1;
    await insertPackageKey(number, eimIdOf(config), masterKey, unit);
    return number;
  });
}

/** 0: there is none yet. */
export async function newestKeyNumber({ eimKeys }: Pick<Transaction, 'eimKeys'>): Promise<number> {
  const rows = await eimKeys.list();
  return rows.findLast(({ role }) => role === 'package')?.number ?? 0;
}

/** The keys as this process has read them; they are never changed, so it reads again only for one that it does not know. */
export class EimKeyRing {
  readonly #keeper: Keeper;
  readonly #packageKeys = new Map<number, PackageKey>();
  /** What ESipa shows. */
  readonly tls: readonly ServerCertificate[];

  private constructor(keeper: Keeper, rows: readonly EimKeyRow[]) {
    this.#keeper = keeper;
    this.#take(rows);
    const newest = rows.findLast(({ role }) => role === 'tls');
    this.tls = newest === undefined ? [] : [serverCertificate(newest, keeper.masterKey)];
  }

  static async open(keeper: Keeper): Promise<EimKeyRing> {
    return new EimKeyRing(keeper, await keeper.store.eimKeys.list());
  }

  /** The eIM as an eUICC knows it that trusts this key. Throws if there is none. */
  async identity(number: number): Promise<EimIdentity> {
    if (!this.#packageKeys.has(number)) this.#take(await this.#keeper.store.eimKeys.list());
    const key = this.#packageKeys.get(number);
    const [tls] = this.tls;
    if (key === undefined || tls === undefined) throw new TypeError(`the eIM has no key ${number}`);
    const { config } = this.#keeper;
    return {
      eimId: eimIdOf(config),
      eimFqdn: config.eimFqdn,
      signer: key.signer,
      certificate: key.certificate.der,
      // The key alone, which outlives its certificates.
      tls: {
        trustedEimPkTls: createPublicKey(tls.keyPem).export({ type: 'spki', format: 'der' }),
      },
      indirectProfileDownload: true,
    };
  }

  #take(rows: readonly EimKeyRow[]): void {
    for (const row of rows) {
      if (row.role !== 'package' || this.#packageKeys.has(row.number)) continue;
      const signer = createSigner(openEimKey(row, this.#keeper.masterKey));
      this.#packageKeys.set(row.number, { signer, certificate: certificateOf(row) });
    }
  }
}

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;

const certificateOf = ({ certificate }: EimKeyRow) =>
  parseCertificate(Uint8Array.fromBase64(certificate));

async function insertPackageKey(
  number: number,
  eimId: string,
  masterKey: MasterKey,
  unit: Unit,
): Promise<void> {
  const key = newKey();
  const certificate = issueCertificate(
    { ...basisOf(key, unit.now), subject: nameOf(eimId), keyUsage: ['digitalSignature'] },
    { privateKey: key },
  );
  await insertKey({ role: 'package', number }, key, certificate, masterKey, unit);
  await unit.audit(OF_SERVER, { subject: `eIM key ${number}`, after: { eim_key: number } });
}

async function insertKey(
  { role, number }: Pick<EimKeyRow, 'role' | 'number'>,
  key: KeyObject,
  certificate: Uint8Array,
  masterKey: MasterKey,
  { tables, now }: Unit,
): Promise<void> {
  await tables.eimKeys.insert({
    role,
    number,
    certificate: certificate.toBase64(),
    private_key: masterKey.seal(privateKeyPem(key), keyPlace({ role, number })),
    date_created: now.toISOString(),
  });
}

function issueTls(key: KeyObject, hosts: readonly string[], now: Date): Uint8Array {
  return issueCertificate(
    {
      ...basisOf(key, now),
      subject: nameOf(hosts[0]!),
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: [SERVER_AUTH, CLIENT_AUTH],
      dNSName: hosts.filter((name) => !isIPv4(name)),
      iPAddress: hosts.filter((name) => isIPv4(name)),
    },
    { privateKey: key },
  );
}

function basisOf(key: KeyObject, now: Date) {
  const notBefore = new Date(now.getTime() - BACKDATED_MS);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + YEARS);
  return { serialNumber: randomBytes(16), publicKey: createPublicKey(key), notBefore, notAfter };
}

const nameOf = (name: string) => [
  { type: attributeTypes.O, value: 'Simwright eIM' },
  { type: attributeTypes.CN, value: name.slice(0, CN_LENGTH) },
];

function serverCertificate(row: EimKeyRow, masterKey: MasterKey): ServerCertificate {
  const certificate = certificateOf(row);
  return {
    ciPKId: certificate.extensions.subjectKeyIdentifier ?? new Uint8Array(),
    ci: certificate,
    certificatePem: certificatePem(certificate),
    keyPem: privateKeyPem(openEimKey(row, masterKey)),
    certificate,
    generated: true,
  };
}
