// What the eIM sends to an eUICC that nobody has registered, if a range has its EID: first the IPA is asked for certificates, for
// which nothing is stored; then comes a package whose result only the holder of their key can sign.
import { createHash } from 'node:crypto';
import type { EimContext } from '../eim.ts';
import { signEuiccPackage } from '../euicc-package.ts';
import { listProfileInfo, psmoPackage } from '../commands.ts';
import { euiccDataRequest } from '../operations/contents.ts';
import { eimIdOf } from '../server-keys.ts';
import type { EuiccContactRow } from '../../store/schema.ts';

/** Of an association that nobody has used yet. If it was, the eUICC signs replayError, which proves as much. */
const FIRST_COUNTER = 1;
const TRANSACTION_ID_SIZE = 16;

/** @returns DER of an eIM package; undefined: the eUICC is none of ours */
export async function contactPackage(
  eid: string,
  { store, now }: Pick<EimContext, 'store' | 'now'>,
): Promise<Uint8Array | undefined> {
  const range = await store.euiccRanges.of(eid);
  if (range === undefined) return undefined;
  const contact = await store.euiccContacts.find(eid);
  if (contact !== undefined && isOpen(contact, now())) {
    return contact.request.length > 0 ? contact.request : undefined;
  }
  return range.registered < range.most ? euiccDataRequest(askedOf(eid)) : undefined;
}

export const isOpen = ({ date_expires: expires }: EuiccContactRow, now: Date) =>
  Date.parse(expires) > now.getTime();

/** It has no secret: the answer counts whether or not it was asked for. */
function askedOf(eid: string): Uint8Array {
  const digest = createHash('sha256').update(`first contact ${eid}`).digest();
  return Uint8Array.from(digest.subarray(0, TRANSACTION_ID_SIZE));
}

/** listProfileInfo, which changes nothing on the eUICC. */
export async function proofPackage(
  {
    eid,
    eim_key: key,
    association_token: token,
  }: Pick<EuiccContactRow, 'eid' | 'eim_key' | 'association_token'>,
  eimTransactionId: Uint8Array,
  { eim, config }: Pick<EimContext, 'eim' | 'config'>,
): Promise<Uint8Array> {
  const association = { eid, eimId: eimIdOf(config), associationToken: token ?? undefined };
  const { der } = await signEuiccPackage(await eim.keys.identity(key), association, {
    counterValue: FIRST_COUNTER,
    eimTransactionId,
    euiccPackage: psmoPackage(listProfileInfo()),
  });
  return der;
}
