// Renders batches as JSON for clients.
import type { BatchKey } from '../../store/batches.ts';
import type { BatchRow, EsimProfileStatus } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import { ESIM_PROFILE_STATUSES } from '../esim-profile.ts';

export type StatusCounts = Record<EsimProfileStatus, number>;

/** How many eSIM Profiles of a batch have each status now. */
export async function countStatuses(
  key: BatchKey,
  { batches }: Pick<Store, 'batches'>,
): Promise<StatusCounts> {
  const counted = await batches.countStatuses(key);
  const found = new Map(counted.map(({ status, count }) => [status, count]));
  return Object.fromEntries(
    ESIM_PROFILE_STATUSES.map((status) => [status, found.get(status) ?? 0]),
  ) as StatusCounts;
}

/** @param profiles left out of lists, for which they would be counted again and again */
export function renderBatch(row: BatchRow, publicUrl: string, profiles?: StatusCounts): string {
  const url = `${publicUrl}/v1/ESimProfiles/Batches/${row.sid}`;
  const of = (path: string) => `${publicUrl}/v1/ESimProfiles${path}?BatchSid=${row.sid}`;
  const open = row.item_count - row.ordered - row.refused;
  return JSON.stringify({
    sid: row.sid,
    account_sid: row.account_sid,
    status: row.status,
    all_or_nothing: row.all_or_nothing === 1,
    count: row.item_count,
    pending: row.status === 'running' ? open : 0,
    ordered: row.ordered,
    refused: row.refused,
    not_ordered: row.status === 'running' ? 0 : open,
    reserved: row.reserved,
    esim_profiles: profiles,
    error_code: row.error_code,
    error_message: row.error_message,
    date_created: row.date_created,
    date_updated: row.date_updated,
    date_completed: row.date_completed,
    url,
    links: {
      items: `${url}/Items`,
      result: `${url}/Result`,
      esim_profiles: of(''),
      qr_sheet: of('/QrSheet'),
      qr_codes: of('/QrCodes'),
    },
  });
}
