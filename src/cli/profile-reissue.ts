import { Command } from 'commander';
import { reissueMatchingId } from '../operator/reissue-matching-id.ts';
import { changeProfile, HOW } from './change-profile.ts';
import { confirmationCodeOption, readConfirmationCode } from './confirmation-code.ts';
import { accountOption, examples, jsonOption, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';

interface Options extends AccountOption, JsonOption {
  matchingId?: string;
  confirmationCode?: string;
}

/** `simwright profile reissue` */
export function profileReissueCommand(): Command {
  return new Command('reissue')
    .description('give an order that nobody has downloaded another matching ID and activation code')
    .argument('<SID>', 'the eSIM Profile', parseSid('esimProfile'))
    .addOption(accountOption())
    .option('--matching-id <ID>', 'the new one; by default, one is generated')
    .addOption(confirmationCodeOption('another confirmation code; by default, it stays'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nThe old one is worth nothing from then on, also for a device that has begun to download with it.',
    )
    .addHelpText('after', examples(['simwright profile reissue HP…']))
    .action(async (sid: string, options: Options) => {
      const confirmationCode = await readConfirmationCode(options.confirmationCode);
      const wanted = { matchingId: options.matchingId, confirmationCode };
      const cause = { cause: 'matching ID re-issued', detail: HOW };
      await changeProfile(sid, options, { confirmationCode }, (row, context, unit) =>
        reissueMatchingId(row, wanted, cause, context, unit),
      );
    });
}
