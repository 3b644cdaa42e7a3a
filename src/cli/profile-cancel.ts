import { Command } from 'commander';
import { cancelOrder, CANCELLED } from '../operator/cancel-order.ts';
import { changeProfile, HOW } from './change-profile.ts';
import { accountOption, examples, jsonOption, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';

/** `simwright profile cancel` */
export function profileCancelCommand(): Command {
  return new Command('cancel')
    .description('cancel an order that nobody has installed; it becomes failed')
    .argument('<SID>', 'the eSIM Profile', parseSid('esimProfile'))
    .addOption(accountOption())
    .option('--unavailable', 'never use its subscription again; otherwise it returns to stock')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nIts activation code is worth nothing from then on. Once it is downloaded, the device may install the profile at\n' +
        'any time: then it can only be cancelled with --unavailable, and what the device reports goes into the history.',
    )
    .addHelpText(
      'after',
      examples(
        ['simwright profile cancel HP…'],
        ['simwright profile cancel HP… --unavailable', 'also one that was downloaded'],
      ),
    )
    .action((sid: string, options: { unavailable?: true } & AccountOption & JsonOption) =>
      changeProfile(sid, options, {}, (row, context, unit) => {
        const final = options.unavailable ? 'Unavailable' : 'Available';
        const cause = { cause: 'cancelled', detail: HOW };
        return cancelOrder(row, final, CANCELLED, cause, context, unit);
      }),
    );
}
