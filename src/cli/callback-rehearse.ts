import { Command } from 'commander';
import { pino } from 'pino';
import { problemOfCallbackUrl } from '../operator/callback-url.ts';
import { beginRehearsal } from '../rehearsal/rehearse.ts';
import type { RehearsalStep } from '../rehearsal/rehearse.ts';
import { chooseSmdp } from '../choose-smdp.ts';
import { loadPki } from '../smdp/pki/pki.ts';
import type { HttpMethod } from '../store/schema.ts';
import { callbackMethodOption, checkCallbackUrl } from './callback-url.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { onInterrupt } from './interrupt.ts';
import { accountOption, examples, jsonOption } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print } from './output.ts';
import { EndWith, UsageError, UserError } from './user-error.ts';

interface Options extends AccountOption, JsonOption {
  callbackUrl?: string;
  callbackMethod?: HttpMethod;
}

const STEP_WIDTH = 24;

/** `simwright callback rehearse` */
export function callbackRehearseCommand(): Command {
  return new Command('rehearse')
    .description('let a virtual phone live the life of a test profile, with all its callbacks')
    .addOption(accountOption())
    .option('--callback-url <URL>', 'the receiver; by default, the callback URL of the account')
    .addOption(callbackMethodOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nOrdered, available, downloaded, installed, enabled, disabled, deleted. No stock is touched: the subscription is\n' +
        'made for it, of the profile type rehearsal. The server must be running, with the test CI: see simwright start.\n' +
        'The exit code is 1 unless all callbacks are delivered at once.',
    )
    .addHelpText(
      'after',
      examples(['simwright callback rehearse --callback-url http://127.0.0.1:8080/status']),
    )
    .action((options: Options) =>
      withData(async (data) => {
        const { callbackUrl: url, callbackMethod: method = 'POST' } = options;
        if (url !== undefined) checkCallbackUrl(url, problemOfCallbackUrl);
        const { store, masterKey, config } = data;
        const accountSid = await chooseAccount(store, options.account);
        const account = (await store.accounts.find(accountSid))!;
        if (url === undefined && account.callback_url === null) {
          throw new UsageError(`Give --callback-url: the account ${accountSid} has none`);
        }
        const log = pino({ level: config.logLevel }, pino.destination(2));
        const begun = await beginRehearsal(
          account,
          url === undefined ? undefined : { url, method },
          {
            ...data,
            pki: await loadPki(store, masterKey, data.now),
            ...chooseSmdp(config, () => config.smdpAddress, data, log),
            now: () => store.now(),
            log,
          },
        );
        if ('refused' in begun) throw new UserError(begun.refused);
        if ('waitSeconds' in begun) {
          throw new UserError(
            `A rehearsal is running, or has just ended; try again in ${begun.waitSeconds} s`,
          );
        }
        let last: RehearsalStep | undefined;
        const show = (step: RehearsalStep) => {
          last = step;
          const mark = step.ok ? ' ' : '!';
          print(
            options.json
              ? `${JSON.stringify(step)}\n`
              : `${mark} ${step.step.padEnd(STEP_WIDTH)}  ${step.detail}\n`,
          );
        };
        await begun.run(show, onInterrupt());
        if (last?.ok !== true) throw new EndWith(1);
      }),
    );
}
