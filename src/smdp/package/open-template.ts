// Cache of opened templates, each of which serves many profile packages.
import type { MasterKey } from '../../process/keys.ts';
import { LimitedMemory } from '../../process/limited-memory.ts';
import { oncePer } from '../../process/once-per.ts';
import { defaultTemplate } from '../../saip/default-template.ts';
import type { Placeholders } from '../../saip/placeholders.ts';
import { findPlaceholders } from '../../saip/placeholders.ts';
import { shareTemplate } from '../../saip/shared-template.ts';
import type { SharedTemplate } from '../../saip/shared-template.ts';
import type { SubscriptionRow } from '../../store/schema.ts';
import type { Transaction } from '../../store/store.ts';
import { CompiledPackages } from './compiled-packages.ts';
import type { MetadataOverrides } from './profile-metadata.ts';
import { parseMetadataOverrides } from './profile-metadata.ts';
import { openTemplate, templatePlace } from './sealed-package.ts';

/** A template with what is computed from it once. */
export interface OpenTemplate {
  template: SharedTemplate;
  placeholders: Placeholders;
  /** Its operator's metadata for the profiles made from it. */
  overrides: MetadataOverrides;
  packages: CompiledPackages;
  /** Of the stored row; `built-in` for ours. */
  version: string;
}

const BUILT_IN = 'built-in';

/** Throws `SaipError`. */
export function toOpen(
  bytes: Uint8Array,
  overrides: MetadataOverrides = {},
  version = BUILT_IN,
): OpenTemplate {
  const template = shareTemplate(bytes);
  const placeholders = findPlaceholders(template.elements);
  const packages = new CompiledPackages(template);
  return { template, placeholders, overrides, packages, version };
}

let own: OpenTemplate | undefined;

/** Shared by all; made when first needed. */
export function ownTemplate(): OpenTemplate {
  return (own ??= toOpen(defaultTemplate()));
}

const OPENED_LIMIT = 16;
/** Of their DER. */
const OPENED_BYTES = 4 * 1024 * 1024;
/** Each is valid, with all computed from it, as long as its version is the stored one. */
const openedOf = oncePer(
  (_key: MasterKey) => new LimitedMemory<OpenTemplate>(OPENED_LIMIT, OPENED_BYTES),
);

/** The template for a subscription's profile type, with its stored version. Throws `SealError`, `SaipError`. */
export async function findOpenTemplate(
  { account_sid: accountSid, profile_type: profileType }: SubscriptionRow,
  version: string,
  masterKey: MasterKey,
  { profilePackages }: Pick<Transaction, 'profilePackages'>,
): Promise<OpenTemplate | undefined> {
  const opened = openedOf(masterKey);
  const place = templatePlace(accountSid, profileType);
  const known = opened.get(place);
  if (known?.version === version) return known;
  opened.delete(place);
  const row = await profilePackages.findTemplate(accountSid, profileType);
  if (row === undefined) return undefined;
  const bytes = openTemplate(row, masterKey);
  const open = toOpen(bytes, parseMetadataOverrides(row.metadata), row.version);
  opened.set(place, open, bytes.length);
  return open;
}
