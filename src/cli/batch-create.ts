import { orderRules } from '../operator/placeOrder.ts';
import { readFile } from 'node:fs/promises';
import { buffer as bufferOf } from 'node:stream/consumers';
import { Command, InvalidArgumentError } from 'commander';
import type { ApiError } from '../api/api-error.ts';
import type { Parameters } from '../api/order-parser.ts';
import { createBatch, ITEM_LIMIT, TooManyBatches } from '../operator/batch/batch.ts';
import type { NewBatch } from '../operator/batch/batch.ts';
import { problemsOfAll, surveyBatch } from '../operator/batch/batch-survey.ts';
import type { ItemProblem, Survey } from '../operator/batch/batch-survey.ts';
import { problemOfCallbackUrl } from '../operator/callback-url.ts';
import { apiDate } from '../values/date.ts';
import { endWithBatch, followBatch, printBatch } from './batch-text.ts';
import { chooseAccount } from './choose-account.ts';
import { readConfirmationCode } from './confirmation-code.ts';
import { withData } from './data.ts';
import type { CommandData } from './data.ts';
import { HOW } from './change-profile.ts';
import { examples, jsonOption, parseCount } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { addOrderOptions } from './profile-order.ts';
import type { OrderOptions } from './profile-order.ts';
import { ownerFieldsOf } from './owner-fields.ts';
import { UsageError, UserError } from './user-error.ts';

interface Options extends OrderOptions, JsonOption {
  matchingId?: true;
  count?: number;
  allOrNothing?: true;
  dryRun?: true;
  batchCallbackUrl?: string;
  wait?: true;
}

const SHOWN_PROBLEMS = 20;
const STDIN = '-';

const HELP = `
With --count, the options describe each order, as in: simwright profile order.
FILE.csv has a line of names and a line for each order. The names are those of the API's parameters, in any
spelling: Eid, GenerateMatchingId, ProfileType, Iccid, ConfirmationCode, CallbackUrl, CallbackMethod,
ExpiresAt, FriendlyName, and Metadata.KEY for each key.
What is empty or has no column is as the options say. Commas, semicolons or tabs; - reads it from stdin.

An order that is not valid is recorded with what is wrong, and the others are placed. With --all-or-nothing,
nothing is ordered unless all are valid and the stock has a subscription for each.
The server carries the batch out: see simwright start. The exit code is 1 if it fails or an item is refused.`;

/** `simwright batch create` */
export function batchCreateCommand(): Command {
  const command = new Command('create')
    .description(`order up to ${ITEM_LIMIT} eSIM Profiles`)
    .argument('[FILE.csv]', 'an order on each line')
    .option('--count <N>', 'order so many alike', parseCount(ITEM_LIMIT));
  return addOrderOptions(command)
    .option('--matching-id', 'generate a matching ID and an activation code for each')
    .option('--all-or-nothing', 'order nothing unless everything can be ordered')
    .option('--dry-run', 'check everything and say what the stock can give, but order nothing')
    .option('--batch-callback-url <URL>', 'called once, when the batch has ended', parseUrl)
    .option('--wait', 'show the progress until the batch has ended')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright batch create --count 1000 --matching-id --wait'],
        ['simwright batch create devices.csv --dry-run'],
        ['simwright batch create devices.csv --profile-type fleet --all-or-nothing'],
      ),
    )
    .action((file: string | undefined, options: Options) =>
      withData(async (data) => {
        const accountSid = await chooseAccount(data.store, options.account);
        const items = await itemsOf(file, accountSid, options, data);
        const { allOrNothing = false as boolean, batchCallbackUrl: url } = options;
        const wanted = { accountSid, items, allOrNothing };
        if (options.dryRun) return printSurvey(await surveyBatch(wanted, data.store), options);
        const problems = problemsOfAll(wanted);
        if (problems.length > 0) throw new UserError(`Nothing was ordered${linesOf(problems)}`);
        const callback = url === undefined ? undefined : { url, method: 'POST' as const };
        const batch: NewBatch = { ...wanted, callback, placedBy: HOW };
        let row = await data
          .transact((unit) => createBatch(batch, data.masterKey, unit))
          .catch((error: unknown) => {
            throw error instanceof TooManyBatches ? new UserError(error.message) : error;
          });
        if (options.wait) row = await followBatch(row, data);
        await printBatch(row, options, data);
        endWithBatch(row);
      }),
    );
}

function parseUrl(text: string): string {
  const problem = problemOfCallbackUrl(text);
  if (problem === undefined) return text;
  throw new InvalidArgumentError(`${problem[0]!.toUpperCase()}${problem.slice(1)}.`);
}

/** Parsed as the API parses them. Throws `UserError`. */
async function itemsOf(
  file: string | undefined,
  accountSid: string,
  options: Options,
  { config, now }: CommandData,
): Promise<NewBatch['items']> {
  const { count } = options;
  if ((file === undefined) === (count === undefined)) {
    throw new UsageError('Name a CSV file, or how many with --count');
  }
  const common = await commonOf(options);
  if (count !== undefined && !('Eid' in common) && !('GenerateMatchingId' in common)) {
    throw new UsageError('Give --eid, --matching-id, or both');
  }
  // Loaded only here: no other command needs it.
  const { parseItems } = await import('../api/batch-request.ts');
  const csv = file === undefined ? undefined : await read(file);
  const rules = orderRules(config, now);
  const asked = { count, items: undefined, csv, common };
  return parseItems(asked, { accountSid, rules }).catch((error: unknown) => {
    if ((error as Error).name !== 'ApiError') throw error;
    const place = file === undefined ? '' : `${file}: `;
    throw new UserError(place + (error as ApiError).message, { cause: error });
  });
}

/** What the options say of every item, as the API's parameters. */
async function commonOf(options: Options): Promise<Parameters> {
  const { eid, matchingId, profileType, callbackUrl, callbackMethod, expiresAt } = options;
  const { friendlyName, metadata } = ownerFieldsOf(options);
  const given: Parameters = {
    Eid: eid,
    GenerateMatchingId: matchingId,
    ProfileType: profileType,
    ConfirmationCode: await readConfirmationCode(options.confirmationCode),
    CallbackUrl: callbackUrl,
    CallbackMethod: callbackMethod,
    ExpiresAt: expiresAt && apiDate(expiresAt),
    FriendlyName: friendlyName,
    Metadata: metadata ?? undefined,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

async function read(file: string): Promise<string> {
  const { decodeCsv } = await import('../api/batch-csv.ts');
  try {
    return decodeCsv(file === STDIN ? await bufferOf(process.stdin) : await readFile(file));
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function linesOf(problems: readonly ItemProblem[]): string {
  const lines = problems
    .slice(0, SHOWN_PROBLEMS)
    .map(({ item, message }) => `\nitem ${item}: ${message}`);
  const more = problems.length - lines.length;
  return lines.join('') + (more > 0 ? `\nand ${more} more` : '');
}

function printSurvey(survey: Survey, { json }: JsonOption): void {
  if (json) return printJson({ dry_run: true, ...survey });
  const { count, valid, orderable, stock, problems } = survey;
  const lines = stock.map(({ profile_type: type, wanted, available }) => {
    const what = type === null ? 'any profile type' : `profile type ${type}`;
    return `\n${what}: ${wanted} wanted, ${available} in stock`;
  });
  const all = lines.join('') + linesOf(problems);
  print(`${count} items, ${valid} valid; ${orderable} can be ordered now${all}\n`);
}
