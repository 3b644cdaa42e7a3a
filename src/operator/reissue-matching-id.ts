// A new matching ID for an order that nobody has downloaded; the old one is worth nothing from then on.
import { formatActivationCode } from '../rsp/activation-code.ts';
import type { EsimProfileRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import type { Cause, Changed } from './esim-profile.ts';
import { changeFields } from './esim-profile.ts';
import type { ChangeContext } from './order-change.ts';
import { checkMatchingId, OrderRefused } from './placeOrder.ts';
import { ChangeRefused, changeOrder, checkStatus, orderProfileAgain } from './order-change.ts';

export interface NewMatchingId {
  /** Undefined: the SM-DP+ generates one. */
  matchingId: string | undefined;
  /** In clear; undefined: as before. */
  confirmationCode: string | undefined;
}

/**
 * CancelOrder, DownloadOrder of the same ICCID, ConfirmOrder: SID, status and EID stay. Throws `ChangeRefused`,
 * `SmdpRefused`, and `Conflict` if something else has changed the order: then run the unit again.
 */
export function reissueMatchingId(
  row: EsimProfileRow,
  asked: NewMatchingId,
  cause: Cause,
  context: ChangeContext,
  unit: Unit,
): Promise<EsimProfileRow> {
  const { matchingId, confirmationCode: given } = asked;
  return changeOrder(row, unit, async () => {
    checkStatus(row, 'its matching ID can be re-issued', ['available']);
    if (matchingId !== undefined && matchingId === row.matching_id) {
      throw new ChangeRefused(
        row,
        `has the matching ID ${matchingId} already; expected another one`,
      );
    }
    if (matchingId !== undefined) {
      checkMatchingId(matchingId, context.config);
      checkLength(matchingId, row);
    }
    const wanted = { eid: row.eid, matchingId };
    const fields = await orderProfileAgain(row, wanted, given, context, unit, {
      kind: 'reissue',
      wanted: asked,
      cause,
    });
    const changed = { ...fields, generate_matching_id: 1 } as const;
    const what: Changed[] =
      given === undefined ? ['MatchingId'] : ['MatchingId', 'ConfirmationCode'];
    await unit.audit(row.account_sid, { subject: row.sid, after: { changed: what } });
    return changeFields(row, changed, what, cause, unit);
  });
}

/** §4.1: of the activation code, with the longest ending that it can have. */
function checkLength(matchingId: string, { smdp_plus_address: smdpAddress }: EsimProfileRow): void {
  const code = { smdpAddress: smdpAddress ?? '', matchingId, confirmationCodeRequired: true };
  try {
    formatActivationCode(code);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new OrderRefused('matchingId', 'expected an activation code of at most 255 characters');
  }
}
