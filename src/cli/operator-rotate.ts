import { Command } from 'commander';
import { rotateCertificate } from '../smdp/operators/operators.ts';
import { withData } from './data.ts';
import { printCreated } from './operator-create.ts';
import { folderOf, readClientCertificate, writeOperatorFiles } from './operator-files.ts';
import { overlapOption } from './operator-options.ts';
import { examples, jsonOption, parseHours, parseSid } from './options.ts';
import type { JsonOption } from './options.ts';
import { printJson } from './output.ts';

interface Options extends JsonOption {
  certificate?: string;
  output?: string;
  overlapHours: number;
}

/** A year. */
const MOST_HOURS = 8_760;

/** `simwright operator rotate` */
export function operatorRotateCommand(): Command {
  return new Command('rotate')
    .description('give an operator a new certificate; those before it end after an overlap')
    .argument('<SID>', 'the operator', parseSid('operator'))
    .option('--certificate <FILE>', 'its own new certificate, PEM or DER; without, one is made')
    .option('--output <DIR>', 'where a key and certificate that are made are written')
    .addOption(overlapOption(parseHours(MOST_HOURS)))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nA new key and certificate are written over those that `operator create` made: copy them to the operator ' +
        'within the overlap. With --overlap-hours 0 the old certificate is refused from now on.',
    )
    .addHelpText('after', examples(['simwright operator rotate OP… --overlap-hours 24']))
    .action((sid: string, options: Options) =>
      withData(async (data) => {
        const { operator, made } = await rotateCertificate(
          sid,
          await readClientCertificate(options.certificate),
          options.overlapHours,
          data,
        );
        const folder = options.output ?? folderOf(sid, data);
        const files = made === undefined ? undefined : await writeOperatorFiles(made, folder, data);
        if (options.json) return printJson({ ...operator, files: files ?? null });
        printCreated(operator, files, data);
      }),
    );
}
