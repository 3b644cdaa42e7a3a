// Cache of opened templates, each of which serves many profile packages.
import type { MasterKey } from '../../process/keys.ts';
import { defaultTemplate } from '../../saip/default-template.ts';
import type { Placeholders } from '../../saip/placeholders.ts';
import { findPlaceholders } from '../../saip/placeholders.ts';
import { shareTemplate } from '../../saip/shared-template.ts';
import type { SharedTemplate } from '../../saip/shared-template.ts';
import type { ProfileTemplateRow, SubscriptionRow } from '../../store/schema.ts';
import type { Transaction } from '../../store/store.ts';
import type { MetadataOverrides } from './profile-metadata.ts';
import { parseMetadataOverrides } from './profile-metadata.ts';
import { openTemplate, templatePlace } from './sealed-package.ts';

/** A template, its placeholders, and its operator's metadata for the profiles made from it. */
export interface OpenTemplate {
  template: SharedTemplate;
  placeholders: Placeholders;
  overrides: MetadataOverrides;
}

/** Throws `SaipError`. */
export function toOpen(bytes: Uint8Array, overrides: MetadataOverrides = {}): OpenTemplate {
  const template = shareTemplate(bytes);
  return { template, placeholders: findPlaceholders(template.elements), overrides };
}

let own: OpenTemplate | undefined;

/** Shared by all; made when first needed. */
export function ownTemplate(): OpenTemplate {
  return (own ??= toOpen(defaultTemplate()));
}

interface VersionedTemplate extends OpenTemplate {
  version: string;
}

/** Opened templates; each is valid as long as its version is the stored one. */
const opened = new WeakMap<MasterKey, Map<string, VersionedTemplate>>();
const OPENED_LIMIT = 16;

/** The template for a subscription's profile type, with its stored version. Throws `SealError`, `SaipError`. */
export async function findOpenTemplate(
  { account_sid: accountSid, profile_type: profileType }: SubscriptionRow,
  version: string,
  masterKey: MasterKey,
  { profilePackages }: Pick<Transaction, 'profilePackages'>,
): Promise<OpenTemplate | undefined> {
  const known = opened.get(masterKey)?.get(templatePlace(accountSid, profileType));
  if (known?.version === version) return known;
  const row = await profilePackages.findTemplate(accountSid, profileType);
  return row && openAndKeep(row, masterKey);
}

function openAndKeep(row: ProfileTemplateRow, masterKey: MasterKey): OpenTemplate {
  const { account_sid: accountSid, profile_type: profileType, version } = row;
  const overrides = parseMetadataOverrides(row.metadata);
  const template = { ...toOpen(openTemplate(row, masterKey), overrides), version };
  const templates = opened.get(masterKey) ?? new Map<string, VersionedTemplate>();
  opened.set(masterKey, templates);
  templates.set(templatePlace(accountSid, profileType), template);
  const [oldest] = templates.keys();
  if (templates.size > OPENED_LIMIT) templates.delete(oldest!);
  return template;
}
