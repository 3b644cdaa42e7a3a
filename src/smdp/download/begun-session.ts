// §5.6.1: a session before authentication. It is not stored, so strangers leave nothing behind: its TransactionID,
// which only we can make, encodes the start and the CIs, and the challenge can be recomputed.
import { createCipheriv, createDecipheriv, createHmac, hash, randomBytes } from 'node:crypto';
import type { Context } from '../../context.ts';
import type { MasterKey } from '../../process/keys.ts';
import { formatTransactionId, parseTransactionId } from '../../rsp/identifiers.ts';
import type { Pki } from '../pki/pki.ts';
import type { ChosenCis, Ended, Initiated } from './session.ts';
import { oncePer } from '../../process/once-per.ts';
import { ShortMemory } from '../../process/short-memory.ts';

/** Time for the user to decide about a profile. */
export const SESSION_LIFETIME_MS = 30 * 60 * 1000;
/** Tolerated difference between the clocks of two nodes. */
const CLOCKS_DIFFER_MS = 5 * 60 * 1000;
const ID_LENGTH = 16;
const CHALLENGE_LENGTH = 16;
/** Octets for the time and the CIs; the others are random. */
const TIME_LENGTH = 4;
const CIS_LENGTH = 4;

type Keeper = Pick<Context, 'masterKey' | 'pki' | 'now'>;

/** A new TransactionID: time, CIs and random octets, encrypted as one block of AES. */
export function newTransactionId(chosen: ChosenCis, { masterKey, now }: Keeper): Uint8Array {
  const plain = Buffer.concat([
    Buffer.alloc(TIME_LENGTH),
    tokenOf(chosen),
    randomBytes(ID_LENGTH - TIME_LENGTH - CIS_LENGTH),
  ]);
  plain.writeUInt32BE(Math.floor(now().getTime() / 1000));
  const cipher = createCipheriv('aes-128-ecb', keysOf(masterKey, masterKey.id).id, null);
  return Uint8Array.from(cipher.setAutoPadding(false).update(plain));
}

/**
 * The serverChallenge of a session: indistinguishable from random without the master key.
 * @param id of the master key with which the session began
 */
export function serverChallengeOf(
  transactionId: Uint8Array,
  smdpAddress: string,
  { masterKey }: Pick<Context, 'masterKey'>,
  id = masterKey.id,
): Uint8Array {
  const mac = createHmac('sha256', keysOf(masterKey, id).challenge)
    .update(transactionId)
    .update(smdpAddress);
  return Uint8Array.from(mac.digest().subarray(0, CHALLENGE_LENGTH));
}

/** Whether it is the serverChallenge of a session, also of one that began before the master key was rotated. */
export function isServerChallenge(
  given: Uint8Array,
  transactionId: Uint8Array,
  smdpAddress: string,
  context: Pick<Context, 'masterKey'>,
): boolean {
  return context.masterKey.ids.some(
    (id) => Buffer.compare(given, serverChallengeOf(transactionId, smdpAddress, context, id)) === 0,
  );
}

/** The session of one of our TransactionIDs; undefined for any other. */
export function findBegunSession(text: string, context: Keeper): Initiated | Ended | undefined {
  const bytes = parseTransactionId(text);
  if (bytes?.length !== ID_LENGTH) return undefined;
  const { masterKey, pki, now } = context;
  const found = masterKey.ids
    .values()
    .map((id) => read(bytes, keysOf(masterKey, id).id, pki))
    .find((each) => each !== undefined);
  if (found === undefined || found.begun > now().getTime() + CLOCKS_DIFFER_MS) return undefined;
  const { begun, chosen } = found;
  const session = {
    transactionId: formatTransactionId(bytes),
    ...chosen,
    dateCreated: new Date(begun).toISOString(),
    dateExpires: new Date(begun + SESSION_LIFETIME_MS).toISOString(),
  };
  if (endedOf(masterKey).get(session.transactionId) !== true)
    return { ...session, step: 'initiated' };
  return { ...session, step: 'ended', proven: undefined, binding: undefined };
}

/** What a TransactionID says, if it was made with this key. */
function read(
  bytes: Uint8Array,
  key: Uint8Array,
  pki: Pki,
): { begun: number; chosen: ChosenCis } | undefined {
  const decipher = createDecipheriv('aes-128-ecb', key, null);
  const plain = decipher.setAutoPadding(false).update(bytes);
  const chosen = choicesOf(pki).get(plain.toString('hex', TIME_LENGTH, TIME_LENGTH + CIS_LENGTH));
  return chosen && { begun: plain.readUInt32BE() * 1000, chosen };
}

const ENDED_LIMIT = 10_000;
/** Sessions ended before authentication, remembered by this node up to a limit. */
const endedOf = oncePer(
  (_key: MasterKey) => new ShortMemory<true>(SESSION_LIFETIME_MS, ENDED_LIMIT),
);

/** Also on the other workers of this server. */
export function endBegunSession(
  { transactionId }: Initiated,
  { masterKey, peers }: Pick<Context, 'masterKey' | 'peers'>,
): void {
  endedOf(masterKey).set(transactionId, true);
  peers.tell('session ended', transactionId);
}

/** Learns of sessions that other workers have ended. */
export function hearEndedSessions({
  masterKey,
  peers,
}: Pick<Context, 'masterKey' | 'peers'>): void {
  peers.onTold('session ended', (transactionId) => endedOf(masterKey).set(transactionId, true));
}

interface SessionKeys {
  id: Uint8Array;
  challenge: Uint8Array;
}

const madeKeysOf = oncePer((_key: MasterKey) => new Map<string, SessionKeys>());

/** @param id of the master key that they are derived from */
function keysOf(masterKey: MasterKey, id: string): SessionKeys {
  const made = madeKeysOf(masterKey);
  const known = made.get(id);
  if (known !== undefined) return known;
  const keys = {
    id: masterKey.derive('TransactionID', 16, id),
    challenge: masterKey.derive('serverChallenge', 32, id),
  };
  made.set(id, keys);
  return keys;
}

function tokenOf(chosen: ChosenCis): Buffer {
  const ids = `${chosen.euiccCiPKId} ${chosen.dpCiPKId}`;
  return hash('sha256', ids, 'buffer').subarray(0, CIS_LENGTH);
}

/** All possible pairs of CIs, by their octets in a TransactionID, in hex. */
const choicesOf = oncePer((pki: Pki): Map<string, ChosenCis> => {
  // Expired ones too, so that the expiry becomes the reason to refuse.
  const ids = pki.certificates
    .filter(({ role }) => role === 'ci')
    .map(({ ciPKIdHex }) => ciPKIdHex);
  const pairs = ids.flatMap((euicc) => ids.map((dp) => ({ euiccCiPKId: euicc, dpCiPKId: dp })));
  return new Map(pairs.map((pair) => [tokenOf(pair).toString('hex'), pair]));
});
