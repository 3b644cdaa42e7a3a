import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { MetadataError } from '../smdp/package/profile-metadata.ts';
import { ProfilePackageError } from '../smdp/package/profile-package-error.ts';
import { importTemplate, SharedSecretsError } from '../smdp/package/template-import.ts';
import type { NotPersonalised } from '../saip/not-personalised.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, parseProfileType } from './options.ts';
import type { AccountOption } from './options.ts';
import { print } from './output.ts';
import { UserError } from './user-error.ts';

interface Options extends AccountOption {
  profileType: string;
  metadata?: string;
  deriveSecrets?: true;
  allowSharedSecrets?: true;
}

const HELP = `
The template is an unprotected profile package (DER of the TCA profile package). ICCID, IMSI, access class,
MNC length and keys are replaced by those of each subscription, as are PINs, PUKs, ADM and MSISDN if the
subscription has them. PUKs, ADM codes and security domain keys that are zero in the template, and missing
from the subscription, are derived from its Ki.

Any other secret in the template, such as an A-key, would be shared by all subscriptions: then nothing is
imported, and each is named. --derive-secrets treats those that can be derived as zero;
--allow-shared-secrets accepts the rest.

The metadata is JSON, each member optional:
  serviceProviderName, profileName   what a phone shows, 32 and 64 bytes
  icon                               base64 of a PNG or JPEG file of at most 1024 bytes
  profileClass                       operational, test or provisioning
  profileOwner                       { "mcc": "001", "mnc": "01", "gid1": "FF", "gid2": "FF" }
  profilePolicyRules                 list of ppr1 (not to be disabled) and ppr2 (not to be deleted)
  notificationAddress                where notifications go, if not here
  fallbackAllowed                    true: an IoT device may fall back to it (SGP.32)
  ecallIndication                    true: it is for emergency calls of IoT devices (SGP.32)`;

/** `simwright template import` */
export function templateImportCommand(): Command {
  return new Command('import')
    .description('set the template for the profiles of a profile type')
    .argument('<FILE.der>', 'the template')
    .requiredOption('--profile-type <type>', 'the profile type', parseProfileType)
    .addOption(accountOption())
    .option('--metadata <FILE.json>', 'metadata of these profiles, as shown by phones')
    .option(
      '--derive-secrets',
      'derive PUKs, ADM codes and security domain keys even if the template has some',
    )
    .option(
      '--allow-shared-secrets',
      "accept that all subscriptions share the template's other secrets",
    )
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright template import fleet.der --profile-type fleet'],
        [
          'simwright template import ts48.der --profile-type test --derive-secrets --allow-shared-secrets',
          'a test profile with a publicly known A-key',
        ],
      ),
    )
    .action((file: string, options: Options) =>
      withData(async ({ store, masterKey, transact }) => {
        const { profileType, metadata, allowSharedSecrets: allow, deriveSecrets: derive } = options;
        const accountSid = await chooseAccount(store, options.account);
        const template = Uint8Array.from(await read(file));
        const json = metadata === undefined ? '{}' : (await read(metadata)).toString();
        const { withoutPlace, notPersonalised } = await transact((unit) =>
          importTemplate(template, { accountSid, profileType }, json, masterKey, unit, {
            allow,
            derive,
          }),
        ).catch((error: unknown) => {
          if (error instanceof ProfilePackageError) throw refused(file, error);
          if (error instanceof SharedSecretsError) throw refusedSecrets(file, error);
          if (error instanceof MetadataError) throw refused(metadata ?? '', error);
          throw error;
        });
        print(`${file}: now the template for profiles of type ${profileType}\n`);
        if (withoutPlace.length > 0) {
          const names = withoutPlace.join(', ');
          print(`It has no place for ${names}: subscriptions with these cannot use it.\n`);
        }
        if (notPersonalised.length > 0) {
          print(`All profiles made from it share:\n${list(notPersonalised)}`);
        }
      }),
    );
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new UserError(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function refused(file: string, cause: Error): UserError {
  return new UserError(`${file}: nothing was imported: ${cause.message}`, { cause });
}

function refusedSecrets(file: string, cause: SharedSecretsError): UserError {
  const { secrets } = cause;
  const remedy = secrets.some(({ canBeDerived }) => canBeDerived)
    ? '--derive-secrets gives each subscription its own PUKs, ADM codes and keys; '
    : '';
  return new UserError(
    `${file}: nothing was imported: all subscriptions would share these secrets:\n` +
      `${list(secrets)}${remedy}--allow-shared-secrets imports it unchanged`,
    { cause },
  );
}

function list(found: readonly NotPersonalised[]): string {
  return found.map(({ where, what }) => `  ${where}: ${what}\n`).join('');
}
