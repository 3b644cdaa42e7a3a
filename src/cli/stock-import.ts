import { Command } from 'commander';
import { importPackages, PackagesRefused } from '../smdp/package/package-import.ts';
import { COLUMNS_IN_WORDS } from '../smdp/stock/stock-fields.ts';
import type { Problem } from '../smdp/stock/stock-header.ts';
import { importStock, StockFileRefused, StockImportFailed } from '../smdp/stock/stock-import.ts';
import type { Imported } from '../smdp/stock/stock-import.ts';
import { parseMappings } from '../smdp/stock/stock-mapping.ts';
import type { ColumnMapping } from '../smdp/stock/stock-mapping.ts';
import { chooseAccount } from './choose-account.ts';
import type { CommandData } from './data.ts';
import { withData } from './data.ts';
import { mapOption } from './map-option.ts';
import { accountOption, examples } from './options.ts';
import type { AccountOption } from './options.ts';
import { print } from './output.ts';
import { progressBar } from './progress.ts';
import { printPreview } from './stock-preview.ts';
import { UsageError, UserError } from './user-error.ts';

interface Options extends AccountOption {
  dryRun?: true;
  packages?: string;
  map: string[];
}

const SHOWN_PROBLEMS = 50;
const SHOWN_COLUMNS = 20;

/** Wraps to the width of the surrounding text. */
const inLines = (words: string) => words.replaceAll(/(.{1,100})(?:\s|$)/g, '$1\n').trimEnd();

const HELP = `
The file has a row for each subscription, with fields separated by commas, semicolons, tabs, | or spaces, in
UTF-8 or UTF-16. A header row names the columns, in any order; a title and blank lines may precede it, and
comment lines, which begin with #, may stand anywhere. The columns are
${inLines(COLUMNS_IN_WORDS)}.
Common synonyms are recognised (K, PIN, PUK, ADM …), and letter case does not matter. Other columns are ignored
and listed at the end; --map assigns a field to such a column.
Required are iccid, imsi, ki, and opc, op or topc; op is converted to opc and not kept. mnc_length, 2 or 3,
defaults to that of most networks under the MCC. KIC, KID and KIK of set N become the keys of version N in the
security domain, in place of derived ones. All columns but the required ones may be missing or empty. The whole
file is imported, or nothing if it has any error; rows identical to subscriptions already in stock are skipped.
On SQLite a running server takes no orders while the rows are being written, and refuses them after ten
seconds. The server itself accepts files of up to 100,000 subscriptions: POST /v1/Stock/Imports.

With --packages, the *.der files of a folder are ready profile packages, each for the subscription with its
ICCID; a subscription not yet in stock is created from its package. Each package is checked.`;

/** `simwright stock import` */
export function stockImportCommand(): Command {
  return new Command('import')
    .description('add subscriptions from a CSV file, or ready profile packages, to the stock')
    .argument('[FILE.csv]', 'the file')
    .addOption(accountOption())
    .option('--packages <DIR>', 'a folder of profile packages, instead of the file')
    .option(
      '--dry-run',
      'show how the columns are interpreted and check the file, but import nothing',
    )
    .addOption(mapOption())
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright stock import subscriptions.csv --dry-run'],
        [
          'simwright stock import cards.csv --map "Card number=iccid" --map 7=ki --map KI_2G=ignore',
        ],
      ),
    )
    .action((file: string | undefined, options: Options) =>
      withData(async (data) => {
        const { packages } = options;
        const mappings = parseMappings(options.map);
        if ((file === undefined) === (packages === undefined)) {
          throw new UsageError('Name a CSV file, or a folder with --packages');
        }
        const accountSid = await chooseAccount(data.store, options.account);
        const dryRun = options.dryRun ?? false;
        if (file === undefined) return importFolder(packages!, accountSid, dryRun, data);
        const { added, known, ignored } = await importFile(
          file,
          accountSid,
          dryRun,
          mappings,
          data,
        );
        const done = dryRun ? 'no errors; an import would add' : 'imported';
        const passedOver = known > 0 ? `; ${countOf(known)} already in stock` : '';
        print(`${file}: ${done} ${countOf(added)}${passedOver}${ignoredOf(ignored)}\n`);
      }),
    );
}

