import { Command, Option } from 'commander';
import {
  callbackSecretsOf,
  OVERLAP_LIMIT_SECONDS,
  OVERLAP_SECONDS,
  rotateCallbackSecret,
} from '../operator/account/callback-secret.ts';
import { withData } from './data.ts';
import { examples, jsonOption, parseHours, parseSid } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { renderFields } from './table.ts';
import { UsageError, UserError } from './user-error.ts';

interface Options extends JsonOption {
  rotate?: true;
  previousHours?: number;
}

const HOUR = 60 * 60;

/** `simwright account callback-secret` */
export function accountCallbackSecretCommand(): Command {
  return new Command('callback-secret')
    .description('show the secret of webhook-signature, which signs callbacks with their time')
    .argument('<SID>', 'the account', parseSid('account'))
    .option('--rotate', 'make a new one first')
    .addOption(
      new Option(
        '--previous-hours <N>',
        `with --rotate: how long the previous one signs as well; ${OVERLAP_SECONDS / HOUR} by default, 0 if it has been stolen`,
      ).argParser(parseHours(OVERLAP_LIMIT_SECONDS / HOUR)),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nReceivers that check this signature need not know the auth token.\n' +
        'While two secrets are in use, callbacks have a signature by each: change the receivers one after the other.',
    )
    .addHelpText(
      'after',
      examples(
        ['simwright account callback-secret AC…'],
        ['simwright account callback-secret AC… --rotate --previous-hours 1'],
      ),
    )
    .action((sid: string, { rotate, previousHours, json }: Options) =>
      withData(async ({ store, masterKey, transact, now }) => {
        if (rotate === undefined && previousHours !== undefined) {
          throw new UsageError('--previous-hours is of no use without --rotate');
        }
        const seconds = previousHours === undefined ? OVERLAP_SECONDS : previousHours * HOUR;
        const account =
          rotate === undefined
            ? await store.accounts.find(sid)
            : await transact((unit) => rotateCallbackSecret(sid, seconds, masterKey, unit));
        if (account === undefined) throw new UserError(`There is no account ${sid}`);
        const { secret, previous } = callbackSecretsOf(account, masterKey, now);
        if (json) {
          return printJson({
            account_sid: sid,
            secret,
            previous_secret: previous?.secret ?? null,
            previous_until: previous?.until ?? null,
          });
        }
        print(
          renderFields([
            ['Account SID', sid],
            ['Secret', secret],
            ...(previous === undefined
              ? []
              : ([
                  ['Previous', previous.secret],
                  ['In use until', previous.until],
                ] as [string, string][])),
          ]),
        );
      }),
    );
}
