// Which eUICCs a bulk operation is about, and what each of them is to do: decided when it is made, and not again.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EimContext } from '../eim.ts';
import { profilesOf } from '../euicc-record.ts';
import { parametersFor } from '../ask-operation.ts';
import type { Asked } from '../ask-operation.ts';
import { EuiccRefused } from '../euicc-refused.ts';
import { OF_ICCID } from '../operations/operation.ts';
import type { OperationParameters } from '../operations/operation.ts';
import { parseActivationCode } from '../../rsp/activation-code.ts';
import type { EuiccRow } from '../../store/schema.ts';
import { isSid } from '../../values/sid.ts';
import { BULK_LIMIT } from './bulk.ts';
import type { BulkItem, OwnParameters } from './bulk.ts';
import { walkEuiccs } from './find-euiccs.ts';
import type { EuiccFilter } from './find-euiccs.ts';

/** An item of a list: an eUICC, and what is its own. */
export type GivenItem = { eid: string; own?: Partial<Asked> | undefined } | { problem: string };

export interface Preparing {
  accountSid: string;
  /** What all have in common. */
  asked: Asked;
  /** A list, or all that match. */
  of: { items: readonly GivenItem[] } | { filter: EuiccFilter };
  /**
   * Which profile of each eUICC: the only one that is enabled, or disabled, as last reported; or that which a bulk download,
   * named by its SID, has installed.
   */
  profile?: string | undefined;
  /** The batch whose orders are downloaded, one by each. */
  batchSid?: string | undefined;
  /** Whether an order is placed for each. */
  hasOrder: boolean;
  /** Whether some go first. */
  hasCanaries?: boolean;
}

export interface Prepared {
  parameters: OperationParameters;
  items: BulkItem[];
}

type PrepareContext = Pick<EimContext, 'eim' | 'store'>;

const AT_ONCE = 500;

/** Throws `EuiccRefused`. */
export async function prepareBulk(
  { accountSid, asked, of, profile, batchSid, hasOrder, hasCanaries = false }: Preparing,
  context: PrepareContext,
): Promise<Prepared> {
  const { kind } = asked;
  const isOfIccid = OF_ICCID.includes(kind);
  if (profile !== undefined && !isOfIccid) {
    throw new EuiccRefused('parameter', `Profile is for ${OF_ICCID.join(', ')}; got ${kind}`);
  }
  if ((batchSid !== undefined || hasOrder) && kind !== 'download') {
    throw new EuiccRefused('parameter', `BatchSid and Order are for download; got ${kind}`);
  }
  const codes = batchSid === undefined ? undefined : await codesOf(accountSid, batchSid, context);
  const isOwn =
    codes !== undefined || hasOrder || profile !== undefined || ('items' in of && hasOwn(of.items));
  const parameters = await commonOf(asked, { isOwn, hasOrder }, context);
  const items: BulkItem[] = [];
  const seen = new Map<string, string>();
  for await (const part of given(accountSid, of, context)) {
    for (const item of await withProfiles(accountSid, part, profile, context)) {
      if ('row' in item && item.row.date_seen !== null) seen.set(item.eid, item.row.date_seen);
      items.push(await prepared(item, { asked, codes, isOwn, hasOrder }, context));
    }
    await nextTurn();
  }
  const inOrder = hasCanaries && 'filter' in of ? lastSeenFirst(items, seen) : items;
  return { parameters, items: refuseRepeated(inOrder) };
}

/** A canary that does not poll says nothing, and everything waits for it. A list has the order that it was given in. */
function lastSeenFirst(items: BulkItem[], seen: ReadonlyMap<string, string>): BulkItem[] {
  const dateOf = ({ eid }: BulkItem) => (eid === null ? '' : (seen.get(eid) ?? ''));
  return items.toSorted((one, other) => {
    const [first, second] = [dateOf(one), dateOf(other)];
    if (first === second) return 0;
    return first > second ? -1 : 1;
  });
}