async function importFile(
  file: string,
  accountSid: string,
  dryRun: boolean,
  mappings: ColumnMapping[],
  data: CommandData,
): Promise<Imported> {
  const { iccidCheckDigit } = data.config;
  using bar = progressBar();
  const titles = { checking: 'Checking ', importing: 'Importing' };
  const options = {
    accountSid,
    dryRun,
    iccidCheckDigit,
    mappings,
    onProgress: ({ step, done, rows }: { step: keyof typeof titles; done: number; rows: number }) =>
      bar.show(titles[step], done, rows),
  };
  try {
    if (dryRun) await printPreview(file, mappings, iccidCheckDigit);
    return await importStock(file, options, data);
  } catch (error) {
    throw inWords(error, file);
  }
}

async function importFolder(
  folder: string,
  accountSid: string,
  dryRun: boolean,
  data: CommandData,
): Promise<void> {
  const bar = progressBar();
  const onProgress = (done: number, of: number) => bar.show('Importing', done / of, done);
  const { iccidCheckDigit } = data.config;
  const options = { accountSid, dryRun, iccidCheckDigit, onProgress };
  const { added, replaced, known, subscriptions } = await importPackages(folder, options, data)
    .catch((error: unknown) => {
      throw inWords(error, folder);
    })
    .finally(() => bar[Symbol.dispose]());
  const done = dryRun ? 'no errors; an import would add' : 'imported';
  const parts = [`${added} profile package${added === 1 ? '' : 's'}`];
  if (replaced > 0) parts.push(`${replaced} replaced`);
  if (known > 0) parts.push(`${known} already there`);
  if (subscriptions > 0) parts.push(`${countOf(subscriptions)} created from them`);
  print(`${folder}: ${done} ${parts.join('; ')}\n`);
}

function inWords(error: unknown, file: string): unknown {
  if (error instanceof StockFileRefused) {
    const { count } = error;
    const problems = error.problems.slice(0, SHOWN_PROBLEMS);
    const lines = problems.map((problem) => `\n${file}:${placeOf(problem)}: ${problem.text}`);
    const more = count - problems.length;
    if (more > 0) lines.push(`\nand ${more} more`);
    const found = count === 1 ? '1 problem' : `${count} problems`;
    return new UserError(`${found} in ${file}; nothing was imported${lines.join('')}`);
  }
  if (error instanceof PackagesRefused) {
    const { problems } = error;
    const shown = problems.slice(0, SHOWN_PROBLEMS);
    const lines = shown.map((problem) => `\n${problem.file}: ${problem.text}`);
    if (problems.length > shown.length) lines.push(`\nand ${problems.length - shown.length} more`);
    const found = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    return new UserError(`${found} in ${file}; nothing was imported${lines.join('')}`);
  }
  if (error instanceof StockImportFailed) {
    return new UserError(`${file} cannot be imported: ${error.message}`, { cause: error });
  }
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code !== undefined && ['open', 'read', 'scandir'].includes(syscall ?? '')) {
    return new UserError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  return error;
}

function placeOf({ line, column }: Problem): string {
  return column === undefined ? String(line) : `${line}:${column}`;
}

/** The ignored columns, on one line. */
function ignoredOf(columns: readonly string[]): string {
  if (columns.length === 0) return '';
  const more = columns.length - SHOWN_COLUMNS;
  const shown = columns.slice(0, SHOWN_COLUMNS).join(', ');
  return `; ignored: ${shown}${more > 0 ? ` and ${more} more` : ''}`;
}

function countOf(count: number): string {
  return count === 1 ? '1 subscription' : `${count} subscriptions`;
}
