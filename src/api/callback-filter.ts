// The filters of what lists callbacks, or sends many again: parameters in, columns and the URLs' parameters out.
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { CALLBACK_STATES } from '../operator/callback.ts';
import type { CallbackState } from '../operator/callback.ts';
import { createdBetween, isSid } from '../values/sid.ts';
import { dateFilter, parseDateFilter } from './date-filter.ts';
import { anyOf } from './parameter-schemas.ts';
import { parseStatusFilter } from './status-filter.ts';

/** @param states that may be asked for */
export const callbackFilter = <const T extends CallbackState>(states: readonly T[]) => ({
  State: Type.Optional(
    anyOf(states, 'Only callbacks in this state, or in one of several, repeated or with commas.'),
  ),
  ESimProfileSid: Type.Optional(
    Type.String({ description: 'Only callbacks about this eSIM Profile.' }),
  ),
  SimSid: Type.Optional(Type.String({ description: 'Only callbacks about this Sim.' })),
  ...dateFilter('callbacks'),
});

const Filter = Type.Object(callbackFilter(CALLBACK_STATES));

export function parseCallbackFilter(query: Static<typeof Filter>) {
  const { ESimProfileSid, SimSid } = query;
  const state = parseStatusFilter(CALLBACK_STATES, query.State);
  const date = parseDateFilter(query);
  return {
    columns: { state: state.statuses, resource_sid: resourceOf(ESimProfileSid, SimSid) },
    bounds: createdBetween('callback', date.after, date.before),
    /** As the URLs of the list repeat them. */
    filters: { State: state.filters.Status, ESimProfileSid, SimSid, ...date.filters },
  };
}

/** A callback is about one resource: about an eSIM Profile and a Sim there is none. */
function resourceOf(esimProfile: string | undefined, sim: string | undefined): string | undefined {
  if (esimProfile === undefined && sim === undefined) return undefined;
  if (sim === undefined && isSid('esimProfile', esimProfile!)) return esimProfile;
  if (esimProfile === undefined && isSid('sim', sim!)) return sim;
  return '';
}
