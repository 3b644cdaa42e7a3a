// The result of an eUICC package: checked in the order of SGP.32, stored with all that follows from it, and only then acknowledged.
import { EimError } from '../eim-error.ts';
import type { EimContext } from '../eim.ts';
import { readSentPackage } from '../euicc-package.ts';
import type { PackageOutcome, ResultContext } from '../euicc-package-result.ts';
import { verifyPackageResult } from '../euicc-package-result.ts';
import { associationOf, euiccOf, reportedOf } from '../euicc-record.ts';
import type { EuiccPackageResult } from '../../rsp/definitions/euicc-package.ts';
import type { Encoded } from '../../rsp/encoded.ts';
import type { EimOperationRow, EimPackageRow, EuiccRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { applyResults } from './apply-results.ts';
import type { Done } from './apply-results.ts';
import { keepProvedToken, tokensOf } from './association-tokens.ts';
import { askForProfiles, changeEuicc, listAfter } from '../euicc-changes.ts';
import { isListening } from '../injection/ipa.ts';
import { eimIdOf } from '../server-keys.ts';
import { giveUp } from './give-up.ts';
import { noteWaitingFor } from './note-waiting.ts';
import { askForKeptResults, signAgain } from './replayed.ts';
import { withOrders } from './orders-on-euicc.ts';
import { cancelOperation, endOperation, isAwaited } from './operation.ts';

/** Packages of one operation that were refused as replays, before it fails. */
const MOST_REPLAYS = 3;

export interface Taken {
  /** seqNumbers to be acknowledged. */
  acknowledged: number[];
  /** Whether it answers nothing that we have sent to an eUICC that we know. */
  isUnknown?: boolean;
  /** Whether it was not accepted, so that the IPA should keep it. */
  isRefused?: boolean;
}

/** @param eid that the IPA has named */
export async function takePackageResult(
  result: Encoded<EuiccPackageResult>,
  eid: string | undefined,
  context: EimContext,
): Promise<Taken> {
  const { store, log } = context;
  const sent = await findSent(result.value, eid, context);
  const euicc = sent && (await store.euiccs.find(sent.eid));
  if (sent === undefined || euicc === undefined) return { acknowledged: [], isUnknown: true };
  const fields = { eid: sent.eid, operation: sent.operation_sid, package: sent.number };
  const verified = euiccOf(euicc, context);
  let outcome: PackageOutcome;
  let token: number | undefined;
  try {
    const given = {
      euicc: typeof verified === 'string' ? undefined : verified,
      highestSeqNumber: euicc.seq_number ?? undefined,
    };
    ({ outcome, token } = verifyWithTokens(result.value, sent, euicc, given, context));
  } catch (error) {
    if (!(error instanceof EimError)) throw error;
    const reason = typeof verified === 'string' ? `${error.message} (${verified})` : error.message;
    log.warn({ ...fields, failure: error.failure, reason }, 'a result of an eUICC is not accepted');
    return { acknowledged: [], isRefused: true };
  }
  if (outcome.outcome === 'unverified') {
    // Anyone can write that, so the most that follows is that another token is tried.
    log.warn(
      { ...fields, ...outcome },
      'an eUICC does not accept the package, and has signed nothing',
    );
    await noteToken(euicc, outcome.associationToken, context);
    await noteWaitingFor(sent, notAccepted(outcome.error), context);
    return { acknowledged: [] };
  }
  if (!outcome.isSigned) log.warn(fields, 'a result without a signature was accepted');
  const { isSigned } = outcome;
  await context.transact(async (unit) => {
    await settle(sent, result.der, outcome, context, unit);
    if (isSigned) await keepProvedToken(sent.eid, token, unit);
  });
  return { acknowledged: outcome.outcome === 'executed' ? [outcome.seqNumber] : [] };
}

const notAccepted = (error = 'no code') =>
  `The eUICC does not accept the package, as its IPA says (${error}), and has signed nothing. It knows another key or association token of this eIM, or the IPA has left out what it does not know`;

/** Throws `EimError`. */
function verifyWithTokens(
  result: EuiccPackageResult,
  { eid, request }: EimPackageRow,
  euicc: EuiccRow,
  given: ResultContext,
  context: EimContext,
): { outcome: PackageOutcome; token: number | undefined } {
  const sent = readSentPackage(eid, request);
  const association = associationOf(euicc, context);
  const [token, ...others] = tokensOf(euicc);
  const verifiedWith = (associationToken: number | undefined) =>
    verifyPackageResult(result, sent, { ...association, associationToken }, given);
  try {
    return { outcome: verifiedWith(token), token };
  } catch (error) {
    const isOther = error instanceof EimError && error.failure === 'signature';
    if (!isOther || others.length === 0) throw error;
    return { outcome: verifiedWith(others[0]), token: others[0] };
  }
}

async function noteToken(
  { eid }: EuiccRow,
  told: number | undefined,
  { transact, store }: EimContext,
): Promise<void> {
  const euicc = await store.euiccs.find(eid);
  if (told === undefined || euicc === undefined || tokensOf(euicc).includes(told)) return;
  if (euicc.result_signature === 'eimSignature') return;
  await transact(async ({ tables }) => {
    const locked = await tables.euiccs.lock(eid);
    if (locked === undefined) return;
    const reported = { ...reportedOf(locked), told_association_token: told };
    await tables.euiccs.update(eid, { reported: JSON.stringify(reported) });
  });
}

/** By the eimTransactionId; else by the EID, and the counter if there is one. */
async function findSent(
  result: EuiccPackageResult,
  eid: string | undefined,
  { store: { eimOperations } }: Pick<EimContext, 'store'>,
): Promise<EimPackageRow | undefined> {
  const head =
    result.euiccPackageResultSigned?.euiccPackageResultDataSigned.value ??
    result.euiccPackageErrorSigned?.euiccPackageErrorDataSigned.value ??
    result.euiccPackageErrorUnsigned!;
  const { eimTransactionId } = head;
  if (eimTransactionId !== undefined) {
    const id = eimTransactionId.toHex().toUpperCase();
    const found = await eimOperations.packageByTransaction(id, eid);
    return found?.counter === null ? undefined : found;
  }
  if (eid === undefined || !('counterValue' in head)) return undefined;
  return eimOperations.packageByCounter(eid, head.counterValue);
}

/** Stores it, with all that follows. Of a unit in which nobody else settles one of this eUICC. */
export async function settle(
  sent: EimPackageRow,
  response: Uint8Array,
  outcome: Exclude<PackageOutcome, { outcome: 'unverified' }>,
  context: EimContext,
  unit: Unit,
): Promise<void> {
  const { tables } = unit;
  const euicc = await tables.euiccs.lock(sent.eid);
  const operation = await tables.eimOperations.find(sent.eid, sent.operation_sid);
  const packages = await tables.eimOperations.packagesOf(sent.eid, sent.operation_sid);
  const current = packages.find(({ number }) => number === sent.number);
  if (euicc === undefined || operation === undefined || current === undefined) return;
  if (current.state !== 'open') {
    await settleLate(current, operation, euicc, { response, outcome, context }, unit);
    return;
  }
  if (outcome.outcome === 'refused') {
    const seen = await changeEuicc(euicc, associatedAt(unit.now), unit);
    await settleRefused(sent, response, outcome.error, seen, unit);
    return;
  }
  await settleExecuted(operation, euicc, { response, outcome, context }, unit);
}

function associatedAt(now: Date): Partial<EuiccRow> {
  const date = now.toISOString();
  return { state: 'associated', date_seen: date, date_updated: date };
}

interface Executed {
  response: Uint8Array;
  outcome: Extract<PackageOutcome, { outcome: 'executed' }>;
  context: EimContext;
}

async function settleExecuted(
  operation: EimOperationRow,
  euicc: EuiccRow,
  { response, outcome, context }: Executed,
  unit: Unit,
): Promise<void> {
  const { tables, now } = unit;
  const eimId = eimIdOf(context.config);
  const applied = applyResults(operation, euicc, outcome, { now, eimId });
  const { ending, changed, done, isSurprising } = applied;
  const profiles =
    applied.profiles && (await withOrders(euicc.account_sid, applied.profiles, unit));
  await changeEuicc(
    euicc,
    {
      ...associatedAt(now),
      ...changed,
      ...(profiles === null
        ? {}
        : { profiles: JSON.stringify(profiles), date_profiles: now.toISOString() }),
      reported: JSON.stringify(applied.reported),
      seq_number: Math.max(euicc.seq_number ?? outcome.seqNumber, outcome.seqNumber),
    },
    unit,
  );
  await endOperation(operation, ending, { response }, unit);
  await noteOnOrders(done, operation, { outcome, context }, unit);
  if (changed.state === 'left') {
    const errorMessage = 'The eUICC no longer knows this eIM';
    for (const waiting of await tables.eimOperations.underWay(euicc.eid)) {
      if (await cancelOperation(waiting, errorMessage, unit)) continue;
      // Handed out after this one was given up: the eUICC does not take it any more.
      await giveUp(waiting, errorMessage, unit);
    }
  } else if (isSurprising) {
    await askForProfiles(euicc, unit);
  }
}

async function noteOnOrders(
  done: readonly Done[],
  { sid, account_sid: accountSid }: EimOperationRow,
  { outcome, context }: Pick<Executed, 'outcome' | 'context'>,
  unit: Unit,
): Promise<void> {
  for (const { iccid, name } of done) {
    const said = { name, operation: sid, isSigned: outcome.isSigned };
    await context.eim.noteOnOrder(accountSid, iccid, said, unit);
  }
}

/**
 * Of a package that was given up, or sent again as a replay: the eUICC has executed it all the same. What has come before is
 * acknowledged again, and changes nothing.
 */
async function settleLate(
  late: EimPackageRow,
  operation: EimOperationRow,
  euicc: EuiccRow,
  { response, outcome, context }: Omit<Executed, 'outcome'> & { outcome: PackageOutcome },
  unit: Unit,
): Promise<void> {
  const { tables, now } = unit;
  const eimId = eimIdOf(context.config);
  const newest = await tables.eimOperations.newestPackage(operation.eid, operation.sid);
  if (outcome.outcome !== 'executed') return;
  if (!isAwaited(operation)) {
    // What was signed again has failed because this had been executed: the IPA had not told of it when it was asked.
    const { ending } = applyResults(operation, euicc, outcome, { now, eimId });
    const isOvertaken = operation.status === 'failed' && (newest?.number ?? 0) > late.number;
    if (isOvertaken && ending.status === 'completed') {
      await endOperation(operation, ending, { response }, unit);
    }
    if (operation.status === 'cancelled' && late.response === null) {
      await tables.eimOperations.updatePackage(late, { response });
      await listAfter(operation, euicc, unit);
    }
    return;
  }
  const date_ended = now.toISOString();
  await tables.eimOperations.updatePackage(late, { state: 'resolved', response, date_ended });
  if (newest?.state === 'open') {
    await tables.eimOperations.updatePackage(newest, { state: 'dead', date_ended });
  }
  if (!outcome.isSigned || outcome.seqNumber > (euicc.seq_number ?? -1)) {
    await settleExecuted(operation, euicc, { response, outcome, context }, unit);
    return;
  }
  // What is on the eUICC now, a later one may have told, or not.
  const { ending, done } = applyResults(operation, euicc, outcome, { now, eimId });
  await endOperation(operation, ending, { response }, unit);
  await noteOnOrders(done, operation, { outcome, context }, unit);
  await listAfter(operation, euicc, unit);
}

/** The eUICC has executed nothing. */
async function settleRefused(
  sent: EimPackageRow,
  response: Uint8Array,
  error: string,
  euicc: EuiccRow,
  unit: Unit,
): Promise<void> {
  const { tables, now } = unit;
  const operation = (await tables.eimOperations.find(sent.eid, sent.operation_sid))!;
  const packages = await tables.eimOperations.packagesOf(sent.eid, sent.operation_sid);
  const signed = packages.filter(({ counter }) => counter !== null);
  if (error !== 'replayError' || signed.length > MOST_REPLAYS) {
    const errorMessage = `The eUICC refused the package: ${error}`;
    await endOperation(
      operation,
      { status: 'failed', errorCode: error, errorMessage },
      { response },
      unit,
    );
    return;
  }
  const date = now.toISOString();
  await tables.eimOperations.updatePackage(sent, { state: 'resolved', response, date_ended: date });
  // It was sent before, or the other way as well: the eUICC may have executed it then, and keep the result, which was lost on its way.
  if ((sent.sent > 1 || isListening(euicc)) && signed.length === packages.length) {
    await askForKeptResults(operation, euicc, unit);
    return;
  }
  await signAgain(operation, euicc, unit);
}
