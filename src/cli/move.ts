import { enterInto } from './enter.ts';
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { parseDatabaseUrl } from '../config/data.ts';
import { readConfig } from '../config.ts';
import type { Config, DatabaseConfig } from '../config.ts';
import { lockData } from '../lock-data.ts';
import { makeFile } from '../process/private-files.ts';
import { MACHINE } from '../store/clock.ts';
import { move, shownDatabase, undoMove } from '../transfer/move.ts';
import { apiDate } from '../values/date.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { withBar } from './transfer-bar.ts';
import { UsageError, UserError } from './user-error.ts';

interface Options extends JsonOption {
  to?: string;
  from?: string;
  undo?: true;
}

const HELP = `
Moves everything, between SQLite and PostgreSQL in both directions. The source must be idle: stop all servers first.
The target must be empty. Both need the same master key, which is not moved.

From the moment a move begins, servers and commands refuse the source. If the move is interrupted, however hard,
run it again: it goes on where it was. At the end all rows are read once more from the target and compared, table by
table. Then set SIMWRIGHT_DATABASE_URL to the target, run simwright verify, and start the server.

--undo: the source may be used again, as it is. Never use both: they would give out the same ICCIDs.`;

/** `simwright move` */
export function moveCommand(): Command {
  return new Command('move')
    .description('move the database to another one: SQLite to PostgreSQL, or back')
    .option('--to <URL>', 'the target: postgres://USER:PASSWORD@HOST/DATABASE or sqlite:FILE')
    .option('--from <URL>', 'the source; by default that of SIMWRIGHT_DATABASE_URL')
    .option('--undo', 'let the source be used again')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright move --to postgres://simwright:secret@db.example.com/simwright'],
        [
          'simwright move --from postgres://simwright:secret@db.example.com/simwright --to sqlite:./data/simwright.db',
          'back to a file',
        ],
      ),
    )
    .action(async ({ to, from, undo, json }: Options) => {
      const { config, secrets } = readConfig();
      const source = from === undefined ? config.database : parseUrl('--from', from, config);
      if (undo === true) {
        if (to !== undefined) throw new UsageError('--undo and --to exclude each other');
        await using locked = await lock(source, config);
        const undone = await undoMove(locked.database);
        const shown = shownDatabase(source);
        if (json) return printJson({ database: shown, moved_to: undone?.to ?? null });
        return print(
          undone === undefined
            ? `${shown} was not moved\n`
            : `${shown} can be used again. It was moved to ${undone.to} since ${undone.date}: do not use that one\n`,
        );
      }
      if (to === undefined) throw new UsageError('--to URL is missing');
      const target = parseUrl('--to', to, config);
      if (shownDatabase(source) === shownDatabase(target)) {
        throw new UsageError('The source and the target are the same database');
      }
      if (source.kind === 'sqlite' && !existsSync(source.file)) {
        throw new UserError(`There is no database ${source.file}`);
      }
      const rows = await moveLocked(source, target, config);
      await enterInto({ ...config, database: target }, secrets, {
        moved_from: shownDatabase(source),
        moved_to: shownDatabase(target),
        rows,
      });
      if (json) {
        return printJson({ from: shownDatabase(source), to: shownDatabase(target), rows });
      }
      print(
        `${rows.toLocaleString('en')} rows moved to ${shownDatabase(target)}, and found whole there.\n` +
          'Now set SIMWRIGHT_DATABASE_URL to it, run simwright verify, and start the server.\n',
      );
    });
}

async function moveLocked(
  source: DatabaseConfig,
  target: DatabaseConfig,
  config: Config,
): Promise<number> {
  await using lockedSource = await lock(source, config);
  if (target.kind === 'sqlite') makeFile(target.file);
  await using lockedTarget = await lock(target, config);
  const date = apiDate(new Date(MACHINE.wall()));
  return withBar((tell) => move(lockedSource.database, lockedTarget.database, date, tell));
}

/** No server may use an SQLite database meanwhile; of PostgreSQL, the transfer itself takes care. */
export async function lock(
  database: DatabaseConfig,
  config: Config,
): Promise<{ database: DatabaseConfig } & AsyncDisposable> {
  const held = await lockData({ ...config, database, workers: 1 });
  return { database, [Symbol.asyncDispose]: async () => held.release() };
}

function parseUrl(option: string, value: string, { data }: Config): DatabaseConfig {
  const problems: string[] = [];
  const database = parseDatabaseUrl(value, data, (problem) => problems.push(problem));
  if (problems.length === 0) return database;
  throw new UsageError(`${option} must be a URL that begins with sqlite: or postgres://`);
}
