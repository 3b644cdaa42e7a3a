import { Command } from 'commander';
import { revokeOperator } from '../smdp/operators/operators.ts';
import { withData } from './data.ts';
import { examples, parseSid } from './options.ts';
import { print } from './output.ts';

/** `simwright operator revoke` */
export function operatorRevokeCommand(): Command {
  return new Command('revoke')
    .description(
      'refuse an operator, or one of its certificates, within two seconds and permanently',
    )
    .argument('<SID>', 'the operator', parseSid('operator'))
    .option('--certificate <FINGERPRINT>', 'only this certificate: how its SHA-256 begins')
    .addHelpText(
      'after',
      '\nIts orders stay as they are: phones can download what was released. The account can still see them in the stock.',
    )
    .addHelpText('after', examples(['simwright operator revoke OP…']))
    .action((sid: string, { certificate }: { certificate?: string }) =>
      withData(async (data) => {
        const fingerprint = certificate?.replaceAll(':', '').toUpperCase();
        await revokeOperator(sid, fingerprint, data);
        print(fingerprint === undefined ? `${sid} is revoked\n` : `The certificate is revoked\n`);
      }),
    );
}
