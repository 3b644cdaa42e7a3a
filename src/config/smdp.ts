// The SM-DP+ as devices see it.
import { parseSmdsAddress } from '../smdp/smds/smds-address.ts';
import type { SmdsAddress } from '../smdp/smds/smds-address.ts';
import { reachableAt } from './listeners.ts';
import type { ListenerConfig } from './listeners.ts';
import { itemsOf, SERVER_ADDRESS, SERVER_ADDRESS_TEXT } from './reader.ts';
import type { SettingsReader } from './reader.ts';
import type { RentedSmdpConfig } from './rented-smdp.ts';

export interface SmdpConfig {
  /** Host, with the port if it is not 443, that activation codes point to. */
  smdpAddress: string;
  /** Where orders for an EID are announced. */
  smds: readonly SmdsAddress[];
  /** Whether CRLs are fetched from where certificates say. */
  crlFetch: boolean;
  /** How devices are treated whose CI's CRL is out of date. */
  outdatedCrl: 'warn' | 'refuse';
}

export const SMDP_SETTINGS = [
  [
    'SIMWRIGHT_SMDP_ADDRESS',
    'localhost and the ES9+ port',
    'Host (and port) that activation codes point to.',
  ],
  [
    'SIMWRIGHT_SMDS',
    'off',
    'SM-DSs where orders for an EID are announced, separated by commas: HOST[:PORT], with +forward if it forwards to a root SM-DS.',
  ],
  [
    'SIMWRIGHT_CRL_FETCH',
    'on',
    'Fetch the CRLs of trusted CAs from where their certificates say: on or off.',
  ],
  [
    'SIMWRIGHT_OUTDATED_CRL',
    'warn',
    'Devices whose CI has an outdated CRL: warn (and accept them) or refuse.',
  ],
] as const;

/** An event is registered at each of them. */
const MOST_SMDS = 4;

export function parseSmdp(
  read: SettingsReader,
  { es9Host, es9Port }: ListenerConfig,
  rented: RentedSmdpConfig | undefined,
): SmdpConfig {
  const { isOn, oneOf, pattern } = read;
  return {
    smdpAddress:
      pattern('SIMWRIGHT_SMDP_ADDRESS', SERVER_ADDRESS, SERVER_ADDRESS_TEXT) ??
      (rented && URL.parse(rented.url)?.hostname) ??
      reachableAt(es9Host, es9Port),
    smds: parseSmds(read, 'SIMWRIGHT_SMDS'),
    crlFetch: isOn('SIMWRIGHT_CRL_FETCH', 'on'),
    outdatedCrl: oneOf('SIMWRIGHT_OUTDATED_CRL', ['warn', 'refuse'], 'warn'),
  };
}

function parseSmds({ text, refuse }: SettingsReader, name: string): SmdsAddress[] {
  const value = text(name) ?? 'off';
  if (value === 'off') return [];
  const given = itemsOf(value);
  const parsed = given.map(parseSmdsAddress);
  const wrong = given.filter((_item, index) => parsed[index] === undefined);
  if (wrong.length > 0) {
    refuse(
      `${name} must be off or addresses such as smds.example.com or smds.example.com:8443+forward, ` +
        `separated by commas; it has '${wrong.join("', '")}'`,
    );
  }
  const right = parsed.filter((address) => address !== undefined);
  const names = right.map(({ address }) => address);
  const twice = names.find((address, index) => names.indexOf(address) < index);
  if (twice !== undefined) refuse(`${name} has ${twice} twice`);
  if (right.length > MOST_SMDS) refuse(`${name} must have at most ${MOST_SMDS} addresses`);
  return right;
}
