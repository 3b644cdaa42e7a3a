import { Command } from 'commander';
import { readConfig } from '../config.ts';
import { makeFile } from '../process/private-files.ts';
import { releaseAllBut, releaseThese } from '../past/release.ts';
import {
  findPast,
  holdAllBack,
  newPast,
  notePast,
  RESTORED_PAST,
  resume,
  shownPast,
} from '../past/restored-past.ts';
import type { RestoredPast } from '../past/restored-past.ts';
import { MACHINE } from '../store/clock.ts';
import { openBackup } from '../transfer/backup-file.ts';
import { restoreBackup } from '../transfer/restore.ts';
import { shownDatabase } from '../transfer/move.ts';
import { withData } from './data.ts';
import type { CommandData } from './data.ts';
import { knownIccids } from './iccid-lines.ts';
import { masterKeyOf } from './master-key.ts';
import { linesOf } from './lines-of.ts';
import { lock } from './move.ts';
import { examples, jsonOption, parseDateOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { progressBar } from './progress.ts';
import { printPast, surveyOf } from './restore-text.ts';
import { withBar } from './transfer-bar.ts';
import { UsageError, UserError } from './user-error.ts';

const HELP = `
The database of SIMWRIGHT_DATA or SIMWRIGHT_DATABASE_URL must be empty; it may be of the other kind than the one that the
backup was made of. It cannot be used before all of it is there and was compared with the backup. If the restore is
interrupted, however hard, run it again: it goes on where it was.

A restored database is a past: what happened after the backup is unknown to it. Subscriptions that were in stock may
have been given out since, so they are held back, and so are profiles that anybody with their code may download; no
subscription of another order returns to stock. Servers do not start before you have looked and decided:

  simwright restore status     what is held back, and what else may happen twice
  simwright restore release    what is free, and what is in use
  simwright restore resume     servers may start`;

/** `simwright restore from`, which is also `simwright restore` */
export function restoreFromCommand(): Command {
  return new Command('from')
    .description('restore a backup into an empty database, and hold back what may be in use since')
    .argument('<FILE>', 'the backup')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright restore simwright.backup'],
        [
          'SIMWRIGHT_DATABASE_URL=postgres://… simwright restore simwright.backup',
          'into PostgreSQL, whatever it was made of',
        ],
      ),
    )
    .action(async (file: string, { json }: JsonOption) => {
      const { config, secrets } = readConfig();
      const masterKey = masterKeyOf(config, secrets);
      const backup = await openBackup(file);
      const { database } = config;
      if (database.kind === 'sqlite') makeFile(database.file);
      const taken = new Date(backup.head.date_taken);
      const past = newPast(taken, 'restore', new Date(MACHINE.wall()));
      const rows = await (async () => {
        await using locked = await lock(database, config);
        const settings = { [RESTORED_PAST]: shownPast(past) };
        return await withBar((tell) =>
          restoreBackup(backup, masterKey, locked.database, settings, tell),
        );
      })();
      await withData(async (data) => {
        await hold(past, data);
        if (json) {
          return printJson({ database: shownDatabase(database), rows, ...(await surveyOf(data)) });
        }
        print(
          `${rows.toLocaleString('en')} rows restored into ${shownDatabase(database)}, and found whole there.\n\n`,
        );
        printPast(await surveyOf(data));
      });
    });
}

/** `simwright restore status` */
export function restoreStatusCommand(): Command {
  return new Command('status')
    .description('what is held back since a restore, and what else may happen twice')
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright restore status']))
    .action(({ json }: JsonOption) =>
      withData(async (data) => {
        const survey = await surveyOf(data);
        if (json) printJson(survey);
        else printPast(survey);
      }),
    );
}

interface ReleaseOptions extends JsonOption {
  file?: string;
  except?: string;
  all?: true;
}

const RELEASE_HELP = `
What was in stock is in stock again; an order can be downloaded again.

The lines of a FILE are ICCIDs, or whatever names one as JSON: answers of the API, as for simwright verify
--acknowledged, and parameters of callbacks. With --except, name all that is in use, from your core network, your
callbacks and the logs of your clients: an ICCID of the stock in it never returns to stock; an order in it stays
held back, and you cancel it with simwright profile cancel --unavailable.`;

