import { Command } from 'commander';
import { firstEsimProfiles } from '../operator/find-esim-profiles.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { examples, jsonOption, limitOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { printJson, printTable } from './output.ts';
import { styleOfStatus } from './paint.ts';
import { addProfileFilter, profileFilterOf, toSearchError } from './profile-filter.ts';
import type { ProfileFilterOptions } from './profile-filter.ts';
import { esimProfileRecord } from './records.ts';
import type { TableColumn } from './table.ts';

interface Options extends ProfileFilterOptions, JsonOption {
  limit: number;
}

type Resource = Record<string, unknown>;

/** @param field of the API resource: a string or null */
const column = (title: string, field: string): TableColumn<Resource> => ({
  title,
  value: (resource) => (resource[field] ?? null) as string | null,
});

const COLUMNS: TableColumn<Resource>[] = [
  column('SID', 'sid'),
  { ...column('STATUS', 'status'), style: ({ status }) => styleOfStatus(String(status)) },
  column('ICCID', 'iccid'),
  column('EID', 'eid'),
  column('ACTIVATION CODE', 'activation_code'),
  column('CREATED', 'date_created'),
];

const WITH_NAMES = COLUMNS.toSpliced(1, 0, column('FRIENDLY NAME', 'friendly_name'));

/** `simwright profile list` */
export function profileListCommand(): Command {
  return addProfileFilter(new Command('list'))
    .description('list eSIM Profiles, newest first')
    .addOption(limitOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['simwright profile list --status available --limit 10'],
        ["simwright profile list --search 'LPA:1$localhost:8443$CAFSK-GKDYH-ENLWS-YN3XZ-3ZJBH'"],
        ['simwright profile list --search 9000074', 'by the last digits of the ICCID or EID'],
        ['simwright profile list --metadata site=Berlin --metadata order=4711'],
        [
          'simwright profile list --status downloaded --status installed --created-after 2026-11-23',
        ],
      ),
    )
    .action((options: Options) =>
      withData(async ({ store, publicUrl }) => {
        const accountSid = await chooseAccount(store, options.account);
        const { filter, bounds } = profileFilterOf(options, accountSid);
        const found = await firstEsimProfiles(filter, options.limit, bounds, store).catch(
          (error: unknown) => {
            throw toSearchError(error);
          },
        );
        const resources = found.map((resource) => esimProfileRecord(resource, publicUrl));
        if (options.json) return printJson(resources);
        const isNamed = resources.some((resource) => resource['friendly_name'] !== undefined);
        printTable(isNamed ? WITH_NAMES : COLUMNS, resources, 'No eSIM Profiles found');
      }),
    );
}
