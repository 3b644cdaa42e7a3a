// What nobody has signed ends no operation at once: whoever knows an EID can poll, and can say that something has failed. So both are
// counted so seldom that the device itself has its turn in between.
import type { EimContext } from '../eim.ts';
import type { EimPackageRow, EuiccRow } from '../../store/schema.ts';
import { changeOperation, endOperation } from './operation.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Without a result after so many times, there will be none. */
export const MOST_SENT = 10;
/** Polls closer to each other count as one: a minute at first, an hour later. */
export const sentApartMs = (sent: number) => Math.min(MINUTE_MS * 2 ** (sent - 1), HOUR_MS);

/** How long after each failed attempt another one counts. */
const FAILED_APART_MS = [MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS];
/** The operation ends with the last one. */
const MOST_FAILED = FAILED_APART_MS.length + 1;
/** A device that fails, and polls again at once, is given nothing so long. */
const PAUSE_MS = MINUTE_MS;

export interface Failure {
  errorCode: string;
  errorMessage: string;
}

/** The IPA says that an attempt has failed. It is made again as long as only the IPA says so. */
export async function failUnsigned(
  sent: Pick<EimPackageRow, 'eid' | 'operation_sid'>,
  failure: Failure,
  response: Uint8Array | undefined,
  { transact, log }: Pick<EimContext, 'transact' | 'log'>,
): Promise<void> {
  const fields = { eid: sent.eid, operation: sent.operation_sid, ...failure };
  await transact(async (unit) => {
    const { tables, now } = unit;
    const euicc = await tables.euiccs.lock(sent.eid);
    const operation = await tables.eimOperations.find(sent.eid, sent.operation_sid);
    if (euicc === undefined || operation?.status !== 'sent') return;
    const answer = response === undefined ? {} : { response };
    const failed = { status: 'failed', ...failure } as const;
    if (saysEnough(euicc)) return endOperation(operation, failed, answer, unit);
    const { failures: before, date_failed: last, date_due: due } = operation;
    const date = now.toISOString();
    if (due !== null && due > date) return;
    const date_due = new Date(now.getTime() + PAUSE_MS).toISOString();
    const isCounted =
      last === null || Date.parse(last) + FAILED_APART_MS[before - 1]! <= now.getTime();
    if (!isCounted) return tables.eimOperations.update(operation, { date_due });
    const failures = before + 1;
    log.info({ ...fields, failures }, 'an attempt has failed, as the IPA says');
    if (failures >= MOST_FAILED) {
      const errorMessage = `${failure.errorMessage}, in ${failures} attempts`;
      return endOperation(operation, { ...failed, errorMessage }, answer, unit);
    }
    const open = await tables.eimOperations.newestPackage(operation.eid, operation.sid);
    if (open?.state === 'open' && response !== undefined) {
      await tables.eimOperations.updatePackage(open, { response });
    }
    const { errorCode: error_code, errorMessage: error_message } = failure;
    const changed = { failures, date_failed: date, date_due, error_code, error_message };
    return changeOperation(operation, changed, unit, 'attempt');
  });
}

/** Its account takes the IPA at its word. */
const saysEnough = ({ unsigned_results }: Pick<EuiccRow, 'unsigned_results'>) =>
  unsigned_results === 1;
