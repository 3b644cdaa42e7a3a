import { Command } from 'commander';
import { updateOrder } from '../operator/update-order.ts';
import { changeProfile, HOW } from './change-profile.ts';
import { confirmationCodeOption, readConfirmationCode } from './confirmation-code.ts';
import { accountOption, examples, jsonOption, parseEid, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { UsageError } from './user-error.ts';

interface Options extends AccountOption, JsonOption {
  eid?: string;
  none?: true;
  confirmationCode?: string;
}

/** `simwright profile bind` */
export function profileBindCommand(): Command {
  return new Command('bind')
    .description('bind an order that nobody has downloaded to another eUICC, or to none')
    .argument('<SID>', 'the eSIM Profile', parseSid('esimProfile'))
    .addOption(accountOption())
    .option('--eid <EID>', 'the eUICC that alone can claim the profile', parseEid)
    .option('--none', 'any eUICC that presents its activation code')
    .addOption(confirmationCodeOption('another confirmation code; by default, it stays'))
    .addOption(jsonOption())
    .addHelpText('after', '\nThe activation code, if there is one, stays as it is.')
    .addHelpText(
      'after',
      examples(
        ['simwright profile bind HP… --eid 89049032…'],
        ['simwright profile bind HP… --none', 'the first device that comes'],
      ),
    )
    .action(async (sid: string, options: Options) => {
      if ((options.eid === undefined) === (options.none === undefined)) {
        throw new UsageError('Give either --eid or --none');
      }
      const eid = options.eid ?? null;
      const confirmationCode = await readConfirmationCode(options.confirmationCode);
      const update = { eid, ...(confirmationCode === undefined ? {} : { confirmationCode }) };
      await changeProfile(sid, options, update, (row, context, unit) =>
        updateOrder(row, update, HOW, context, unit),
      );
    });
}
