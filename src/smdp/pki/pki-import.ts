// Imports the PKI of another CI: assigns each certificate to its chain by key identifiers, verifies everything
// together with the existing PKI, and stores all or nothing.
import { OF_SERVER } from '../../audit/entry.ts';
import type { Unit } from '../../unit.ts';
import type { KeyObject } from 'node:crypto';
import type { Context } from '../../context.ts';
import type { Certificate } from '../../rsp/certificate.ts';
import { isSameKeyIdentifier } from '../../rsp/certificate-chain.ts';
import { isSignedBy } from '../../rsp/crl.ts';
import type { CrlScope } from '../../rsp/crl-extensions.ts';
import { formatName, isSameName } from '../../rsp/distinguished-name.ts';
import { apiDate } from '../../values/date.ts';
import { isSignedElsewhere, SignerError } from './external-signer.ts';
import type { ExternalSigner } from './external-signer.ts';
import { readPkiFile } from './pki-file.ts';
import type { PkiFileItem } from './pki-file.ts';
import {
  ciPKIdHexOf,
  fingerprintOf,
  isKeyOf,
  isServerRole,
  PkiError,
  roleOf,
  titleOf,
  toPkiRow,
} from './pki-certificate.ts';
import type { PkiRole, StoredCertificate } from './pki-certificate.ts';
import { ciOfCrl, objectionTo, verifyStoredCrl } from './pki-crl.ts';
import { deleteReplacedCrls } from './take-crl.ts';
import { assemblePki, loadPki } from './pki.ts';
import type { Pki, PkiCertificate } from './pki.ts';

/** The files have errors; nothing was imported. */
export class PkiImportRefused extends Error {
  override name = 'PkiImportRefused';
  readonly problems: string[];

