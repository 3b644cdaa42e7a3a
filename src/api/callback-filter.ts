// The filters for listing or retrying callbacks: turns parameters into columns and into parameters for URLs.
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { CALLBACK_STATES } from '../operator/callback.ts';
import type { CallbackState } from '../operator/callback.ts';
import { createdBetween, isSid } from '../values/sid.ts';
import { dateFilter, parseDateFilter } from './date-filter.ts';
import { anyOf } from './parameter-schemas.ts';
import { parseStatusFilter } from './status-filter.ts';

/** @param states that may be filtered by */
export const callbackFilter = <const T extends CallbackState>(states: readonly T[]) => ({
  State: Type.Optional(
    anyOf(
      states,
      'Only callbacks in this state, or in one of several, repeated or separated by commas.',
    ),
  ),
  ESimProfileSid: Type.Optional(
    Type.String({ description: 'Only callbacks about this eSIM Profile.' }),
  ),
  SimSid: Type.Optional(Type.String({ description: 'Only callbacks about this Sim.' })),
  EuiccSid: Type.Optional(
    Type.String({ description: 'Only callbacks about this eUICC and operations on it.' }),
  ),
  ...dateFilter('callbacks'),
});

const Filter = Type.Object(callbackFilter(CALLBACK_STATES));

export function parseCallbackFilter(query: Static<typeof Filter>) {
  const { ESimProfileSid, SimSid, EuiccSid } = query;
  const state = parseStatusFilter(CALLBACK_STATES, query.State);
  const date = parseDateFilter(query);
  const resource_sid = resourceOf({ esimProfile: ESimProfileSid, sim: SimSid, euicc: EuiccSid });
  return {
    columns: { state: state.statuses, resource_sid },
    bounds: createdBetween('callback', date.after, date.before),
    /** As repeated in the list's URLs. */
    filters: { State: state.filters.Status, ESimProfileSid, SimSid, EuiccSid, ...date.filters },
  };
}

/** A callback is about one resource, so a filter for two of them matches nothing. */
function resourceOf(
  given: Record<'esimProfile' | 'sim' | 'euicc', string | undefined>,
): string | undefined {
  const kinds = (['esimProfile', 'sim', 'euicc'] as const).filter(
    (kind) => given[kind] !== undefined,
  );
  const [kind] = kinds;
  if (kind === undefined) return undefined;
  const sid = given[kind]!;
  return kinds.length === 1 && isSid(kind, sid) ? sid : '';
}
