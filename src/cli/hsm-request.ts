import { createHash } from 'node:crypto';
import { Command, InvalidArgumentError, Option } from 'commander';
import { certificateRequest, certificateRequestInfo } from '../rsp/certificate-issue.ts';
import { isOid } from '../rsp/der-values.ts';
import { attributeTypes } from '../rsp/distinguished-name.ts';
import { certificateRequestPem } from '../rsp/pem.ts';
import { roleOids } from '../rsp/roles.ts';
import { keyNamed, publicKeyOf, withHsm } from './hsm.ts';
import { examples } from './options.ts';
import { print } from './output.ts';
import { UserError } from './user-error.ts';
import { writeWhole } from './write-file.ts';

const HELP = `
Writes PKCS #10 in PEM, signed by the key, with the extensions that SGP.22 §4.5.2.1 requires of the certificate:
key usage, the role as its policy, the OID of the SM-DP+ as its alternative name. Both certificates of an SM-DP+
have the same OID. Send it to the CI, and import what comes back with: simwright pki import`;

interface RequestOptions {
  role: 'dpauth' | 'dppb';
  oid: string;
  organisation: string;
  name: string;
  output?: string;
}

/** `simwright hsm request` */
export function hsmRequestCommand(): Command {
  return new Command('request')
    .description('write a certificate signing request (CSR) for a key in the token')
    .argument('<KEY>', 'its label, or its PKCS #11 URI')
    .addOption(
      new Option('--role <role>', 'of the certificate')
        .choices(['dpauth', 'dppb'])
        .makeOptionMandatory(),
    )
    .requiredOption('--oid <OID>', 'of the SM-DP+, such as 1.3.6.1.4.1.…', parseOid)
    .requiredOption('--organisation <O>', 'organisation of the subject')
    .requiredOption('--name <CN>', 'common name of the subject')
    .option('--output <FILE>', 'instead of standard output')
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples([
        "simwright hsm request dpauth --role dpauth --oid 2.999.77.1 --organisation 'My Lab' --name 'My SM-DP+' --output dpauth.csr",
      ]),
    )
    .action((name: string, options: RequestOptions) =>
      withHsm(async (hsm) => {
        const { key, uri } = await keyNamed(hsm, name);
        if (key.spki === undefined) {
          throw new UserError(
            `${uri}: the token has no public key with its ID, which a request needs`,
          );
        }
        const info = certificateRequestInfo({
          subject: [
            { type: attributeTypes.O, value: options.organisation },
            { type: attributeTypes.CN, value: options.name },
          ],
          publicKey: publicKeyOf(key.spki),
          keyUsage: ['digitalSignature'],
          certificatePolicies: roleOids[options.role === 'dpauth' ? 'dpAuth' : 'dpPb'],
          registeredID: [options.oid],
        });
        const signature = await hsm.sign(key.spki, createHash('sha256').update(info).digest());
        const pem = certificateRequestPem(certificateRequest(info, signature));
        if (options.output === undefined) return print(pem);
        await writeWhole(options.output, [pem]);
        print(`${options.output}: wrote a request for ${uri}\n`);
      }),
    );
}

function parseOid(text: string): string {
  if (isOid(text)) return text;
  throw new InvalidArgumentError(`Expected an OID such as 2.999.77.1; got '${text}'.`);
}
