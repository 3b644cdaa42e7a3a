// The metadata of a profile for phone and eUICC: ES8+.StoreMetadata (§5.5.3).
import { notificationEvents } from '../../rsp/definitions/basic-types.ts';
import type { StoreMetadataRequest } from '../../rsp/definitions/profile-metadata.ts';
import { encodeIccid, encodeMccMnc } from '../../rsp/identifiers.ts';
import type { ProfileClass } from '../../rsp/reasons.ts';
import { iconTypes, profileClasses } from '../../rsp/reasons.ts';
import { DEFAULT_PROFILE_TYPE } from '../stock/subscription.ts';

/** Metadata that an operator may set for the profiles of a profile type, as JSON beside the template. */
export interface MetadataOverrides {
  serviceProviderName?: string;
  profileName?: string;
  /** base64 of a PNG or JPEG file. */
  icon?: string;
  profileClass?: ProfileClass;
  /** Where notifications go; by default, to the SM-DP+. */
  notificationAddress?: string;
  profileOwner?: { mcc: string; mnc: string; gid1?: string; gid2?: string };
  profilePolicyRules?: ('ppr1' | 'ppr2')[];
  /** SGP.32: whether an IoT device may fall back to it, and whether it is for emergency calls; consumer eUICCs ignore both. */
  fallbackAllowed?: boolean;
  ecallIndication?: boolean;
}

const NAME = 'Simwright';
// §5.5.3, in bytes of UTF-8.
const SERVICE_PROVIDER_NAME_BYTES = 32;
const PROFILE_NAME_BYTES = 64;
const ICON_BYTES = 1024;

export function storeMetadataOf(
  profile: { iccid: string; imsi: string; mncLength: 2 | 3; profileType: string },
  smdpAddress: string,
  overrides: MetadataOverrides,
): StoreMetadataRequest {
  const { iccid, imsi, mncLength, profileType } = profile;
  const {
    icon,
    profileOwner,
    profilePolicyRules = [],
    fallbackAllowed,
    ecallIndication,
  } = overrides;
  const { gid1, gid2 } = profileOwner ?? {};
  const iconBytes = icon === undefined ? undefined : Uint8Array.fromBase64(icon);
  return {
    iccid: encodeIccid(iccid),
    serviceProviderName: overrides.serviceProviderName ?? NAME,
    profileName: overrides.profileName ?? profileNameOf(profileType),
    ...(iconBytes === undefined
      ? {}
      : { iconType: iconTypes[iconTypeOf(iconBytes) ?? 'png'], icon: iconBytes }),
    profileClass: profileClasses[overrides.profileClass ?? 'operational'],
    notificationConfigurationInfo: notificationEvents.map((event) => ({
      profileManagementOperation: [event],
      notificationAddress: overrides.notificationAddress ?? smdpAddress,
    })),
    profileOwner: {
      mccMnc: encodeMccMnc(
        profileOwner?.mcc ?? imsi.slice(0, 3),
        profileOwner?.mnc ?? imsi.slice(3, 3 + mncLength),
      ),
      ...(gid1 === undefined ? {} : { gid1: Uint8Array.fromHex(gid1) }),
      ...(gid2 === undefined ? {} : { gid2: Uint8Array.fromHex(gid2) }),
    },
    ...(profilePolicyRules.length === 0 ? {} : { profilePolicyRules }),
    ...(ecallIndication === undefined ? {} : { ecallIndication }),
    ...(fallbackAllowed === undefined ? {} : { fallbackAllowed }),
  };
}

function profileNameOf(profileType: string): string {
  if (profileType === DEFAULT_PROFILE_TYPE) return NAME;
  let name = profileType;
  while (Buffer.byteLength(name) > PROFILE_NAME_BYTES)
    name = Array.from(name).slice(0, -1).join('');
  return name;
}

function iconTypeOf(icon: Uint8Array): keyof typeof iconTypes | undefined {
  const start = Buffer.from(icon.subarray(0, 4)).toString('hex');
  if (start === '89504e47') return 'png';
  return start.startsWith('ffd8ff') ? 'jpg' : undefined;
}

/** The metadata is invalid; the message lists all errors. */
export class MetadataError extends Error {
  override name = 'MetadataError';
}

/** Throws `MetadataError`. */
export function parseMetadataOverrides(json: string): MetadataOverrides {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new MetadataError(`expected JSON: ${(cause as Error).message}`, { cause });
  }
  const problems = findProblems(value, FIELDS, '');
  if (problems.length > 0) throw new MetadataError(problems.join('; '));
  return value as MetadataOverrides;
}

/** @returns error messages, if the value is invalid */
type FieldCheck = (value: unknown, path: string) => string[];

const FIELDS: Readonly<Record<keyof MetadataOverrides, FieldCheck>> = {
  serviceProviderName: text(SERVICE_PROVIDER_NAME_BYTES),
  profileName: text(PROFILE_NAME_BYTES),
  icon: check(`base64 of a PNG or JPEG file of at most ${ICON_BYTES} bytes`, isIcon),
  profileClass: check(
    `one of ${Object.keys(profileClasses).join(', ')}`,
    (value) => typeof value === 'string' && Object.hasOwn(profileClasses, value),
  ),
  notificationAddress: check('a host name, with or without :PORT', matches(/^[\w.-]+(:\d{1,5})?$/)),
  profileOwner: (value, path) =>
    findProblems(value, OWNER_FIELDS, `${path}.`, ['mcc', 'mnc'] as const),
  profilePolicyRules: check(
    'a list of ppr1 and ppr2',
    (value) => Array.isArray(value) && value.every((rule) => rule === 'ppr1' || rule === 'ppr2'),
  ),
  fallbackAllowed: check('true or false', isBoolean),
  ecallIndication: check('true or false', isBoolean),
};

const OWNER_FIELDS: Readonly<Record<string, FieldCheck>> = {
  mcc: check('3 digits', matches(/^\d{3}$/)),
  mnc: check('2 or 3 digits', matches(/^\d{2,3}$/)),
  gid1: check('hexadecimal digits', matches(/^([0-9a-fA-F]{2})+$/)),
  gid2: check('hexadecimal digits', matches(/^([0-9a-fA-F]{2})+$/)),
};

function findProblems(
  value: unknown,
  fields: Readonly<Record<string, FieldCheck>>,
  path: string,
  required: readonly string[] = [],
): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [`${path.slice(0, -1) || 'metadata'}: expected an object`];
  }
  const known = Object.keys(fields);
  const missing = required.filter((name) => !(name in value));
  return [
    ...missing.map((name) => `${path}${name}: expected it; got nothing`),
    ...Object.entries(value).flatMap(([name, field]) => {
      const find = Object.hasOwn(fields, name) ? fields[name] : undefined;
      const where = path + name;
      return find?.(field, where) ?? [`${where}: expected one of ${known.join(', ')}`];
    }),
  ];
}

function check(expected: string, isRight: (value: unknown) => boolean): FieldCheck {
  return (value, path) => (isRight(value) ? [] : [`${path}: expected ${expected}`]);
}

function text(bytes: number): FieldCheck {
  return check(
    `1 to ${bytes} bytes of UTF-8`,
    (value) => typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= bytes,
  );
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

function matches(form: RegExp): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && form.test(value);
}

function isIcon(value: unknown): boolean {
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return false;
  const icon = Buffer.from(value, 'base64');
  return icon.length <= ICON_BYTES && iconTypeOf(icon) !== undefined;
}
