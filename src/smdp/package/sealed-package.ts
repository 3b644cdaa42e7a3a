// Sealing and opening stored profile packages and templates.
import type { MasterKey } from '../../process/keys.ts';
import type { ProfilePackageRow, ProfileTemplateRow } from '../../store/schema.ts';
import { apiDate } from '../../values/date.ts';

export const packagePlace = (accountSid: string, iccid: string) =>
  `profile_packages.package ${accountSid} ${iccid}`;
export const templatePlace = (accountSid: string, profileType: string) =>
  `profile_templates.template ${accountSid} ${profileType}`;

export function toPackageRow(
  upp: Uint8Array,
  { accountSid, iccid }: { accountSid: string; iccid: string },
  masterKey: MasterKey,
  now: Date,
): ProfilePackageRow {
  const sealed = masterKey.seal(toBase64(upp), packagePlace(accountSid, iccid));
  return {
    account_sid: accountSid,
    iccid,
    package: sealed,
    version: versionOf(sealed),
    date_created: apiDate(now),
  };
}

/** The end of the sealed text, which is unique. */
export function versionOf(sealed: string): string {
  return sealed.slice(-24);
}

/** Throws `SealError`. */
export function openPackage(row: ProfilePackageRow, masterKey: MasterKey): Uint8Array {
  const { account_sid: accountSid, iccid } = row;
  return fromBase64(masterKey.open(row.package, packagePlace(accountSid, iccid)));
}

/** @param sharedSecrets locations of the secrets that its profiles may share */
export function toTemplateRow(
  template: Uint8Array,
  { accountSid, profileType }: { accountSid: string; profileType: string },
  metadata: string,
  masterKey: MasterKey,
  now: Date,
  sharedSecrets: readonly string[] = [],
): ProfileTemplateRow {
  const sealed = masterKey.seal(toBase64(template), templatePlace(accountSid, profileType));
  return {
    account_sid: accountSid,
    profile_type: profileType,
    template: sealed,
    version: versionOf(sealed),
    metadata,
    date_created: apiDate(now),
    shared_secrets: JSON.stringify(sharedSecrets),
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
