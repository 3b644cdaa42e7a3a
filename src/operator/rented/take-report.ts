// Reports of a rented SM-DP+ (§5.3.5): they come late, twice and out of order, and are for an order of some account.
import { createHash } from 'node:crypto';
import type { Context } from '../../context.ts';
import type { Es2PlusRequest } from '../../es2plus/functions.ts';
import { decodeResultData } from '../../rsp/definitions/notification.ts';
import { readForeignStatus } from '../../rsp/foreign-status.ts';
import { parseIccid } from '../../rsp/iccid.ts';
import { Conflict } from '../../store/errors.ts';
import type { EsimProfileRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { handleDownloadProgressInfo } from '../handleDownloadProgressInfo.ts';
import type { ChangeContext } from '../order-change.ts';

type ProgressInfo = Es2PlusRequest<'handleDownloadProgressInfo'>;
type ReportContext = ChangeContext & Pick<Context, 'log' | 'transact'>;

/** Clocks of two companies differ by so much. */
const CLOCKS_MS = 5 * 60 * 1_000;

/**
 * Moves the status of the order, or adds to its history; what was reported before, or is about none of its orders, changes
 * nothing. Throws `Conflict` while the order may be about to learn its ICCID: then the SM-DP+ reports it again.
 */
export function takeReport(given: ProgressInfo, context: ReportContext): Promise<void> {
  const { transact, log } = context;
  const iccid = parseIccid(given.iccid) ?? given.iccid;
  const info = { ...withReadableResult(given), ...withReadableStatus(given), iccid };
  return transact(async (unit) => {
    const order = await unit.tables.esimProfiles.findByIccidOfAny(iccid);
    const problem = order === undefined ? await unknown(unit) : problemOf(order, info);
    if (problem !== undefined) {
      log.warn(
        { iccid, order: order?.sid, point: info.notificationPointId, reason: problem },
        'a report of the SM-DP+ was not used',
      );
      return;
    }
    const { account_sid, sid } = order!;
    const isNew = await unit.tables.es2plusReports.insert({
      account_sid,
      digest: digestOf(sid, info),
      date_created: unit.now.toISOString(),
    });
    if (isNew) await handleDownloadProgressInfo(account_sid, info, context, unit);
  });
}

/** An eUICC's result that cannot be read says nothing more than the codes beside it. */
function withReadableResult({ resultData, ...info }: ProgressInfo): ProgressInfo {
  if (resultData === undefined) return info;
  try {
    decodeResultData(Uint8Array.fromBase64(resultData));
    return { ...info, resultData };
  } catch {
    return info;
  }
}

/** Its texts as they can be stored and shown. */
function withReadableStatus({ notificationPointStatus: { status, statusCodeData } }: ProgressInfo) {
  if (statusCodeData === undefined) return { notificationPointStatus: { status } };
  const { message, ...codes } = readForeignStatus(statusCodeData);
  const read = message === undefined ? codes : { ...codes, message };
  return { notificationPointStatus: { status, statusCodeData: read } };
}

async function unknown({ tables }: Unit): Promise<string> {
  // A device may be faster than the answer to ConfirmOrder.
  if (await tables.es2plusTasks.anyReserving()) {
    throw new Conflict('An order may be about to get this ICCID');
  }
  return 'no order has this ICCID';
}

/** What does not fit the order that has the ICCID now. */
function problemOf(order: EsimProfileRow, { eid, timestamp }: ProgressInfo): string | undefined {
  const { eid: bound, status } = order;
  if (bound !== null && eid !== undefined && eid.toUpperCase() !== bound.toUpperCase()) {
    return `it is about the EID ${eid}; the order has the EID ${bound}`;
  }
  if (status === 'new' || status === 'reserving') return 'the order has no profile yet';
  const date = Date.parse(timestamp);
  if (date < Date.parse(order.date_created) - CLOCKS_MS) {
    return `it is of ${timestamp}, before the order was placed: of an earlier order of this ICCID`;
  }
  return undefined;
}

/** Of what it says, not of its header: some repeat it as another call. */
function digestOf(sid: string, { header: _header, ...info }: ProgressInfo): string {
  const { eid, notificationPointId, notificationPointStatus, resultData, timestamp } = info;
  const what = [sid, eid, notificationPointId, notificationPointStatus, resultData, timestamp];
  return createHash('sha256').update(JSON.stringify(what)).digest('hex');
}
