// What an eUICC, or its IPA, is to do now: the bytes that were sent before, as long as no result has come, or those of the next
// operation. Whatever leaves is stored first.
import { nextCounterValue } from '../counter.ts';
import { EimError } from '../eim-error.ts';
import type { EimContext } from '../eim.ts';
import { associationOf } from '../euicc-record.ts';
import { nextAllowed } from '../fleet/gate.ts';
import { newEimTransactionId, signEuiccPackage } from '../euicc-package.ts';
import { Conflict } from '../../store/errors.ts';
import type { EimOperationRow, EuiccRow } from '../../store/schema.ts';
import { askBeforeDownload } from './ask-before-download.ts';
import { withOtherToken } from './association-tokens.ts';
import { MOST_SENT, sentApartMs } from './attempts.ts';
import { euiccPackageOf, ipaPackage, isOfEuicc } from './contents.ts';
import { downloadAddressOf } from './download.ts';
import { giveUp, withLast } from './give-up.ts';
import { changeOperation, endOperation } from './operation.ts';

/** @returns DER of the eIM package; undefined: there is nothing to do. Throws `Conflict` if others did something meanwhile. */
export async function handOut(
  euicc: EuiccRow,
  context: EimContext,
): Promise<Uint8Array | undefined> {
  for (;;) {
    const operation = await nextAllowed(euicc.eid, context.store);
    if (operation === undefined || isPaused(operation, context)) return undefined;
    if (operation.kind === 'download') {
      const asked = await askBeforeDownload(euicc, context);
      if (asked !== undefined) return asked;
    }
    const handed =
      operation.status === 'sent'
        ? await sendAgain(operation, euicc, context)
        : await sendFirst(operation, euicc, context);
    if (handed === undefined) continue;
    const { account_sid, bulk_sid: sid } = operation;
    if (sid !== null) context.eim.handedOut?.({ account_sid, sid });
    return handed;
  }
}

/** An attempt has just failed: the next one, and what waits behind it, can wait. */
const isPaused = ({ date_due: due }: EimOperationRow, { now }: EimContext) =>
  due !== null && due > now().toISOString();

/** @returns undefined if it is not sent any more */
async function sendAgain(
  operation: EimOperationRow,
  euicc: EuiccRow,
  context: EimContext,
): Promise<Uint8Array | undefined> {
  const { transact, log, store, now: time } = context;
  const sent = await store.eimOperations.newestPackage(operation.eid, operation.sid);
  if (sent?.state === 'open') {
    const isCounted = Date.parse(sent.date_sent) <= time().getTime() - sentApartMs(sent.sent);
    if (!isCounted) return sent.request;
  }
  const turned =
    sent?.counter == null ? undefined : await withOtherToken(sent, operation, euicc, context);
  return transact(async (unit) => {
    const { tables, now } = unit;
    const locked = await tables.euiccs.lock(operation.eid);
    const current = await tables.eimOperations.find(operation.eid, operation.sid);
    const open = await tables.eimOperations.newestPackage(operation.eid, operation.sid);
    if (current?.status !== 'sent' || open?.state !== 'open') throw new Conflict('it has ended');
    if (open.sent >= MOST_SENT) {
      const why = withLast(`It was sent ${open.sent} times, and no result has come`, current);
      await giveUp(current, why, unit);
      log.warn({ eid: operation.eid, operation: operation.sid }, why);
      return undefined;
    }
    const date = now.toISOString();
    const again = { sent: open.sent + 1, date_sent: date };
    if (turned === undefined) {
      await tables.eimOperations.updatePackage(open, again);
      return open.request;
    }
    const isSame =
      open.number === sent?.number &&
      locked?.reported === euicc.reported &&
      locked.association_token === euicc.association_token;
    if (!isSame) throw new Conflict('the eUICC was changed');
    const { request, changed } = turned;
    await tables.euiccs.update(operation.eid, changed);
    await tables.eimOperations.updatePackage(open, { ...again, request });
    return request;
  });
}

/** @returns undefined if it cannot be sent */
async function sendFirst(
  operation: EimOperationRow,
  euicc: EuiccRow,
  context: EimContext,
): Promise<Uint8Array | undefined> {
  const prepared = await prepare(operation, euicc, context);
  return context.transact(async (unit) => {
    const { tables, now } = unit;
    const current = await tables.euiccs.lock(euicc.eid);
    const next = await nextAllowed(euicc.eid, tables);
    // Signed for what was read before.
    const isSame =
      current !== undefined &&
      current.counter === euicc.counter &&
      current.package_number === euicc.package_number &&
      current.association_token === euicc.association_token &&
      current.eim_key === euicc.eim_key;
    if (!isSame || next?.sid !== operation.sid || next.status !== 'queued') {
      throw new Conflict('the eUICC was changed');
    }
    if ('refused' in prepared) {
      const { failure: errorCode, message: errorMessage } = prepared.refused;
      await endOperation(next, { status: 'failed', errorCode, errorMessage }, {}, unit);
      return undefined;
    }
    const { counter, transactionId, request } = prepared;
    const date = now.toISOString();
    const number = euicc.package_number + 1;
    await tables.euiccs.update(euicc.eid, {
      package_number: number,
      ...(counter === null ? {} : { counter }),
    });
    await tables.eimOperations.insertPackage({
      eid: euicc.eid,
      number,
      account_sid: euicc.account_sid,
      operation_sid: operation.sid,
      transaction_id: transactionId.toHex().toUpperCase(),
      counter,
      request,
      response: null,
      rsp_transaction_id: null,
      smdp_address: downloadAddressOf(operation, euicc),
      rsp_session: null,
      state: 'open',
      sent: 1,
      after_seq_number: lastSeqNumberOf(euicc),
      date_created: date,
      date_sent: date,
      date_ended: null,
    });
    await changeOperation(next, { status: 'sent', date_sent: date, error_message: null }, unit);
    return request;
  });
}

/** What an eUICC signs is numbered: its results and its notifications together. */
function lastSeqNumberOf(euicc: EuiccRow): number | null {
  const known = [euicc.seq_number, euicc.installation_seq_number].filter((one) => one !== null);
  return known.length === 0 ? null : Math.max(...known);
}

type Prepared =
  | { counter: number | null; transactionId: Uint8Array; request: Uint8Array }
  | { refused: EimError };

async function prepare(
  operation: EimOperationRow,
  euicc: EuiccRow,
  context: EimContext,
): Promise<Prepared> {
  const transactionId = newEimTransactionId();
  if (!isOfEuicc(operation)) {
    return { counter: null, transactionId, request: ipaPackage(operation, euicc, transactionId) };
  }
  try {
    const { keys } = context.eim;
    const counterValue = nextCounterValue(euicc.counter);
    const euiccPackage = await euiccPackageOf(operation, keys, euicc);
    const identity = await keys.identity(euicc.eim_key);
    const { der } = await signEuiccPackage(identity, associationOf(euicc, context), {
      counterValue,
      eimTransactionId: transactionId,
      euiccPackage,
    });
    return { counter: counterValue, transactionId, request: der };
  } catch (error) {
    if (error instanceof EimError) return { refused: error };
    throw error;
  }
}
