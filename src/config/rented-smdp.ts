// The SM-DP+ that is rented, and who we are for it.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { itemsOf, MOST_DAYS } from './reader.ts';
import type { SettingsReader } from './reader.ts';

export interface RentedConfig {
  /** The SM-DP+ that is rented; undefined: the built-in one. */
  rentedSmdp: RentedSmdpConfig | undefined;
  /** Days that an order waits for a rented SM-DP+ that does not answer; then it fails. */
  smdpPatienceDays: number;
}

/** A rented SM-DP+, and who we are for it. */
export interface RentedSmdpConfig {
  /** `https:` */
  url: string;
  /** PEM files: our certificate and its key, and the CAs that the SM-DP+'s certificates must be under. */
  certificateFile: string;
  keyFile: string;
  caFile: string;
  /** Of the certificate that our ES2+ listener shows it. */
  es2CertificateFile: string;
  es2KeyFile: string;
  /** functionRequesterIdentifier */
  requester: string;
  /** Of orders that name neither a profile type nor an ICCID, one of which ES2+ needs. */
  profileType: string | undefined;
  /** SHA-256 of certificates, besides those for its host, with which it may report; upper-case hex. */
  reporters: string[];
}

export const RENTED_SMDP_SETTINGS = [
  [
    'SIMWRIGHT_SMDP',
    'the built-in one',
    'es2plus:https://HOST[:PORT] of a rented SM-DP+, from which the profiles then come.',
  ],
  ['SIMWRIGHT_SMDP_CERTIFICATE', 'none', 'PEM file of our client certificate for it.'],
  ['SIMWRIGHT_SMDP_KEY', 'none', 'PEM file of the private key of that certificate.'],
  [
    'SIMWRIGHT_ES2_CERTIFICATE',
    'SIMWRIGHT_SMDP_CERTIFICATE',
    'PEM file of the certificate that our ES2+ shows a rented SM-DP+.',
  ],
  ['SIMWRIGHT_ES2_KEY', 'SIMWRIGHT_SMDP_KEY', 'PEM file of the private key of that certificate.'],
  ['SIMWRIGHT_SMDP_CA', 'none', 'PEM file of the CAs that its certificates must be under.'],
  [
    'SIMWRIGHT_SMDP_REQUESTER',
    'simwright',
    'functionRequesterIdentifier: how the rented SM-DP+ knows us.',
  ],
  [
    'SIMWRIGHT_SMDP_PROFILE_TYPE',
    'none',
    'ProfileType, at a rented SM-DP+, of orders that name neither that nor an ICCID.',
  ],
  [
    'SIMWRIGHT_SMDP_REPORTERS',
    'those for its host',
    'SHA-256 fingerprints of more certificates with which it may report, separated by commas.',
  ],
  [
    'SIMWRIGHT_SMDP_PATIENCE_DAYS',
    '7',
    'Days that an order waits for a rented SM-DP+ that does not answer, before it fails.',
  ],
] as const;

const RENTED_SMDP = {
  certificateFile: 'SIMWRIGHT_SMDP_CERTIFICATE',
  keyFile: 'SIMWRIGHT_SMDP_KEY',
  caFile: 'SIMWRIGHT_SMDP_CA',
} as const;

const ONLY_RENTED = [
  'SIMWRIGHT_SMDP_REPORTERS',
  'SIMWRIGHT_SMDP_PROFILE_TYPE',
  'SIMWRIGHT_ES2_CERTIFICATE',
  'SIMWRIGHT_ES2_KEY',
];

export function parseRentedSmdp(read: SettingsReader): RentedConfig {
  return {
    rentedSmdp: parseRented(read),
    smdpPatienceDays: read.integer('SIMWRIGHT_SMDP_PATIENCE_DAYS', 7, 1, MOST_DAYS),
  };
}

function parseRented({ text, refuse }: SettingsReader): RentedSmdpConfig | undefined {
  const value = text('SIMWRIGHT_SMDP');
  if (value === undefined) {
    for (const name of [...Object.values(RENTED_SMDP), ...ONLY_RENTED]) {
      if (text(name) !== undefined) refuse(`${name} is set, but SIMWRIGHT_SMDP is not`);
    }
    return undefined;
  }
  const url = value.startsWith('es2plus:') ? URL.parse(value.slice('es2plus:'.length)) : null;
  const isRoot = url?.pathname === '/' && url.search === '' && url.hash === '';
  if (url?.protocol !== 'https:' || !isRoot || url.username !== '') {
    refuse(`SIMWRIGHT_SMDP must be es2plus:https://HOST[:PORT]; it is '${value}'`);
  }
  const file = (name: string): string => {
    const path = text(name);
    if (path === undefined) {
      refuse(`${name} must be a PEM file, because SIMWRIGHT_SMDP is a rented SM-DP+`);
    } else if (!existsSync(path)) {
      refuse(`${name} must be a file; there is no ${resolve(path)}`);
    }
    return resolve(path ?? '');
  };
  const reporters = itemsOf(text('SIMWRIGHT_SMDP_REPORTERS') ?? '').flatMap(
    (item) => item.replaceAll(/[:\s]/g, '').toUpperCase() || [],
  );
  if (!reporters.every((item) => /^[0-9A-F]{64}$/.test(item))) {
    refuse('SIMWRIGHT_SMDP_REPORTERS must be SHA-256 fingerprints, separated by commas');
  }
  const own = {
    certificateFile: file(RENTED_SMDP.certificateFile),
    keyFile: file(RENTED_SMDP.keyFile),
    caFile: file(RENTED_SMDP.caFile),
  };
  const es2 = text('SIMWRIGHT_ES2_CERTIFICATE');
  if ((es2 === undefined) !== (text('SIMWRIGHT_ES2_KEY') === undefined)) {
    refuse('SIMWRIGHT_ES2_CERTIFICATE and SIMWRIGHT_ES2_KEY go together; one is missing');
  }
  return {
    url: url?.href ?? '',
    ...own,
    es2CertificateFile: es2 === undefined ? own.certificateFile : file('SIMWRIGHT_ES2_CERTIFICATE'),
    es2KeyFile: es2 === undefined ? own.keyFile : file('SIMWRIGHT_ES2_KEY'),
    profileType: text('SIMWRIGHT_SMDP_PROFILE_TYPE'),
    requester: text('SIMWRIGHT_SMDP_REQUESTER') ?? 'simwright',
    reporters,
  };
}
