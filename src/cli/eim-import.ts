// `simwright eim import` and `update`: many eUICCs registered or put into groups, and one that is changed.
import { readFile } from 'node:fs/promises';
import { buffer as bufferOf } from 'node:stream/consumers';
import { Command } from 'commander';
import type { ApiError } from '../api/api-error.ts';
import { importEuiccs } from '../eim/fleet/register-many.ts';
import type { EuiccImport } from '../eim/fleet/register-many.ts';
import { withEim } from './eim-data.ts';
import { accountOption, examples, jsonOption } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { metadataOption, ownerFieldsOf } from './owner-fields.ts';
import type { OwnerFieldOptions } from './owner-fields.ts';
import { renderFields } from './table.ts';
import { EndWith, UserError } from './user-error.ts';

const SHOWN_PROBLEMS = 20;
const STDIN = '-';

interface ImportOptions extends AccountOption, JsonOption, Pick<OwnerFieldOptions, 'metadata'> {
  group?: string;
  oldSignature?: true;
  unsigned?: true;
  update?: true;
  allOrNothing?: true;
  dryRun?: true;
}

const HELP = `
FILE.csv has a line of names and a line for each eUICC, up to 10,000. The names are those of the API's parameters, in any
spelling: Eid, FriendlyName, Group, ResultSignature, UnsignedResults, and Metadata.KEY for each key. What is empty or has
no column is as the options say. Commas, semicolons or tabs; - reads it from stdin.

eUICCs that are there already stay as they are, so the same file can be imported again; with --update they get the name,
the group and the metadata that the file has. The exit code is 1 if a line is wrong.`;

/** `simwright eim import` */
export function eimImportCommand(): Command {
  return new Command('import')
    .description('register many eUICCs, or put them into groups')
    .argument('<FILE.csv>', 'an eUICC on each line')
    .addOption(accountOption())
    .option('--group <GROUP>', 'the group of those without one in the file; made if there is none')
    .addOption(metadataOption())
    .option('--old-signature', 'they sign results as in SGP.32 v1.0.1')
    .option('--unsigned', 'take results without a signature: only for IPAs that imitate an eUICC')
    .option('--update', 'change those that are there already')
    .option('--all-or-nothing', 'do nothing if a line is wrong')
    .option('--dry-run', 'say what would be done, and do nothing')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright eim import devices.csv --group Berlin --dry-run'],
        ['simwright eim import moved.csv --update --group Hamburg'],
      ),
    )
    .action((file: string, options: ImportOptions) =>
      withEim(options, async ({ data, accountSid, rules }) => {
        const csv = await readCsv(file);
        const { metadata } = ownerFieldsOf(options);
        const given = {
          Group: options.group,
          Metadata: metadata ?? undefined,
          ResultSignature: options.oldSignature ? 'eimSignature' : undefined,
          UnsignedResults: options.unsigned,
        };
        const common = Object.fromEntries(
          Object.entries(given).filter(([, value]) => value !== undefined),
        );
        // Loaded only here: no other command needs it.
        const { ImportedParameters, importedOf } = await import('../api/createEuiccImport.ts');
        const items = await parseItems({ csv, common, file }, ImportedParameters, (one) =>
          importedOf(one, data.config.eidCheckDigits),
        );
        const { allOrNothing = false, update = false, dryRun = false } = options;
        const wanted = { items, allOrNothing, update, dryRun };
        const report = await importEuiccs(accountSid, wanted, rules);
        if (options.json) printJson({ dry_run: dryRun, ...report });
        else printImport(report, dryRun);
        if (report.refused > 0) throw new EndWith(1);
      }),
    );
}

function printImport({ problems, ...report }: EuiccImport, dryRun: boolean): void {
  print(
    renderFields([
      [dryRun ? 'Would be registered' : 'Registered', report.registered],
      [dryRun ? 'Would be updated' : 'Updated', report.updated],
      ['Unchanged', report.unchanged],
      ['Refused', report.refused],
    ]),
  );
  print(linesOf(problems));
}

/** What is wrong, a line each. */
function linesOf(problems: readonly { item: number; message: string }[]): string {
  const lines = problems
    .slice(0, SHOWN_PROBLEMS)
    .map(({ item, message }) => `item ${item}: ${message}\n`);
  const more = problems.length - lines.length;
  return lines.join('') + (more > 0 ? `and ${more} more\n` : '');
}

/** Throws `UserError`. */
export async function readCsv(file: string): Promise<string> {
  const { decodeCsv } = await import('../api/batch-csv.ts');
  try {
    return decodeCsv(file === STDIN ? await bufferOf(process.stdin) : await readFile(file));
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

type ParseMany = typeof import('../api/many-items.ts').parseMany;

/** As the API parses them. Throws `UserError`. */
export async function parseItems<S extends Parameters<ParseMany>[1], T>(
  { csv, common, file }: { csv: string; common: Record<string, unknown>; file: string },
  schema: S,
  make: (valid: import('typebox').Static<S>) => T,
): Promise<(T | { problem: string })[]> {
  const { parseMany } = await import('../api/many-items.ts');
  return parseMany({ items: undefined, csv, common }, schema, make).catch((error: unknown) => {
    if ((error as Error).name !== 'ApiError') throw error;
    throw new UserError(`${file}: ${(error as ApiError).message}`, { cause: error });
  });
}