/** `simwright restore release` */
export function restoreReleaseCommand(): Command {
  return new Command('release')
    .description(
      'release what is held back since a restore: what you name, or all but what is in use',
    )
    .argument('[ICCID...]', 'these')
    .option('--file <FILE>', 'those that a file names')
    .option('--except <FILE>', 'all but those that a file names, which are in use')
    .option('--all', 'all of it: nothing was given out after the backup')
    .addOption(jsonOption())
    .addHelpText('after', RELEASE_HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright restore release --except in-use.txt'],
        ['simwright restore release 8988247000000000004'],
      ),
    )
    .action((iccids: string[], options: ReleaseOptions) => {
      const { file, except, all, json } = options;
      const ways = [iccids.length > 0, file, except, all].filter(Boolean);
      if (ways.length !== 1) {
        throw new UsageError('Name ICCIDs, or one of --file, --except and --all');
      }
      return withData(async (data) => {
        if (file !== undefined || iccids.length > 0) {
          const lines = file === undefined ? iccids : linesOf(file);
          const released = await releaseThese(inGroups(knownIccids(lines)), data);
          if (json) printJson({ released });
          else print(`${released.toLocaleString('en')} released\n`);
          return;
        }
        const inUse = new Set<string>();
        if (except !== undefined) {
          for await (const iccid of knownIccids(linesOf(except))) inUse.add(iccid);
        }
        using bar = progressBar();
        const sum = await releaseAllBut(inUse, data, (done) =>
          bar.show('released', undefined, done),
        );
        if (json) return printJson(sum);
        print(
          `${sum.released.toLocaleString('en')} released; ${sum.kept.toLocaleString('en')} never in stock again; ` +
            `${sum.held.toLocaleString('en')} orders still held back\n`,
        );
      });
    });
}

/** `simwright restore resume` */
export function restoreResumeCommand(): Command {
  return new Command('resume')
    .description('allow servers to start with a restored database; what is held back stays so')
    .addHelpText('after', examples(['simwright restore status && simwright restore resume']))
    .action(() =>
      withData(async (data) => {
        const past = await findPast(data.store);
        if (past === undefined) throw new UserError('The database is no restored past');
        if (!past.is_held) await hold(past, data);
        await resume((await findPast(data.store))!, data.transact);
        print(`Servers may start. Still held back: see simwright restore status\n`);
      }),
    );
}

const SINCE_HELP = `
For a database that was restored by other means: a copied file, pg_restore, a snapshot of the disk, point-in-time
recovery, a standby that lacked the last transactions. TIME is that of the copy; rather too early than too late. A
server also notices by itself when its data folder has seen a later state of the same database.

Servers that run go on, with what is left in stock: nothing, until you release it. Others do not start before
simwright restore resume.`;

/** `simwright restore since` */
export function restoreSinceCommand(): Command {
  return new Command('since')
    .description(
      'say that the database was restored otherwise, and hold back what may be in use since',
    )
    .argument('<TIME>', 'of which time the database is, e.g. 2026-11-23T12:00:00Z', parseDateOption)
    .addHelpText('after', SINCE_HELP)
    .addHelpText('after', examples(['simwright restore since 2026-11-23T03:00:00Z']))
    .action((time: Date) =>
      withData(async (data) => {
        if (time > data.now) throw new UsageError('TIME must not be in the future');
        await notePast(time, 'operator', data.transact);
        await hold((await findPast(data.store))!, data);
        printPast(await surveyOf(data));
      }),
    );
}

async function hold(past: RestoredPast, data: CommandData): Promise<void> {
  using bar = progressBar();
  await holdAllBack(past, data, (held) => bar.show('held back', undefined, held));
}

const GROUP = 500;

async function* inGroups(iccids: AsyncIterable<string>): AsyncGenerator<string[]> {
  let group: string[] = [];
  for await (const iccid of iccids) {
    if (group.push(iccid) < GROUP) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
