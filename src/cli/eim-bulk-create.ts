// `simwright eim bulk create`: which eUICCs are to do what.
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { checkBulk, createBulk, MAXIMUM_FAILURES, MOST_RATE } from '../eim/fleet/bulk.ts';
import type { BulkItem } from '../eim/fleet/bulk.ts';
import { prepareBulk } from '../eim/fleet/prepare-bulk.ts';
import type { Preparing } from '../eim/fleet/prepare-bulk.ts';
import type { Asked } from '../eim/ask-operation.ts';
import type { OperationKind } from '../eim/operations/operation.ts';
import { OPERATION_KINDS } from '../eim/operations/operation.ts';
import {
  problemOfCallbackUrl,
  sealCallbackUrl,
  shownCallbackUrl,
} from '../operator/callback-url.ts';
import { apiDate } from '../values/date.ts';
import { HOW } from './change-profile.ts';
import { withEim } from './eim-data.ts';
import { parametersGiven, withParameters } from './eim-parameters.ts';
import type { ParameterOptions } from './eim-parameters.ts';
import type { EimData } from './eim-data.ts';
import { endWith, follow, printBulk } from './eim-bulk-progress.ts';
import { addEuiccFilter, euiccFilterOf } from './eim-filter.ts';
import type { EuiccFilterOptions } from './eim-filter.ts';
import { parseItems, readCsv } from './eim-import.ts';
import {
  accountOption,
  examples,
  jsonOption,
  parseCount,
  parseDateOption,
  parseEid,
  parseProfileType,
  parseSid,
} from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import {
  friendlyNameOption,
  metadataFilterOption,
  metadataOption,
  ownerFieldsOf,
} from './owner-fields.ts';
import type { OwnerFieldOptions } from './owner-fields.ts';
import { UsageError, UserError } from './user-error.ts';

interface CreateOptions
  extends AccountOption, JsonOption, OwnerFieldOptions, EuiccFilterOptions, ParameterOptions {
  all?: true;
  eid?: string[];
  having?: Record<string, string>;
  profile?: string;
  order?: true;
  profileType?: string;
  batch?: string;
  rate?: number;
  maximumFailures?: string;
  canary?: number;
  canaryApproval?: true;
  expiresAt?: Date;
  callbackUrl?: string;
  dryRun?: true;
  wait?: true;
}

/** What an error lists; the rest is counted. */
const SHOWN_CAUSES = 20;

const HELP = `
Name the eUICCs by --group, by --all, by --eid, or by FILE.csv with a line of names, Eid, Iccid and ActivationCode, and a
line for each; - reads it from stdin. Which eUICCs these are is decided now, and not again.

A download needs a profile for each: --order orders one for the EID of each; --batch takes those of a batch of orders.
--profile says which profile of each eUICC is meant: the only one that is enabled or disabled there, or that which a bulk
download has installed.

The server carries it out: see simwright start. The exit code is 1 if it is halted or an eUICC has failed.`;

const operationArgument = () =>
  new Argument('<operation>', 'by its name in SGP.32').choices(OPERATION_KINDS);

/** `simwright eim bulk create` */
export function eimBulkCreateCommand(): Command {
  const withTargets = new Command('create')
    .description('have many eUICCs do something')
    .addArgument(operationArgument())
    .argument('[FILE.csv]', 'an eUICC on each line')
    .addOption(accountOption())
    .option('--all', 'all eUICCs of the account')
    .addOption(
      new Option('--eid <EID>', 'this one; repeat it for several').argParser(
        (text, given: string[] | undefined) => [...(given ?? []), parseEid(text)],
      ),
    );
  return withParameters(addEuiccFilter(withTargets))
    .addOption(metadataFilterOption('--having'))
    .option('--profile <which>', 'instead of --iccid: enabled, disabled, or BO… of a bulk download')
    .option('--order', 'of download: order a profile for each')
    .option('--profile-type <type>', 'of --order: take this profile type', parseProfileType)
    .addOption(friendlyNameOption(', of each order'))
    .addOption(metadataOption(', of each order'))
    .option('--batch <BT…>', 'of download: profiles of this batch, one for each', parseSid('batch'))
    .option('--rate <N>', 'give so many eUICCs theirs in a minute', parseCount(MOST_RATE))
    .option('--maximum-failures <N>', 'halt when more have failed: N, or N%', parseFailures)
    .option('--canary <N>', 'so many go first, and all must succeed', parseCount(10_000))
    .option('--canary-approval', 'pause when these have succeeded')
    .option('--expires-at <date>', 'what was not sent by then is not sent', parseDateOption)
    .option('--callback-url <URL>', 'called when it is halted or has ended', parseUrl)
    .option('--dry-run', 'say which eUICCs it would be about, and do nothing')
    .option('--wait', 'show the progress until it has ended')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright eim bulk create listProfileInfo --all --rate 600 --wait'],
        ['simwright eim bulk create download --group Berlin --order --profile-type new'],
        [
          'simwright eim bulk create enable --group Berlin --profile BO… --rollback --canary 20 --maximum-failures 1%',
        ],
      ),
    )
    .action((kind: OperationKind, file: string | undefined, options: CreateOptions) =>
      withEim(options, async (eim) => {
        const { canary, canaryApproval = false, expiresAt } = options;
        const limits = { canary, canaryApproval, expiresAt };
        const { preparing, target } = await preparingOf(kind, file, options, eim);
        const orderOf = await orderIn(options, eim);
        checkBulk(limits, eim.data.now);
        const { parameters, items } = await prepareBulk(preparing, eim.rules);
        const problems = items.flatMap(problemAt);
        if (options.dryRun) {
          const counts = { count: items.length, valid: items.length - problems.length };
          if (options.json) return printJson({ dry_run: true, ...counts, problems });
          return print(`${counts.count} eUICCs, ${counts.valid} valid\n${problemLines(items)}`);
        }
        if (items.length === problems.length) {
          const why = items.length === 0 ? 'No eUICC matches' : problemLines(items).trimEnd();
          throw new UserError(`Nothing is done: ${why}`);
        }
        const { accountSid, data } = eim;
        const stored =
          options.callbackUrl && sealCallbackUrl(options.callbackUrl, accountSid, data.masterKey);
        let row = await data.transact((unit) =>
          createBulk(
            {
              accountSid,
              kind,
              parameters,
              items,
              orderOf,
              target,
              rate: options.rate,
              maximumFailures: options.maximumFailures,
              ...limits,
              callback: stored
                ? { url: stored, method: 'POST', shown: shownCallbackUrl(stored) }
                : undefined,
              placedBy: HOW,
            },
            unit,
          ),
        );
        if (options.wait) row = await follow(row, eim);
        await printBulk(row, options, eim);
        if (options.wait) await endWith(row, eim);
      }),
    );
}

