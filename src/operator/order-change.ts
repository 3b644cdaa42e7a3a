// What the owner of an order may change after it was placed: which statuses allow it, and what is done when another change
// comes first.
import type { Context } from '../context.ts';
import { Conflict } from '../store/errors.ts';
import type { EsimProfileRow, EsimProfileStatus } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { CODE_NOT_KEPT, openConfirmationCode, sealConfirmationCode } from './confirmation-code.ts';
import { orderAgain, SmdpRefused } from './order-at-smdp.ts';
import type { Reserved, Wanted } from './order-at-smdp.ts';
import type { ChangeTask } from './rented/task.ts';

/** The status of an order, or something else about it, does not allow a change. */
export class ChangeRefused extends Error {
  override name = 'ChangeRefused';
  readonly status: EsimProfileStatus;
  /** Statuses that would allow it; none if it is not a matter of the status. */
  readonly allowed: readonly EsimProfileStatus[];

  /** @param message what it is, and what would be allowed */
  constructor(
    { sid, status }: EsimProfileRow,
    message: string,
    allowed: readonly EsimProfileStatus[] = [],
  ) {
    super(`${sid} ${message}`);
    this.status = status;
    this.allowed = allowed;
  }
}

/**
 * Throws `ChangeRefused`.
 * @param what `an order can be cancelled`
 */
export function checkStatus(
  row: EsimProfileRow,
  what: string,
  allowed: readonly EsimProfileStatus[],
): void {
  if (allowed.includes(row.status)) return;
  const why = row.error_code === null ? '' : ` (${row.error_code}: ${row.error_message})`;
  const others = allowed.slice(0, -1).join(', ');
  const list = others === '' ? allowed.at(-1)! : `${others} or ${allowed.at(-1)}`;
  throw new ChangeRefused(row, `is ${row.status}${why}; ${what} while it is ${list}`, allowed);
}

/** What the changes of an order need. */
export type ChangeContext = Pick<Context, 'config' | 'masterKey' | 'smdp' | 'rented'>;

/** Runs a change of an order of an account. A refusal by the SM-DP+ that another change has caused is a `Conflict`. */
export async function changeOrder<T>(
  row: EsimProfileRow,
  { tables }: Unit,
  change: () => Promise<T>,
): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof SmdpRefused)) throw error;
    const now = await tables.esimProfiles.find(row.account_sid, row.sid);
    if (now?.status === row.status && now.revision === row.revision) throw error;
    throw new Conflict(`${row.sid} was changed by another transaction`, { cause: error });
  }
}

/**
 * Orders the same profile again for the same order. Throws `SmdpRefused`, and `ChangeRefused` if the order has a
 * confirmation code that is not known.
 * @param code in clear; undefined: as before
 * @param task what is done, so that it can be taken up again
 * @returns the fields that it has then
 */
export async function orderProfileAgain(
  row: EsimProfileRow,
  { eid, matchingId }: Pick<Wanted, 'eid' | 'matchingId'>,
  code: string | undefined,
  context: ChangeContext,
  unit: Unit,
  task: ChangeTask,
): Promise<Omit<Reserved, 'iccid' | 'profile_type'> & Pick<EsimProfileRow, 'confirmation_code'>> {
  const { account_sid: accountSid, sid } = row;
  const { confirmationCode, sealed } = codeForChange(row, code, context);
  const wanted = { accountSid, sid, eid, matchingId, confirmationCode };
  const smdp = context.smdp(accountSid, unit, { subject: sid, order: row, task });
  const { smdpAddress } = context.config;
  const again = await orderAgain(row, wanted, smdp, smdpAddress);
  const { iccid: _iccid, profile_type: _type, ...fields } = again;
  return { ...fields, confirmation_code: sealed };
}

function codeForChange(
  row: EsimProfileRow,
  given: string | undefined,
  { masterKey }: Pick<ChangeContext, 'masterKey'>,
): { confirmationCode: string | undefined; sealed: string | null } {
  const { account_sid: accountSid, sid, confirmation_code: sealed } = row;
  if (given !== undefined) {
    const again = sealConfirmationCode(given, accountSid, sid, masterKey);
    return { confirmationCode: given, sealed: again };
  }
  if (sealed === CODE_NOT_KEPT) {
    throw new ChangeRefused(
      row,
      'has a confirmation code, which the version that it was ordered with did not keep: give ConfirmationCode',
    );
  }
  return { confirmationCode: openConfirmationCode(row, masterKey), sealed };
}
