import { Command } from 'commander';
import { problemOfCallbackUrl, shownCallbackUrl, testTarget } from '../operator/callback-url.ts';
import type { HttpMethod } from '../store/schema.ts';
import { Lookups } from '../outgoing/lookups.ts';
import { Slots } from '../outgoing/slots.ts';
import { testReceiver } from '../webhook/test-receiver.ts';
import { callbackMethodOption, checkCallbackUrl } from './callback-url.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, jsonOption } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { renderFields } from './table.ts';
import { EndWith, UsageError } from './user-error.ts';

interface Options extends AccountOption, JsonOption {
  callbackUrl?: string;
  callbackMethod?: HttpMethod;
}

/** `simwright callback test` */
export function callbackTestCommand(): Command {
  return new Command('test')
    .description('send a signed test to a receiver of callbacks, and print its response')
    .addOption(accountOption())
    .option('--callback-url <URL>', 'the receiver; by default, the callback URL of the account')
    .addOption(callbackMethodOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nIt is sent from here, with the parameter Test=true and the SID of no eSIM Profile; it is not retried, and not in\n' +
        'the list of callbacks. The exit code is 1 unless the receiver answers with 2xx.',
    )
    .addHelpText(
      'after',
      examples(
        ['simwright callback test'],
        ['simwright callback test --callback-url https://example.com/status'],
      ),
    )
    .action((options: Options) =>
      withData(async (data) => {
        const { callbackUrl: given, callbackMethod: method } = options;
        if (given !== undefined) checkCallbackUrl(given, problemOfCallbackUrl);
        const { store, masterKey, config, sids } = data;
        const accountSid = await chooseAccount(store, options.account);
        const account = (await store.accounts.find(accountSid))!;
        const target = testTarget(account, { url: given, method }, masterKey);
        if (target === undefined) {
          throw new UsageError(`Give --callback-url: the account ${accountSid} has none`);
        }
        const now = () => store.now();
        const lookups = new Lookups(new Slots());
        const context = { config, masterKey, sids, now };
        const { sid, outcome, durationMs } = await testReceiver(account, target, lookups, context);
        const shown = {
          sid,
          callback_url: shownCallbackUrl(target.url),
          callback_method: target.method,
          state: outcome.failure === undefined ? 'delivered' : 'failed',
          duration_ms: durationMs,
          status_code: outcome.statusCode ?? null,
          error: outcome.error ?? null,
          response: outcome.response ?? null,
        };
        if (options.json) printJson(shown);
        else {
          print(
            renderFields([
              ['Test', shown.state],
              ['Sent', `${shown.callback_method} ${shown.callback_url}`],
              ['webhook-id', sid],
              ['Took', `${durationMs} ms`],
              ['Status', shown.status_code === null ? null : String(shown.status_code)],
              ['Error', shown.error],
              // Only the operator sees these.
              ['Detail', outcome.detail ?? null],
              ['Response', shown.response],
            ]),
          );
        }
        if (outcome.failure !== undefined) throw new EndWith(1);
      }),
    );
}
