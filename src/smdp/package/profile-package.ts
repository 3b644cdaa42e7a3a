// Builds the profile package of a subscription and its metadata: from a ready package, else the template of its
// profile type, else our own template, with the subscription's keys.
import type { MasterKey } from '../../process/keys.ts';
import { StoreMetadataRequest } from '../../rsp/definitions/profile-metadata.ts';
import { checkElements, checkProfilePackage } from '../../saip/check.ts';
import type { Finding } from '../../saip/check.ts';
import { decodeEfAcc } from '../../saip/ef-imsi.ts';
import { personaliseShared } from '../../saip/personalise.ts';
import type { PersonalisedPackage } from '../../saip/personalise.ts';
import type { Placeholders } from '../../saip/placeholders.ts';
import { SaipError } from '../../saip/saip-error.ts';
import type {
  AkaSubscription,
  OtaKey,
  Subscription as SaipSubscription,
} from '../../saip/subscription.ts';
import type { ProfilePackageRow, SubscriptionRow } from '../../store/schema.ts';
import type { Config } from '../../config.ts';
import type { OrderedProfile } from '../../store/ordered-profiles.ts';
import type { Transaction } from '../../store/store.ts';
import { deriveSecrets } from './derived-secrets.ts';
import { mncLengthOf } from './mnc-length.ts';
import type { OpenTemplate } from './open-template.ts';
import { findOpenTemplate, ownTemplate, toOpen } from './open-template.ts';
import { storeMetadataOf } from './profile-metadata.ts';
import { openPackage } from './sealed-package.ts';
import { oncePer } from '../../process/once-per.ts';
import { ShortMemory } from '../../process/short-memory.ts';
import { fromRow } from '../stock/subscription.ts';
import type { Subscription } from '../stock/subscription.ts';

export interface BuiltProfilePackage {
  /** The unprotected profile package, as secret as its keys. */
  upp: Uint8Array;
  metadata: StoreMetadataRequest;
  /** DER of the metadata. */
  storeMetadataRequest: Uint8Array;
}

/** A profile package must not be delivered; the message lists all its errors. */
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
  /** The stored inputs of the package. Sealing again changes them. */
  from: readonly unknown[];
  built: BuiltProfilePackage;
}

const KEPT_LIMIT = 64;
const KEPT_MS = 60_000;
/** Packages offered to devices, kept for the following call, so each is made once per download. */
const keptOf = oncePer((_key: MasterKey) => new ShortMemory<Kept>(KEPT_MS, KEPT_LIMIT));

/** Dependencies besides the order; devices send notifications to the address. */
export interface Maker {
  config: Pick<Config, 'smdpAddress'>;
  masterKey: MasterKey;
  store: Pick<Transaction, 'profilePackages'>;
}

/** Throws `ProfilePackageError`, `SealError`. */
export async function buildProfilePackage(
  order: OrderedProfile,
  maker: Maker,
): Promise<BuiltProfilePackage> {
  const made = await keptOrBuilt(order, maker);
  keptOf(maker.masterKey).set(placeOf(order.profile), made);
  return made.built;
}

/** Like `buildProfilePackage`, for the last use: drops the secret package from the cache. */
export async function takeProfilePackage(
  order: OrderedProfile,
  maker: Maker,
): Promise<BuiltProfilePackage> {
  const { built } = await keptOrBuilt(order, maker);
  keptOf(maker.masterKey).delete(placeOf(order.profile));
  return built;
}

async function keptOrBuilt(
  { profile: row, versions: { template, ready } }: OrderedProfile,
  maker: Maker,
): Promise<Kept> {
  const { masterKey, store } = maker;
  const { smdpAddress } = maker.config;
  const { account_sid: accountSid, iccid, profile_type: profileType } = row;
  const from = [row.imsi, row.msisdn, profileType, row.secrets, smdpAddress, template, ready];
  const known = keptOf(masterKey).get(placeOf(row));
  if (known?.from.every((text, at) => text === from[at])) return known;
  const open =
    template === null ? undefined : await findOpenTemplate(row, template, masterKey, store);
  const readyRow = ready === null ? undefined : await store.profilePackages.find(accountSid, iccid);
  return { from, built: build(row, open, readyRow, maker) };
}

const placeOf = ({ account_sid: accountSid, iccid }: SubscriptionRow) => `${accountSid} ${iccid}`;

function build(
  row: SubscriptionRow,
  template: OpenTemplate | undefined,
  ready: ProfilePackageRow | undefined,
  { config, masterKey }: Maker,
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
    config.smdpAddress,
    template?.overrides ?? {},
  );
  return { upp, metadata, storeMetadataRequest: StoreMetadataRequest.encode(metadata) };
}

/** @param template by default, ours. Throws `ProfilePackageError`. */
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
      `The profile package of ICCID ${subscription.iccid} cannot be built`,
      [finding],
      cause,
    );
  }
}

/** The subscription's values take precedence over derived ones. */
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
    otaKeys: otaKeysOf(subscription),
    ...(msisdn === undefined ? {} : { msisdn: `+${msisdn}` }),
  };
}

/** Set N has key version N (docs/stock-files.md). */
function otaKeysOf({ secrets, otaAlgorithm: algorithm }: Subscription): OtaKey[] {
  return Object.entries(secrets).flatMap(([name, key]): OtaKey[] => {
    const [, kind, set] = /^ki([cdk])(\d+)$/.exec(name) ?? [];
    if (kind === undefined || typeof key !== 'string') return [];
    const id = ({ c: 1, d: 2, k: 3 } as const)[kind as 'c' | 'd' | 'k'];
    return [
      {
        version: Number(set),
        id,
        key: bytesOf(key),
        ...(algorithm === undefined ? {} : { algorithm }),
      },
    ];
  });
}

function akaOf({ secrets }: Subscription): AkaSubscription {
  const k = bytesOf(secrets.ki);
  if (secrets.topc !== undefined) return { algorithm: 'tuak', k, topc: bytesOf(secrets.topc) };
  return { algorithm: 'milenage', k, opc: bytesOf(secrets.opc ?? '') };
}

/** TS 31.102 §4.2.15: bit 11 of EF.ACC is not a class. */
function accessClassesOf(acc: string): number[] {
  return decodeEfAcc(bytesOf(acc)).filter((accessClass) => accessClass !== 10);
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex);
}
