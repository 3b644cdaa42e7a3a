import { Command } from 'commander';
import { withData } from './data.ts';
import { certificateLine, operatorRecords } from './operator-text.ts';
import { examples, jsonOption, parseSid } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { renderFields } from './table.ts';
import { UserError } from './user-error.ts';

/** `simwright operator show` */
export function operatorShowCommand(): Command {
  return new Command('show')
    .description('show an operator and its certificates')
    .argument('<SID>', 'the operator', parseSid('operator'))
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright operator show OP…']))
    .action((sid: string, { json }: JsonOption) =>
      withData(async (data) => {
        const operator = (await operatorRecords(data)).find((one) => one.sid === sid);
        if (operator === undefined) throw new UserError(`There is no operator ${sid}`);
        if (json) return printJson(operator);
        print(
          renderFields([
            ['Operator SID', operator.sid],
            ['Name', operator.friendly_name],
            ['Account', operator.account_sid],
            ['Requester', operator.requester_identifier ?? 'any'],
            ['Progress to', operator.progress_url ?? 'nowhere'],
            ['Created', operator.date_created],
            ['Revoked', operator.date_revoked ?? 'no'],
          ]),
        );
        print('\nCertificates, by SHA-256:\n');
        for (const one of operator.certificates) print(certificateLine(one));
      }),
    );
}
