import { Command } from 'commander';
import { createOperator } from '../smdp/operators/operators.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import type { CommandData } from './data.ts';
import {
  curlFor,
  folderOf,
  readClientCertificate,
  readText,
  writeOperatorFiles,
} from './operator-files.ts';
import type { WrittenFiles } from './operator-files.ts';
import {
  checkProgressUrl,
  progressCaOption,
  progressUrlOption,
  requesterOption,
} from './operator-options.ts';
import type { OperatorSettings } from './operator-options.ts';
import { accountOption, examples, jsonOption, parseName } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import type { OperatorRow } from '../store/schema.ts';
import { renderFields } from './table.ts';

interface Options extends AccountOption, JsonOption, OperatorSettings {
  name: string;
  certificate?: string;
  output?: string;
}

const HELP = `
An operator orders from the stock of an account over ES2+ (SGP.22 §5.3), and its client certificate says who it is.
With --certificate it brings its own, whose CA must have been imported: simwright operator ca import. Without, a key
and a certificate are made under our own test CA, and written to a folder with mode 0600: client.cert.pem,
client.key.pem, client.pem (both in one file, as curl --cert and pySim take it), and server-ca.pem, by which the
operator verifies this server. ES2+ is served if SIMWRIGHT_ES2_PORT is set; a running server knows a new operator
at once.`;

/** `simwright operator create` */
export function operatorCreateCommand(): Command {
  return new Command('create')
    .description('register an operator that orders over ES2+')
    .addOption(accountOption())
    .option(
      '--name <name>',
      'a name for people, also in a certificate that is made',
      parseName,
      'Operator',
    )
    .option('--certificate <FILE>', 'its own client certificate, PEM or DER; without, one is made')
    .option(
      '--output <DIR>',
      'where a key and certificate that are made are written; by default DATA/operators/OP…',
    )
    .addOption(requesterOption())
    .addOption(progressUrlOption())
    .addOption(progressCaOption())
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        [
          "simwright operator create --name 'Example Mobile'",
          'for a test, with a certificate of ours',
        ],
        ['simwright operator create --certificate client.pem --requester 2.999.7'],
      ),
    )
    .action((options: Options) =>
      withData(async (data) => {
        checkProgressUrl(options.progressUrl);
        const { operator, made } = await createOperator(
          {
            accountSid: await chooseAccount(data.store, options.account),
            friendlyName: options.name,
            requesterIdentifier: options.requester ?? null,
            progressUrl: options.progressUrl ?? null,
            progressCa: options.progressCa ? (await readText(options.progressCa)).toString() : null,
          },
          await readClientCertificate(options.certificate),
          data,
        );
        const folder = options.output ?? folderOf(operator.sid, data);
        const files = made === undefined ? undefined : await writeOperatorFiles(made, folder, data);
        if (options.json) return printJson({ ...operator, files: files ?? null });
        printCreated(operator, files, data);
      }),
    );
}

export function printCreated(
  operator: OperatorRow,
  files: WrittenFiles | undefined,
  data: CommandData,
): void {
  print(
    renderFields([
      ['Operator SID', operator.sid],
      ['Name', operator.friendly_name],
      ['Account', operator.account_sid],
      ...(files === undefined
        ? []
        : ([
            ['Certificate', files.certificate],
            ['Private key', files.key],
            ['Both', files.both],
            ['CA of this server', files.serverCa],
          ] as [string, string][])),
    ]),
  );
  if (files !== undefined) print(`\nTo try it:\n\n  ${curlFor(files, data)}\n`);
  if (data.config.es2Port === undefined) {
    print(
      '\nES2+ is served only with SIMWRIGHT_ES2_PORT, for instance 8444; it is not set here.\n',
    );
  }
}
