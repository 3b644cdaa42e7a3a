// The profile package of a subscription, and the metadata that a phone shows of it: a ready package,
// otherwise the template of its profile type, otherwise our own, with the subscription's keys.
import type { MasterKey } from '../keys.ts';
import type { StoreMetadataRequest } from '../rsp/definitions/profile-metadata.ts';
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
import type { Transaction } from '../store/store.ts';
import { apiDate } from './date.ts';
import { deriveSecrets } from './derived-secrets.ts';
import { mncLengthOf } from './mnc-length.ts';
import { parseMetadataOverrides, storeMetadataOf } from './profile-metadata.ts';
import { fromRow } from './subscription.ts';
import type { Subscription } from './subscription.ts';

export interface BuiltProfilePackage {
  /** The unprotected profile package: as secret as the keys in it. */
  upp: Uint8Array;
  metadata: StoreMetadataRequest;
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
const kept = new WeakMap<MasterKey, Map<string, Kept>>();
const KEPT_LIMIT = 64;

/**
 * @param smdpAddress where the device sends its notifications
 * Throws `ProfilePackageError`, `SealError`.
 */
export async function buildProfilePackage(
  row: SubscriptionRow,
  smdpAddress: string,
  masterKey: MasterKey,
  { profilePackages }: Pick<Transaction, 'profilePackages'>,
): Promise<BuiltProfilePackage> {
  const { account_sid: accountSid, iccid, profile_type: profileType } = row;
  const template = await profilePackages.findTemplate(accountSid, profileType);
  const ready = await profilePackages.find(accountSid, iccid);
  const from = [row.imsi, row.msisdn, profileType, row.secrets, smdpAddress].concat(
    template === undefined ? [] : [template.template, template.metadata],
    ready === undefined ? [] : ['ready', ready.package],
  );
  const packages = keptOf(masterKey);
  const name = `${accountSid} ${iccid}`;
  const known = packages.get(name);
  // Whoever comes for it takes it away: such secrets are not to lie about.
  packages.delete(name);
  if (known?.from.length === from.length && known.from.every((text, at) => text === from[at])) {
    return known.built;
  }
  const built = build(row, template, ready, smdpAddress, masterKey);
  packages.set(name, { from, built });
  const [oldest] = packages.keys();
  if (packages.size > KEPT_LIMIT) packages.delete(oldest!);
  return built;
}

function keptOf(masterKey: MasterKey): Map<string, Kept> {
  const packages = kept.get(masterKey) ?? new Map<string, Kept>();
  kept.set(masterKey, packages);
  return packages;
}

function build(
  row: SubscriptionRow,
  template: ProfileTemplateRow | undefined,
  ready: ProfilePackageRow | undefined,
  smdpAddress: string,
  masterKey: MasterKey,
): BuiltProfilePackage {
  const { iccid } = row;
  const subscription = fromRow(row, masterKey);
  const made =
    ready === undefined
      ? personaliseWith(
          subscription,
          template === undefined ? ownTemplate() : openedTemplate(template, masterKey),
        )
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
  const overrides = template === undefined ? {} : parseMetadataOverrides(template.metadata);
  const mncLength = subscription.mncLength ?? mncLengthOf(imsi);
  const metadata = storeMetadataOf({ ...subscription, mncLength }, smdpAddress, overrides);
  return { upp, metadata };
}

/** A template, and what it leaves open. */
interface OpenTemplate {
  template: SharedTemplate;
  placeholders: Placeholders;
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

function toOpen(bytes: Uint8Array): OpenTemplate {
  const template = shareTemplate(bytes);
  return { template, placeholders: findPlaceholders(template.elements) };
}

let own: OpenTemplate | undefined;

/** The same for all: made when it is needed first. */
function ownTemplate(): OpenTemplate {
  return (own ??= toOpen(defaultTemplate()));
}

/** Templates that were opened, with what is stored: they are good as long as that is the same text. */
const opened = new WeakMap<MasterKey, Map<string, OpenTemplate & { sealed: string }>>();
const OPENED_LIMIT = 16;

function openedTemplate(row: ProfileTemplateRow, masterKey: MasterKey): OpenTemplate {
  const templates = opened.get(masterKey) ?? new Map<string, OpenTemplate & { sealed: string }>();
  opened.set(masterKey, templates);
  const place = templatePlace(row.account_sid, row.profile_type);
  const known = templates.get(place);
  if (known?.sealed === row.template) return known;
  const template = { ...toOpen(openTemplate(row, masterKey)), sealed: row.template };
  const [oldest] = templates.keys();
  if (templates.size >= OPENED_LIMIT) templates.delete(oldest!);
  templates.set(place, template);
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

const packagePlace = (accountSid: string, iccid: string) =>
  `profile_packages.package ${accountSid} ${iccid}`;
const templatePlace = (accountSid: string, profileType: string) =>
  `profile_templates.template ${accountSid} ${profileType}`;

export function toPackageRow(
  upp: Uint8Array,
  { accountSid, iccid }: { accountSid: string; iccid: string },
  masterKey: MasterKey,
  now: Date,
): ProfilePackageRow {
  const sealed = masterKey.seal(toBase64(upp), packagePlace(accountSid, iccid));
  return { account_sid: accountSid, iccid, package: sealed, date_created: apiDate(now) };
}

/** Throws `SealError`. */
export function openPackage(row: ProfilePackageRow, masterKey: MasterKey): Uint8Array {
  const { account_sid: accountSid, iccid } = row;
  return fromBase64(masterKey.open(row.package, packagePlace(accountSid, iccid)));
}

export function toTemplateRow(
  template: Uint8Array,
  { accountSid, profileType }: { accountSid: string; profileType: string },
  metadata: string,
  masterKey: MasterKey,
  now: Date,
): ProfileTemplateRow {
  const sealed = masterKey.seal(toBase64(template), templatePlace(accountSid, profileType));
  return {
    account_sid: accountSid,
    profile_type: profileType,
    template: sealed,
    metadata,
    date_created: apiDate(now),
  };
}

/** Throws `SealError`. */
export function openTemplate(row: ProfileTemplateRow, masterKey: MasterKey): Uint8Array {
  const { account_sid: accountSid, profile_type: profileType } = row;
  return fromBase64(masterKey.open(row.template, templatePlace(accountSid, profileType)));
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64'));
}
