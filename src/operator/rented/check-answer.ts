// What a rented SM-DP+ has answered must fit what it was asked for, and the other orders: one wrong answer must not give two
// orders one profile, or an order a code that no device can use.
import type { Es2PlusRequest, Es2PlusResponse } from '../../es2plus/functions.ts';
import { isServerAddress } from '../../rsp/activation-code.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { parseIccid } from '../../rsp/iccid.ts';
import { isMatchingId } from '../../rsp/identifiers.ts';
import type { Unit } from '../../unit.ts';
import type { FunctionName, Request, Response } from './task-state.ts';
import type { SmdpTask } from './task.ts';

/** The order or item that a function is called for. */
interface Owner {
  accountSid: string;
  subject: string;
}

/**
 * Before a function is called. To the SM-DP+ all accounts are one operator, so that it may take a second order of one ICCID
 * for a repetition of the first (§5.3.1). Throws 8.2.1 / 3.3.
 */
export async function checkRequest(
  name: FunctionName,
  request: Request,
  { subject, task }: SmdpTask,
  accountSid: string,
  unit: Unit,
): Promise<void> {
  const { iccid } = request as Partial<Es2PlusRequest<'downloadOrder'>>;
  if (name !== 'downloadOrder' || iccid === undefined) return;
  await checkFree(iccid, { accountSid, subject }, unit);
  const isSecond =
    task.kind === 'reserve' && (await unit.tables.esimProfiles.isWantedBefore(iccid, subject));
  if (isSecond) throw hasOther(iccid);
}

/**
 * @param owner the order or item that the function was called for
 * @returns the response, with its ICCID in the form in which it is kept. Throws `FunctionExecutionError`: what cannot be used
 * is the same as a refusal
 */
export async function checkAnswer(
  name: FunctionName,
  request: Request,
  response: Response,
  owner: Owner,
  unit: Unit,
): Promise<Response> {
  if (name === 'downloadOrder') {
    const { iccid: asked } = request as Partial<Es2PlusRequest<'downloadOrder'>>;
    return checkOrdered(response as Es2PlusResponse<'downloadOrder'>, asked, owner, unit);
  }
  if (name === 'confirmOrder') {
    checkConfirmed(
      response as Es2PlusResponse<'confirmOrder'>,
      request as Es2PlusRequest<'confirmOrder'>,
    );
  }
  return response;
}

async function checkOrdered(
  response: Es2PlusResponse<'downloadOrder'>,
  asked: string | undefined,
  owner: Owner,
  unit: Unit,
): Promise<Es2PlusResponse<'downloadOrder'>> {
  const iccid = parseIccid(response.iccid);
  if (iccid === undefined || (asked !== undefined && iccid !== (parseIccid(asked) ?? asked))) {
    const expected = asked === undefined ? 'an ICCID' : `ICCID ${asked}`;
    throw unusable('8.2.1', `Expected ${expected}; the SM-DP+ answered ${response.iccid}`);
  }
  await checkFree(iccid, owner, unit);
  return { ...response, iccid };
}

async function checkFree(
  iccid: string,
  { accountSid, subject }: Owner,
  { tables, now }: Unit,
): Promise<void> {
  const other = await tables.esimProfiles.claimIccidOfAny(iccid, accountSid, now.toISOString());
  if (other === undefined || other.sid === subject) return;
  if (other.status === 'failed' || other.replaced_by_sid !== null) return;
  throw hasOther(iccid);
}

const hasOther = (iccid: string) =>
  new FunctionExecutionError('8.2.1', '3.3', `ICCID ${iccid} has another order`);

function checkConfirmed(
  { matchingId, eid, smdpAddress }: Es2PlusResponse<'confirmOrder'>,
  asked: Es2PlusRequest<'confirmOrder'>,
): void {
  const isOther = asked.matchingId !== undefined && matchingId !== asked.matchingId;
  // Whoever asks for none finds the profile by the EID, whatever is answered.
  if (
    asked.matchingId !== '' &&
    (isOther || matchingId === '' || !isMatchingId(matchingId, true))
  ) {
    const expected = asked.matchingId ?? 'capital letters, digits and -';
    throw unusable(
      '8.2.6',
      `Expected as matchingId: ${expected}; the SM-DP+ answered ${JSON.stringify(matchingId)}`,
    );
  }
  if (
    eid !== undefined &&
    asked.eid !== undefined &&
    eid.toUpperCase() !== asked.eid.toUpperCase()
  ) {
    throw unusable('8.1.1', `Expected EID ${asked.eid}; the SM-DP+ answered ${eid}`);
  }
  if (smdpAddress !== undefined && !isServerAddress(smdpAddress)) {
    throw unusable('8.8.1', `smdpAddress is no host name: ${JSON.stringify(smdpAddress)}`);
  }
}

const unusable = (subject: '8.1.1' | '8.2.1' | '8.2.6' | '8.8.1', message: string) =>
  new FunctionExecutionError(subject, '2.1', message);
