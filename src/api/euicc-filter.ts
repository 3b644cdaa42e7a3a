// Which eUICCs: parameters into a filter, and into parameters for URLs.
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { EUICC_STATES, findGroup } from '../eim/fleet/groups.ts';
import type { EuiccFilter } from '../eim/fleet/find-euiccs.ts';
import type { Store } from '../store/store.ts';
import { apiDate, parseDate } from '../values/date.ts';
import { ApiError } from './api-error.ts';
import { describe, Eid, MetadataPairs } from './parameter-schemas.ts';
import { parseStatusFilter, statusFilter } from './status-filter.ts';

const seen = (description: string) =>
  Type.Optional(
    Type.String({
      format: 'date-or-date-time',
      title: 'a date such as 2026-11-23 or a date-time such as 2026-11-23T12:00:00Z',
      description: `Ours: ${description} Known to ten minutes. A date means midnight UTC.`,
    }),
  );

export const euiccFilter = {
  Group: Type.Optional(
    Type.String({ maxLength: 256, description: 'Only those in this group: its SID, or its name.' }),
  ),
  Status: statusFilter(EUICC_STATES, 'eUICCs'),
  Metadata: Type.Optional(
    describe(
      MetadataPairs,
      'Only those whose metadata has this value: `Metadata.KEY=VALUE`. Of several, all must match.',
    ),
  ),
  SeenAfter: seen('only those that have polled at this time or later.'),
  SeenBefore: seen('only those that have not polled since, or never.'),
};

const Filter = Type.Object(euiccFilter);

/** For lists that people look at. */
export const euiccSearch = {
  Eid: Type.Optional({ ...Eid, description: 'Only the one with this EID.' }),
  Search: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      title: 'at most 128 characters',
      description:
        'Only those whose EID begins or ends with this, whose SID begins with it, or whose name has it, in any letter case.',
    }),
  ),
};

const Search = Type.Object({ ...euiccFilter, ...euiccSearch });

/** Throws `ApiError`. */
export async function parseEuiccSearch(
  accountSid: string,
  { Eid: given, Search: search, ...others }: Static<typeof Search>,
  store: Pick<Store, 'euiccGroups'>,
): ReturnType<typeof parseEuiccFilter> {
  const eid = given?.toUpperCase();
  const { filter, filters } = await parseEuiccFilter(accountSid, others, store);
  return { filter: { ...filter, eid, search }, filters: { Eid: eid, Search: search, ...filters } };
}

/** Throws `ApiError`. */
export async function parseEuiccFilter(
  accountSid: string,
  { Group, Status, Metadata, SeenAfter, SeenBefore }: Static<typeof Filter>,
  store: Pick<Store, 'euiccGroups'>,
): Promise<{
  filter: EuiccFilter;
  filters: Record<string, string | readonly string[] | undefined>;
}> {
  const group = Group === undefined ? undefined : await findGroup(accountSid, Group, store);
  if (Group !== undefined && group === undefined) {
    const message = `Invalid parameter Group: there is no group '${Group.slice(0, 100)}'`;
    throw new ApiError('invalidParameter', message);
  }
  const status = parseStatusFilter(EUICC_STATES, Status);
  const seenAfter = SeenAfter === undefined ? undefined : parseDate(SeenAfter);
  const seenBefore = SeenBefore === undefined ? undefined : parseDate(SeenBefore);
  return {
    filter: {
      accountSid,
      groupSid: group?.sid,
      states: status.statuses,
      metadata: Metadata,
      seenAfter,
      seenBefore,
    },
    filters: {
      Group: group?.sid,
      ...status.filters,
      ...Object.fromEntries(
        Object.entries(Metadata ?? {}).map(([key, value]) => [`Metadata.${key}`, value]),
      ),
      SeenAfter: seenAfter && apiDate(seenAfter),
      SeenBefore: seenBefore && apiDate(seenBefore),
    },
  };
}
