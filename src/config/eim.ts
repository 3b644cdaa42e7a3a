// The eIM of IoT devices.
import { reachableAt } from './listeners.ts';
import type { ListenerConfig } from './listeners.ts';
import { itemsOf, SERVER_ADDRESS, SERVER_ADDRESS_TEXT } from './reader.ts';
import type { SettingsReader } from './reader.ts';
import type { RentedSmdpConfig } from './rented-smdp.ts';

export interface EimConfig {
  /** How eUICCs know the eIM; undefined: by the host of its FQDN. */
  eimId: string | undefined;
  /** Where IPAs reach it: host, with the port if it is not 443. */
  eimFqdn: string;
  /** SM-DP+s of others from which it downloads: any, or these; host names, with their ports if they are not 443, or `*.DOMAIN`. */
  eimSmdps: 'any' | readonly string[];
  /** CAs, besides the CIs, under which their TLS certificates may be: those that Node trusts, or those in a PEM file. */
  eimSmdpCa: 'public' | { file: string } | undefined;
  /** PEM file of the CIs that the eIM trusts in front of a rented SM-DP+; with the built-in one, they are in the database. */
  eimCiFile: string | undefined;
}

export const EIM_SETTINGS = [
  [
    'SIMWRIGHT_EIM_FQDN',
    'localhost and the ESipa port',
    'Host (and port) where IoT devices reach the eIM.',
  ],
  [
    'SIMWRIGHT_EIM_ID',
    'the host of SIMWRIGHT_EIM_FQDN',
    'eimId by which eUICCs know the eIM; those that have another one do not obey it.',
  ],
  [
    'SIMWRIGHT_EIM_SMDPS',
    'any',
    'SM-DP+s of others from which the eIM downloads: any, off, or hosts and *.DOMAINs, separated by commas.',
  ],
  [
    'SIMWRIGHT_EIM_SMDP_CA',
    'off',
    'CAs, besides the CIs, under which TLS certificates of those may be: public, or a PEM file.',
  ],
  [
    'SIMWRIGHT_EIM_CI',
    'none',
    'PEM file of the CIs that the eIM trusts in front of a rented SM-DP+.',
  ],
] as const;

const SMDP_PATTERN = /^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/;

export function parseEim(
  read: SettingsReader,
  { esipaHost, esipaPort }: ListenerConfig,
  rented: RentedSmdpConfig | undefined,
): EimConfig {
  const { pattern, file, refuse } = read;
  const config = {
    eimId: pattern('SIMWRIGHT_EIM_ID', /^[\x21-\x7e]{1,128}$/, '1 to 128 printable characters'),
    eimFqdn:
      pattern('SIMWRIGHT_EIM_FQDN', SERVER_ADDRESS, SERVER_ADDRESS_TEXT) ??
      reachableAt(esipaHost, esipaPort ?? 443),
    eimSmdps: parseSmdps(read, 'SIMWRIGHT_EIM_SMDPS'),
    eimSmdpCa: parseSmdpCa(read, 'SIMWRIGHT_EIM_SMDP_CA'),
    eimCiFile: file('SIMWRIGHT_EIM_CI'),
  };
  if (config.eimCiFile !== undefined && rented === undefined) {
    refuse(
      'SIMWRIGHT_EIM_CI is set, but SIMWRIGHT_SMDP is not: with the built-in SM-DP+, CIs are imported by simwright pki import',
    );
  }
  return config;
}

function parseSmdps({ text, refuse }: SettingsReader, name: string): EimConfig['eimSmdps'] {
  const value = text(name) ?? 'any';
  if (value === 'any') return value;
  const given = value === 'off' ? [] : itemsOf(value);
  const wrong = given.filter((item) => !SMDP_PATTERN.test(item));
  if (wrong.length > 0) {
    refuse(
      `${name} must be any, off, or hosts such as smdp.example.com, smdp.example.com:8443 or *.example.com, ` +
        `separated by commas; it has '${wrong.join("', '")}'`,
    );
  }
  return given.map((item) => item.toLowerCase());
}

function parseSmdpCa({ text, file }: SettingsReader, name: string): EimConfig['eimSmdpCa'] {
  const value = text(name);
  if (value === undefined || value === 'off') return undefined;
  return value === 'public' ? value : { file: file(name)! };
}
