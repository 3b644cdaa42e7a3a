// The proof: an eUICC that nobody has registered has signed the result of a package of ours, for itself and this transaction. Only
// now it is registered, with that result as the first of its history.
import type { EimContext } from '../eim.ts';
import { EimError } from '../eim-error.ts';
import { newEimTransactionId, readSentPackage } from '../euicc-package.ts';
import { verifiedEuicc } from '../euicc-record.ts';
import { insertEuicc, newEuiccRow } from '../euiccs.ts';
import { pushOrders } from '../push-orders.ts';
import type { PackageOutcome } from '../euicc-package-result.ts';
import { headOf, verifyPackageResult } from '../euicc-package-result.ts';
import { addOperation, changeOperation } from '../operations/operation.ts';
import type { Taken } from '../operations/take-package-result.ts';
import { settle } from '../operations/take-package-result.ts';
import { eimIdOf, newestKeyNumber } from '../server-keys.ts';
import type { EuiccPackageResult } from '../../rsp/definitions/euicc-package.ts';
import type { Encoded } from '../../rsp/encoded.ts';
import { AlreadyExists, Conflict } from '../../store/errors.ts';
import type { EimPackageRow, EuiccContactRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { isOpen, proofPackage } from './contact-package.ts';

/** One that has refused all our keys is asked again after so long. */
const REFUSED_MS = 10 * 60 * 1_000;

type Proof = Exclude<PackageOutcome, { outcome: 'unverified' }>;

/**
 * @param named the EID that the IPA has given
 * @returns undefined if it is the result of no such package. Throws `Conflict` if others did something meanwhile.
 */
export async function takeContactResult(
  result: Encoded<EuiccPackageResult>,
  named: string | undefined,
  context: EimContext,
): Promise<Taken | undefined> {
  const { store, log, now, config } = context;
  const contact = await contactOf(result.value, named, context);
  if (contact === undefined || !isOpen(contact, now()) || contact.request.length === 0) {
    return undefined;
  }
  const range = await store.euiccRanges.of(contact.eid);
  const { eid } = contact;
  // By its owner, meanwhile.
  const isRegisteredAlready = (await store.euiccs.find(eid)) !== undefined;
  if (range?.eid_prefix !== contact.eid_prefix || isRegisteredAlready) return undefined;
  const [euicc, eum] = [contact.euicc_certificate, contact.eum_certificate].map((text) =>
    Uint8Array.fromBase64(text),
  );
  const verified = verifiedEuicc(eid, euicc!, eum!, context);
  let outcome: PackageOutcome;
  try {
    outcome = verifyPackageResult(
      result.value,
      readSentPackage(eid, contact.request),
      {
        eid,
        eimId: eimIdOf(config),
        associationToken: contact.association_token ?? undefined,
        counterValue: 0,
        resultSignature: range.result_signature,
        acceptsUnsignedResults: false,
      },
      { euicc: typeof verified === 'string' ? undefined : verified },
    );
  } catch (error) {
    if (!(error instanceof EimError)) throw error;
    const reason = typeof verified === 'string' ? verified : error.message;
    log.warn({ eid, reason }, 'an unknown eUICC has not proved who it is');
    return { acknowledged: [], isRefused: true };
  }
  if (outcome.outcome === 'unverified') {
    await tryAnotherKey(contact, context);
    return { acknowledged: [] };
  }
  const proof: Proof = outcome;
  const isRegistered = await context
    .transact((unit) => register(contact, proof, result.der, context, unit))
    .catch((error: unknown) => {
      if (error instanceof AlreadyExists) throw new Conflict(error.message);
      throw error;
    });
  if (!isRegistered) return { acknowledged: [], isRefused: true };
  log.info({ eid, account: contact.account_sid }, 'an eUICC was registered by its first contact');
  await pushOrders(contact, context);
  return { acknowledged: outcome.outcome === 'executed' ? [outcome.seqNumber] : [] };
}

async function contactOf(
  result: EuiccPackageResult,
  named: string | undefined,
  { store: { euiccContacts } }: EimContext,
): Promise<EuiccContactRow | undefined> {
  const { eimTransactionId } = headOf(result);
  if (eimTransactionId !== undefined) {
    return euiccContacts.findByTransaction(eimTransactionId.toHex().toUpperCase());
  }
  return named === undefined ? undefined : euiccContacts.find(named);
}

async function register(
  { eid, transaction_id }: EuiccContactRow,
  outcome: Proof,
  response: Uint8Array,
  context: EimContext,
  unit: Unit,
): Promise<boolean> {
  const { tables, now } = unit;
  const { euiccRanges, euiccContacts, euiccs, eimOperations } = tables;
  const found = await euiccContacts.find(eid);
  const range = found && (await euiccRanges.lock(found.eid_prefix));
  const contact = await euiccContacts.lock(eid);
  if (range === undefined || contact?.transaction_id !== transaction_id) {
    throw new Conflict('the contact was changed');
  }
  if (range.registered >= range.most) {
    const { eid_prefix, most } = range;
    context.log.warn({ eid, eid_prefix, most }, 'the range takes no more eUICCs');
    return false;
  }
  const date = now.toISOString();
  const changed = { registered: range.registered + 1, date_updated: date };
  await euiccRanges.update(range.eid_prefix, changed);
  await euiccContacts.delete(eid);
  const counter = readSentPackage(eid, contact.request).counterValue;
  const given = {
    eid,
    friendlyName: null,
    resultSignature: range.result_signature,
    unsignedResults: false,
  };
  const euicc = {
    ...newEuiccRow(range.account_sid, given, { key: contact.eim_key, groupSid: null }, unit),
    association_token: contact.association_token,
    counter,
    package_number: 1,
    euicc_certificate: contact.euicc_certificate,
    eum_certificate: contact.eum_certificate,
    capabilities: contact.capabilities,
  };
  await insertEuicc(euicc, unit);
  const operation = await addOperation(euicc, 'listProfileInfo', {}, null, unit);
  await changeOperation(operation, { status: 'sent', date_sent: contact.date_created }, unit);
  const sent: EimPackageRow = {
    eid,
    number: 1,
    account_sid: range.account_sid,
    operation_sid: operation.sid,
    transaction_id,
    counter,
    request: contact.request,
    response: null,
    rsp_transaction_id: null,
    smdp_address: null,
    rsp_session: null,
    state: 'open',
    sent: 1,
    after_seq_number: null,
    date_created: contact.date_created,
    date_sent: contact.date_created,
    date_ended: null,
  };
  await eimOperations.insertPackage(sent);
  const locked = await euiccs.lock(eid);
  if (locked === undefined) throw new Conflict('the eUICC was removed');
  await settle(sent, response, outcome, context, unit);
  return true;
}

/** Anyone can write that, so it leads to no more than each of our keys being tried, once. */
async function tryAnotherKey(contact: EuiccContactRow, context: EimContext): Promise<void> {
  const { eid, eim_key: key, transaction_id } = contact;
  const newest = await newestKeyNumber(context.store);
  const isLast = contact.attempts >= newest;
  const eim_key = key > 1 ? key - 1 : newest;
  const transactionId = newEimTransactionId();
  const request = isLast
    ? new Uint8Array()
    : await proofPackage({ ...contact, eim_key }, transactionId, context);
  await context.transact(async ({ tables, now }) => {
    await tables.euiccRanges.lock(contact.eid_prefix);
    const current = await tables.euiccContacts.lock(eid);
    if (current?.transaction_id !== transaction_id) return;
    await tables.euiccContacts.put({
      ...current,
      eim_key,
      attempts: current.attempts + 1,
      transaction_id: transactionId.toHex().toUpperCase(),
      request,
      ...(isLast ? { date_expires: new Date(now.getTime() + REFUSED_MS).toISOString() } : {}),
    });
  });
  const outcome = isLast ? 'accepts no package of ours' : 'does not know our key';
  context.log.warn({ eid, key }, `an unknown eUICC ${outcome}, and has signed nothing`);
}
