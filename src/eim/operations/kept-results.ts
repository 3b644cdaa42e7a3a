// Results that an eUICC keeps because nobody has acknowledged them: some IPAs do not send again what was lost on its way, so they are
// asked for (SGP.32 §2.11.1.2). Each is verified as if it had come by itself.
import type { EimContext } from '../eim.ts';
import type { IpaEuiccData } from '../../rsp/definitions/eim-package.ts';
import type { EimPackageRow } from '../../store/schema.ts';
import { signAgain } from './replayed.ts';
import { takePackageResult } from './take-package-result.ts';

/** @returns seqNumbers to be acknowledged */
export async function takeKeptResults(
  { euiccPackageResultList: kept = [] }: IpaEuiccData,
  eid: string,
  context: EimContext,
): Promise<number[]> {
  const acknowledged: number[] = [];
  for (const result of kept) {
    acknowledged.push(...(await takePackageResult(result, eid, context)).acknowledged);
  }
  return acknowledged;
}

/** If the result that was asked for was not among them, the eUICC has executed nothing. */
export async function goOnWithout(
  { eid, operation_sid: sid, number }: EimPackageRow,
  response: Uint8Array,
  { transact }: Pick<EimContext, 'transact'>,
): Promise<void> {
  await transact(async (unit) => {
    const { tables, now } = unit;
    const euicc = await tables.euiccs.lock(eid);
    const operation = await tables.eimOperations.find(eid, sid);
    const open = await tables.eimOperations.newestPackage(eid, sid);
    if (euicc === undefined || operation?.status !== 'sent') return;
    if (open?.state !== 'open' || open.number !== number) return;
    const date_ended = now.toISOString();
    await tables.eimOperations.updatePackage(open, { state: 'resolved', response, date_ended });
    await signAgain(operation, euicc, unit);
  });
}
