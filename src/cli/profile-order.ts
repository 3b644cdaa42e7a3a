import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { sealCallbackUrl } from '../operator/callback-url.ts';
import { EID_PATTERN } from '../values/eid.ts';
import { insertEsimProfile } from '../operator/esim-profile.ts';
import { checkClaim, isClaimable } from '../operator/order.ts';
import type { EsimProfileRow } from '../store/schema.ts';
import { checkCallbackUrl } from './callback-url.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import type { CommandData } from './data.ts';
import { fieldsOfProfile } from './esim-profile-text.ts';
import { onInterrupt } from './interrupt.ts';
import { accountOption, examples, jsonOption, parseCount, parseProfileType } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { esimProfileRecord } from './records.ts';
import { renderFields } from './table.ts';
import { UsageError, UserError } from './user-error.ts';

interface Options extends AccountOption, JsonOption {
  eid?: string;
  matchingId?: true;
  profileType?: string;
  callbackUrl?: string;
  wait?: true | number;
}

const WAIT_SECONDS = 60;
const LOOK_MS = 200;

/** `simwright profile order` */
export function profileOrderCommand(): Command {
  return new Command('order')
    .description('order an eSIM Profile for an eUICC, or for any that presents its activation code')
    .addOption(accountOption())
    .option('--eid <EID>', 'the eUICC that will claim the profile', parseEid)
    .option('--matching-id', 'generate a matching ID and an activation code')
    .option('--profile-type <type>', 'take a subscription of this profile type', parseProfileType)
    .option('--callback-url <URL>', 'called on every change of status')
    .option(
      '--wait [seconds]',
      `wait until the profile is reserved, ${WAIT_SECONDS} seconds at most`,
      parseCount(86_400),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nAt least one of --eid and --matching-id is needed; with both, only that eUICC can use the ' +
        'activation code.\nThe server processes the order: see simwright start.',
    )
    .addHelpText('after', examples(['simwright profile order --matching-id --wait']))
    .action((options: Options) =>
      withData(async (data) => {
        const accountSid = await chooseAccount(data.store, options.account);
        let profile = await order(accountSid, options, data);
        if (options.wait !== undefined) {
          const seconds = options.wait === true ? WAIT_SECONDS : options.wait;
          profile = await waitUntilReserved(profile, seconds, data);
        }
        if (options.json) printJson(esimProfileRecord(profile.resource, data.publicUrl));
        else print(renderFields(fieldsOfProfile(profile)));
        if (profile.status === 'failed') process.exitCode = 1;
      }),
    );
}

/** Throws `UserError` where the API would answer 400. */
async function order(
  accountSid: string,
  options: Options,
  { config, masterKey, transact }: CommandData,
): Promise<EsimProfileRow> {
  if (options.callbackUrl !== undefined) checkCallbackUrl(options.callbackUrl);
  const claim = { eid: options.eid, generateMatchingId: options.matchingId ?? false };
  if (!isClaimable(claim)) throw new UsageError('Give --eid, --matching-id, or both');
  const problem = checkClaim(claim, config.eidCheckDigits);
  if (problem !== undefined) throw new UsageError(`--eid: ${problem}`);
  return transact((unit) =>
    insertEsimProfile(
      {
        account_sid: accountSid,
        eid: claim.eid ?? null,
        generate_matching_id: claim.generateMatchingId ? 1 : 0,
        profile_type: options.profileType ?? null,
        confirmation_code: null,
        callback_url:
          options.callbackUrl === undefined
            ? null
            : sealCallbackUrl(options.callbackUrl, accountSid, masterKey),
        callback_method: 'POST',
      },
      { cause: 'ordered on the command line' },
      unit,
    ),
  );
}

async function waitUntilReserved(
  profile: EsimProfileRow,
  seconds: number,
  { store }: CommandData,
): Promise<EsimProfileRow> {
  const interrupted = onInterrupt();
  const deadline = performance.now() + seconds * 1000;
  while (profile.status === 'new' || profile.status === 'reserving') {
    if (interrupted.aborted) return profile;
    if (performance.now() > deadline) {
      throw new UserError(
        `${profile.sid} is ordered, but still ${profile.status} after ${seconds} seconds; ` +
          'is the server running? See simwright start',
      );
    }
    await sleep(LOOK_MS);
    profile = (await store.esimProfiles.find(profile.account_sid, profile.sid)) ?? profile;
  }
  return profile;
}

function parseEid(text: string): string {
  if (new RegExp(EID_PATTERN).test(text)) return text;
  throw new InvalidArgumentError(`Expected 32 hexadecimal digits; got '${text}'.`);
}
