import { Command } from 'commander';
import { updateOrder } from '../operator/update-order.ts';
import { changeProfile, HOW } from './change-profile.ts';
import { accountOption, examples, jsonOption, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import {
  friendlyNameOption,
  METADATA_REMOVAL,
  metadataOption,
  NAME_REMOVAL,
  ownerFieldsOf,
} from './owner-fields.ts';
import type { OwnerFieldOptions } from './owner-fields.ts';
import { UsageError } from './user-error.ts';

interface Options extends AccountOption, JsonOption, OwnerFieldOptions {}

/** `simwright profile update` */
export function profileUpdateCommand(): Command {
  return new Command('update')
    .description(
      'change the friendly name and the metadata of an eSIM Profile, whatever its status',
    )
    .argument('<SID>', 'the eSIM Profile', parseSid('esimProfile'))
    .addOption(accountOption())
    .addOption(friendlyNameOption(NAME_REMOVAL))
    .addOption(metadataOption(METADATA_REMOVAL))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nKeys that are not named stay as they are. Other changes: see simwright profile bind, expire and reissue.',
    )
    .addHelpText(
      'after',
      examples(
        ["simwright profile update HP… --friendly-name 'Truck 17' --metadata site=Berlin"],
        ['simwright profile update HP… --metadata order=', 'remove one key'],
        ["simwright profile update HP… --metadata ''", 'remove them all'],
      ),
    )
    .action(async (sid: string, options: Options) => {
      const update = ownerFieldsOf(options);
      if (Object.keys(update).length === 0) {
        throw new UsageError('Give at least one change, such as --metadata site=Berlin');
      }
      await changeProfile(sid, options, {}, (row, context, unit) =>
        updateOrder(row, update, HOW, context, unit),
      );
    });
}
