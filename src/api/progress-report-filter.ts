// The filters for listing or retrying reports of progress: turns parameters into columns and into parameters for URLs.
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { PROGRESS_STATES } from '../smdp/operators/progress-report.ts';
import { createdBetween } from '../values/sid.ts';
import { dateFilter, parseDateFilter } from './date-filter.ts';
import { anyOf } from './parameter-schemas.ts';
import { parseStatusFilter } from './status-filter.ts';

/** @param states that may be filtered by */
export const progressReportFilter = <const T extends (typeof PROGRESS_STATES)[number]>(
  states: readonly T[],
) => ({
  State: Type.Optional(
    anyOf(
      states,
      'Only reports in this state, or in one of several, repeated or separated by commas.',
    ),
  ),
  OperatorSid: Type.Optional(Type.String({ description: 'Only reports to this operator.' })),
  Iccid: Type.Optional(Type.String({ description: 'Only reports about this profile.' })),
  ...dateFilter('reports'),
});

const Filter = Type.Object(progressReportFilter(PROGRESS_STATES));

export function parseProgressReportFilter(query: Static<typeof Filter>) {
  const { OperatorSid, Iccid } = query;
  const state = parseStatusFilter(PROGRESS_STATES, query.State);
  const date = parseDateFilter(query);
  return {
    columns: { state: state.statuses, operator_sid: OperatorSid, iccid: Iccid },
    bounds: createdBetween('progressReport', date.after, date.before),
    /** As repeated in the list's URLs. */
    filters: { State: state.filters.Status, OperatorSid, Iccid, ...date.filters },
  };
}
