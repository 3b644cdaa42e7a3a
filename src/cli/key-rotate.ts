import { realpathSync } from 'node:fs';
import { Command } from 'commander';
import { readConfig } from '../config.ts';
import type { Settings } from '../config.ts';
import { shortKeyId } from '../process/keys.ts';
import type { KeySettings } from '../rotation/key-source.ts';
import { cancel, currentRing, rotate } from '../rotation/rotate.ts';
import type { RotateOptions } from '../rotation/rotate.ts';
import { isServed } from '../store/server-lock.ts';
import { withData } from './data.ts';
import type { CommandData } from './data.ts';
import { examples, jsonOption, parseCount } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { progressBar } from './progress.ts';
import type { ProgressBar } from './progress.ts';
import { UsageError, UserError } from './user-error.ts';

const HELP = `
This is about the master key, which encrypts secrets in the database; an API key is replaced by key create and key revoke.
The servers keep running. If the command is interrupted, however hard, run it again: it goes on where it was.

  1. A new key is made in the file of the master key, beside the present one. If the key comes from elsewhere (a command, a
     secret, a file that is read-only here), let the settings of all servers give both, and then run this.
  2. Every server that runs is waited for until it has the new key.
  3. The new key seals from now on. What older keys have sealed is sealed anew, some rows at a time.
  4. The old key is taken out of the file, and kept beside it under its id: backups made before need it.

What does not change: auth tokens, API keys, callback secrets, sessions, what profiles contain. See docs/keys.md.`;

interface Options extends JsonOption {
  patience: number;
  fullSpeed?: true;
  keep: boolean;
  cancel?: true;
  again?: true;
}

const LONGEST_PATIENCE_S = 24 * 60 * 60;

/** `simwright key rotate` */
export function keyRotateCommand(): Command {
  return new Command('rotate')
    .description('replace the master key while the servers run, or go on with that')
    .option(
      '--patience <seconds>',
      'how long to wait for servers that do not have the new key',
      parseCount(LONGEST_PATIENCE_S),
      300,
    )
    .option('--full-speed', 'leave the servers no time between the transactions')
    .option('--no-keep', 'do not keep the old key in a file beside the new one')
    .option('--cancel', 'give the new key up, as long as nothing is sealed with it')
    .option('--again', 'seal anew what an older key has sealed since, without a new key')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .addHelpText('after', examples(['simwright key rotate'], ['simwright key status']))
    .action((options: Options) =>
      withData(async (data) => {
        if (options.cancel && options.again) {
          throw new UsageError('--cancel and --again exclude each other');
        }
        const source = sourceOf(readConfig());
        await (options.cancel ? giveUp : carryOut)(data, source, options);
      }),
    );
}

const sourceOf = ({ config, secrets }: Settings): KeySettings => ({
  text: secrets.masterKey,
  command: secrets.masterKeyCommand,
  file: config.masterKeyFile,
});

async function carryOut(data: CommandData, source: KeySettings, options: Options): Promise<void> {
  const how = { again: options.again === true, isKept: options.keep };
  const rotated = await (async () => {
    using bar = progressBar();
    return await rotate(optionsOf(data, source, options, bar), how);
  })();
  const { from, to, sealed, keptIn, leftOver } = rotated;
  if (options.json) return printJson({ from, to, sealed, kept_in: keptIn, left_over: leftOver });
  print(`The master key is ${shortKeyId(to)}\n`);
  if (from !== null) {
    const count = sealed.toLocaleString('en');
    print(
      `${count} secrets were sealed with it; none is sealed with ${shortKeyId(from)} any more\n`,
    );
  }
  for (const file of keptIn) {
    print(`The old one is kept in ${file}: backups made before need it\n`);
  }
  for (const id of leftOver) {
    print(
      `Take ${shortKeyId(id)} out of what the settings of the servers give now, and keep it as long as backups made before\n`,
    );
  }
}

function optionsOf(
  { config, store, transact, masterKey }: CommandData,
  source: KeySettings,
  { patience, fullSpeed }: Options,
  bar: ProgressBar,
): RotateOptions {
  const { database } = config;
  return {
    store,
    transact,
    masterKey,
    source,
    isServed: () => database.kind === 'sqlite' && isServed(realpathSync(database.file)),
    patienceMs: patience * 1_000,
    isUrgent: fullSpeed === true,
    tellWaiting: (whom) => bar.show(`waiting: ${whom[0]}`, undefined, whom.length),
    tellProgress: ({ pass, table, seen, rows }) =>
      bar.show(
        `${pass === 1 ? '' : 'checking '}${table}`.padEnd(WIDTH),
        rows === 0 ? 1 : Math.min(1, seen / rows),
        seen,
      ),
  };
}

/** Of the longest titles. */
const WIDTH = 28;

async function giveUp(data: CommandData, source: KeySettings, { json }: Options): Promise<void> {
  const cancelled = await cancel({ ...data, source });
  if (cancelled === undefined) {
    const { resealing } = await currentRing(data);
    throw new UserError(
      resealing === undefined
        ? 'No rotation is under way'
        : 'The new key seals already, so it stays: run simwright key rotate, which goes on',
    );
  }
  if (json) printJson({ cancelled });
  else print(`The rotation to ${shortKeyId(cancelled)} is given up; nothing was sealed with it\n`);
}
