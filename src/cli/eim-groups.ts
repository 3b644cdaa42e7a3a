// `simwright eim group`: groups of eUICCs.
import { Command } from 'commander';
import { Zip, ZipPassThrough } from 'fflate';
import { onboardingOf } from '../eim/euiccs.ts';
import { walkEuiccs } from '../eim/fleet/find-euiccs.ts';
import {
  countStates,
  createGroup,
  deleteGroup,
  EUICC_STATES,
  findGroup,
  renameGroup,
  renderGroup,
} from '../eim/fleet/groups.ts';
import type { StateCounts } from '../eim/fleet/groups.ts';
import { alikeOf } from '../eim/fleet/onboarding.ts';
import { csvLines } from '../operator/export/csv.ts';
import { AlreadyExists } from '../store/errors.ts';
import type { EuiccGroupRow } from '../store/schema.ts';
import { withEim } from './eim-data.ts';
import type { EimData } from './eim-data.ts';
import { accountOption, examples, jsonOption, limitOption } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import { progressBar } from './progress.ts';
import type { TableColumn } from './table.ts';
import { renderFields } from './table.ts';
import { UserError } from './user-error.ts';
import { writeWhole } from './write-file.ts';

/** Throws `UserError`. */
export async function groupNamed(
  name: string,
  { accountSid, data: { store } }: Pick<EimData, 'accountSid' | 'data'>,
): Promise<EuiccGroupRow> {
  const found = await findGroup(accountSid, name, store);
  if (found !== undefined) return found;
  throw new UserError(
    `There is no group '${name}'; simwright eim group list shows those there are`,
  );
}

const record = (row: EuiccGroupRow, publicUrl: string, counts?: StateCounts): unknown =>
  JSON.parse(renderGroup(row, publicUrl, counts));

const ofGroup = (name: string) =>
  new Command(name)
    .argument('<GROUP>', 'the group: its name, or its SID (EG…)')
    .addOption(accountOption());

/** `simwright eim group create` */
export function eimGroupCreateCommand(): Command {
  return new Command('create')
    .description('make a group without eUICCs')
    .argument('<NAME>', 'unique in the account')
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nPutting an eUICC into a group that does not exist makes it, too: simwright eim update EUICC --group NAME.',
    )
    .addHelpText('after', examples(['simwright eim group create Berlin']))
    .action((name: string, options: AccountOption & JsonOption) =>
      withEim(options, async ({ data, accountSid }) => {
        const row = await data
          .transact((unit) => createGroup(accountSid, name, unit))
          .catch((error: unknown) => {
            if (!(error instanceof AlreadyExists)) throw error;
            throw new UserError(`There is a group named '${name}' already`, { cause: error });
          });
        await printGroup(row, options, data);
      }),
    );
}

async function printGroup(
  row: EuiccGroupRow,
  { json }: JsonOption,
  { store, publicUrl }: Pick<EimData['data'], 'store' | 'publicUrl'>,
): Promise<void> {
  const [counts] = await countStates([row], store);
  if (json) return printJson(record(row, publicUrl, counts));
  const states = Object.entries(counts!).filter(([, count]) => count > 0);
  print(
    renderFields([
      ['Group SID', row.sid],
      ['Name', row.name],
      ['eUICCs', states.map(([state, count]) => `${count} ${state}`).join(', ') || 'none'],
      ['Created', row.date_created],
    ]),
  );
}

type Counted = EuiccGroupRow & { counts: StateCounts };

const COLUMNS: TableColumn<Counted>[] = [
  { title: 'SID', value: ({ sid }) => sid },
  { title: 'NAME', flexible: true, value: ({ name }) => name },
  {
    title: 'EUICCS',
    value: ({ counts }) => Object.values(counts).reduce((sum, count) => sum + count, 0),
  },
  ...EUICC_STATES.map((state): TableColumn<Counted> => ({
    title: state.toUpperCase(),
    value: ({ counts }) => counts[state],
  })),
  { title: 'CREATED', value: ({ date_created }) => date_created },
];

