import { Command } from 'commander';
import type { DownloadStep, Lpa } from '../device/lpa.ts';
import { confirmationCodeOption, readConfirmationCode } from './confirmation-code.ts';
import { bindingOption, connectOption, deviceOption, withPhone } from './device-data.ts';
import type { BindingOption, ConnectOption, DeviceOption } from './device-data.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { UsageError } from './user-error.ts';

interface Options extends DeviceOption, ConnectOption, BindingOption, JsonOption {
  confirmationCode?: string;
  smdp?: string;
}

const STEP_WIDTH = 24;

/** `simwright device download` */
export function deviceDownloadCommand(): Command {
  return new Command('download')
    .description('download a profile to a virtual phone')
    .argument(
      '[ACTIVATION_CODE]',
      'with or without LPA:; by default, download by the EID of the phone',
    )
    .addOption(confirmationCodeOption('given to the user separately from the activation code'))
    .option('--smdp <address>', 'the SM-DP+ to ask by EID, instead of the default SM-DP+')
    .addOption(deviceOption())
    .addOption(connectOption())
    .addOption(bindingOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ["simwright device download 'LPA:1$localhost:8443$…'"],
        ['simwright device download --device phone', 'the profile ordered for its EID'],
        [
          "simwright device download --binding asn1 'LPA:1$localhost:8443$…'",
          'as IPAs and some LPAs do',
        ],
      ),
    )
    .action((activationCode: string | undefined, options: Options) => {
      const onStep = (step: DownloadStep, verified: string) => {
        if (!options.json) print(`${step.padEnd(STEP_WIDTH)}  ${verified}\n`);
      };
      return withPhone(options, (phone) => download(phone, activationCode, options), { onStep });
    });
}

async function download(
  phone: Lpa,
  activationCode: string | undefined,
  options: Options,
): Promise<void> {
  if (activationCode !== undefined && options.smdp !== undefined) {
    throw new UsageError('Give an activation code or --smdp, not both');
  }
  const confirmationCode = await readConfirmationCode(options.confirmationCode);
  const { iccid, metadata } =
    activationCode === undefined
      ? await phone.downloadFromDefault(options.smdp, { confirmationCode })
      : await phone.download(activationCode, { confirmationCode });
  const pending = phone.euicc.state.notifications.length;
  if (options.json) {
    printJson({
      iccid,
      service_provider_name: metadata.serviceProviderName,
      profile_name: metadata.profileName,
      pending_notifications: pending,
    });
    return;
  }
  print(`\nInstalled ${iccid}. Enable it with: simwright device enable ${iccid}\n`);
  if (pending > 0) print(`${pending} notifications are pending.\n`);
}
