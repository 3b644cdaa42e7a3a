// `simwright eim update`: what the owner says about an eUICC.
import type { Command } from 'commander';
import { updateEuicc, renderEuicc } from '../eim/euiccs.ts';
import { callbackMethodOption } from './callback-url.ts';
import { callbackOf, callbackWords } from './eim-callback.ts';
import type { CallbackOptions } from './eim-callback.ts';
import { euiccNamed, ofEuicc, withEim } from './eim-data.ts';
import { addIpaOptions, ipaOf, ipaWords } from './eim-ipa.ts';
import type { IpaOptions } from './eim-ipa.ts';
import { examples, jsonOption } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { METADATA_REMOVAL, metadataOption, NAME_REMOVAL, ownerFieldsOf } from './owner-fields.ts';
import type { OwnerFieldOptions } from './owner-fields.ts';
import { renderFields } from './table.ts';
import { UsageError, UserError } from './user-error.ts';

interface UpdateOptions
  extends
    AccountOption,
    JsonOption,
    CallbackOptions,
    IpaOptions,
    Pick<OwnerFieldOptions, 'metadata'> {
  name?: string;
  group?: string;
}

/** `simwright eim update` */
export function eimUpdateCommand(): Command {
  const command = ofEuicc('update')
    .description(
      'change the name, the group or the metadata of an eUICC, where callbacks about it go, and where its IPA listens',
    )
    .option('--name <text>', `a name for people${NAME_REMOVAL}`)
    .option('--group <GROUP>', "the group, by its name or SID; made if there is none; '' for none")
    .addOption(metadataOption(METADATA_REMOVAL))
    .option(
      '--callback-url <URL>',
      "called when its status changes, or that of an operation on it; '' for that of the account; none: no callbacks",
    )
    .addOption(callbackMethodOption());
  return addIpaOptions(command, "; '': it does not listen")
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['simwright eim update EU… --group Berlin'],
        ['simwright eim update EU… --callback-url https://example.com/status'],
        ['simwright eim update EU… --ipa-url https://pump-7.example.com --ipa-ca pump-7.pem'],
      ),
    )
    .action((name: string, options: UpdateOptions) =>
      withEim(options, async (eim) => {
        const found = await euiccNamed(name, eim);
        const { metadataAfter } = await import('../api/euicc-metadata.ts');
        const { metadata } = ownerFieldsOf(options);
        const { name: friendlyName, group } = options;
        const callback = callbackOf(options, eim.accountSid, eim.data.masterKey);
        const ipa = await ipaOf(options);
        const changes = [...Object.values(callback), ...Object.values(ipa)];
        const given = [friendlyName, group, metadata, ...changes];
        if (given.every((value) => value === undefined)) {
          throw new UsageError("Give at least one change, such as --name 'Pump 7'");
        }
        const row = await eim.data
          .transact((unit) =>
            updateEuicc(
              found,
              ({ metadata: kept }) => ({
                ...(friendlyName === undefined
                  ? {}
                  : { friendlyName: friendlyName.trim() || null }),
                ...(group === undefined ? {} : { group: group || null }),
                ...(metadata === undefined ? {} : { metadata: metadataAfter(kept, metadata) }),
                callback,
                ipa,
              }),
              unit,
            ),
          )
          .catch((error: unknown) => {
            if ((error as Error).name !== 'ApiError') throw error;
            throw new UserError((error as Error).message, { cause: error });
          });
        if (options.json) return printJson(JSON.parse(renderEuicc(row, eim.data.publicUrl)));
        print(
          renderFields([
            ['eUICC SID', row.sid],
            ['EID', row.eid],
            ['Name', row.friendly_name ?? 'none'],
            ['Group', row.group_sid ?? 'none'],
            ['Metadata', row.metadata ?? 'none'],
            ['Callback', callbackWords(row)],
            ['IPA', ipaWords(row)],
          ]),
        );
      }),
    );
}
