import { Command } from 'commander';
import { updateOrder } from '../operator/update-order.ts';
import { apiDate } from '../values/date.ts';
import { changeProfile, HOW } from './change-profile.ts';
import { accountOption, examples, expiresAtOption, jsonOption, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { UsageError } from './user-error.ts';

interface Options extends AccountOption, JsonOption {
  expiresAt?: Date;
  never?: true;
}

/** `simwright profile expire` */
export function profileExpireCommand(): Command {
  return new Command('expire')
    .description('set when an order ends if nobody has downloaded the profile by then')
    .argument('<SID>', 'the eSIM Profile', parseSid('esimProfile'))
    .addOption(accountOption())
    .addOption(expiresAtOption())
    .option('--never', 'it does not end by itself')
    .addOption(jsonOption())
    .addHelpText('after', '\nTo end it now, see simwright profile cancel.')
    .addHelpText(
      'after',
      examples(
        ['simwright profile expire HP… --expires-at 2026-12-31T18:00:00Z'],
        ['simwright profile expire HP… --never'],
      ),
    )
    .action(async (sid: string, options: Options) => {
      if ((options.expiresAt === undefined) === (options.never === undefined)) {
        throw new UsageError('Give either --expires-at or --never');
      }
      const { expiresAt } = options;
      const update = { expiresAt: expiresAt === undefined ? null : apiDate(expiresAt) };
      await changeProfile(sid, options, { expiresAt }, (row, context, unit) =>
        updateOrder(row, update, HOW, context, unit),
      );
    });
}
