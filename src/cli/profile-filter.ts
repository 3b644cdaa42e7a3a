// The options by which commands choose eSIM Profiles, the same for all of them.
import type { Command } from 'commander';
import { SearchTooWide } from '../operator/find-esim-profiles.ts';
import type { EsimProfileFilter } from '../operator/find-esim-profiles.ts';
import { createdBetween } from '../values/sid.ts';
import type { Bounds } from '../store/pages.ts';
import type { EsimProfileStatus } from '../store/schema.ts';
import {
  accountOption,
  batchOption,
  createdAfterOption,
  createdBeforeOption,
  parseIccidOption,
  profileStatusOption,
  searchOption,
} from './options.ts';
import type { AccountOption } from './options.ts';
import { addOwnerFilter, ownerFilterOf } from './owner-fields.ts';
import type { OwnerFilterOptions } from './owner-fields.ts';
import { UserError } from './user-error.ts';

export interface ProfileFilterOptions extends AccountOption, OwnerFilterOptions {
  status?: EsimProfileStatus[];
  eid?: string;
  batch?: string;
  iccid?: string;
  matchingId?: string;
  search?: string;
  createdAfter?: Date;
  createdBefore?: Date;
}

/** Adds the options of `ProfileFilterOptions`. */
export function addProfileFilter(command: Command): Command {
  const common = command
    .addOption(accountOption())
    .addOption(profileStatusOption())
    .option('--eid <EID>', 'only those of this eUICC')
    .addOption(batchOption())
    .option('--iccid <ICCID>', 'only those with this ICCID', parseIccidOption)
    .option('--matching-id <ID>', 'only the one with this matching ID');
  return addOwnerFilter(common)
    .addOption(searchOption())
    .addOption(createdAfterOption())
    .addOption(createdBeforeOption());
}

export function profileFilterOf(
  options: ProfileFilterOptions,
  accountSid: string,
): { filter: EsimProfileFilter; bounds: Bounds } {
  const { status, eid, batch, iccid, matchingId, search, createdAfter, createdBefore } = options;
  const owner = ownerFilterOf(options);
  const columns = {
    status,
    eid,
    batch_sid: batch,
    iccid,
    matching_id: matchingId,
    ...owner.columns,
  };
  return {
    filter: { accountSid, columns, search, ...owner.conditions },
    bounds: createdBetween('esimProfile', createdAfter, createdBefore),
  };
}

/** A search that matches too much is the user's to mend. */
export function toSearchError(error: unknown): unknown {
  return error instanceof SearchTooWide ? new UserError(`--search: ${error.message}`) : error;
}
