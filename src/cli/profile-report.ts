import { Command } from 'commander';
import { profileReport } from '../operator/report/profile-report.ts';
import { loadPki } from '../smdp/pki/pki.ts';
import { deviceReport } from '../smdp/report/device-report.ts';
import { VERSION } from '../version.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { findProfile } from './find-profile.ts';
import { accountOption, examples, parseSid } from './options.ts';
import type { AccountOption } from './options.ts';
import { print } from './output.ts';
import { writeWhole } from './write-file.ts';

interface Options extends AccountOption {
  activationCodes?: true;
  output?: string;
}

const HELP = `
The file has the order and its events, the outcome of each callback, every ES9+ call with its messages in
ASN.1 value notation and as bytes, and the certificates of both sides. It has no keys, tokens, confirmation
codes or callback URLs; matching IDs are replaced by asterisks, unless --activation-codes shows them. It
does have the EID, IMEI and network address of the device.`;

/** `simwright profile report` */
export function profileReportCommand(): Command {
  return new Command('report')
    .description('write all about one eSIM Profile as JSON, to send to the maker of a device')
    .argument('<SID>', 'the eSIM Profile', parseSid('esimProfile'))
    .option('--activation-codes', 'show matching IDs, so that all signatures can be verified')
    .option('--output <FILE>', 'the file to write; by default it is printed')
    .addOption(accountOption())
    .addHelpText('after', HELP)
    .addHelpText('after', examples(['simwright profile report HP… --output report.json']))
    .action((sid: string, { activationCodes, output, account }: Options) =>
      withData(async ({ store, masterKey, config, now, publicUrl }) => {
        const accountSid = await chooseAccount(store, account);
        const profile = await findProfile(store, accountSid, sid);
        const { certificates } = await loadPki(store, masterKey, now);
        const device = await deviceReport({ accountSid, order: sid }, certificates, store);
        const server = { version: VERSION, smdp_plus_address: config.smdpAddress };
        const options = { activationCodes: activationCodes === true, publicUrl, now, server };
        const text = `${JSON.stringify(await profileReport(profile, device, options, store), null, 2)}\n`;
        if (output === undefined) return print(text);
        await writeWhole(output, [text]);
        print(`${output}: ${device.calls.length} ES9+ calls\n`);
      }),
    );
}
