import { Command } from 'commander';
import { updateOperator } from '../smdp/operators/operators.ts';
import { withData } from './data.ts';
import { readText } from './operator-files.ts';
import {
  checkProgressUrl,
  progressCaOption,
  progressUrlOption,
  requesterOption,
} from './operator-options.ts';
import type { OperatorSettings } from './operator-options.ts';
import { examples, parseName, parseSid } from './options.ts';
import { print } from './output.ts';
import { UsageError } from './user-error.ts';

interface Options extends OperatorSettings {
  name?: string;
  anyRequester?: true;
  /** False: `--no-progress`. */
  progress: boolean;
}

/** `simwright operator update` */
export function operatorUpdateCommand(): Command {
  return new Command('update')
    .description(
      'change the name of an operator, its identifier, or where it takes progress reports',
    )
    .argument('<SID>', 'the operator', parseSid('operator'))
    .option('--name <name>', 'a name for people', parseName)
    .addOption(requesterOption())
    .option('--any-requester', 'it may use any functionRequesterIdentifier')
    .addOption(progressUrlOption())
    .addOption(progressCaOption())
    .option('--no-progress', 'it takes no progress reports')
    .addHelpText(
      'after',
      examples(['simwright operator update OP… --progress-url https://mno.example:9443']),
    )
    .action((sid: string, options: Options) =>
      withData(async (data) => {
        checkProgressUrl(options.progressUrl);
        const ca = options.progressCa;
        const changed = {
          ...(options.name === undefined ? {} : { friendly_name: options.name }),
          ...(options.requester === undefined ? {} : { requester_identifier: options.requester }),
          ...(options.anyRequester ? { requester_identifier: null } : {}),
          ...(options.progressUrl === undefined ? {} : { progress_url: options.progressUrl }),
          ...(ca === undefined ? {} : { progress_ca: (await readText(ca)).toString() }),
          ...(options.progress ? {} : { progress_url: null, progress_ca: null }),
        };
        if (Object.keys(changed).length === 0) throw new UsageError('Name what to change');
        await updateOperator(sid, changed, data);
        print(`${sid} is changed\n`);
      }),
    );
}
