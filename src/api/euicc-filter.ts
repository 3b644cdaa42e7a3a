// The filters for listing eUICCs of the eIM.
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { EUICC_STATES } from '../eim/find-euiccs.ts';
import { apiDate, parseDate } from '../values/date.ts';
import { dateParameter } from './date-filter.ts';
import { Eid } from './parameter-schemas.ts';
import { parseStatusFilter, statusFilter } from './status-filter.ts';

export const euiccFilter = {
  Eid: Type.Optional({ ...Eid, description: 'Only the one with this EID.' }),
  Status: statusFilter(EUICC_STATES, 'eUICCs'),
  Search: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      title: 'at most 128 characters',
      description:
        'Only eUICCs whose EID begins or ends with this, whose SID begins with it, or whose name has it, in any letter case.',
    }),
  ),
  DateSeenAfter: dateParameter('only eUICCs last seen at this time or later'),
  DateSeenBefore: dateParameter('only eUICCs last seen before this time, or never'),
};

const Filter = Type.Object(euiccFilter);

/** @returns the conditions, and the parameters as repeated in the list's URLs */
export function parseEuiccFilter({
  Eid: given,
  Status,
  Search: search,
  DateSeenAfter,
  DateSeenBefore,
}: Static<typeof Filter>) {
  const eid = given?.toUpperCase();
  const { statuses: states, filters } = parseStatusFilter(EUICC_STATES, Status);
  const seenAfter = DateSeenAfter === undefined ? undefined : parseDate(DateSeenAfter);
  const seenBefore = DateSeenBefore === undefined ? undefined : parseDate(DateSeenBefore);
  return {
    eid,
    states,
    search,
    seenAfter,
    seenBefore,
    filters: {
      Eid: eid,
      ...filters,
      Search: search,
      DateSeenAfter: seenAfter && apiDate(seenAfter),
      DateSeenBefore: seenBefore && apiDate(seenBefore),
    },
  };
}
