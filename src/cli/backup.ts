import { Command } from 'commander';
import { readConfig } from '../config.ts';
import { backUp } from '../transfer/backup.ts';
import type { Backup, BackupHead } from '../transfer/backup-file.ts';
import { checkBackupKey, openBackup, verifyBackup } from '../transfer/backup-file.ts';
import { VERSION } from '../version.ts';
import { masterKeyOf } from './master-key.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { MIGRATIONS, newestOf } from '../store/migrate.ts';
import { enterInto } from './enter.ts';
import { bytesText } from './bytes-text.ts';
import { renderFields } from './table.ts';
import { withBar } from './transfer-bar.ts';

const HELP = `
The server keeps running, and nothing waits: the backup shows the database at one moment. On SQLite, the log
(simwright.db-wal) grows meanwhile by what is written; PostgreSQL does not vacuum what is deleted meanwhile.

The file is compressed, and sealed with a key made from the master key: without that key it says nothing but its
date and which tables there are. So keep the master key elsewhere, and keep old ones as long as their backups.
FILE is written under another name, FILE.part, and gets its own when all of it is on disk. An older backup with
that name is replaced; any other file is not.

Without FILE: simwright-DATE.backup in the current folder.`;

/** `simwright backup create`, which is also `simwright backup` */
export function backupCreateCommand(): Command {
  return new Command('create')
    .description('write the whole database into a file, while the server runs (the default)')
    .argument('[FILE]', 'the backup')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright backup'],
        ['simwright backup /backup/simwright.backup --json', 'from cron'],
      ),
    )
    .action(async (given: string | undefined, { json }: JsonOption) => {
      const { config, secrets } = readConfig();
      const masterKey = masterKeyOf(config, secrets);
      const made = await withBar((tell) =>
        backUp(config.database, given, masterKey, VERSION, tell),
      );
      const { file, rows, bytes, takenAt } = made;
      const { migrations } = (await openBackup(file)).head;
      // A database of an older version is left as it is.
      if (migrations.at(-1) === newestOf(MIGRATIONS)) {
        await enterInto(config, secrets, { file, rows, date_taken: takenAt.toISOString() });
      }
      if (json) printJson({ file, rows, bytes, date_taken: takenAt.toISOString() });
      else print(`${file}: ${rows.toLocaleString('en')} rows, ${bytesText(bytes)}\n`);
    });
}

/** `simwright backup show` */
export function backupShowCommand(): Command {
  return new Command('show')
    .description('what a backup is: its date, the master key it needs, its tables')
    .argument('<FILE>', 'the backup')
    .addOption(jsonOption())
    .addHelpText('after', '\nNo master key is needed.')
    .addHelpText('after', examples(['simwright backup show simwright.backup']))
    .action(async (file: string, { json }: JsonOption) => {
      const backup = await openBackup(file);
      if (json) printJson(record(backup));
      else print(renderFields(fieldsOf(backup)));
    });
}

/** `simwright backup verify` */
export function backupVerifyCommand(): Command {
  return new Command('verify')
    .description('read all of a backup, and say whether it is whole')
    .argument('<FILE>', 'the backup')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExit code 1 if it is damaged, cut short, or needs another master key. Nothing is restored.',
    )
    .addHelpText('after', examples(['simwright backup verify simwright.backup']))
    .action(async (file: string, { json }: JsonOption) => {
      const { config, secrets } = readConfig();
      const masterKey = masterKeyOf(config, secrets);
      const backup = await openBackup(file);
      checkBackupKey(backup, masterKey);
      const tables = await withBar((tell) => verifyBackup(backup, masterKey, tell));
      const rows = tables.values().reduce((sum, table) => sum + table.rows, 0);
      const counted = Array.from(tables, ([name, table]) => ({ name, rows: table.rows }));
      if (json) printJson({ ...record(backup), rows, tables: counted });
      else print(`${file} is whole: ${rows.toLocaleString('en')} rows\n`);
    });
}

function record({ file, head, bytes }: Backup) {
  const { version, date_taken, database, master_key, migrations, tables } = head;
  return {
    file,
    bytes,
    version,
    date_taken,
    database,
    master_key,
    schema: migrations.at(-1) ?? null,
    tables: tables.map(({ name }) => name),
  };
}

function fieldsOf({ file, head, bytes }: Backup): [string, string | number | null][] {
  return [
    ['file', file],
    ['size', bytesText(bytes)],
    ['taken', head.date_taken],
    ['of', KINDS[head.database]],
    ['made by', `Simwright ${head.version}`],
    ['schema', head.migrations.at(-1) ?? null],
    ['master key', head.master_key],
    ['rows', `about ${head.rows.toLocaleString('en')}`],
    ['tables', head.tables.length],
  ];
}

const KINDS = { sqlite: 'SQLite', postgres: 'PostgreSQL' } satisfies Record<
  BackupHead['database'],
  string
>;
