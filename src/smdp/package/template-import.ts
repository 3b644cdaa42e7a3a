// Imports an operator's template of profile packages, after checking it.
import { hash } from 'node:crypto';
import { checkProfilePackage } from '../../saip/check.ts';
import { findNotPersonalised } from '../../saip/not-personalised.ts';
import type { NotPersonalised } from '../../saip/not-personalised.ts';
import { decodeProfilePackage, encodeProfilePackage } from '../../saip/profile-element.ts';
import { SaipError } from '../../saip/saip-error.ts';
import { zeroSecrets } from '../../saip/zero-secrets.ts';
import type { Unit } from '../../unit.ts';
import type { MasterKey } from '../../process/keys.ts';
import { parseMetadataOverrides } from './profile-metadata.ts';
import { personaliseFor } from './personalised-package.ts';
import { ProfilePackageError } from './profile-package-error.ts';
import { toTemplateRow } from './sealed-package.ts';
import type { Subscription } from '../stock/subscription.ts';

/** A minimal subscription. */
const SAMPLE: Subscription = {
  iccid: '8999901000000000013',
  imsi: '001010000000001',
  profileType: '',
  secrets: { ki: '0F'.repeat(16), opc: 'F0'.repeat(16) },
};

/** Optional values of a subscription, for which a template need not have a place. */
const OPTIONAL: Record<string, Partial<Subscription>> = {
  pin1: { secrets: { ...SAMPLE.secrets, pin1: '1234' } },
  puk1: { secrets: { ...SAMPLE.secrets, puk1: '12345678' } },
  pin2: { secrets: { ...SAMPLE.secrets, pin2: '1234' } },
  puk2: { secrets: { ...SAMPLE.secrets, puk2: '12345678' } },
  adm1: { secrets: { ...SAMPLE.secrets, adm1: '12345678' } },
  msisdn: { msisdn: '15551234567' },
  kic1: { secrets: { ...SAMPLE.secrets, kic1: '0F'.repeat(16) } },
};

/**
 * Throws `ProfilePackageError` if no package can be made from the template.
 * @returns the stock-file columns for which it has no place
 */
function checkTemplate(template: Uint8Array): string[] {
  const findings = checkProfilePackage(template).filter(
    // Values to be personalised may still be zero, and identities may be missing.
    ({ rule }) => rule !== 'placeholder-secret' && rule !== 'readable-identity',
  );
  if (findings.length > 0) throw new ProfilePackageError('The template', findings);
  const { iccid, imsi } = SAMPLE;
  const left = checkProfilePackage(personaliseFor(SAMPLE, template), { iccid, imsi });
  if (left.length > 0) throw new ProfilePackageError('A package made from the template', left);
  return Object.entries(OPTIONAL)
    .filter(([, more]) => !hasPlace(template, { ...SAMPLE, ...more }))
    .map(([name]) => name);
}

function hasPlace(template: Uint8Array, subscription: Subscription): boolean {
  try {
    personaliseFor(subscription, template);
    return true;
  } catch (error) {
    const cause = error instanceof ProfilePackageError ? error.cause : undefined;
    if (cause instanceof SaipError && cause.code === 'missing-target') return false;
    throw error;
  }
}

/** How to treat secrets of a template that subscriptions do not supply. */
export interface SharedSecrets {
  /** All profiles may share those of the template. */
  allow?: boolean | undefined;
  /** Derive PUKs, ADM codes and security domain keys for each subscription, as if they were zero. */
  derive?: boolean | undefined;
}

/** All subscriptions would share secrets, which was not allowed. */
export class SharedSecretsError extends Error {
  override name = 'SharedSecretsError';
  readonly secrets: readonly NotPersonalised[];

  constructor(secrets: readonly NotPersonalised[]) {
    super(`all subscriptions would share ${secrets.map(({ where }) => where).join(', ')}`);
    this.secrets = secrets;
  }
}

export interface ImportedTemplate {
  /** As returned by `checkTemplate`. */
  withoutPlace: string[];
  notPersonalised: NotPersonalised[];
}

/**
 * Stores a template, replacing that of the profile type.
 * @param metadata JSON of `MetadataOverrides` Throws `ProfilePackageError`, `MetadataError`, `SharedSecretsError`.
 */
export async function importTemplate(
  given: Uint8Array,
  key: { accountSid: string; profileType: string },
  metadata: string,
  masterKey: MasterKey,
  { tables, now, audit }: Unit,
  { allow = false, derive = false }: SharedSecrets = {},
): Promise<ImportedTemplate> {
  // Report errors of the original template first.
  let withoutPlace = checkTemplate(given);
  const template = derive ? encodeProfilePackage(zeroSecrets(decodeProfilePackage(given))) : given;
  if (derive) withoutPlace = checkTemplate(template);
  const notPersonalised = notPersonalisedOf(template);
  const secrets = notPersonalised.filter(({ isSecret }) => isSecret);
  if (secrets.length > 0 && !allow) throw new SharedSecretsError(secrets);
  const overrides = JSON.stringify(parseMetadataOverrides(metadata));
  const places = secrets.map(({ where }) => where);
  await tables.profilePackages.setTemplate(
    toTemplateRow(template, key, overrides, masterKey, now, places),
  );
  await audit(key.accountSid, {
    subject: key.profileType,
    after: {
      digest: `SHA-256 ${hash('sha256', given, 'hex')}`,
      secrets: derive ? 'derived' : 'as given',
      shared_secrets: places,
      metadata: parseMetadataOverrides(metadata),
    },
  });
  return { withoutPlace, notPersonalised };
}

export function notPersonalisedOf(template: Uint8Array): NotPersonalised[] {
  return findNotPersonalised(decodeProfilePackage(template));
}

/** Names of the elements, in order. */
export function elementNamesOf(template: Uint8Array): string[] {
  return decodeProfilePackage(template).map(({ name }) => name);
}
