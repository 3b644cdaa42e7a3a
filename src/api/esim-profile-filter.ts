// The filters for listing eSIM Profiles: turns parameters into columns, dates and parameters for URLs.
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { ESIM_PROFILE_STATUSES } from '../operator/esim-profile.ts';
import { SearchTooWide, SEARCH_LIMIT } from '../operator/find-esim-profiles.ts';
import { ownerFilter } from '../operator/owner-fields.ts';
import type { EsimProfileStatus } from '../store/schema.ts';
import { EsimProfile } from './schemas/esim-profiles.ts';
import { ApiError } from './api-error.ts';
import { dateFilter, parseDateFilter } from './date-filter.ts';
import { iccidFilter } from './iccid-filter.ts';
import { MetadataPairs } from './parameter-schemas.ts';
import { parseStatusFilter, statusFilter } from './status-filter.ts';

const SID_LIMIT = 1000;

/** Chooses single profiles for a file. */
export const sidFilter = (description: string) =>
  Type.Optional(Type.Array(EsimProfile.properties.sid, { maxItems: SID_LIMIT, description }));

/** @param statuses that may be filtered by */
export const esimProfileFilter = (
  statuses: readonly EsimProfileStatus[] = ESIM_PROFILE_STATUSES,
) => ({
  Eid: Type.Optional(Type.String({ description: 'Only profiles associated with this EID.' })),
  SimSid: Type.Optional(Type.String({ description: 'Only the profile that controls this Sim.' })),
  Status: statusFilter(statuses, 'profiles'),
  Iccid: Type.Optional(
    Type.String({
      description:
        'Ours: only profiles whose Sim has this ICCID; its filler F and spaces are ignored.',
    }),
  ),
  MatchingId: Type.Optional(
    Type.String({ description: 'Ours: only the profile with this matching ID.' }),
  ),
  BatchSid: Type.Optional(
    Type.String({ description: 'Ours: only the profiles that were ordered in this batch.' }),
  ),
  Search: Type.Optional(
    Type.String({
      maxLength: 512,
      title: 'at most 512 characters',
      description:
        'Ours: only profiles whose SID, Sim SID, ICCID, EID, matching ID (with or without its dashes) or friendly name ' +
        '(in any letter case) begins with this, or whose ICCID or EID ends with it; at least 4 characters, or a whole ' +
        'activation code. 400 ' +
        `when more than ${SEARCH_LIMIT} match.`,
    }),
  ),
  ProfileType: Type.Optional(
    Type.String({ description: 'Ours: only profiles of this profile type.' }),
  ),
  FriendlyName: Type.Optional(
    Type.String({ description: 'Ours: only profiles with exactly this friendly name.' }),
  ),
  FriendlyNamePrefix: Type.Optional(
    Type.String({
      description: 'Ours: only profiles whose friendly name begins with this, in any letter case.',
    }),
  ),
  Metadata: Type.Optional(MetadataPairs),
  ...dateFilter('profiles'),
});

const Filter = Type.Object(esimProfileFilter());

export function parseEsimProfileFilter(query: Static<typeof Filter>) {
  const { Eid, SimSid, MatchingId, BatchSid, Search, ProfileType } = query;
  const { FriendlyName, FriendlyNamePrefix, Metadata } = query;
  const owner = ownerFilter({
    friendlyName: FriendlyName,
    friendlyNamePrefix: FriendlyNamePrefix,
    metadata: Metadata,
  });
  const Iccid = query.Iccid && iccidFilter(query.Iccid);
  const status = parseStatusFilter(ESIM_PROFILE_STATUSES, query.Status);
  const { filters: dates, after, before } = parseDateFilter(query);
  return {
    columns: {
      eid: Eid,
      sim_sid: SimSid,
      status: status.statuses,
      iccid: Iccid,
      matching_id: MatchingId,
      profile_type: ProfileType,
      batch_sid: BatchSid,
      ...owner.columns,
    },
    /** Other than of columns. */
    conditions: { search: Search, ...owner.conditions },
    after,
    before,
    /** As repeated in the list's URLs. */
    filters: {
      Eid,
      SimSid,
      ...status.filters,
      Iccid,
      MatchingId,
      BatchSid,
      Search,
      ProfileType,
      FriendlyName: owner.columns.friendly_name,
      FriendlyNamePrefix: FriendlyNamePrefix?.trimStart() || undefined,
      ...Object.fromEntries(
        Object.entries(owner.conditions.metadata).map(([key, value]) => [`Metadata.${key}`, value]),
      ),
      ...dates,
    },
  };
}

/** A search that matches too much is an invalid parameter. */
export function toSearchError(error: unknown): unknown {
  return error instanceof SearchTooWide
    ? new ApiError('invalidParameter', `Invalid parameter Search: ${error.message}`)
    : error;
}
