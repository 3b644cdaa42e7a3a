// The options by which commands choose the eSIM Profiles whose QR codes they write.
import type { Command } from 'commander';
import { NoActivationCode, USABLE_STATUSES } from '../operator/qr/qr-labels.ts';
import type { QrLabelFilter } from '../operator/qr/qr-labels.ts';
import type { EsimProfileStatus } from '../store/schema.ts';
import { createdBetween } from '../values/sid.ts';
import {
  accountOption,
  batchOption,
  createdAfterOption,
  createdBeforeOption,
  profileStatusOption,
  searchOption,
} from './options.ts';
import type { AccountOption } from './options.ts';
import { addOwnerFilter, ownerFilterOf } from './owner-fields.ts';
import type { OwnerFilterOptions } from './owner-fields.ts';
import { toSearchError } from './profile-filter.ts';
import { UserError } from './user-error.ts';

export interface LabelFilterOptions extends AccountOption, OwnerFilterOptions {
  status?: EsimProfileStatus[];
  eid?: string;
  batch?: string;
  search?: string;
  createdAfter?: Date;
  createdBefore?: Date;
}

/** Adds the options of `LabelFilterOptions`. */
export function addLabelFilter(command: Command): Command {
  const common = command
    .addOption(accountOption())
    .addOption(profileStatusOption(USABLE_STATUSES))
    .option('--eid <EID>', 'only those of this eUICC')
    .addOption(batchOption());
  return addOwnerFilter(common)
    .addOption(searchOption())
    .addOption(createdAfterOption())
    .addOption(createdBeforeOption());
}

/** @param sids only these, in this order; none: all that the options choose */
export function labelFilterOf(
  options: LabelFilterOptions,
  sids: readonly string[],
  accountSid: string,
): QrLabelFilter {
  const { status: statuses, eid, batch, search, createdAfter, createdBefore } = options;
  const owner = ownerFilterOf(options);
  return {
    ...owner.conditions,
    accountSid,
    sids: sids.length === 0 ? undefined : sids,
    statuses,
    columns: { eid, batch_sid: batch, ...owner.columns },
    search,
    bounds: createdBetween('esimProfile', createdAfter, createdBefore),
  };
}

/** A profile without a code, and a search that matches too much, are the user's to mend. */
export function toLabelError(error: unknown): unknown {
  return error instanceof NoActivationCode ? new UserError(error.message) : toSearchError(error);
}
