// The filters for listing Sims: turns parameters into columns, dates and parameters for URLs.
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { SIM_STATUSES } from '../operator/sim.ts';
import { createdBetween } from '../values/sid.ts';
import { dateFilter, parseDateFilter } from './date-filter.ts';
import { iccidFilter } from './iccid-filter.ts';
import { parseStatusFilter, statusFilter } from './status-filter.ts';

export const simFilter = {
  Status: statusFilter(SIM_STATUSES, 'Sims'),
  Fleet: Type.Optional(
    Type.String({ description: 'Only Sims assigned to this Fleet, by its SID.' }),
  ),
  Iccid: Type.Optional(
    Type.String({
      description: 'Only the Sim with this ICCID; its filler F and spaces are ignored.',
    }),
  ),
  UniqueName: Type.Optional(
    Type.String({ description: 'Ours: only the Sim with this unique name.' }),
  ),
  ...dateFilter('Sims'),
};

const Filter = Type.Object(simFilter);

export function parseSimFilter(query: Static<typeof Filter>) {
  const { Fleet, UniqueName } = query;
  const Iccid = query.Iccid && iccidFilter(query.Iccid);
  const status = parseStatusFilter(SIM_STATUSES, query.Status);
  const date = parseDateFilter(query);
  return {
    columns: {
      status: status.statuses,
      fleet_sid: Fleet,
      iccid: Iccid,
      unique_name: UniqueName,
    },
    bounds: createdBetween('sim', date.after, date.before),
    /** As repeated in the list's URLs. */
    filters: { ...status.filters, Fleet, Iccid, UniqueName, ...date.filters },
  };
}
