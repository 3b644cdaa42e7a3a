import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { EsimProfileEventRow } from '../store/schema.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { causeText, transitionText } from './esim-profile-text.ts';
import { findProfile } from './find-profile.ts';
import { onInterrupt } from './interrupt.ts';
import { accountOption, examples, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print } from './output.ts';
import { paint, styleOfStatus } from './paint.ts';
import { eventRecord } from './records.ts';

const LOOK_MS = 300;

/** `simwright profile watch` */
export function profileWatchCommand(): Command {
  return new Command('watch')
    .description('print what happens to an eSIM Profile until it is installed or has failed')
    .argument('<SID>', 'the eSIM Profile', parseSid('esimProfile'))
    .addOption(accountOption())
    .option('--json', 'print a JSON object a line, for scripts')
    .addHelpText('after', '\nEnds on Ctrl-C too. The exit code is 1 when the profile has failed.')
    .addHelpText('after', examples(['simwright profile watch HP…']))
    .action((sid: string, options: AccountOption & JsonOption) =>
      withData(async ({ store }) => {
        const accountSid = await chooseAccount(store, options.account);
        await findProfile(store, accountSid, sid);
        const interrupted = onInterrupt();
        let seen = 0;
        while (!interrupted.aborted) {
          const events = await store.esimProfileEvents.list(accountSid, sid);
          for (const event of events.slice(seen)) print(lineOf(event, options));
          seen = events.length;
          const status = events.at(-1)?.status;
          if (status === 'failed') process.exitCode = 1;
          if (status === 'installed' || status === 'failed') return;
          await sleep(LOOK_MS, undefined, { signal: interrupted }).catch(() => {});
        }
      }),
    );
}

function lineOf(event: EsimProfileEventRow, { json }: JsonOption): string {
  if (json) return `${JSON.stringify(eventRecord(event))}\n`;
  const transition = paint(transitionText(event), styleOfStatus(event.status));
  return `${event.date_created}  ${transition}  ${causeText(event)}\n`;
}