function parseFailures(text: string): string {
  if (MAXIMUM_FAILURES.test(text)) return text;
  throw new InvalidArgumentError(`Expected a number, or a percentage such as 5%; got '${text}'.`);
}

function parseUrl(text: string): string {
  const problem = problemOfCallbackUrl(text);
  if (problem === undefined) return text;
  throw new InvalidArgumentError(`${problem[0]!.toUpperCase()}${problem.slice(1)}.`);
}

const problemAt = (item: BulkItem, index: number) =>
  'problem' in item ? [{ item: index + 1, message: item.problem }] : [];

/** What is wrong, a line for each cause: many eUICCs mostly have the same. */
function problemLines(items: readonly BulkItem[]): string {
  const causes = new Map<string, { first: string; count: number }>();
  for (const [index, item] of items.entries()) {
    if (!('problem' in item)) continue;
    const { eid, problem } = item;
    const found = causes.get(problem);
    if (found !== undefined) found.count += 1;
    else causes.set(problem, { first: eid ?? `item ${index + 1}`, count: 1 });
  }
  const lines = Array.from(causes, ([problem, { first, count }]) => {
    const others = count === 1 ? '' : ` and ${count - 1} more`;
    return `${first}${others}: ${problem}\n`;
  });
  const more = lines.length - SHOWN_CAUSES;
  return lines.slice(0, SHOWN_CAUSES).join('') + (more > 0 ? `and ${more} other causes\n` : '');
}

/** Throws `UserError`, `UsageError`. */
async function preparingOf(
  kind: OperationKind,
  file: string | undefined,
  options: CreateOptions,
  eim: EimData,
): Promise<{ preparing: Preparing; target: Readonly<Record<string, unknown>> }> {
  const { group, all, eid: eids, profile, batch: batchSid } = options;
  const named = [group, all, eids, file].filter((one) => one !== undefined);
  if (named.length !== 1) {
    throw new UsageError('Name the eUICCs by one of --group, --all, --eid, or a CSV file');
  }
  const asked: Asked = { kind, ...(await parametersGiven(options)) };
  const { accountSid } = eim;
  const common = {
    accountSid,
    asked,
    profile,
    batchSid,
    hasOrder: options.order ?? false,
    hasCanaries: options.canary !== undefined,
  };
  const chosen = {
    ...(profile === undefined ? {} : { profile }),
    ...(batchSid === undefined ? {} : { batch_sid: batchSid }),
  };
  const { status, seenAfter, seenBefore, having } = options;
  if (group !== undefined || all) {
    const filter = await euiccFilterOf(options, having, eim);
    const target = {
      ...(group === undefined ? { all_euiccs: true } : { group_sid: filter.groupSid }),
      ...(status === undefined ? {} : { status }),
      ...(having === undefined ? {} : { metadata: having }),
      ...(seenAfter === undefined ? {} : { seen_after: apiDate(seenAfter) }),
      ...(seenBefore === undefined ? {} : { seen_before: apiDate(seenBefore) }),
      ...chosen,
    };
    return { preparing: { ...common, of: { filter } }, target };
  }
  if ([status, seenAfter, seenBefore, having].some((filter) => filter !== undefined)) {
    throw new UsageError(
      '--status, --having, --seen-after and --seen-before go with --group or --all',
    );
  }
  const items = file === undefined ? eids!.map((eid) => ({ eid })) : await itemsOf(file);
  return { preparing: { ...common, of: { items } }, target: { list: true, ...chosen } };
}

async function itemsOf(file: string) {
  const { ItemParameters, givenItemOf } = await import('../api/bulk-parameters.ts');
  return parseItems({ csv: await readCsv(file), common: {}, file }, ItemParameters, givenItemOf);
}

/** Throws `UserError`. */
async function orderIn(options: CreateOptions, { data, accountSid }: EimData) {
  const { friendlyName, metadata } = ownerFieldsOf(options);
  const { orderIn: checked } = await import('../api/bulk-parameters.ts');
  const { orderRules } = await import('../operator/placeOrder.ts');
  const given = {
    Order: options.order,
    ProfileType: options.profileType,
    OrderFriendlyName: friendlyName,
    OrderMetadata: metadata ?? undefined,
  };
  try {
    return checked(given, accountSid, orderRules(data.config, data.now));
  } catch (error) {
    if ((error as Error).name !== 'ApiError') throw error;
    throw new UserError((error as Error).message, { cause: error });
  }
}