const hasOwn = (items: readonly GivenItem[]) =>
  items.some((item) => 'own' in item && Object.keys(item.own ?? {}).length > 0);

/** None of what depends on the eUICC. */
const ANY = { capabilities: null };
const ONE_FOR_EACH = [
  'parameter',
  'download needs a profile for each eUICC: Order, BatchSid, or Items with an ActivationCode',
] as const;

/** What depends on the eUICC is not in it. */
async function commonOf(
  asked: Asked,
  { isOwn, hasOrder }: { isOwn: boolean; hasOrder: boolean },
  { eim, store }: PrepareContext,
): Promise<OperationParameters> {
  if (!isOwn) {
    const isDownload = asked.kind === 'download';
    if (isDownload && asked.activationCode !== undefined) throw new EuiccRefused(...ONE_FOR_EACH);
    return parametersFor(asked, ANY, eim, { tables: store }).catch((error: unknown) => {
      throw isDownload && error instanceof EuiccRefused ? new EuiccRefused(...ONE_FOR_EACH) : error;
    });
  }
  if (hasOrder && asked.activationCode !== undefined) {
    throw new EuiccRefused('parameter', 'Order goes without ActivationCode');
  }
  const { enable = false, rollback = false } = asked;
  return {
    ...(enable && asked.kind === 'download' ? { enable } : {}),
    ...(rollback ? { rollback } : {}),
  };
}

type Found =
  { eid: string; row: EuiccRow; own: Partial<Asked> } | { problem: string; eid?: string };

async function* given(
  accountSid: string,
  of: Preparing['of'],
  { store }: PrepareContext,
): AsyncGenerator<Found[]> {
  if ('filter' in of) {
    let count = 0;
    for await (const rows of walkEuiccs(of.filter, store)) {
      count += rows.length;
      if (count > BULK_LIMIT) {
        const message = `More than ${BULK_LIMIT} eUICCs match; expected at most that many in a bulk operation`;
        throw new EuiccRefused('parameter', message);
      }
      yield rows.map((row) => ({ eid: row.eid, row, own: {} }));
    }
    return;
  }
  for (let at = 0; at < of.items.length; at += AT_ONCE) {
    const part = of.items.slice(at, at + AT_ONCE);
    const eids = part.flatMap((item) => ('eid' in item ? [item.eid.toUpperCase()] : []));
    const rows = new Map((await store.euiccs.findMany(eids)).map((row) => [row.eid, row]));
    yield part.map((item): Found => {
      if ('problem' in item) return item;
      const eid = item.eid.toUpperCase();
      const row = rows.get(eid);
      if (row?.account_sid === accountSid) return { eid, row, own: item.own ?? {} };
      return { eid, problem: `The account has no eUICC with EID ${eid}` };
    });
  }
}

/** Of a list, those that cannot be known to fail; what is wrong with the others. */
async function withProfiles(
  accountSid: string,
  part: Found[],
  profile: string | undefined,
  { store }: PrepareContext,
): Promise<Found[]> {
  if (profile === undefined) return part;
  if (profile === 'enabled' || profile === 'disabled') {
    return part.map((item) => ('row' in item ? withState(item, profile) : item));
  }
  if (!isSid('bulkOperation', profile)) {
    const message = `Invalid parameter Profile: expected enabled, disabled, or the SID of a bulk download; got '${profile.slice(0, 100)}'`;
    throw new EuiccRefused('parameter', message);
  }
  const key = { account_sid: accountSid, sid: profile };
  const bulk = await store.bulkOperations.find(key);
  if (bulk?.kind !== 'download') {
    const message = `Invalid parameter Profile: ${profile} is no bulk download of the account`;
    throw new EuiccRefused('parameter', message);
  }
  const eids = part.flatMap((item) => ('row' in item ? [item.eid] : []));
  const operations = await store.eimOperations.ofBulkOn(key, eids);
  const installed = new Map(
    operations.flatMap(({ eid, kind, status, result }) => {
      if (kind !== 'download' || status !== 'completed' || result === null) return [];
      const { iccid } = JSON.parse(result) as { iccid?: string | null };
      return iccid == null ? [] : [[eid, iccid] as const];
    }),
  );
  return part.map((item) => {
    if (!('row' in item)) return item;
    const iccid = installed.get(item.eid);
    if (iccid === undefined) return { eid: item.eid, problem: `${profile} has installed nothing` };
    return { ...item, own: { ...item.own, iccid } };
  });
}

