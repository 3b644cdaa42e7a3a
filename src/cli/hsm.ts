// What the commands about the HSM have in common.
import { createPublicKey } from 'node:crypto';
import { readConfig } from '../config.ts';
import { HsmError } from '../pkcs11/errors.ts';
import type { Hsm, HsmLimits } from '../pkcs11/hsm.ts';
import type { HsmKey, TokenInfo } from '../pkcs11/messages.ts';
import { formatKeyUri, isNamed, parsePkcs11Uri, Pkcs11UriError } from '../pkcs11/uri.ts';
import type { Pkcs11Uri } from '../pkcs11/uri.ts';
import { hsmOf } from '../signing.ts';
import type { HsmUse } from '../signing.ts';
import type { KeyElsewhere } from '../smdp/pki/pki-import.ts';
import { UserError } from './user-error.ts';

/** Somebody waits, and knows which PIN it is. */
const LONG: Partial<HsmLimits> = { answerMs: 60_000, callMs: 60_000, openMs: 60_000 };
export const BY_HAND: HsmUse = { isDeliberate: true, limits: LONG };

/** Opens the HSM of the settings, does the work, and gives it back. */
export async function withHsm<T>(
  work: (hsm: Hsm, info: TokenInfo) => Promise<T>,
  use: HsmUse = {},
): Promise<T> {
  const { config, secrets } = readConfig();
  await using hsm = hsmOf(config, secrets, { ...BY_HAND, ...use });
  return await inWords(async () => {
    const there = needed(hsm);
    return work(there, await there.open());
  });
}

function needed(hsm: Hsm | undefined): Hsm {
  if (hsm !== undefined) return hsm;
  throw new UserError(
    'There is no HSM in the settings: SIMWRIGHT_HSM must be the PKCS #11 URI of its token and module, such as ' +
      'pkcs11:token=esim?module-path=/usr/lib/softhsm/libsofthsm2.so',
  );
}

async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof HsmError)
      throw new UserError(`SIMWRIGHT_HSM: ${cause.message}`, { cause });
    throw cause;
  }
}

/** The one key of this label, or of this URI. */
export async function keyNamed(hsm: Hsm, name: string): Promise<{ key: HsmKey; uri: string }> {
  const { token } = await hsm.open();
  const wanted = name.startsWith('pkcs11:') ? parsed(name) : { token: {}, key: { object: name } };
  const keys = await hsm.do({ kind: 'keys' });
  const found = keys.filter(({ label, idHex }) => isNamed(wanted, { token, label, idHex }));
  const uriOf = ({ label, idHex }: HsmKey) =>
    formatKeyUri({ token: token.token }, { object: label, idHex });
  const [key] = found;
  if (key !== undefined && found.length === 1) return { key, uri: uriOf(key) };
  const shown = (found.length > 1 ? found : keys).map((one) => `\n  ${uriOf(one)}`).join('');
  throw new UserError(
    found.length > 1
      ? `Expected one key named '${name}' in the token; there are ${found.length}:${shown}`
      : `Expected a key named '${name}' in the token; its keys on P-256 and brainpoolP256r1 are:${shown || '\n  none'}`,
  );
}

function parsed(uri: string): Pkcs11Uri {
  try {
    return parsePkcs11Uri(uri);
  } catch (cause) {
    if (cause instanceof Pkcs11UriError)
      throw new UserError(`A PKCS #11 URI ${cause.message}`, { cause });
    throw cause;
  }
}

/** @param uri of a key, given instead of a file */
export function keyElsewhere(hsm: Hsm | undefined, uri: string): Promise<KeyElsewhere> {
  return inWords(async () => {
    const { key } = await keyNamed(needed(hsm), uri);
    if (key.spki !== undefined) return { name: uri, publicKey: publicKeyOf(key.spki) };
    throw new UserError(
      `${uri}: the token has no public key with its ID; leave it out, and it is found by its signatures`,
    );
  });
}

export const publicKeyOf = (spki: Uint8Array) =>
  createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
