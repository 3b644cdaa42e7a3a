import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { checkOrder, OrderRefused, orderRules, placeOrder } from '../operator/placeOrder.ts';
import type { CheckedOrder, Order, OrderRules } from '../operator/placeOrder.ts';
import { parseIccid } from '../rsp/iccid.ts';
import type { EsimProfileRow, HttpMethod } from '../store/schema.ts';
import { callbackMethodOption } from './callback-url.ts';
import { chooseAccount } from './choose-account.ts';
import { confirmationCodeOption, readConfirmationCode } from './confirmation-code.ts';
import { withData } from './data.ts';
import type { CommandData } from './data.ts';
import { fieldsOfProfile } from './esim-profile-text.ts';
import { onInterrupt } from './interrupt.ts';
import {
  accountOption,
  examples,
  expiresAtOption,
  jsonOption,
  parseCount,
  parseEid,
  parseProfileType,
} from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { friendlyNameOption, metadataOption, ownerFieldsOf } from './owner-fields.ts';
import type { OwnerFieldOptions } from './owner-fields.ts';
import { esimProfileRecord } from './records.ts';
import { renderFields } from './table.ts';
import { EndWith, UsageError, UserError } from './user-error.ts';

/** What an order is, as far as it is given. */
export interface OrderOptions extends AccountOption, OwnerFieldOptions {
  eid?: string;
  profileType?: string;
  confirmationCode?: string;
  callbackUrl?: string;
  callbackMethod?: HttpMethod;
  expiresAt?: Date;
}

interface Options extends OrderOptions, JsonOption {
  iccid?: string;
  /** true: generate one. */
  matchingId?: true | string;
  wait?: true | number;
}

const WAIT_SECONDS = 60;
const LOOK_MS = 200;

/** `simwright profile order` */
export function profileOrderCommand(): Command {
  const command = new Command('order').description(
    'order an eSIM Profile for an eUICC, or for any that presents its activation code',
  );
  return addOrderOptions(command)
    .option(
      '--iccid <ICCID>',
      'take the subscription with this ICCID; not together with --profile-type',
    )
    .option(
      '--matching-id [ID]',
      'with this matching ID and its activation code; by default, one is generated',
    )
    .option(
      '--wait [seconds]',
      `wait until the profile is reserved, ${WAIT_SECONDS} seconds at most`,
      parseCount(86_400),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nAt least one of --eid and --matching-id is needed; with both, only that eUICC can use the ' +
        'activation code.\nThe server processes the order: see simwright start.\n' +
        'A code on the command line stays in the shell history, and other users of this machine can see it:\n' +
        'where that matters, give - and pipe it in. Tell it to the user separately from the activation code.',
    )
    .addHelpText(
      'after',
      examples(
        ['simwright profile order --matching-id --wait'],
        [
          'simwright profile order --matching-id SHOP-4711-QX7K',
          'nobody should be able to guess it',
        ],
        [
          "simwright profile order --matching-id --friendly-name 'Truck 17' --metadata order=4711 --metadata site=Berlin",
        ],
        [
          'simwright profile order --matching-id --confirmation-code - <code.txt',
          'the download needs both the activation code and this code',
        ],
      ),
    )
    .action((options: Options) =>
      withData(async (data) => {
        const accountSid = await chooseAccount(data.store, options.account);
        const rules = orderRules(data.config, data.now);
        const order = checked(await orderOf(accountSid, options), rules);
        let profile = await data.transact((unit) => placeOrder(order, data.masterKey, unit));
        if (options.wait !== undefined) {
          const seconds = options.wait === true ? WAIT_SECONDS : options.wait;
          profile = await waitUntilReserved(profile, seconds, data);
        }
        if (options.json) printJson(esimProfileRecord(profile.resource, data.publicUrl));
        else print(renderFields(fieldsOfProfile(profile)));
        if (profile.status === 'failed') throw new EndWith(1);
      }),
    );
}

/** Adds the options of `OrderOptions`. */
export function addOrderOptions(command: Command): Command {
  return command
    .addOption(accountOption())
    .option('--eid <EID>', 'the eUICC that will claim the profile', parseEid)
    .option('--profile-type <type>', 'take a subscription of this profile type', parseProfileType)
    .addOption(
      confirmationCodeOption('what the user must enter before the download, 4 to 64 characters'),
    )
    .option(
      '--callback-url <URL>',
      'called on every change of status; by default, that of the account; none: no callbacks',
    )
    .addOption(callbackMethodOption())
    .addOption(expiresAtOption())
    .addOption(friendlyNameOption())
    .addOption(metadataOption());
}

async function orderOf(accountSid: string, options: Options): Promise<Order> {
  const { matchingId, callbackUrl: url, callbackMethod: method = 'POST' } = options;
  if (url === undefined && options.callbackMethod !== undefined) {
    throw new UsageError('--callback-method is of no use without --callback-url');
  }
  return {
    accountSid,
    eid: options.eid,
    generateMatchingId: matchingId === true,
    ...(typeof matchingId === 'string' ? { matchingId } : {}),
    profileType: options.profileType,
    iccid: options.iccid === undefined ? undefined : (parseIccid(options.iccid) ?? options.iccid),
    confirmationCode: await readConfirmationCode(options.confirmationCode),
    callback: url === undefined ? undefined : { url, method },
    expiresAt: options.expiresAt,
    ...ownerFieldsOf(options),
    cause: { cause: 'ordered on the command line' },
  };
}

/** The option that each part of an order is. */
const OPTIONS = {
  eid: '--eid',
  confirmationCode: '--confirmation-code',
  callbackUrl: '--callback-url',
  expiresAt: '--expires-at',
  matchingId: '--matching-id',
  friendlyName: '--friendly-name',
  metadata: '--metadata',
  iccid: '--iccid',
} as const;

/** Throws `UsageError` where the API answers 400. */
function checked(order: Order, rules: OrderRules): CheckedOrder {
  try {
    return checkOrder(order, rules);
  } catch (error) {
    if (!(error instanceof OrderRefused)) throw error;
    throw new UsageError(
      error.what === 'claim'
        ? 'Give --eid, --matching-id, or both'
        : `${OPTIONS[error.what]}: ${error.message.replace('ProfileType', '--profile-type')}`,
    );
  }
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
