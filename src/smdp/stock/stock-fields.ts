// The columns of a stock file: their names, their synonyms in the field, and the formats of their values.
import { PROFILE_TYPE_LIMIT } from '../../values/profile-type.ts';

export interface FieldRule {
  form: RegExp;
  expected: string;
  secret?: true;
  required?: true;
  /** Free text, in which spaces are significant. */
  text?: true;
  /** Hexadecimal digits, optionally prefixed with 0x. */
  hex?: true;
  /** Prefix written by tools. */
  prefix?: RegExp;
  /** Matches values that have lost leading zeros. */
  zerosLost?: RegExp;
  /** Synonyms of the column, normalised by `plainName`. */
  names?: readonly string[];
}

const key = {
  form: /^[0-9a-fA-F]{32}$/,
  expected: '32 hexadecimal digits',
  secret: true,
  hex: true,
  zerosLost: /^[0-9a-f]{24,31}$/i,
} as const;
const pin = {
  form: /^\d{4,8}$/,
  expected: '4 to 8 digits',
  secret: true,
  zerosLost: /^\d{1,3}$/,
} as const;
const puk = {
  form: /^\d{8}$/,
  expected: '8 digits',
  secret: true,
  zerosLost: /^\d{1,7}$/,
} as const;
/** TS 102 225: AES of 16, 24 or 32 bytes, triple DES of 16 or 24. */
const otaKey: FieldRule = {
  form: /^(?!0+$)(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{48}|[0-9a-fA-F]{64})$/,
  expected: '32, 48 or 64 hexadecimal digits',
  secret: true,
  hex: true,
  zerosLost: /^[0-9a-f]{24,31}$/i,
};

const FIELDS = {
  iccid: {
    form: /^89\d{16,18}$/,
    expected: '18 to 20 digits beginning with 89',
    required: true,
    prefix: /^0x/i,
    names: ['icc', 'simiccid', 'iccidnumber'],
  },
  imsi: {
    // E.212: no MCC begins with 1, but 001 does if its zeros are lost.
    form: /^(?!1\d{5,13}$)\d{6,15}$/,
    expected: '6 to 15 digits',
    required: true,
    prefix: /^(imsi-?|0x)/i,
    zerosLost: /^1\d{5,13}$/,
  },
  // TS 35.231: K of TUAK may have 32 bytes.
  ki: {
    ...key,
    form: /^([0-9a-fA-F]{32}){1,2}$/,
    expected: '32 hexadecimal digits, or 64 with topc',
    required: true,
    names: ['k', 'key', 'authkey', 'permanentkey'],
  },
  opc: { ...key, names: ['authopc', 'opckey'] },
  op: { ...key, names: ['opkey'] },
  topc: {
    ...key,
    form: /^[0-9a-fA-F]{64}$/,
    expected: '64 hexadecimal digits',
    zerosLost: /^[0-9a-f]{48,63}$/i,
  },
  acc: {
    form: /^[0-9a-fA-F]{4}$/,
    expected: '4 hexadecimal digits',
    hex: true,
    zerosLost: /^[0-9a-f]{1,3}$/i,
    names: ['accessclass', 'accesscontrolclass'],
  },
  pin1: { ...pin, names: ['pin', 'chv1'] },
  puk1: { ...puk, names: ['puk'] },
  pin2: { ...pin, names: ['chv2'] },
  puk2: puk,
  // TS 102 221 §9.5.1: the 8 bytes of the key, or digits to be padded.
  adm1: {
    form: /^(\d{4,8}|[0-9a-fA-F]{16})$/,
    expected: '4 to 8 digits or 16 hexadecimal digits',
    secret: true,
    hex: true,
    zerosLost: /^(\d{1,3}|[0-9a-f]{13,15})$/i,
    names: ['adm', 'pinadm', 'admpin', 'admkey'],
  },
  mnc_length: { form: /^[23]$/, expected: '2 or 3', names: ['mnclen'] },
  msisdn: {
    form: /^\+?[1-9]\d{1,14}$/,
    expected: '2 to 15 digits, with or without +',
    names: ['phonenumber'],
  },
  ota_algorithm: {
    form: /^(aes|3des)$/i,
    expected: 'aes or 3des',
    names: ['otaalgo', 'otaalg'],
  },
  profile_type: {
    // Invalid UTF-8 has become U+FFFD.
    form: new RegExp(`^(?!=")[^\\p{Cc}\\uFFFD]{1,${PROFILE_TYPE_LIMIT}}$`, 'u'),
    expected: `1 to ${PROFILE_TYPE_LIMIT} characters`,
    text: true,
  },
} as const satisfies Record<string, FieldRule>;

/** TS 102 225 §5.1.1: KIc, KID and KIK of one set; the number of the set is their key version. */
export type OtaKeyName = `ki${'c' | 'd' | 'k'}${number}`;
export type ColumnName = keyof typeof FIELDS | OtaKeyName;

/** TS 102 225 annex A: key versions 1 to 15 are for SCP80. */
const OTA_SETS = Array.from({ length: 15 }, (_, index) => index + 1);
const OTA_KEY_NAMES: readonly OtaKeyName[] = OTA_SETS.flatMap((set) => [
  `kic${set}` as const,
  `kid${set}` as const,
  `kik${set}` as const,
]);

export const COLUMN_NAMES = [...Object.keys(FIELDS), ...OTA_KEY_NAMES] as readonly ColumnName[];

/** For people; abbreviates the keys of fifteen sets. */
export const COLUMNS_IN_WORDS = `${Object.keys(FIELDS).join(', ')}, and kic1, kid1, kik1 to kic15, kid15, kik15`;

export function ruleOf(name: ColumnName): FieldRule {
  return Object.hasOwn(FIELDS, name) ? FIELDS[name as keyof typeof FIELDS] : otaKey;
}

export function isOtaKeyName(name: string): name is OtaKeyName {
  return name.length > 3 && name.startsWith('ki');
}

const BY_NAME: ReadonlyMap<string, ColumnName> = new Map(
  COLUMN_NAMES.flatMap((name) =>
    [plainName(name), ...(ruleOf(name).names ?? [])].map((known) => [known, name] as const),
  ),
);

/** Longer names are ignored. */
const LONGEST_NAME = 100;

/** The column with this name, regardless of letter case and punctuation. */
export function columnNamed(text: string): ColumnName | undefined {
  if (text.length > LONGEST_NAME) return undefined;
  return BY_NAME.get(plainName(text)) ?? BY_NAME.get(plainName(text.replaceAll(/\([^)]*\)/g, '')));
}

/** Lower-case letters and digits only. */
export function plainName(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '');
}