  constructor(problems: string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

export interface PkiFile {
  name: string;
  content: Uint8Array;
}

export interface PkiImported {
  added: PkiCertificate[];
  /** Already stored. */
  known: PkiCertificate[];
  /** Titles of certificates that an SM-DP+ has no use for. */
  passedOver: string[];
  crls: number;
  pki: Pki;
}

/** A key in an HSM, named instead of a file. */
export interface KeyElsewhere {
  name: string;
  publicKey: KeyObject;
}

/**
 * Throws `PkiImportRefused` with all errors.
 * @param signers hold the DPauth and DPpb keys that are not among the files
 * @param elsewhere must be keys of the certificates
 */
export async function importPki(
  files: readonly PkiFile[],
  { store, masterKey, transact }: Pick<Context, 'store' | 'masterKey' | 'transact'>,
  signers?: ExternalSigner,
  elsewhere: readonly KeyElsewhere[] = [],
): Promise<PkiImported> {
  const { items, problems: unreadable } = readFiles(files);
  unreadable.push(...keysOfOthers(elsewhere, items));
  // Before the transaction, because the signer may be slow.
  const unsigned = await problemsOfSigners(
    items,
    await loadPki(store, masterKey, store.now()),
    signers,
  );
  return transact(async ({ tables, now, audit }) => {
    const before = await loadPki(tables, masterKey, now, { signers });
    const problems = [...unreadable, ...unsigned];
    const placed = place(items, before, now, problems, signers);
    if (problems.length > 0) throw new PkiImportRefused(problems);
    const { added, known, passedOver } = placed;
    const keyless = known.filter(
      ({ certificate, privateKey }) =>
        privateKey !== undefined && !findSame(before, certificate)?.privateKey,
    );
    for (const loaded of added) await tables.pki.insert(toPkiRow(loaded, masterKey, now));
    for (const loaded of keyless) {
      const row = toPkiRow(loaded, masterKey, now);
      await tables.pki.addPrivateKey(row.fingerprint, row.private_key!);
    }
    for (const { ciPKIdHex, scope, der } of placed.crls) {
      const crl = Buffer.from(der).toString('base64');
      await tables.pki.setCrl({ ci_pk_id: ciPKIdHex, scope, crl, date_created: apiDate(now) });
    }
    const { crls } = await loadPki(tables, masterKey, now);
    await deleteReplacedCrls(crls, tables);
    const pki = await loadPki(tables, masterKey, now, { signers });
    if (added.length + keyless.length + placed.crls.length > 0) {
      await audit(OF_SERVER, {
        subject: placed.crls[0]?.ciPKIdHex ?? [...added, ...keyless][0]!.ciPKIdHex,
        after: {
          certificates: added.map(audited),
          keys: keyless.map(audited),
          crls: placed.crls.map(({ ciPKIdHex, scope }) => ({ ci: ciPKIdHex, scope })),
        },
      });
    }
    const again = (loaded: StoredCertificate) => findSame(pki, loaded.certificate)!;
    return {
      added: added.map(again),
      known: known.map(again),
      passedOver,
      crls: placed.crls.length,
      pki,
    };
  });
}

const audited = (loaded: StoredCertificate) => ({
  role: loaded.role,
  ci: loaded.ciPKIdHex,
  fingerprint: fingerprintOf(loaded.certificate.der),
});

/** Stops trusting a CI, with all that is under it. @returns how many certificates are gone */
export async function removeCi(ciPKIdHex: string, { tables, audit }: Unit): Promise<number> {
  const certificates = await tables.pki.deleteCi(ciPKIdHex);
  if (certificates > 0) await audit(OF_SERVER, { subject: ciPKIdHex, before: { certificates } });
  return certificates;
}

type Item<Kind> = Extract<PkiFileItem, { kind: Kind }> & { file: string };
type Items = { [Kind in PkiFileItem['kind']]: Item<Kind>[] };

function readFiles(files: readonly PkiFile[]): { items: Items; problems: string[] } {
  const items: Items = { certificate: [], key: [], crl: [] };
  const problems: string[] = [];
  for (const { name: file, content } of files) {
    try {
      for (const item of readPkiFile(content)) {
        (items[item.kind] as (PkiFileItem & { file: string })[]).push({ ...item, file });
      }
    } catch (error) {
      if (!(error instanceof PkiError)) throw error;
      problems.push(`${file}: ${error.message}`);
    }
  }
  return { items, problems };
}

function keysOfOthers(elsewhere: readonly KeyElsewhere[], { certificate: all }: Items): string[] {
  return elsewhere.flatMap(({ name, publicKey }) =>
    all.some(({ certificate }) => certificate.publicKey.equals(publicKey))
      ? []
      : `${name}: ${OTHER_KEY}`,
  );
}

const OTHER_KEY = 'expected the key of one of the certificates; got another';

interface Placement {
  added: StoredCertificate[];
  known: StoredCertificate[];
  passedOver: string[];
  crls: { ciPKIdHex: string; scope: CrlScope; der: Uint8Array }[];
}

interface Placing {
  before: Pki;
  now: Date;
  signers: ExternalSigner | undefined;
  placement: Placement;
  /** Collects errors. */
  problems: string[];
}

/** @returns problems of the signer with certificates whose keys are neither stored nor among the files */
async function problemsOfSigners(
  { certificate: certificates, key: keys }: Items,
  before: Pki,
  signers: ExternalSigner | undefined,
): Promise<string[]> {
  const problems: string[] = [];
  if (signers === undefined) return problems;
  for (const { certificate, file } of certificates) {
    const role = roleOf(certificate);
    const hasKey =
      keys.some(({ privateKey }) => isKeyOf(privateKey, certificate)) ||
      findSame(before, certificate)?.privateKey !== undefined;
    if (role === undefined || !isSignedElsewhere(role) || hasKey) continue;
    try {
      await signers.check([{ role, certificate }]);
    } catch (error) {
      if (!(error instanceof SignerError)) throw error;
      problems.push(`${file}: ${error.message}`);
    }
  }
  return problems;
}

function place(
  items: Items,
  before: Pki,
  now: Date,
  problems: string[],
  signers: ExternalSigner | undefined,
): Placement {
  const placement: Placement = { added: [], known: [], passedOver: [], crls: [] };
  const placing = { before, now, signers, placement, problems };
  const cis = [...before.certificates, ...items.certificate]
    .map(({ certificate }) => certificate)
    .filter((certificate) => roleOf(certificate) === 'ci');
  const keys = new Set(items.key);
  const seen = new Set<string>();
  for (const { certificate, file } of items.certificate) {
    const own = items.key.filter(({ privateKey }) => isKeyOf(privateKey, certificate));
    for (const key of own) keys.delete(key);
    const fingerprint = fingerprintOf(certificate.der);
    if (seen.has(fingerprint)) continue;
    seen.add(fingerprint);
    const role = roleOf(certificate);
    if (role === undefined) {
      placement.passedOver.push(formatName(certificate.subject));
      continue;
    }
    const problem = placeOne(certificate, role, own[0]?.privateKey, cis, placing);
    if (problem !== undefined) problems.push(`${file}: ${problem}`);
  }
  for (const { file } of keys) {
    problems.push(`${file}: ${OTHER_KEY}`);
  }
  for (const item of items.crl) placeCrl(item, cis, placing);
  return placement;
}

/** @returns the error, if any */
function placeOne(
  certificate: Certificate,
  role: PkiRole,
  privateKey: KeyObject | undefined,
  cis: readonly Certificate[],
  { before, now, signers, placement }: Placing,
): string | undefined {
  const title = titleOf({ role, certificate });
  const stored = findSame(before, certificate);
  const ci = role === 'ci' ? certificate : findIssuer(certificate, cis);
  if (ci === undefined) {
    const issuer = certificate.extensions.authorityKeyIdentifier ?? [];
    const id = Buffer.from(issuer).toString('hex').toUpperCase() || 'none';
    return `the ${title} is under the CI ${id}, which is neither stored nor among the files`;
  }
  const isElsewhere = isSignedElsewhere(role) && signers !== undefined;
  const isHere = privateKey !== undefined || stored?.privateKey !== undefined;
  if (isServerRole(role) && !isHere && !isElsewhere) {
    const hint = isSignedElsewhere(role)
      ? '; for keys kept elsewhere, set SIMWRIGHT_HSM or SIMWRIGHT_SIGNER'
      : '';
    return `expected the private key of the ${title} too; got none${hint}`;
  }
  const placed: StoredCertificate = {
    role,
    ciPKIdHex: ciPKIdHexOf(ci),
    certificate,
    privateKey,
    generated: stored?.generated ?? false,
  };
  const root: StoredCertificate = { ...placed, role: 'ci', certificate: ci, privateKey: undefined };
  try {
    assemblePki(role === 'ci' ? [placed] : [root, placed], [], now);
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    return error.message;
  }
  (stored === undefined ? placement.added : placement.known).push(placed);
  return undefined;
}

/** By key identifier, and among certificates with the same key by name. */
function findIssuer(
  { issuer, extensions }: Certificate,
  cis: readonly Certificate[],
): Certificate | undefined {
  const found = cis.filter((ci) =>
    isSameKeyIdentifier(ci.extensions.subjectKeyIdentifier, extensions.authorityKeyIdentifier),
  );
  return found.find(({ subject }) => isSameName(subject, issuer)) ?? found[0];
}

function placeCrl(
  { crl, der, file }: Item<'crl'>,
  cis: readonly Certificate[],
  { before, problems, placement }: Placing,
): void {
  // CIs may share a name and differ by key.
  const candidates = cis.filter((ci) => isSameName(ci.subject, crl.issuer));
  if (candidates.length === 0) {
    const name = formatName(crl.issuer);
    problems.push(
      `${file}: the CRL was issued by ${name}, a CI neither stored nor among the files`,
    );
    return;
  }
  const ci = candidates.find((candidate) => isSignedBy(crl, candidate));
  if (ci === undefined) {
    problems.push(`${file}: the CRL is not signed by its CI`);
    return;
  }
  const ciPKIdHex = ciPKIdHexOf(ci);
  try {
    verifyStoredCrl(der, ci);
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    problems.push(`${file}: ${error.message}`);
    return;
  }
  const objection = objectionTo(
    crl,
    before.crls.filter((stored) => ciOfCrl(stored) === ciPKIdHex),
  );
  if (objection === undefined) placement.crls.push({ ciPKIdHex, scope: crl.scope, der });
  else problems.push(`${file}: ${objection}`);
}

function findSame({ certificates }: Pki, { der }: Certificate): PkiCertificate | undefined {
  return certificates.find(({ certificate }) => Buffer.compare(certificate.der, der) === 0);
}
