import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { BrandRefused, changeBrand } from '../operator/install/brand.ts';
import type { BrandChange } from '../operator/install/brand.ts';
import { LOGO_LIMIT, LOGO_SIDE_LIMIT } from '../operator/install/logo.ts';
import { renderBrand } from '../operator/install/resource.ts';
import { fieldsOfBrand } from './brand-show.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, jsonOption } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { renderFields } from './table.ts';
import { UsageError, UserError } from './user-error.ts';

interface Options extends AccountOption, JsonOption {
  name?: string;
  accentColor?: string;
  logo?: string;
  supportText?: string;
  supportUrl?: string;
}

const FLAGS: Record<keyof BrandChange, string> = {
  name: '--name',
  accentColor: '--accent-color',
  supportText: '--support-text',
  supportUrl: '--support-url',
  logo: '--logo',
};

/** `simwright brand set` */
export function brandSetCommand(): Command {
  return new Command('set')
    .description('set how the install pages of an account look')
    .addOption(accountOption())
    .option('--name <name>', 'shown in the head of the page, unless there is a logo')
    .option('--accent-color <#rrggbb>', 'of the buttons; the text on them becomes black or white')
    .option(
      '--logo <FILE>',
      `a PNG or JPEG, at most ${LOGO_LIMIT / 1024} KiB and ${LOGO_SIDE_LIMIT} pixels per side`,
    )
    .option('--support-text <text>', 'whom to ask, in the foot of the page')
    .option('--support-url <URL>', 'where that leads: https, mailto or tel')
    .addOption(jsonOption())
    .addHelpText('after', "\nWhat is not given stays as it is; '' removes it.")
    .addHelpText(
      'after',
      examples(
        ["simwright brand set --name 'Example Mobile' --accent-color '#0b6e4f' --logo logo.png"],
        ["simwright brand set --support-text 'Questions? Call us' --support-url tel:+4989123456"],
        ["simwright brand set --logo ''", 'remove the logo'],
      ),
    )
    .action((options: Options) => {
      const { account: _account, json: _json, ...given } = options;
      if (Object.keys(given).length === 0) {
        throw new UsageError("Give at least one part of it, such as --name 'Example Mobile'");
      }
      return withData(async ({ store, transact, publicUrl }) => {
        const accountSid = await chooseAccount(store, options.account);
        const change = await changeOf(options);
        const row = await transact((unit) => changeBrand(accountSid, change, unit)).catch(
          (error: unknown) => {
            if (!(error instanceof BrandRefused)) throw error;
            throw new UserError(`${FLAGS[error.what]}: ${error.message}`, { cause: error });
          },
        );
        if (options.json) printJson(renderBrand(accountSid, row, publicUrl));
        else print(renderFields(fieldsOfBrand(accountSid, row)));
      });
    });
}

/** An empty text removes a value. */
async function changeOf(options: Options): Promise<BrandChange> {
  return {
    name: text(options.name),
    accentColor: text(options.accentColor),
    supportText: text(options.supportText),
    supportUrl: text(options.supportUrl),
    logo: options.logo ? await readLogo(options.logo) : noLogo(options.logo),
  };
}

const text = (given: string | undefined) => (given === undefined ? undefined : given || null);
const noLogo = (given: string | undefined) => (given === undefined ? undefined : null);

async function readLogo(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new UserError(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
