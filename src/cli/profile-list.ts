import { Command } from 'commander';
import { findEsimProfiles, SearchTooWide } from '../operator/find-esim-profiles.ts';
import { createdBetween } from '../values/sid.ts';
import type { EsimProfileStatus } from '../store/schema.ts';
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
  profileStatusOption,
  searchOption,
} from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { printJson, printTable } from './output.ts';
import { styleOfStatus } from './paint.ts';
import { esimProfileRecord } from './records.ts';
import type { TableColumn } from './table.ts';
import { UserError } from './user-error.ts';

interface Options extends AccountOption, JsonOption {
  status?: EsimProfileStatus[];
  eid?: string;
  iccid?: string;
  matchingId?: string;
  search?: string;
  createdAfter?: Date;
  createdBefore?: Date;
  limit: number;
}

type Resource = Record<string, unknown>;

/** @param field of the API resource: a string or null */
const column = (title: string, field: string): TableColumn<Resource> => ({
  title,
  value: (resource) => resource[field] as string | null,
});

const COLUMNS: TableColumn<Resource>[] = [
  column('SID', 'sid'),
  { ...column('STATUS', 'status'), style: ({ status }) => styleOfStatus(String(status)) },
  column('ICCID', 'iccid'),
  column('EID', 'eid'),
  column('ACTIVATION CODE', 'activation_code'),
  column('CREATED', 'date_created'),
];

/** `simwright profile list` */
export function profileListCommand(): Command {
  return new Command('list')
    .description('list eSIM Profiles, newest first')
    .addOption(accountOption())
    .addOption(profileStatusOption())
    .option('--eid <EID>', 'only those of this eUICC')
    .option('--iccid <ICCID>', 'only those with this ICCID', parseIccidOption)
    .option('--matching-id <ID>', 'only the one with this matching ID')
    .addOption(searchOption())
    .addOption(createdAfterOption())
    .addOption(createdBeforeOption())
    .addOption(limitOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['simwright profile list --status available --limit 10'],
        ["simwright profile list --search 'LPA:1$localhost:8443$CAFSK-GKDYH-ENLWS-YN3XZ-3ZJBH'"],
        ['simwright profile list --search 9000074', 'by the last digits of the ICCID or EID'],
        [
          'simwright profile list --status downloaded --status installed --created-after 2026-11-23',
        ],
      ),
    )
    .action((options: Options) =>
      withData(async ({ store, publicUrl }) => {
        const accountSid = await chooseAccount(store, options.account);
        const columns = {
          status: options.status,
          eid: options.eid,
          iccid: options.iccid,
          matching_id: options.matchingId,
        };
        const { rows } = await findEsimProfiles(
          { accountSid, columns, search: options.search },
          { kind: 'first' },
          options.limit,
          createdBetween('esimProfile', options.createdAfter, options.createdBefore),
          store,
        ).catch((error: unknown) => {
          throw error instanceof SearchTooWide
            ? new UserError(`--search: ${error.message}`)
            : error;
        });
        const resources = rows.map(({ resource }) => esimProfileRecord(resource, publicUrl));
        if (options.json) return printJson(resources);
        printTable(COLUMNS, resources, 'No eSIM Profiles found');
      }),
    );
}
