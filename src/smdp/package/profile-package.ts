// Builds the profile package of a subscription and its metadata: from a ready package, else the template of its
// profile type, else our own template, with the subscription's keys.
import type { Logger } from 'pino';
import type { MasterKey } from '../../process/keys.ts';
import { StoreMetadataRequest } from '../../rsp/definitions/profile-metadata.ts';
import { checkProfilePackage } from '../../saip/check.ts';
import type { ProfilePackageRow, SubscriptionRow } from '../../store/schema.ts';
import type { Config } from '../../config.ts';
import type { OrderedProfile } from '../../store/ordered-profiles.ts';
import type { Transaction } from '../../store/store.ts';
import { mncLengthOf } from './mnc-length.ts';
import type { OpenTemplate } from './open-template.ts';
import { findOpenTemplate, ownTemplate } from './open-template.ts';
import { makePackage, requireNoFindings } from './personalised-package.ts';
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
  log: Pick<Logger, 'error'>;
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
  { config, masterKey, log }: Maker,
): BuiltProfilePackage {
  const { account_sid: accountSid } = row;
  const subscription = fromRow(row, masterKey);
  const upp =
    ready === undefined
      ? makePackage(subscription, template ?? ownTemplate(), { accountSid, log })
      : openReady(ready, subscription, masterKey);
  const mncLength = subscription.mncLength ?? mncLengthOf(subscription.imsi);
  const metadata = storeMetadataOf(
    { ...subscription, mncLength },
    config.smdpAddress,
    template?.overrides ?? {},
  );
  return { upp, metadata, storeMetadataRequest: StoreMetadataRequest.encode(metadata) };
}

function openReady(
  ready: ProfilePackageRow,
  { iccid, imsi }: Subscription,
  masterKey: MasterKey,
): Uint8Array {
  const upp = openPackage(ready, masterKey);
  requireNoFindings(iccid, checkProfilePackage(upp, { iccid, imsi }));
  return upp;
}
