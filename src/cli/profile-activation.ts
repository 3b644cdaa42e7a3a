import { Command } from 'commander';
import { renderInstall } from '../operator/install/resource.ts';
import { NoActivationCode, usableActivationCode } from '../operator/qr/qr-labels.ts';
import type { EsimProfileRow } from '../store/schema.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { findProfile } from './find-profile.ts';
import { accountOption, examples, jsonOption, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { renderFields } from './table.ts';
import { UserError } from './user-error.ts';

/** `simwright profile activation` */
export function profileActivationCommand(): Command {
  return new Command('activation')
    .description('show what a person needs to install an eSIM Profile: codes, and one-tap links')
    .argument('<SID>', 'the eSIM Profile', parseSid('esimProfile'))
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nTapped on the device, a link begins the installation: on iPhones from iOS 17.4; on Android by a convention that not all\n' +
        'devices follow, so send the QR code too, or an install link (simwright profile link create), which has everything.',
    )
    .addHelpText('after', examples(['simwright profile activation HP…']))
    .action((sid: string, options: AccountOption & JsonOption) =>
      withData(async ({ store, publicUrl }) => {
        const accountSid = await chooseAccount(store, options.account);
        const profile = await findProfile(store, accountSid, sid);
        const install = renderInstall(profile, codeOf(profile), publicUrl);
        if (options.json) return printJson(install);
        print(
          renderFields([
            ['eSIM Profile', install.esim_profile_sid],
            ['Status', install.status],
            ['LPA string', install.lpa],
            ['SM-DP+ address', install.smdp_plus_address],
            ['Matching ID', install.matching_id],
            ['Confirmation code', install.confirmation_code_required ? 'required' : 'not required'],
            ['iPhone, iPad', install.apple_url],
            ['Android', install.android_url],
          ]),
        );
      }),
    );
}

function codeOf(profile: EsimProfileRow): string {
  try {
    return usableActivationCode(profile.sid, profile);
  } catch (error) {
    throw error instanceof NoActivationCode ? new UserError(error.message) : error;
  }
}
