import { Command } from 'commander';
import { openTemplate } from '../smdp/package/sealed-package.ts';
import { elementNamesOf, notPersonalisedOf } from '../smdp/package/template-import.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, jsonOption, parseProfileType } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { renderFields } from './table.ts';
import { sharedSecretsText, templateRecord } from './template-list.ts';
import { UserError } from './user-error.ts';

/** `simwright template show` */
export function templateShowCommand(): Command {
  return new Command('show')
    .description('show the content of a template, without its secrets')
    .argument('<type>', 'the profile type', parseProfileType)
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright template show fleet']))
    .action((profileType: string, options: AccountOption & JsonOption) =>
      withData(async ({ store, masterKey }) => {
        const accountSid = await chooseAccount(store, options.account);
        const row = await store.profilePackages.findTemplate(accountSid, profileType);
        if (row === undefined) throw new UserError(`There is no template of type ${profileType}`);
        const template = openTemplate(row, masterKey);
        const elements = elementNamesOf(template);
        const size = template.length;
        const record = templateRecord(row, masterKey);
        const others = notPersonalisedOf(template).filter(({ isSecret }) => !isSecret);
        const not_personalised = others.map(({ where }) => where);
        if (options.json) return printJson({ ...record, not_personalised, size, elements });
        print(
          renderFields([
            ['Profile type', row.profile_type],
            ['Created', row.date_created],
            ['Size', `${size} bytes`],
            ['Elements', elements.join(', ')],
            ['Metadata', row.metadata],
            ['Shared secrets', sharedSecretsText(record)],
            ['Not personalised', not_personalised.join(', ')],
          ]),
        );
      }),
    );
}
