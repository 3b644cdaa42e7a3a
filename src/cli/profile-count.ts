import { Command } from 'commander';
import { countEsimProfiles } from '../operator/find-esim-profiles.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { addProfileFilter, profileFilterOf, toSearchError } from './profile-filter.ts';
import type { ProfileFilterOptions } from './profile-filter.ts';

type Options = ProfileFilterOptions & JsonOption;

/** `simwright profile count` */
export function profileCountCommand(): Command {
  return addProfileFilter(new Command('count'))
    .description('count eSIM Profiles, up to 10,000')
    .addOption(jsonOption())
    .addHelpText('after', "\nA '+' behind the number says that there are more, or may be.")
    .addHelpText(
      'after',
      examples(['simwright profile count --status available --metadata site=Berlin']),
    )
    .action((options: Options) =>
      withData(async ({ store }) => {
        const accountSid = await chooseAccount(store, options.account);
        const { filter, bounds } = profileFilterOf(options, accountSid);
        const counted = await countEsimProfiles(filter, bounds, store).catch((error: unknown) => {
          throw toSearchError(error);
        });
        if (options.json) return printJson(counted);
        print(`${counted.count}${counted.more ? '+' : ''}\n`);
      }),
    );
}