/** `simwright eim group list` */
export function eimGroupListCommand(): Command {
  return new Command('list')
    .description('list the groups, newest first, with how many eUICCs each has by status')
    .addOption(accountOption())
    .addOption(limitOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright eim group list']))
    .action((options: AccountOption & JsonOption & { limit: number }) =>
      withEim(options, async ({ data: { store, publicUrl }, accountSid }) => {
        const filter = { account_sid: accountSid };
        const { rows } = await store.euiccGroupPages(filter, { kind: 'first' }, options.limit);
        const counts = await countStates(rows, store);
        const counted = rows.map((row, index) => ({ ...row, counts: counts[index]! }));
        if (options.json) {
          return printJson(counted.map((row) => record(row, publicUrl, row.counts)));
        }
        printTable(COLUMNS, counted, 'No groups found');
      }),
    );
}

/** `simwright eim group show` */
export function eimGroupShowCommand(): Command {
  return ofGroup('show')
    .description('show a group, and how many eUICCs it has')
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright eim group show Berlin']))
    .action((name: string, options: AccountOption & JsonOption) =>
      withEim(options, async (eim) => {
        await printGroup(await groupNamed(name, eim), options, eim.data);
      }),
    );
}

/** `simwright eim group rename` */
export function eimGroupRenameCommand(): Command {
  return ofGroup('rename')
    .description('rename a group; its eUICCs stay in it')
    .argument('<NAME>', 'its new name')
    .addHelpText('after', examples(['simwright eim group rename Berlin "Berlin, north"']))
    .action((given: string, name: string, options: AccountOption) =>
      withEim(options, async (eim) => {
        const row = await groupNamed(given, eim);
        await eim.data.transact((unit) => renameGroup(row, name, unit));
        print(`Renamed ${row.name} to ${name}\n`);
      }),
    );
}

/** `simwright eim group delete` */
export function eimGroupDeleteCommand(): Command {
  return ofGroup('delete')
    .description('delete a group without eUICCs')
    .addHelpText('after', examples(['simwright eim group delete Berlin']))
    .action((given: string, options: AccountOption) =>
      withEim(options, async (eim) => {
        const row = await groupNamed(given, eim);
        await eim.data.transact((unit) => deleteGroup(row, unit));
        print(`Deleted ${row.name}\n`);
      }),
    );
}

const ONBOARDING_HELP = `
The archive has AddInitialEimRequest (SGP.32 §5.9.4), which the IPA of each device passes to its eUICC. It is the same
for all that were registered with the same key of the eIM and were never sent a package, so there is a file for each that
differs, onboarding-1.ber and so on, and index.csv says which eUICC takes which. A factory mostly needs just the first.`;

/** `simwright eim group onboarding` */
export function eimGroupOnboardingCommand(): Command {
  return ofGroup('onboarding')
    .description('write what the devices of a group need to know the eIM, as a ZIP archive')
    .option('--output <FILE.zip>', 'the archive to write', 'onboarding.zip')
    .addHelpText('after', ONBOARDING_HELP)
    .addHelpText('after', examples(['simwright eim group onboarding Berlin --output berlin.zip']))
    .action((name: string, options: AccountOption & { output: string }) =>
      withEim(options, async (eim) => {
        const group = await groupNamed(name, eim);
        const told = { files: 0, euiccs: 0 };
        await writeWhole(options.output, onboardingZip(group, eim, told));
        const files = `${told.files} file${told.files === 1 ? '' : 's'}`;
        print(`${options.output}: ${files} for ${told.euiccs} eUICCs\n`);
      }),
    );
}

async function* onboardingZip(
  { account_sid: accountSid, sid: groupSid, name }: EuiccGroupRow,
  { data: { store, now: modified }, rules }: EimData,
  told: { files: number; euiccs: number },
): AsyncGenerator<Uint8Array> {
  const written: Uint8Array[] = [];
  const zip = new Zip((error, piece) => {
    if (error !== null) throw error;
    written.push(piece);
  });
  const add = (file: string, content: Uint8Array): Uint8Array => {
    const entry = new ZipPassThrough(file);
    entry.mtime = modified;
    zip.add(entry);
    entry.push(content, true);
    return Buffer.concat(written.splice(0));
  };
  const files = new Map<string, string>();
  let index = csvLines([['eid', 'friendly_name', 'file']], false);
  using bar = progressBar();
  for await (const rows of walkEuiccs({ accountSid, groupSid }, store)) {
    for (const row of rows) {
      const alike = alikeOf(row);
      let file = files.get(alike);
      if (file === undefined) {
        file = `onboarding-${files.size + 1}.ber`;
        files.set(alike, file);
        yield add(file, await onboardingOf(row, rules));
      }
      index += csvLines([[row.eid, row.friendly_name, file]], false);
    }
    told.euiccs += rows.length;
    bar.show('eUICCs', undefined, told.euiccs);
  }
  if (told.euiccs === 0) throw new UserError(`There are no eUICCs in the group '${name}'`);
  told.files = files.size;
  yield add('index.csv', Buffer.from(index));
  zip.end();
  yield Buffer.concat(written.splice(0));
}
