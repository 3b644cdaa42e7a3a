// The items of a batch as they are shown, in their order.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MasterKey } from '../../process/keys.ts';
import type { BatchPartRow, BatchRow } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import { ESIM_PROFILE_COLUMNS } from '../export/export-columns.ts';
import { activationOf } from '../install/activation.ts';
import { isUsable } from '../qr/qr-labels.ts';
import { withBaseUrl } from '../resource.ts';
import { openErrors } from './batch-part.ts';
import { partCount } from './batch.ts';

export const ITEM_STATES = ['pending', 'ordered', 'refused', 'not-ordered'] as const;
export type ItemState = (typeof ITEM_STATES)[number];

export interface BatchItem {
  /** From 1. */
  item: number;
  state: ItemState;
  /** Of an item that is ordered: its eSIM Profile, rendered, with its URL relative to the base. */
  profile: string | null;
  /** Of one that is refused: what was expected and what came. */
  error: string | null;
}

/** Items read at once. */
const AT_ONCE = 4;

/**
 * In parts, from an item on.
 * @param states only items in these states
 */
export async function* walkItems(
  batch: BatchRow,
  {
    from = 1,
    states,
    signal,
  }: {
    from?: number;
    states?: readonly ItemState[] | undefined;
    signal?: AbortSignal | undefined;
  },
  { store, masterKey }: { store: Store; masterKey: MasterKey },
): AsyncGenerator<BatchItem[]> {
  for (let number = Math.floor((from - 1) / batch.part_size); number < partCount(batch);) {
    signal?.throwIfAborted();
    const rows = await store.batches.listParts(batch, number, AT_ONCE);
    if (rows.length === 0) return;
    const items = rows
      .flatMap((row) => itemsOf(batch, row, masterKey))
      .filter(({ item, state }) => item >= from && (states?.includes(state) ?? true));
    if (items.length > 0) yield await withProfiles(batch, items, store);
    number += rows.length;
    await nextTurn();
  }
}

type Found = Omit<BatchItem, 'profile'> & { sid: string | null };

function itemsOf({ status }: BatchRow, row: BatchPartRow, masterKey: MasterKey): Found[] {
  const errors = openErrors(row, masterKey);
  const sids = row.sids === null ? [] : (JSON.parse(row.sids) as (string | null)[]);
  return Array.from({ length: row.size }, (_, index): Found => {
    const item = row.first_item + index;
    const error = errors.get(index) ?? null;
    const sid = sids[index] ?? null;
    if (error !== null) return { item, state: 'refused', sid, error };
    if (sid !== null) return { item, state: 'ordered', sid, error };
    return { item, state: status === 'running' ? 'pending' : 'not-ordered', sid, error };
  });
}

async function withProfiles(
  { account_sid: accountSid }: BatchRow,
  items: Found[],
  store: Store,
): Promise<BatchItem[]> {
  const sids = items.flatMap(({ sid }) => sid ?? []);
  const found = sids.length === 0 ? [] : await store.esimProfiles.findMany(accountSid, sids);
  const profiles = new Map(found.map((row) => [row.sid, row.resource]));
  return items.map(({ sid, ...item }) => ({ ...item, profile: profiles.get(sid ?? '') ?? null }));
}

/** As the API has it. */
export function renderItem({ item, state, error, profile }: BatchItem, publicUrl: string): string {
  const head = JSON.stringify({ item, state, error }).slice(0, -1);
  return `${head},"esim_profile":${profile === null ? 'null' : withBaseUrl(profile, publicUrl)}}`;
}

/** The columns of a result: the item's, and then those of the eSIM Profiles. */
export const RESULT_COLUMNS = [
  'item',
  'state',
  'error',
  'lpa',
  'apple_url',
  'android_url',
  ...ESIM_PROFILE_COLUMNS,
] as const;

/** A line of the result: the item, the links with which its profile is installed if it can be, and the profile's fields. */
export function renderResult(
  { item, state, error, profile }: BatchItem,
  publicUrl: string,
): string {
  const fields =
    profile === null
      ? undefined
      : (JSON.parse(withBaseUrl(profile, publicUrl)) as Parameters<typeof isUsable>[0] & {
          activation_code: string | null;
        });
  const code = fields !== undefined && isUsable(fields) ? fields.activation_code : null;
  const activation = code === null ? undefined : activationOf(code);
  return JSON.stringify({
    item,
    state,
    error,
    lpa: activation?.lpa ?? null,
    apple_url: activation?.appleUrl ?? null,
    android_url: activation?.androidUrl ?? null,
    ...fields,
  });
}
