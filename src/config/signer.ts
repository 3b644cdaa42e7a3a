// What signs for DPauth and DPpb certificates whose keys are not in the database.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parsePkcs11Uri, Pkcs11UriError } from '../pkcs11/uri.ts';
import type { Pkcs11Uri, TokenName } from '../pkcs11/uri.ts';
import { SecretError, secretSource } from '../process/secret-source.ts';
import type { SettingsReader } from './reader.ts';
import type { Env } from './secrets.ts';

export interface SignerConfig {
  /** The module that signs for DPauth and DPpb certificates whose keys are not in the database. */
  signer: string | undefined;
  /** The HSM that signs for them; undefined: there is none. */
  hsm: HsmConfig | undefined;
}

/** A token, its PKCS #11 module, and how many sessions each process opens. */
export interface HsmConfig {
  module: string;
  token: TokenName;
  sessions: number;
}

export const SIGNER_SETTINGS = [
  [
    'SIMWRIGHT_SIGNER',
    'none',
    'JavaScript module that signs for DPauth and DPpb when their keys are not here.',
  ],
  [
    'SIMWRIGHT_HSM',
    'none',
    'PKCS #11 URI of the token that has the keys of DPauth and DPpb: pkcs11:token=LABEL?module-path=FILE.',
  ],
  ['SIMWRIGHT_HSM_PIN', 'none', 'User PIN of that token.'],
  ['SIMWRIGHT_HSM_PIN_FILE', 'none', 'File that holds the PIN, instead.'],
  ['SIMWRIGHT_HSM_PIN_COMMAND', 'none', 'Command that prints the PIN, instead.'],
  ['SIMWRIGHT_HSM_SESSIONS', '4', 'Signatures that each process asks of it at once.'],
] as const;

/** The setting of the HSM's PIN, and how those begin that say where it is. */
export const HSM_PIN = 'SIMWRIGHT_HSM_PIN';

const HSM_PIN_SETTINGS = ['', '_FILE', '_COMMAND'].map((suffix) => `${HSM_PIN}${suffix}`);

const MOST_HSM_SESSIONS = 64;

export function parseSigner(read: SettingsReader): SignerConfig {
  const signer = read.file('SIMWRIGHT_SIGNER');
  const hsm = parseHsm(read);
  if (signer !== undefined && hsm !== undefined) {
    read.refuse('SIMWRIGHT_HSM and SIMWRIGHT_SIGNER both sign for DPauth and DPpb; set only one');
  }
  return { signer, hsm };
}

function parseHsm({ text, integer, refuse }: SettingsReader): HsmConfig | undefined {
  const sessions = integer('SIMWRIGHT_HSM_SESSIONS', 4, 1, MOST_HSM_SESSIONS);
  const value = text('SIMWRIGHT_HSM');
  if (value === undefined) {
    for (const name of HSM_PIN_SETTINGS) {
      if (text(name) !== undefined) refuse(`${name} is set, but SIMWRIGHT_HSM is not`);
    }
    return undefined;
  }
  try {
    secretSource(HSM_PIN, hsmPinSettings(text));
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    refuse(error.message);
  }
  try {
    const uri = parsePkcs11Uri(value);
    const { modulePath = '' } = uri;
    const problem = hsmProblem(uri);
    if (problem !== undefined) throw new Pkcs11UriError(problem);
    return { module: resolve(modulePath), token: uri.token, sessions };
  } catch (error) {
    if (!(error instanceof Pkcs11UriError)) throw error;
    // The value may hold a PIN, so it is not repeated.
    refuse(`SIMWRIGHT_HSM ${error.message}`);
    return undefined;
  }
}

function hsmProblem({ attributes, token, modulePath }: Pkcs11Uri): string | undefined {
  if (attributes.has('pin-value') || attributes.has('pin-source')) {
    return `must not have a PIN; set ${HSM_PIN_SETTINGS.join(', ')}`;
  }
  if (attributes.has('object') || attributes.has('id') || attributes.has('type')) {
    return 'must name a token, not a key: keys are found by the public keys of their certificates';
  }
  if (token.token === undefined && token.serial === undefined) {
    return 'must have token= or serial= (numbers of slots change); see: simwright hsm show --help';
  }
  if (modulePath === undefined) {
    return "must have module-path=, the file of the HSM's PKCS #11 module, after a ?";
  }
  if (!existsSync(modulePath)) {
    return `must have the file of a PKCS #11 module as its module-path; there is no ${resolve(modulePath)}`;
  }
  return undefined;
}

/** Those of `HSM_PIN` that are set. */
export function hsmPinSettings(text: SettingsReader['text']): Env {
  const set = HSM_PIN_SETTINGS.map((name) => [name, text(name)]);
  return Object.fromEntries(set.filter(([, value]) => value !== undefined)) as Env;
}
