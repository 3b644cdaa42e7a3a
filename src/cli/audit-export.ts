import { Command } from 'commander';
import { exportAuditLog, NoSuchSeal } from '../audit/export.ts';
import { withData } from './data.ts';
import { examples, parseCount } from './options.ts';
import { print } from './output.ts';
import { UserError } from './user-error.ts';
import { writeWhole } from './write-file.ts';

interface Options {
  after?: number;
  output?: string;
}

const HELP = `
A line of JSON for each entry, and after those that a seal seals one for the seal. Whoever has the file can verify it
without the database: simwright audit verify --file FILE, or a few lines in any language (docs/audit.md).

Keep exports, or at least the numbers and hashes of seals, where nobody can change them who can change the database:
only they prove that it was not cut, or made anew by somebody with the master key.`;

/** `simwright audit export` */
export function auditExportCommand(): Command {
  return new Command('export')
    .description('write the audit log with its seals, as lines of JSON')
    .option('--after <N>', 'only what follows the seal with this number', parseCount(2 ** 31 - 1))
    .option('--output <FILE>', 'the file to write; by default it is printed')
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright audit export --output audit.ndjson'],
        ['simwright audit export --after 4711', 'what was sealed since'],
      ),
    )
    .action(({ after, output }: Options) =>
      withData(async ({ store }) => {
        const pieces = exportAuditLog(after, store.auditLog);
        try {
          if (output !== undefined) return await writeWhole(output, pieces);
          for await (const piece of pieces) print(piece);
        } catch (error) {
          throw error instanceof NoSuchSeal ? new UserError(error.message) : error;
        }
        return undefined;
      }),
    );
}
