import { Command } from 'commander';
import { COLUMN_NAMES } from '../profile/stock-csv.ts';
import type { Problem } from '../profile/stock-csv.ts';
import { importStock, StockFileRefused, StockImportFailed } from '../profile/stock-import.ts';
import type { Imported } from '../profile/stock-import.ts';
import { chooseAccount } from './choose-account.ts';
import type { CommandData } from './data.ts';
import { withData } from './data.ts';
import { accountOption, examples } from './options.ts';
import type { AccountOption } from './options.ts';
import { print } from './output.ts';
import { progressBar } from './progress.ts';
import { UserError } from './user-error.ts';

interface Options extends AccountOption {
  dryRun?: true;
}

const HELP = `
The file is CSV in UTF-8 with , or ; between the fields. Its first row names the columns, in any
order: ${COLUMN_NAMES.join(', ')}.
Needed are iccid, imsi, ki, and opc, op or topc; op is turned into opc and not kept. Of mnc_length, 2 or
3, that of most networks under the MCC is taken when it is not given. The others may be left
out or empty. Either all of the file is imported or, when anything is wrong with it, nothing; rows
that are in stock already, the same in everything, are passed over.
On SQLite a running server takes no orders while the rows are being written.`;

/** `simwright stock import` */
export function stockImportCommand(): Command {
  return new Command('import')
    .description('add subscriptions from a CSV file to the stock')
    .argument('<FILE.csv>', 'the file')
    .addOption(accountOption())
    .option('--dry-run', 'check the file and import nothing')
    .addHelpText('after', HELP)
    .addHelpText('after', examples(['simwright stock import subscriptions.csv --dry-run']))
    .action((file: string, options: Options) =>
      withData(async (data) => {
        const accountSid = await chooseAccount(data.store, options.account);
        const dryRun = options.dryRun ?? false;
        const { added, known } = await importFile(file, accountSid, dryRun, data);
        const done = dryRun ? 'nothing is wrong; an import would add' : 'imported';
        const passedOver = known > 0 ? `; ${countOf(known)} in stock already` : '';
        print(`${file}: ${done} ${countOf(added)}${passedOver}\n`);
      }),
    );
}

async function importFile(
  file: string,
  accountSid: string,
  dryRun: boolean,
  { store, masterKey, now }: CommandData,
): Promise<Imported> {
  using bar = progressBar();
  const titles = { checking: 'Checking ', importing: 'Importing' };
  const options = {
    accountSid,
    dryRun,
    onProgress: ({ step, done, rows }: { step: keyof typeof titles; done: number; rows: number }) =>
      bar.show(titles[step], done, rows),
  };
  try {
    return await importStock(file, options, masterKey, now, store);
  } catch (error) {
    throw inWords(error, file);
  }
}

function inWords(error: unknown, file: string): unknown {
  if (error instanceof StockFileRefused) {
    const { problems, count } = error;
    const lines = problems.map((problem) => `\n${file}:${placeOf(problem)}: ${problem.text}`);
    const more = count - problems.length;
    if (more > 0) lines.push(`\nand ${more} more`);
    const found = count === 1 ? '1 problem' : `${count} problems`;
    return new UserError(`${found} in ${file}; nothing was imported${lines.join('')}`);
  }
  if (error instanceof StockImportFailed) {
    return new UserError(`${file} cannot be imported: ${error.message}`, { cause: error });
  }
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code !== undefined && (syscall === 'open' || syscall === 'read')) {
    return new UserError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  return error;
}

function placeOf({ line, column }: Problem): string {
  return column === undefined ? String(line) : `${line}:${column}`;
}

function countOf(count: number): string {
  return count === 1 ? '1 subscription' : `${count} subscriptions`;
}
