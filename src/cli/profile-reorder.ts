import { Command } from 'commander';
import { releaseAgain, reorder } from '../operator/replace-order.ts';
import { apiDate } from '../values/date.ts';
import { changeProfile, HOW } from './change-profile.ts';
import { confirmationCodeOption, readConfirmationCode } from './confirmation-code.ts';
import {
  accountOption,
  examples,
  expiresAtOption,
  jsonOption,
  parseEid,
  parseSid,
} from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { friendlyNameOption, metadataOption, ownerFieldsOf } from './owner-fields.ts';
import type { OwnerFieldOptions } from './owner-fields.ts';
import { UsageError } from './user-error.ts';

interface Options extends AccountOption, JsonOption, OwnerFieldOptions {
  keepSim?: true;
  eid?: string;
  anyEid?: true;
  confirmationCode?: string;
  expiresAt?: Date;
}

/** `simwright profile reorder` */
export function profileReorderCommand(): Command {
  return new Command('reorder')
    .description('place a new order in place of a failed one, with the same parameters')
    .argument('<SID>', 'the eSIM Profile that has failed', parseSid('esimProfile'))
    .addOption(accountOption())
    .option(
      '--keep-sim',
      'release its subscription again; also of an installed one that its device has deleted',
    )
    .option('--eid <EID>', 'for another eUICC', parseEid)
    .option('--any-eid', 'for any eUICC that presents the activation code')
    .addOption(confirmationCodeOption('another confirmation code; by default, it stays'))
    .addOption(expiresAtOption())
    .addOption(friendlyNameOption("; by default, that of the old order; '': none"))
    .addOption(metadataOption("; others stay; KEY= leaves one out, '' all"))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nBoth orders name each other. Without --keep-sim, another subscription is taken from stock, by the server: see\n' +
        'simwright start. With it, the SM-DP+ refuses if an eUICC may have the profile.',
    )
    .addHelpText(
      'after',
      examples(
        ['simwright profile reorder HP…'],
        ['simwright profile reorder HP… --keep-sim', 'the same ICCID and keys'],
      ),
    )
    .action(async (sid: string, options: Options) => {
      const { keepSim, eid, anyEid, expiresAt } = options;
      if (eid !== undefined && anyEid) throw new UsageError('Give either --eid or --any-eid');
      const confirmationCode = await readConfirmationCode(options.confirmationCode);
      const other = anyEid ? null : eid;
      const replacement = {
        ...(other === undefined ? {} : { eid: other }),
        ...(confirmationCode === undefined ? {} : { confirmationCode }),
        ...(expiresAt === undefined ? {} : { expiresAt: apiDate(expiresAt) }),
        ...ownerFieldsOf(options),
      };
      const values = { eid, confirmationCode, expiresAt };
      const cause = { cause: 'ordered again', detail: HOW };
      await changeProfile(sid, options, values, (row, context, unit) =>
        (keepSim ? releaseAgain : reorder)(row, replacement, cause, context, unit),
      );
    });
}
