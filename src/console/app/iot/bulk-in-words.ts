// A bulk operation in words.
import { kindOf } from './kinds.ts';
import type { BulkOperation, EuiccGroup } from './types.ts';
import { groupName } from './use-groups.ts';

export const eUICCs = (count: number) =>
  `${count.toLocaleString()} ${count === 1 ? 'eUICC' : 'eUICCs'}`;

export function bulkInWords({ kind, order, parameters }: BulkOperation): string {
  if (order !== null) {
    return parameters['enable'] === true ? 'Order, install and enable' : 'Order and install';
  }
  return kindOf(kind).title;
}

/** "those of Berlin that are associated" */
export function targetInWords(
  { target }: BulkOperation,
  groups: readonly EuiccGroup[] | undefined,
): string {
  const { group_sid: group, list, status } = target;
  const whose =
    group === undefined
      ? list === true
        ? 'a list'
        : 'all'
      : `group ${groupName(groups, group) ?? group}`;
  return status === undefined ? whose : `${whose}, ${status.join(' or ')}`;
}

/** What is going on, or how it ended. */
export function stateInWords(bulk: BulkOperation): string {
  const { status, rate, is_canary: isCanary, canary, error_message: message } = bulk;
  switch (status) {
    case 'running':
      if (isCanary) {
        return `The first ${eUICCs(canary ?? 0)} try it. The others follow if none of these fails.`;
      }
      return rate === null
        ? 'Each device gets its operation when it polls the next time. You can leave this page.'
        : `${eUICCs(rate)} a minute are given their operation, which their devices get when they poll. You can leave this page.`;
    case 'paused':
      return message ?? 'Paused: nothing more is sent until it is resumed. What was sent goes on.';
    case 'halted':
      return `Halted: ${message ?? 'too many have failed'}. Nothing more is sent until it is resumed.`;
    case 'completed':
      return message ?? 'Every eUICC has ended.';
    case 'cancelled':
      return 'Cancelled: what was not sent by then was taken back. What was sent has its result.';
    default:
      throw new TypeError(`no words for ${String(status satisfies never)}`);
  }
}

export const hasEnded = ({ status }: BulkOperation) =>
  status === 'completed' || status === 'cancelled';
