// The association token of an eUICC (SGP.32 §2.11.1.1.2) comes from its IPA, which anybody can be who knows the EID. One with which the
// eUICC has signed a result stays; another that is told stands beside it, and both are tried, since the eUICC may have a new one.
import type { EimContext } from '../eim.ts';
import { reportedOf } from '../euicc-record.ts';
import { readSentPackage, signEuiccPackage } from '../euicc-package.ts';
import type { EimOperationRow, EimPackageRow, EuiccRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { isOfEuicc } from './contents.ts';

type Tokens = Pick<EuiccRow, 'association_token' | 'reported'>;

/** What is changed by a token that nobody has signed. */
export function afterToldToken(euicc: EuiccRow, told: number | undefined): Partial<Tokens> {
  if (told === undefined || told === euicc.association_token) return {};
  const isProved = euicc.state === 'associated' && euicc.unsigned_results === 0;
  if (!isProved) return { association_token: told };
  return { reported: JSON.stringify({ ...reportedOf(euicc), told_association_token: told }) };
}

/** Those with which its results may be signed. */
export function tokensOf(euicc: EuiccRow): (number | undefined)[] {
  const { told_association_token: told } = reportedOf(euicc);
  const token = euicc.association_token ?? undefined;
  return told === undefined || euicc.result_signature === 'eimSignature' ? [token] : [token, told];
}

/** The eUICC has signed with it. It is locked. */
export async function keepProvedToken(
  eid: string,
  token: number | undefined,
  { tables }: Pick<Unit, 'tables'>,
): Promise<void> {
  const euicc = await tables.euiccs.lock(eid);
  if (euicc === undefined || tokensOf(euicc).length === 1) return;
  const { told_association_token: _told, ...reported } = reportedOf(euicc);
  await tables.euiccs.update(eid, {
    association_token: token ?? null,
    reported: JSON.stringify(reported),
  });
}

/** A package whose result has not come, signed with the other token, which becomes that of the eUICC until it has signed. */
export interface Turned {
  request: Uint8Array;
  changed: Partial<Tokens>;
}

/** @returns undefined if there is no other token. The eUICC takes the counter once, whichever it is. */
export async function withOtherToken(
  { request }: Pick<EimPackageRow, 'request'>,
  operation: EimOperationRow,
  euicc: EuiccRow,
  { eim }: Pick<EimContext, 'eim'>,
): Promise<Turned | undefined> {
  const [token, told] = tokensOf(euicc);
  if (told === undefined || !isOfEuicc(operation)) return undefined;
  const { told_association_token: _told, ...others } = reportedOf(euicc);
  const sent = readSentPackage(euicc.eid, request);
  const identity = await eim.keys.identity(euicc.eim_key);
  const { der } = await signEuiccPackage(identity, { ...sent, associationToken: told }, sent);
  const reported = token === undefined ? others : { ...others, told_association_token: token };
  return {
    request: der,
    changed: { association_token: told, reported: JSON.stringify(reported) },
  };
}
