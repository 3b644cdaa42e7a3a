// Renders bulk operations as JSON for clients.
import type { OperationParameters } from '../operations/operation.ts';
import type { BulkOperationRow } from '../../store/schema.ts';
import { shownCallbackUrl } from '../../outgoing/shown-url.ts';
import { apiDateOf } from '../../values/date.ts';
import type { BulkCounts, BulkOrder } from './bulk.ts';

/** @param counts left out of lists, for which they would be counted again and again */
export function renderBulk(row: BulkOperationRow, publicUrl: string, counts?: BulkCounts): string {
  const url = `${publicUrl}/v1/Euiccs/BulkOperations/${row.sid}`;
  const order = row.order_of === null ? null : (JSON.parse(row.order_of) as BulkOrder);
  return JSON.stringify({
    sid: row.sid,
    account_sid: row.account_sid,
    status: row.status,
    kind: row.kind,
    parameters: JSON.parse(row.parameters) as OperationParameters,
    order:
      order === null
        ? null
        : {
            profile_type: order.profileType ?? null,
            friendly_name: order.friendlyName ?? null,
            metadata: order.metadata ?? {},
          },
    target: JSON.parse(row.target) as object,
    count: row.item_count,
    refused: row.refused,
    counts,
    rate: row.rate,
    maximum_failures: row.maximum_failures,
    canary: row.canary,
    canary_approval: row.canary_approval === 1,
    is_canary: row.is_canary === 1,
    callback_url: row.callback_url === null ? null : shownCallbackUrl(row.callback_url),
    callback_method: row.callback_method,
    error_code: row.error_code,
    error_message: row.error_message,
    expires_at: apiDateOf(row.date_expires),
    date_created: apiDateOf(row.date_created),
    date_updated: apiDateOf(row.date_updated),
    date_ended: apiDateOf(row.date_ended),
    url,
    links: { items: `${url}/Items`, result: `${url}/Result` },
  });
}
