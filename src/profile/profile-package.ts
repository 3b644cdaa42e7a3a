// The profile package of a subscription, and the metadata that a phone shows of it: a ready package,
// otherwise the template of its profile type, otherwise our own, with the subscription's keys.
import type { MasterKey } from '../keys.ts';
import { StoreMetadataRequest } from '../rsp/definitions/profile-metadata.ts';
import { checkElements, checkProfilePackage } from '../saip/check.ts';
import type { Finding } from '../saip/check.ts';
import { defaultTemplate } from '../saip/default-template.ts';
import { decodeEfAcc } from '../saip/ef-imsi.ts';
import { personaliseShared } from '../saip/personalise.ts';
import type { PersonalisedPackage } from '../saip/personalise.ts';
import type { Placeholders } from '../saip/placeholders.ts';
import { findPlaceholders } from '../saip/placeholders.ts';
import { SaipError } from '../saip/saip-error.ts';
import { shareTemplate } from '../saip/shared-template.ts';
import type { SharedTemplate } from '../saip/shared-template.ts';
import type { AkaSubscription, Subscription as SaipSubscription } from '../saip/subscription.ts';
import type { ProfilePackageRow, ProfileTemplateRow, SubscriptionRow } from '../store/schema.ts';
import type { PackageVersions } from '../store/profile-packages.ts';
import type { Transaction } from '../store/store.ts';
import { deriveSecrets } from './derived-secrets.ts';
import { mncLengthOf } from './mnc-length.ts';
import type { MetadataOverrides } from './profile-metadata.ts';
import { parseMetadataOverrides, storeMetadataOf } from './profile-metadata.ts';
import { openPackage, openTemplate, templatePlace } from './sealed-package.ts';
import { ShortMemory } from './short-memory.ts';
import { fromRow } from './subscription.ts';
import type { Subscription } from './subscription.ts';

export interface BuiltProfilePackage {
  /** The unprotected profile package: as secret as the keys in it. */
  upp: Uint8Array;
  metadata: StoreMetadataRequest;
  /** DER of the metadata. */
  storeMetadataRequest: Uint8Array;
}

/** A profile package must not go out; the message names everything that is wrong with it. */
export class ProfilePackageError extends Error {
  override name = 'ProfilePackageError';
  readonly findings: readonly Finding[];

  constructor(title: string, findings: readonly Finding[], cause?: unknown) {
    const lines = findings.map(({ rule, where, message }) => `${where}: ${message} (${rule})`);
    super(`${title}: ${lines.join('; ')}`, cause === undefined ? {} : { cause });
    this.findings = findings;
  }
}

interface Kept {
  /** All that the package was made of, as it is stored. What is sealed anew is another text. */
  from: readonly unknown[];
  built: BuiltProfilePackage;
}

/** Packages that a device has been told of and will come for: a package is made once a download. */
const kept = new WeakMap<MasterKey, ShortMemory<Kept>>();
const KEPT_LIMIT = 64;
const KEPT_MS = 60_000;

type Reader = Pick<Transaction, 'profilePackages'>;

/**
 * @param smdpAddress where the device sends its notifications
 * @param versions of what the package is made of, as they were read with the row
 * Throws `ProfilePackageError`, `SealError`.
 */
export async function buildProfilePackage(
  row: SubscriptionRow,
  smdpAddress: string,
  masterKey: MasterKey,
  store: Reader,
  versions: PackageVersions,
): Promise<BuiltProfilePackage> {
  const made = await keptOrBuilt(row, smdpAddress, masterKey, store, versions);
  keptOf(masterKey).set(placeOf(row), made);
  return made.built;
}

/** As `buildProfilePackage`, for the last time: what is so secret is not to lie about. */
export async function takeProfilePackage(
  row: SubscriptionRow,
  smdpAddress: string,
  masterKey: MasterKey,
  store: Reader,
  versions: PackageVersions,
): Promise<BuiltProfilePackage> {
  const { built } = await keptOrBuilt(row, smdpAddress, masterKey, store, versions);
  keptOf(masterKey).delete(placeOf(row));
  return built;
}

async function keptOrBuilt(
  row: SubscriptionRow,
  smdpAddress: string,
  masterKey: MasterKey,
  { profilePackages }: Reader,
  { template, ready }: PackageVersions,
): Promise<Kept> {
  const { account_sid: accountSid, iccid, profile_type: profileType } = row;
  const from = [row.imsi, row.msisdn, profileType, row.secrets, smdpAddress, template, ready];
  const known = keptOf(masterKey).get(placeOf(row));
  if (known?.from.every((text, at) => text === from[at])) return known;
  const opened =
    template === null
      ? undefined
      : (knownTemplate(row, template, masterKey) ??
        openForBuilding(await profilePackages.findTemplate(accountSid, profileType), masterKey));
  const readyRow = ready === null ? undefined : await profilePackages.find(accountSid, iccid);
  return { from, built: build(row, opened, readyRow, smdpAddress, masterKey) };
}

function keptOf(masterKey: MasterKey): ShortMemory<Kept> {
  const packages = kept.get(masterKey) ?? new ShortMemory<Kept>(KEPT_MS, KEPT_LIMIT);
  kept.set(masterKey, packages);
  return packages;
}

const placeOf = ({ account_sid: accountSid, iccid }: SubscriptionRow) => `${accountSid} ${iccid}`;