function withState(item: Extract<Found, { row: EuiccRow }>, state: 'enabled' | 'disabled'): Found {
  const profiles = profilesOf(item.row);
  if (profiles === null) {
    return { eid: item.eid, problem: 'What is on the eUICC is not known: listProfileInfo tells' };
  }
  const [one, ...others] = profiles.filter((profile) => profile.state === state);
  if (one === undefined || others.length > 0) {
    const count = one === undefined ? 0 : others.length + 1;
    return { eid: item.eid, problem: `expected one ${state} profile on the eUICC; got ${count}` };
  }
  return { ...item, own: { ...item.own, iccid: one.iccid } };
}

interface Codes {
  next: () => { activationCode: string; order: string } | undefined;
}

async function prepared(
  item: Found,
  {
    asked,
    codes,
    isOwn,
    hasOrder,
  }: { asked: Asked; codes: Codes | undefined; isOwn: boolean; hasOrder: boolean },
  { eim, store }: PrepareContext,
): Promise<BulkItem> {
  if (!('row' in item)) return { eid: item.eid ?? null, problem: item.problem };
  const { eid, row } = item;
  if (row.state === 'left') return { eid, problem: 'The eUICC no longer knows this eIM' };
  if (!isOwn || hasOrder) return { eid };
  const code = codes?.next();
  if (codes !== undefined && code === undefined) {
    return { eid, problem: 'The batch has no other order that could be downloaded' };
  }
  try {
    const activationCode = code?.activationCode ?? item.own.activationCode ?? asked.activationCode;
    const all = { ...asked, ...item.own, activationCode };
    const own: OwnParameters = await parametersFor(all, row, eim, { tables: store });
    return { eid, own: code === undefined ? own : { ...own, esim_profile_sid: code.order } };
  } catch (error) {
    if (!(error instanceof EuiccRefused)) throw error;
    return { eid, problem: error.message };
  }
}

/** Orders of a batch that any eUICC may download, in their order. Throws `EuiccRefused`. */
async function codesOf(
  accountSid: string,
  batchSid: string,
  { store }: PrepareContext,
): Promise<Codes> {
  if ((await store.batches.find({ account_sid: accountSid, sid: batchSid })) === undefined) {
    throw new EuiccRefused('parameter', `There is no batch ${batchSid}`);
  }
  const filter = { account_sid: accountSid, batch_sid: batchSid, status: 'available' };
  const found: { activationCode: string; order: string }[] = [];
  for (let last: string | undefined; ;) {
    const position =
      last === undefined ? ({ kind: 'first' } as const) : ({ kind: 'older', than: last } as const);
    const { rows, more } = await store.esimProfilePages(filter, position, 1_000);
    for (const { sid, resource } of rows) {
      const { activation_code: code, eid } = JSON.parse(resource) as {
        activation_code: string | null;
        eid: string | null;
      };
      if (code === null || eid !== null) continue;
      if (parseActivationCode(code)?.confirmationCodeRequired === true) continue;
      found.push({ activationCode: code, order: sid });
    }
    if (!more) break;
    last = rows.at(-1)!.sid;
  }
  return { next: () => found.pop() };
}

/** An eUICC is given one operation. */
function refuseRepeated(items: readonly BulkItem[]): BulkItem[] {
  const first = new Map<string, number>();
  return items.map((item, index) => {
    if ('problem' in item) return item;
    const before = first.get(item.eid);
    if (before !== undefined) {
      return { eid: item.eid, problem: `EID ${item.eid} is that of item ${before}, too` };
    }
    first.set(item.eid, index + 1);
    return item;
  });
}
