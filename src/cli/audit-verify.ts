import { Command, InvalidArgumentError } from 'commander';
import { auditKeysOf } from '../audit/audit-key.ts';
import type { AuditKeys } from '../audit/audit-key.ts';
import { checkExport, NotAnExport } from '../audit/export.ts';
import { hashOfSeal } from '../audit/seal.ts';
import type { AuditProblem, Place, Slice } from '../audit/check.ts';
import { BEGINNING } from '../audit/check.ts';
import { walkAuditLog } from '../audit/walk.ts';
import type { Walked } from '../audit/walk.ts';
import { readConfig } from '../config.ts';
import { AuditChain } from '../store/audit-log.ts';
import { openSnapshots } from '../store/open.ts';
import { gatherEvidence } from '../verify/evidence.ts';
import { linesOf } from './lines-of.ts';
import { masterKeyOf } from './master-key.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { progressBar } from './progress.ts';
import { EndWith, UserError } from './user-error.ts';

interface Head {
  number: number;
  hash: string;
}

interface Options extends JsonOption {
  file?: string;
  key: boolean;
  head?: Head[];
}

const FOUND = 1;
const SHOWN_PROBLEMS = 20;

const HELP = `
Says whether an entry was changed, removed from the middle, inserted or put elsewhere. That the end was cut, or that all
of it was made anew by somebody with the master key, shows only by what you have kept elsewhere: give a seal of
the server's log ("audit log sealed"), or of an earlier export, as --head NUMBER:HASH. The chain must have it.

The server may keep running; it verifies the log by itself as well, a little at a time, about every hour.

With --file, an export is verified, and no database is opened. What was entered before a rotation of the master key needs the
key of that time: it is found in master.key.ID beside the present one; SIMWRIGHT_MASTER_KEY takes several. --no-key: without
the master key; then hashes alone prove that it is as it was sealed, and a --head that it was not sealed anew.

Exit codes: 0 nothing is wrong; 1 something is, or the command failed; 2 invalid command line.`;

/** `simwright audit verify` */
export function auditVerifyCommand(): Command {
  return new Command('verify')
    .description('verify that the audit log is whole, and as it was sealed')
    .option('--head <NUMBER:HASH>', 'a seal that it must have; repeat it for several', parseHead)
    .option('--file <FILE>', 'an export, instead of the database')
    .option('--no-key', 'with --file: without the master key')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright audit verify'],
        ['simwright audit verify --head 4711:9f86d0…', 'as logged by the server'],
        ['simwright audit verify --file audit.ndjson --no-key'],
      ),
    )
    .action(async ({ file, key, head: heads = [], json }: Options) => {
      const found =
        file === undefined ? await verifyDatabase(heads) : await verifyFile(file, key, heads);
      const { problems, count, examined, place } = found;
      if (json) {
        printJson({
          clean: count === 0,
          rows: examined,
          head: { number: place.number, hash: place.hash, entries: place.total },
          problem_count: count,
          problems: problems.map(({ accountSid, subject, problem }) => ({
            account_sid: accountSid,
            subject,
            problem,
          })),
        });
      } else {
        for (const { subject, problem } of problems) {
          print(`${subject}: ${problem}\n`.replaceAll(/[^\P{Cc}\n]/gu, '\u{FFFD}'));
        }
        if (count > problems.length) print(`and ${count - problems.length} more\n`);
        const title = count === 0 ? 'The audit log is whole' : 'The audit log is broken';
        print(
          `${title}: ${place.total.toLocaleString('en')} entries sealed, the last seal is ${place.number}:${place.hash}\n`,
        );
      }
      if (count > 0) throw new EndWith(FOUND);
    });
}

interface Found {
  problems: AuditProblem[];
  count: number;
  examined: number;
  place: Place;
}

async function verifyDatabase(heads: readonly Head[]): Promise<Found> {
  const { config, secrets } = readConfig();
  const masterKey = masterKeyOf(config, secrets);
  const snapshots = await openSnapshots(config.database);
  try {
    await gatherEvidence(snapshots, masterKey);
    const found = await gather(walkAuditLog(snapshots, masterKey));
    for (const head of heads) {
      const [row] = await snapshots.read((db) => new AuditChain(db).sealsAfter(head.number - 1, 1));
      const hash = row?.number === head.number ? hashOfSeal(row) : undefined;
      add(problemsOfHead(head, hash), found);
    }
    return found;
  } finally {
    await snapshots.close();
  }
}

async function verifyFile(file: string, hasKey: boolean, heads: readonly Head[]): Promise<Found> {
  const keys = hasKey ? keysOfHere() : undefined;
  const hashes = new Map(
    heads.map(({ number }): [number, string | undefined] => [number, undefined]),
  );
  try {
    const found = await gather(
      checkExport(linesOf(file), keys, (number, hash) => {
        if (hashes.has(number)) hashes.set(number, hash);
      }),
    );
    for (const head of heads) add(problemsOfHead(head, hashes.get(head.number)), found);
    return found;
  } catch (error) {
    if (error instanceof NotAnExport) throw new UserError(`${file} is no export: ${error.message}`);
    throw error;
  }
}

/** An export may be of the time before a rotation, and have entries of several master keys. */
function keysOfHere(): AuditKeys {
  const { config, secrets } = readConfig();
  const masterKey = masterKeyOf(config, secrets);
  masterKey.findKept();
  return auditKeysOf(masterKey);
}

async function gather(slices: AsyncIterable<Walked | Slice>): Promise<Found> {
  using bar = progressBar();
  const found: Found = { problems: [], count: 0, examined: 0, place: BEGINNING };
  for await (const slice of slices) {
    found.examined += slice.examined;
    found.place = slice.place;
    add(slice.problems, found);
    bar.show('verified', undefined, found.examined);
  }
  return found;
}

function add(problems: readonly AuditProblem[], found: Found): void {
  found.count += problems.length;
  found.problems.push(...problems.slice(0, SHOWN_PROBLEMS - found.problems.length));
}

function problemsOfHead({ number, hash }: Head, found: string | undefined): AuditProblem[] {
  if (found === hash) return [];
  const got = found === undefined ? 'no such seal: the log was cut, or is another one' : found;
  const problem = `expected the hash ${hash}; got ${got}`;
  return [{ accountSid: null, subject: `seal ${number}`, problem }];
}

function parseHead(text: string, before: Head[] = []): Head[] {
  const [, number, hash] = /^([1-9]\d*):([0-9a-f]{64})$/.exec(text) ?? [];
  if (number !== undefined && hash !== undefined) {
    return [...before, { number: Number(number), hash }];
  }
  throw new InvalidArgumentError(`Expected NUMBER:HASH, of 64 hexadecimal digits; got '${text}'.`);
}