function build(
  row: SubscriptionRow,
  template: OpenTemplate | undefined,
  ready: ProfilePackageRow | undefined,
  smdpAddress: string,
  masterKey: MasterKey,
): BuiltProfilePackage {
  const { iccid } = row;
  const subscription = fromRow(row, masterKey);
  const made =
    ready === undefined
      ? personaliseWith(subscription, template ?? ownTemplate())
      : { upp: openPackage(ready, masterKey) };
  const { upp } = made;
  const { imsi } = subscription;
  const findings =
    'elements' in made
      ? checkElements(made.elements, { iccid, imsi })
      : checkProfilePackage(upp, { iccid, imsi });
  if (findings.length > 0) {
    throw new ProfilePackageError(`The profile package of ICCID ${iccid}`, findings);
  }
  const mncLength = subscription.mncLength ?? mncLengthOf(imsi);
  const metadata = storeMetadataOf(
    { ...subscription, mncLength },
    smdpAddress,
    template?.overrides ?? {},
  );
  return { upp, metadata, storeMetadataRequest: StoreMetadataRequest.encode(metadata) };
}

/** A template, what it leaves open, and what its operator says of the profiles made from it. */
interface OpenTemplate {
  template: SharedTemplate;
  placeholders: Placeholders;
  overrides: MetadataOverrides;
}

/** @param template absent: ours. Throws `ProfilePackageError`. */
export function personaliseFor(subscription: Subscription, template?: Uint8Array): Uint8Array {
  const open = template === undefined ? ownTemplate() : toOpen(template);
  return personaliseWith(subscription, open).upp;
}

function personaliseWith(
  subscription: Subscription,
  { template, placeholders }: OpenTemplate,
): PersonalisedPackage {
  try {
    return personaliseShared(template, toSaipSubscription(subscription, placeholders));
  } catch (cause) {
    if (!(cause instanceof SaipError)) throw cause;
    const { where, message } = cause;
    const finding: Finding = { rule: 'decodable', where, message };
    throw new ProfilePackageError(
      `The profile package of ICCID ${subscription.iccid} cannot be made`,
      [finding],
      cause,
    );
  }
}

function toOpen(bytes: Uint8Array, overrides: MetadataOverrides = {}): OpenTemplate {
  const template = shareTemplate(bytes);
  return { template, placeholders: findPlaceholders(template.elements), overrides };
}

let own: OpenTemplate | undefined;

/** The same for all: made when it is needed first. */
function ownTemplate(): OpenTemplate {
  return (own ??= toOpen(defaultTemplate()));
}

interface VersionedTemplate extends OpenTemplate {
  version: string;
}

/** Templates that were opened: each is good as long as its version is the one that is stored. */
const opened = new WeakMap<MasterKey, Map<string, VersionedTemplate>>();
const OPENED_LIMIT = 16;

function knownTemplate(
  { account_sid: accountSid, profile_type: profileType }: SubscriptionRow,
  version: string,
  masterKey: MasterKey,
): OpenTemplate | undefined {
  const known = opened.get(masterKey)?.get(templatePlace(accountSid, profileType));
  return known?.version === version ? known : undefined;
}

/** Throws `SealError`. */
function openForBuilding(
  row: ProfileTemplateRow | undefined,
  masterKey: MasterKey,
): OpenTemplate | undefined {
  if (row === undefined) return undefined;
  const overrides = parseMetadataOverrides(row.metadata);
  const { version } = row;
  const template = { ...toOpen(openTemplate(row, masterKey), overrides), version };
  const templates = opened.get(masterKey) ?? new Map<string, VersionedTemplate>();
  opened.set(masterKey, templates);
  const [oldest] = templates.keys();
  if (templates.size >= OPENED_LIMIT) templates.delete(oldest!);
  templates.set(templatePlace(row.account_sid, row.profile_type), template);
  return template;
}

/** What the subscription has goes before what can be derived for it. */
function toSaipSubscription(subscription: Subscription, open: Placeholders): SaipSubscription {
  const { iccid, imsi, msisdn, acc, secrets } = subscription;
  const { pin1, pin2, puk1, puk2, adm1 } = secrets;
  const derived = deriveSecrets(subscription, open);
  return {
    iccid,
    imsi,
    mncLength: subscription.mncLength ?? mncLengthOf(imsi),
    aka: akaOf(subscription),
    ...(acc === undefined ? {} : { accessClasses: accessClassesOf(acc) }),
    ...(pin1 === undefined ? {} : { pin1 }),
    ...(pin2 === undefined ? {} : { pin2 }),
    ...derived,
    ...(puk1 === undefined ? {} : { puk1 }),
    ...(puk2 === undefined ? {} : { puk2 }),
    adm: { ...derived.adm, ...(adm1 === undefined ? {} : { adm1 }) },
    ...(msisdn === undefined ? {} : { msisdn: `+${msisdn}` }),
  };
}

function akaOf({ secrets }: Subscription): AkaSubscription {
  const k = bytesOf(secrets.ki);
  if (secrets.topc !== undefined) return { algorithm: 'tuak', k, topc: bytesOf(secrets.topc) };
  return { algorithm: 'milenage', k, opc: bytesOf(secrets.opc ?? '') };
}

/** TS 31.102 §4.2.15: bit 11 of EF.ACC is no class. */
function accessClassesOf(acc: string): number[] {
  return decodeEfAcc(bytesOf(acc)).filter((accessClass) => accessClass !== 10);
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex);
}
