import { Command, InvalidArgumentError } from 'commander';
import {
  createInstallLink,
  InstallLinkRefused,
  installPageUrl,
} from '../operator/install/install-link.ts';
import { renderInstallLink } from '../operator/install/resource.ts';
import { NoActivationCode } from '../operator/qr/qr-labels.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { findProfile } from './find-profile.ts';
import { accountOption, examples, jsonOption, parseDateOption, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { renderFields } from './table.ts';
import { UsageError, UserError } from './user-error.ts';

interface Options extends AccountOption, JsonOption {
  expiresAt?: Date;
  expiresIn?: number;
}

const HELP = `
Prints the URL of a page to send to the person who gets the profile: with the QR code, buttons for iPhone and Android, and
steps by hand, in the brand of the account (simwright brand set). It is shown only once, and whoever has it can install
the profile. The server must be reachable at the URL: see SIMWRIGHT_PUBLIC_URL.`;

/** `simwright profile link create` */
export function profileLinkCreateCommand(): Command {
  return new Command('create')
    .description('make a link to a page with which a person installs an eSIM Profile')
    .argument('<SID>', 'the eSIM Profile', parseSid('esimProfile'))
    .addOption(accountOption())
    .option('--expires-in <time>', 'how long it works: 30m, 12h, 7d (default: 7d)', parseDuration)
    .option('--expires-at <date>', 'or until when, at most 90 days from now', parseDateOption)
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright profile link create HP…'],
        ['simwright profile link create HP… --expires-in 30d --json'],
      ),
    )
    .action((sid: string, options: Options) => {
      const { expiresAt: at, expiresIn: inMs } = options;
      if (at !== undefined && inMs !== undefined) {
        throw new UsageError('Give --expires-in or --expires-at, not both');
      }
      const end = at !== undefined ? { at } : inMs !== undefined ? { inMs } : undefined;
      return withData(async ({ store, transact, now, publicUrl }) => {
        const accountSid = await chooseAccount(store, options.account);
        await findProfile(store, accountSid, sid);
        const { link, token } = await transact((unit) =>
          createInstallLink(accountSid, sid, end, unit),
        ).catch((error: unknown) => {
          const isRefusal =
            error instanceof InstallLinkRefused || error instanceof NoActivationCode;
          throw isRefusal ? new UserError(error.message, { cause: error }) : error;
        });
        const url = installPageUrl(publicUrl, token);
        if (options.json) {
          return printJson({ ...renderInstallLink(link, now, publicUrl), page_url: url });
        }
        print(
          renderFields([
            ['Link SID', link.sid],
            ['Page', url],
            ['Expires', link.date_expires],
          ]),
        );
      });
    });
}

const UNITS_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function parseDuration(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * UNITS_MS[unit!]!;
  throw new InvalidArgumentError(
    `Expected minutes, hours or days such as 30m, 12h or 7d; got '${text}'.`,
  );
}
