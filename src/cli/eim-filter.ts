// The options by which commands choose eUICCs.
import { Option } from 'commander';
import type { Command } from 'commander';
import type { EuiccFilter } from '../eim/fleet/find-euiccs.ts';
import { EUICC_STATES } from '../eim/fleet/groups.ts';
import type { EuiccRow } from '../store/schema.ts';
import type { EimData } from './eim-data.ts';
import { groupNamed } from './eim-groups.ts';
import { parseDateOption, parseSeveral } from './options.ts';

export interface EuiccFilterOptions {
  group?: string;
  status?: EuiccRow['state'][];
  seenAfter?: Date;
  seenBefore?: Date;
}

export function addEuiccFilter(command: Command): Command {
  return command
    .option('--group <GROUP>', 'only those of this group: its name, or its SID')
    .addOption(
      new Option('--status <status>', 'only those with this status; repeat it for several')
        .choices(EUICC_STATES)
        .argParser(parseSeveral(EUICC_STATES)),
    )
    .option('--seen-after <date>', 'only those that have polled since', parseDateOption)
    .option('--seen-before <date>', 'only those that have not polled since', parseDateOption);
}

/** Throws `UserError` if there is no such group. */
export async function euiccFilterOf(
  { group, status: states, seenAfter, seenBefore }: EuiccFilterOptions,
  metadata: Readonly<Record<string, string>> | undefined,
  eim: EimData,
): Promise<EuiccFilter> {
  const groupSid = group === undefined ? undefined : (await groupNamed(group, eim)).sid;
  return { accountSid: eim.accountSid, groupSid, states, metadata, seenAfter, seenBefore };
}
