// What the eIM needs in a download with this IPA, and does not know: the IPA is asked once, before it is given the download. The question
// belongs to no operation; its transaction is the EID, so that nothing is stored for it.
import {
  capabilitiesOf,
  euiccInfo2Of,
  hasFeature,
  keptOf,
  type Capabilities,
} from '../capabilities.ts';
import type { EimContext } from '../eim.ts';
import { wantInjection } from '../injection/want.ts';
import {
  IpaEuiccDataRequest,
  type IpaEuiccDataResponse,
  type ipaEuiccDataTags,
} from '../../rsp/definitions/eim-package.ts';
import { readDer } from '../../rsp/der.ts';
import { decodeEid, encodeEid } from '../../rsp/identifiers.ts';
import { isSameEuiccInfo2 } from '../../rsp/rebuild-messages.ts';
import type { EuiccRow } from '../../store/schema.ts';
import { euiccDataRequest } from './contents.ts';
import { certificatesTold } from './take-euicc-data.ts';

/** One that does not answer is given its download all the same, and asked again with a later one. */
const ASKED_AGAIN_MS = 60 * 60 * 1_000;

type Asked = readonly (keyof typeof ipaEuiccDataTags)[];
const OF_EUICC: Asked = ['euiccInfo2', 'eumCertificate', 'euiccCertificate'];

function missing(euicc: EuiccRow): Asked {
  const { euicc_info2: info, device_info: device, is_wanted = false } = capabilitiesOf(euicc);
  const isDeviceMissing = hasFeature(euicc, 'eimCtxParams1Generation') && device === undefined;
  const isEuiccMissing = hasFeature(euicc, 'minimizeEsipaBytes') && info === undefined;
  if (isDeviceMissing) return [...OF_EUICC, 'deviceInfo'];
  return isEuiccMissing || is_wanted ? OF_EUICC : [];
}

/** @returns DER of what the IPA is to be asked; undefined: nothing */
export async function askBeforeDownload(
  euicc: EuiccRow,
  { transact, now }: Pick<EimContext, 'transact' | 'now'>,
): Promise<Uint8Array | undefined> {
  const asked = missing(euicc);
  const { date_asked: last } = capabilitiesOf(euicc);
  const isAsked = last !== undefined && Date.parse(last) > now().getTime() - ASKED_AGAIN_MS;
  if (asked.length === 0 || isAsked) return undefined;
  await transact(async ({ tables, now: date }) => {
    const locked = await tables.euiccs.lock(euicc.eid);
    if (locked === undefined) return;
    const changed = { ...capabilitiesOf(locked), date_asked: date.toISOString() };
    await tables.euiccs.update(euicc.eid, { capabilities: JSON.stringify(changed) });
  });
  return euiccDataRequest(encodeEid(euicc.eid), asked);
}

/** Whether an eIM package is such a question. */
export function isAskedBefore(eimPackage: Uint8Array, eid: string): boolean {
  if (!IpaEuiccDataRequest.tags.includes(readDer(eimPackage).tag)) return false;
  const { eimTransactionId } = IpaEuiccDataRequest.decode(eimPackage);
  return eimTransactionId?.toHex() === encodeEid(eid).toHex();
}

/**
 * The answer: what it does not tell is not asked for again.
 * @param transactionId of the answer, which IPAs of v1.0.1 do not name. @param named the EID that the IPA has given
 * @returns the EID; undefined: it answers no such question
 */
export async function takeAnswerBeforeDownload(
  { ipaEuiccData: data }: Partial<IpaEuiccDataResponse>,
  transactionId: Uint8Array | undefined,
  named: string | undefined,
  context: EimContext,
): Promise<string | undefined> {
  const eid = transactionId?.length === 16 ? decodeEid(transactionId) : named;
  const found = eid === undefined ? undefined : await context.store.euiccs.find(eid);
  if (eid === undefined || found === undefined) return undefined;
  if (capabilitiesOf(found).date_asked === undefined) return undefined;
  return context.transact(async (unit) => {
    const { tables } = unit;
    const euicc = await tables.euiccs.lock(eid);
    if (euicc === undefined || capabilitiesOf(euicc).date_asked === undefined) return undefined;
    const told = data === undefined ? undefined : certificatesTold(data, euicc, context);
    const isOfOther = typeof told === 'string';
    if (isOfOther) context.log.warn({ eid, reason: told }, 'certificates are not accepted');
    const { date_asked: _asked, is_wanted: _wanted, ...before } = capabilitiesOf(euicc);
    const kept = data === undefined || isOfOther ? {} : keptOf(data, before);
    const capabilities: Capabilities = {
      ...before,
      // Null unless it is known.
      euicc_info2: before.euicc_info2 ?? null,
      ...(missing(euicc).includes('deviceInfo') ? { device_info: null } : {}),
      ...kept,
    };
    await tables.euiccs.update(eid, {
      capabilities: JSON.stringify(capabilities),
      ...(isOfOther ? {} : told),
    });
    // The download need not wait any longer.
    await wantInjection(euicc, unit);
    return eid;
  });
}

/** Something is missing, or not true any more: the IPA is asked before it is given its download again. */
export async function wantData(
  eid: string,
  { store, transact }: Pick<EimContext, 'store' | 'transact'>,
): Promise<void> {
  const found = await store.euiccs.find(eid);
  if (found === undefined || capabilitiesOf(found).is_wanted === true) return;
  await transact(async ({ tables }) => {
    const euicc = await tables.euiccs.lock(eid);
    if (euicc === undefined) return;
    const { date_asked: _asked, ...before } = capabilitiesOf(euicc);
    const capabilities: Capabilities = { ...before, is_wanted: true };
    await tables.euiccs.update(eid, { capabilities: JSON.stringify(capabilities) });
  });
}

/** What the eUICC has signed counts more than what was told. @returns the changes; undefined: it is known */
export function afterSignedInfo(
  euicc: EuiccRow,
  euiccInfo2: Uint8Array,
): Pick<EuiccRow, 'capabilities'> | undefined {
  const { is_wanted: isWanted, date_asked: _asked, ...before } = capabilitiesOf(euicc);
  const known = euiccInfo2Of(euicc);
  if (isWanted !== true && known !== undefined && isSameEuiccInfo2(known, euiccInfo2))
    return undefined;
  const kept = keptOf({ euiccInfo2: { der: euiccInfo2 } }, before);
  return { capabilities: JSON.stringify({ ...before, ...kept } satisfies Capabilities) };
}
