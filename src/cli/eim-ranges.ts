// `simwright eim range`: which unknown eUICCs are registered on first contact.
import { Command, InvalidArgumentError, Option } from 'commander';
import { resultSignatures } from '../eim/association.ts';
import type { ResultSignature } from '../eim/association.ts';
import {
  createRange,
  deleteRange,
  EID_PREFIX,
  MOST_OF_RANGE,
  onboardingOfAll,
  renderRange,
  updateRange,
} from '../eim/ranges.ts';
import { eimIdOf } from '../eim/server-keys.ts';
import { withEim } from './eim-data.ts';
import { accountOption, examples, jsonOption, parseCount, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import { renderFields } from './table.ts';
import { UserError } from './user-error.ts';
import { writeWhole } from './write-file.ts';

type Options = AccountOption & JsonOption;

const limitOption = () =>
  new Option('--limit <count>', 'how many eUICCs it registers at most, counted from the beginning')
    .argParser(parseCount(MOST_OF_RANGE, 0))
    .makeOptionMandatory();

const ofRange = (name: string) =>
  new Command(name)
    .argument('<RANGE>', 'SID of the range (ER…)', parseSid('euiccRange'))
    .addOption(accountOption());

const noRange = (sid: string) =>
  new UserError(`There is no range ${sid}; see: simwright eim range list`);

function printRange(range: ReturnType<typeof renderRange>): void {
  print(
    renderFields([
      ['Range SID', range.sid],
      ['EIDs', `${range.eid_prefix}…`],
      ['Registered', `${range.registered} of ${range.limit}`],
      ['Results', `signed over ${range.result_signature}`],
    ]),
  );
}

/** `simwright eim range create` */
export function eimRangeCreateCommand(): Command {
  return new Command('create')
    .description('have unknown eUICCs registered on first contact, if they prove who they are')
    .argument('<PREFIX>', 'the first digits of their EIDs: 8 to 32', (text: string) => {
      if (new RegExp(EID_PREFIX).test(text)) return text;
      throw new InvalidArgumentError(`Expected 8 to 32 digits; got '${text}'.`);
    })
    .addOption(accountOption())
    .addOption(limitOption())
    .addOption(
      new Option('--result-signature <what>', 'what they sign besides their results')
        .choices(resultSignatures)
        .default('associationToken'),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nAn eUICC is registered when its device polls, its certificates lead up to a CI that the server trusts, and it has\n' +
        'signed a result for the eIM. Its device must know the eIM before: simwright eim range onboarding.',
    )
    .addHelpText('after', examples(['simwright eim range create 89049032 --limit 500']))
    .action(
      (eidPrefix: string, options: Options & { limit: number; resultSignature: ResultSignature }) =>
        withEim(options, async ({ data, accountSid }) => {
          const { limit, resultSignature } = options;
          const given = { eidPrefix, limit, resultSignature };
          const row = await data.transact((unit) => createRange(accountSid, given, unit));
          const range = renderRange(row, data.publicUrl);
          if (options.json) return printJson(range);
          printRange(range);
        }),
    );
}

/** `simwright eim range list` */
export function eimRangeListCommand(): Command {
  return new Command('list')
    .description('list the ranges of EIDs whose eUICCs are registered on first contact')
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright eim range list']))
    .action((options: Options) =>
      withEim(options, async ({ data, accountSid }) => {
        const rows = await data.store.euiccRanges.list(accountSid);
        const ranges = rows.map((row) => renderRange(row, data.publicUrl));
        if (options.json) return printJson(ranges);
        printTable(
          [
            { title: 'SID', value: ({ sid }) => sid },
            { title: 'EIDS', value: ({ eid_prefix }) => `${eid_prefix}…` },
            { title: 'REGISTERED', value: ({ registered }) => String(registered) },
            { title: 'LIMIT', value: ({ limit }) => String(limit) },
          ],
          ranges,
          'No unknown eUICCs are registered',
        );
      }),
    );
}

/** `simwright eim range update` */
export function eimRangeUpdateCommand(): Command {
  return ofRange('update')
    .description('change how many eUICCs a range registers')
    .addOption(limitOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright eim range update ER… --limit 1000']))
    .action((sid: string, options: Options & { limit: number }) =>
      withEim(options, async ({ data, accountSid }) => {
        const row = await data.transact((unit) =>
          updateRange(accountSid, sid, options.limit, unit),
        );
        if (row === undefined) throw noRange(sid);
        const range = renderRange(row, data.publicUrl);
        if (options.json) return printJson(range);
        printRange(range);
      }),
    );
}

/** `simwright eim range delete` */
export function eimRangeDeleteCommand(): Command {
  return ofRange('delete')
    .description('register no more eUICCs of a range; those that it has registered stay')
    .addHelpText('after', examples(['simwright eim range delete ER…']))
    .action((sid: string, options: AccountOption) =>
      withEim(options, async ({ data, accountSid }) => {
        const isDeleted = await data.transact((unit) => deleteRange(accountSid, sid, unit));
        if (!isDeleted) throw noRange(sid);
        print(`Deleted ${sid}\n`);
      }),
    );
}

/** `simwright eim range onboarding` */
export function eimRangeOnboardingCommand(): Command {
  return ofRange('onboarding')
    .description('write what its devices need to know the eIM, the same for all')
    .option('--output <file>', 'the file', 'eim.ber')
    .addHelpText('after', examples(['simwright eim range onboarding ER…']))
    .action((sid: string, options: AccountOption & { output: string }) =>
      withEim(options, async ({ data, accountSid, rules }) => {
        if ((await data.store.euiccRanges.find(accountSid, sid)) === undefined) throw noRange(sid);
        await writeWhole(options.output, [await onboardingOfAll(rules)]);
        const { config } = data;
        print(
          renderFields([
            ['File', options.output],
            ['eimId', eimIdOf(config)],
            ['eIM', config.eimFqdn],
          ]),
        );
      }),
    );
}
