// An operator's template of profile packages: looked over before it is stored.
import { checkProfilePackage } from '../saip/check.ts';
import { decodeProfilePackage } from '../saip/profile-element.ts';
import { SaipError } from '../saip/saip-error.ts';
import type { Transaction } from '../store/store.ts';
import type { MasterKey } from '../keys.ts';
import { parseMetadataOverrides } from './profile-metadata.ts';
import { personaliseFor, ProfilePackageError } from './profile-package.ts';
import { toTemplateRow } from './sealed-package.ts';
import type { Subscription } from './subscription.ts';

/** The least that a subscription has. */
const SAMPLE: Subscription = {
  iccid: '8999901000000000013',
  imsi: '001010000000001',
  profileType: '',
  secrets: { ki: '0F'.repeat(16), opc: 'F0'.repeat(16) },
};

/** What else a subscription may have, and a template need not have a place for. */
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
 * Throws `ProfilePackageError` when no package can be made of the template.
 * @returns the columns of a stock file that it has no place for
 */
export function checkTemplate(template: Uint8Array): string[] {
  const findings = checkProfilePackage(template).filter(
    // What is personalised may be zero as yet, and need not be there as an identity.
    ({ rule }) => rule !== 'placeholder-secret' && rule !== 'readable-identity',
  );
  if (findings.length > 0) throw new ProfilePackageError('The template', findings);
  const { iccid, imsi } = SAMPLE;
  const left = checkProfilePackage(personaliseFor(SAMPLE, template), { iccid, imsi });
  if (left.length > 0) throw new ProfilePackageError('A package made of the template', left);
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

/**
 * Stores a template in place of the one that the profile type had.
 * @param metadata JSON of `MetadataOverrides`
 * Throws `ProfilePackageError`, `MetadataError`.
 * @returns as `checkTemplate`
 */
export async function importTemplate(
  template: Uint8Array,
  key: { accountSid: string; profileType: string },
  metadata: string,
  masterKey: MasterKey,
  now: Date,
  tables: Transaction,
): Promise<string[]> {
  const withoutPlace = checkTemplate(template);
  const overrides = JSON.stringify(parseMetadataOverrides(metadata));
  await tables.profilePackages.setTemplate(toTemplateRow(template, key, overrides, masterKey, now));
  return withoutPlace;
}

/** Names of the elements, in their order. */
export function elementNamesOf(template: Uint8Array): string[] {
  return decodeProfilePackage(template).map(({ name }) => name);
}
