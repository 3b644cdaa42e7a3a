// What an action will do to each of the selected orders.
import type { Status } from '../types.ts';
import type { BulkAction, Form, Options } from './actions.ts';
import type { Selected } from './collect.ts';

/** A request to be made. */
export interface Item {
  sid: string;
  form: Form;
  /** Undoes it. */
  undo?: Form;
}

/** Orders of one status for which it comes out the same. */
export interface Group {
  status: Status;
  text: string;
  isPossible: boolean;
  count: number;
}

export interface Plan {
  items: Item[];
  /** Possible ones first, the largest first. */
  groups: Group[];
}

export function planOf(action: BulkAction, selected: readonly Selected[], options: Options): Plan {
  const items: Item[] = [];
  const groups = new Map<string, Group>();
  for (const order of selected) {
    const { sid, status } = order;
    const outcome = action.plan(order, options);
    const isPossible = 'will' in outcome;
    const text = isPossible ? outcome.will : outcome.cannot;
    const key = `${status} ${isPossible} ${text}`;
    const group = groups.get(key) ?? { status, text, isPossible, count: 0 };
    group.count++;
    groups.set(key, group);
    if (!isPossible) continue;
    const { form, undo } = outcome;
    items.push(undo === undefined ? { sid, form } : { sid, form, undo });
  }
  return {
    items,
    groups: [...groups.values()].toSorted(
      (one, other) => Number(other.isPossible) - Number(one.isPossible) || other.count - one.count,
    ),
  };
}
