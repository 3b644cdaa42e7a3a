import { Command, Option } from 'commander';
import { createdBetween } from '../values/sid.ts';
import { SIM_STATUSES } from '../operator/sim.ts';
import type { SimStatus } from '../store/schema.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import {
  accountOption,
  createdAfterOption,
  createdBeforeOption,
  examples,
  jsonOption,
  limitOption,
  parseIccidOption,
  parseSeveral,
} from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { printJson, printTable } from './output.ts';
import { SIM_COLUMNS, simRecord } from './sim-text.ts';

interface Options extends AccountOption, JsonOption {
  status?: SimStatus[];
  iccid?: string;
  uniqueName?: string;
  fleet?: string;
  createdAfter?: Date;
  createdBefore?: Date;
  limit: number;
}

/** `simwright sim list` */
export function simListCommand(): Command {
  return new Command('list')
    .description("list the Sims in the account's eSIM Profiles, newest first")
    .addOption(accountOption())
    .addOption(
      new Option('--status <status>', 'only those with this status; repeat it for several')
        .choices(SIM_STATUSES)
        .argParser(parseSeveral(SIM_STATUSES)),
    )
    .option('--iccid <ICCID>', 'only the one with this ICCID', parseIccidOption)
    .option('--unique-name <name>', 'only the one with this unique name')
    .option('--fleet <HF…>', 'only those of this Fleet')
    .addOption(createdAfterOption())
    .addOption(createdBeforeOption())
    .addOption(limitOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright sim list --status new --status ready']))
    .action((options: Options) =>
      withData(async ({ store, publicUrl }) => {
        const { status, iccid, uniqueName, fleet, limit } = options;
        const accountSid = await chooseAccount(store, options.account);
        const { rows } = await store.simPages(
          { account_sid: accountSid, status, iccid, unique_name: uniqueName, fleet_sid: fleet },
          { kind: 'first' },
          limit,
          createdBetween('sim', options.createdAfter, options.createdBefore),
        );
        if (options.json) return printJson(rows.map((row) => simRecord(row, publicUrl)));
        printTable(SIM_COLUMNS, rows, 'No Sims found');
      }),
    );
}
