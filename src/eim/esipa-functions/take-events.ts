// What waits for an eUICC at an SM-DS (SGP.22 §5.8.2, SGP.32 §6.3.2.2): the first event is where its download goes on, and each other
// one becomes a download of its own.
import type { EimContext } from '../eim.ts';
import { malformed } from '../es9plus.ts';
import { addOperation, MOST_WAITING, parametersOf } from '../operations/operation.ts';
import type { Triggered } from './triggered.ts';
import { failDownload } from './triggered.ts';
import { isServerAddress, parseActivationCode } from '../../rsp/activation-code.ts';
import type { ProfileDownloadTriggerRequest } from '../../rsp/definitions/eim-package.ts';
import { isMatchingId } from '../../rsp/identifiers.ts';
import type { Unit } from '../../unit.ts';

export interface AuthenticatedBySmds {
  transactionId: string;
  /** Undefined: no event waits. */
  profileDownloadTrigger: ProfileDownloadTriggerRequest | undefined;
}

/** Throws `SmdpUnavailable` if they are none. */
export async function takeEvents(
  eventEntries: unknown,
  transactionId: string,
  triggered: Triggered,
  context: EimContext,
): Promise<AuthenticatedBySmds> {
  if (!Array.isArray(eventEntries)) throw malformed('with eventEntries that are none');
  const [code, ...others] = eventEntries.slice(0, MOST_WAITING).map(codeOfEvent);
  if (code === undefined) {
    const errorMessage = 'No profile waits at the SM-DS';
    await failDownload(triggered, { errorCode: 'noEvent', errorMessage }, context);
    return { transactionId, profileDownloadTrigger: undefined };
  }
  await context.transact((unit) => goOn(triggered, code, others, unit));
  const eimTransactionId = Uint8Array.fromHex(triggered.sent.transaction_id);
  const profileDownloadData = { activationCode: code };
  return { transactionId, profileDownloadTrigger: { profileDownloadData, eimTransactionId } };
}

function codeOfEvent(entry: unknown): string {
  const { eventId, rspServerAddress } = (entry ?? {}) as Partial<Record<string, unknown>>;
  if (typeof eventId !== 'string' || eventId === '' || !isMatchingId(eventId)) {
    throw malformed('with an event without a valid eventId');
  }
  if (typeof rspServerAddress !== 'string' || !isServerAddress(rspServerAddress)) {
    throw malformed('with an event without a valid rspServerAddress');
  }
  const code = `1$${rspServerAddress}$${eventId}`;
  if (parseActivationCode(code) === undefined) throw malformed('with an event that is too long');
  return code;
}

/** The SM-DS tells of all events each time it is asked, so those that have become downloads already stay as they are. */
async function goOn(
  { sent }: Triggered,
  code: string,
  others: readonly string[],
  unit: Unit,
): Promise<void> {
  const { tables } = unit;
  const euicc = await tables.euiccs.lock(sent.eid);
  const operation = await tables.eimOperations.find(sent.eid, sent.operation_sid);
  if (euicc === undefined || operation?.status !== 'sent') return;
  const parameters = { ...parametersOf(operation), event_code: code };
  await tables.eimOperations.update(operation, {
    parameters: JSON.stringify(parameters),
    error_message: null,
    date_updated: unit.now.toISOString(),
  });
  const underWay = await tables.eimOperations.underWay(sent.eid);
  const known = new Set(
    underWay.flatMap((one) => [parametersOf(one).activation_code, parametersOf(one).event_code]),
  );
  const wanted = [...new Set(others)].filter((other) => other !== code && !known.has(other));
  const { enable = false, rollback = false } = parameters;
  for (const activation_code of wanted.slice(0, Math.max(MOST_WAITING - underWay.length, 0))) {
    const download = { activation_code, ...(enable && { enable }), ...(rollback && { rollback }) };
    await addOperation(euicc, 'download', download, null, unit);
  }
}
