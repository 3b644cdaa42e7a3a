// The certificates of an eUICC that nobody has registered. They are public, so they prove nothing yet: what is kept of them is small,
// for a while, and for few eUICCs of a range at a time.
import type { EimContext } from '../eim.ts';
import { capabilitiesTold } from '../capabilities.ts';
import { newEimTransactionId } from '../euicc-package.ts';
import { eidIn, verifiedEuicc } from '../euicc-record.ts';
import { newestKeyNumber } from '../server-keys.ts';
import { EUICC_CONTACT_KEPT_MS } from '../../process/retention.ts';
import type { IpaEuiccDataResponse } from '../../rsp/definitions/eim-package.ts';
import type { EuiccContactRow } from '../../store/schema.ts';
import { isOpen, proofPackage } from './contact-package.ts';

/** So many of a range may wait for their proof. */
export const MOST_CONTACTS = 100;

/**
 * @param named the EID that the IPA has given
 * @returns undefined: the eUICC is none of ours; else whether it was accepted
 */
export async function takeContactData(
  { ipaEuiccData: data }: IpaEuiccDataResponse,
  named: string | undefined,
  context: EimContext,
): Promise<boolean | undefined> {
  const { store, log, transact } = context;
  const { euiccCertificate, eumCertificate, associationToken } = data ?? {};
  if (data === undefined || euiccCertificate === undefined || eumCertificate === undefined) {
    return undefined;
  }
  const eid = named ?? eidIn(euiccCertificate);
  const range = eid === undefined ? undefined : await store.euiccRanges.of(eid);
  if (eid === undefined || range === undefined || (await store.euiccs.find(eid)) !== undefined) {
    return undefined;
  }
  const verified = verifiedEuicc(eid, euiccCertificate, eumCertificate, context);
  if (typeof verified === 'string') {
    log.warn({ eid, reason: verified }, 'the certificates of an unknown eUICC are not accepted');
    return false;
  }
  const known = await store.euiccContacts.find(eid);
  const told = {
    association_token: associationToken ?? null,
    euicc_certificate: euiccCertificate.toBase64(),
    eum_certificate: eumCertificate.toBase64(),
    capabilities: JSON.stringify(capabilitiesTold(data)),
  };
  if (known !== undefined && isOpen(known, context.now()) && isSame(known, told)) return true;
  const transactionId = newEimTransactionId();
  const eim_key = await newestKeyNumber(store);
  const request = await proofPackage({ eid, eim_key, ...told }, transactionId, context);
  return transact(async ({ tables, now }) => {
    const current = await tables.euiccRanges.lock(range.eid_prefix);
    if (current === undefined) return false;
    const date = now.toISOString();
    const waiting = await tables.euiccContacts.count(current.eid_prefix, date, eid);
    if (current.registered >= current.most || waiting >= MOST_CONTACTS) {
      const { eid_prefix, registered, most } = current;
      log.warn({ eid, eid_prefix, registered, most, waiting }, 'the range takes no more eUICCs');
      return false;
    }
    await tables.euiccContacts.put({
      eid,
      eid_prefix: current.eid_prefix,
      account_sid: current.account_sid,
      eim_key,
      attempts: 1,
      transaction_id: transactionId.toHex().toUpperCase(),
      request,
      ...told,
      date_created: date,
      date_expires: new Date(now.getTime() + EUICC_CONTACT_KEPT_MS).toISOString(),
    });
    return true;
  });
}

/** What has refused all our keys has its time until it is asked again. */
const isSame = (
  known: EuiccContactRow,
  told: Pick<EuiccContactRow, 'association_token' | 'euicc_certificate' | 'eum_certificate'>,
) =>
  known.request.length === 0 ||
  (known.association_token === told.association_token &&
    known.euicc_certificate === told.euicc_certificate &&
    known.eum_certificate === told.eum_certificate);
