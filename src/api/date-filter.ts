// The filters by `date_created`: parses the two parameters and renders them in the API's date format.
import { Type } from 'typebox';
import { apiDate, parseDate } from '../values/date.ts';

const date = (description: string) =>
  Type.Optional(
    Type.String({
      format: 'date-or-date-time',
      title: 'a date such as 2026-11-23 or a date-time such as 2026-11-23T12:00:00Z',
      description: `Ours: ${description}. A date means midnight UTC.`,
    }),
  );

/** @param records what the list contains, in words */
export const dateFilter = (records: string) => ({
  DateCreatedAfter: date(`only ${records} created at this time or later`),
  DateCreatedBefore: date(`only ${records} created before this time`),
});

interface Given {
  DateCreatedAfter?: string;
  DateCreatedBefore?: string;
}

/** @returns the dates, and the parameters as repeated in the list's URLs */
export function parseDateFilter({ DateCreatedAfter, DateCreatedBefore }: Given) {
  const after = DateCreatedAfter === undefined ? undefined : parseDate(DateCreatedAfter);
  const before = DateCreatedBefore === undefined ? undefined : parseDate(DateCreatedBefore);
  return {
    after,
    before,
    filters: {
      DateCreatedAfter: after && apiDate(after),
      DateCreatedBefore: before && apiDate(before),
    },
  };
}
