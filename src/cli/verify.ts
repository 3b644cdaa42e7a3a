import { open } from 'node:fs/promises';
import { Argument, Command } from 'commander';
import { readConfig } from '../config.ts';
import { fileError } from '../process/private-files.ts';
import { openSnapshots } from '../store/open.ts';
import { acknowledged, AcknowledgedError } from '../verify/acknowledged.ts';
import { gatherEvidence } from '../verify/evidence.ts';
import type { Gathered } from '../verify/evidence.ts';
import type { Invariant } from '../verify/invariant.ts';
import { INVARIANTS } from '../verify/invariants.ts';
import { verify } from '../verify/verify.ts';
import type { Verdict } from '../verify/verify.ts';
import { linesOf } from './lines-of.ts';
import { masterKeyOf } from './master-key.ts';
import { examples, helpTitle, jsonOption, parseCount } from './options.ts';
import type { JsonOption } from './options.ts';
import { printJson } from './output.ts';
import { progressBar } from './progress.ts';
import { reportError } from './report-error.ts';
import { EndWith, UsageError } from './user-error.ts';
import { printVerdicts, verdictRecord } from './verify-text.ts';

interface Options extends JsonOption {
  acknowledged?: string;
  limit: number;
}

/** As with grep and diff: 1 is a finding, so whatever keeps the command from looking is 2. */
const FOUND = 1;
const TROUBLE = 2;

const NAMES = INVARIANTS.map(({ name }) => name);
const NAME_WIDTH = Math.max(...NAMES.map((name) => name.length));

/** Wraps to the width of the surrounding text. */
function described({ name, promise }: Invariant): string {
  const lines = promise.match(/.{1,90}(?:\s|$)/g)!.map((line) => line.trimEnd());
  return `  ${name.padEnd(NAME_WIDTH)}  ${lines.join(`\n${' '.repeat(NAME_WIDTH + 4)}`)}`;
}

const HELP = `
Nothing is changed; even a database of an older version is left as it is, and refused. The server may keep running:
the database is read in short views, each consistent in itself, so nothing waits for this command however long it
takes. Only "indexes" reads the whole database in one go; meanwhile SQLite's log grows by what the server writes.

Run it after a crash, a full disk or a restored backup, before and after an upgrade, and from time to time. A
violation means a damaged database or a bug in Simwright: keep a copy of the database, and report it.

The file for --acknowledged lists what clients were told with 2xx, one per line: the SID of an order, or the
whole answer as JSON.

${helpTitle('Invariants:')}
${INVARIANTS.map(described).join('\n')}

Exit codes: 0 nothing is violated; 1 something is; 2 the database could not be verified, or invalid command line.`;

/** `simwright verify` */
export function verifyCommand(): Command {
  return new Command('verify')
    .description(
      'check that nothing in the database is lost, assigned twice or contradictory; changes nothing',
    )
    .addArgument(new Argument('[INVARIANT...]', 'only these').choices(NAMES))
    .option('--acknowledged <FILE>', 'also check orders that clients were told about')
    .option(
      '--limit <N>',
      'print at most N violations of each invariant; all are counted',
      parseCount(1_000_000),
      20,
    )
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright verify'],
        ['simwright verify iccids packages --json'],
        ['simwright verify --acknowledged answers.jsonl', 'also what clients were told'],
      ),
    )
    .action((names: string[], options: Options) => orTrouble(() => run(names, options)));
}

async function orTrouble(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof EndWith) throw error;
    reportError(error);
    throw new EndWith(TROUBLE);
  }
}

async function run(names: string[], { acknowledged: file, limit, json }: Options): Promise<void> {
  const { config, secrets } = readConfig();
  const masterKey = masterKeyOf(config, secrets);
  const chosen = INVARIANTS.filter(({ name }) => names.length === 0 || names.includes(name));
  await using opened = new AsyncDisposableStack();
  // Before the work begins.
  if (file !== undefined) await checkReadable(file);
  const invariants = file === undefined ? chosen : [...chosen, acknowledged(linesOf(file))];
  const snapshots = await openSnapshots(config.database);
  opened.defer(() => snapshots.close());
  const gathered = await gatherEvidence(snapshots, masterKey);
  const verdicts = await collect(gathered, invariants, limit).catch((error: unknown) => {
    if (!(error instanceof AcknowledgedError)) throw error;
    throw new UsageError(`${file}, ${error.message}`, { cause: error });
  });
  const clean = verdicts.every(({ violations }) => violations === 0);
  if (json) {
    printJson({
      clean,
      database: snapshots.kind,
      date_verified: gathered.now.toISOString(),
      invariants: verdicts.map(verdictRecord),
    });
  } else {
    printVerdicts(verdicts);
  }
  if (!clean) throw new EndWith(FOUND);
}

/** Throws `FileError`. */
async function checkReadable(path: string): Promise<void> {
  try {
    await using file = await open(path);
    if ((await file.stat()).isDirectory()) throw new Error('it is a folder');
  } catch (error) {
    throw fileError(`The file ${path} cannot be read`, error);
  }
}

async function collect(
  gathered: Gathered,
  invariants: readonly Invariant[],
  limit: number,
): Promise<Verdict[]> {
  using bar = progressBar();
  return Array.fromAsync(
    verify(gathered, invariants, {
      limit,
      progress: ({ name }, done, rows) => bar.show(name.padEnd(NAME_WIDTH), done, rows),
    }),
  );
}
