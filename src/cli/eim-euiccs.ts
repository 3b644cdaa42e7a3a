// `simwright eim`: the eUICCs that the eIM manages.
import { Command } from 'commander';
import { onboardingOf, registerEuicc, removeEuicc, renderEuicc } from '../eim/euiccs.ts';
import { shownCapabilities } from '../eim/capabilities.ts';
import { profilesOf, reportedOf } from '../eim/euicc-record.ts';
import type { Reported } from '../eim/euicc-record.ts';
import { eimIdOf } from '../eim/server-keys.ts';
import type { EuiccRow } from '../store/schema.ts';
import { checkEid } from '../values/eid.ts';
import { callbackMethodOption } from './callback-url.ts';
import { callbackOf, callbackWords } from './eim-callback.ts';
import type { CallbackOptions } from './eim-callback.ts';
import { walkEuiccs } from '../eim/fleet/find-euiccs.ts';
import { euiccNamed, ofEuicc, withEim } from './eim-data.ts';
import { addEuiccFilter, euiccFilterOf } from './eim-filter.ts';
import type { EuiccFilterOptions } from './eim-filter.ts';
import { addIpaOptions, ipaOf, ipaWords } from './eim-ipa.ts';
import type { IpaOptions } from './eim-ipa.ts';
import { accountOption, examples, jsonOption, limitOption, parseEid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import { metadataFilterOption, metadataOption, ownerFieldsOf } from './owner-fields.ts';
import type { OwnerFieldOptions } from './owner-fields.ts';
import type { TableColumn } from './table.ts';
import { renderFields } from './table.ts';
import { UserError } from './user-error.ts';
import { writeWhole } from './write-file.ts';

const record = (row: EuiccRow, publicUrl: string): unknown =>
  JSON.parse(renderEuicc(row, publicUrl));

interface RegisterOptions
  extends
    AccountOption,
    JsonOption,
    CallbackOptions,
    IpaOptions,
    Pick<OwnerFieldOptions, 'metadata'> {
  name?: string;
  group?: string;
  oldSignature?: true;
  unsigned?: true;
}

/** `simwright eim register` */
export function eimRegisterCommand(): Command {
  const command = new Command('register')
    .description('have the eIM manage an eUICC')
    .argument('<EID>', 'of the eUICC: 32 digits', parseEid)
    .addOption(accountOption())
    .option('--name <text>', 'a name for people')
    .option('--group <GROUP>', 'the group that it is put into; made if there is none')
    .addOption(metadataOption())
    .option(
      '--old-signature',
      'it signs results as in SGP.32 v1.0.1, over the signature of the eIM',
    )
    .option(
      '--unsigned',
      'take results without a signature: only for IPAs that imitate an IoT eUICC',
    )
    .option(
      '--callback-url <URL>',
      'called when its status changes, or that of an operation on it; none: no callbacks',
    )
    .addOption(callbackMethodOption());
  return addIpaOptions(command)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nThen its device must know the eIM (simwright eim onboarding), and poll it. Orders for the EID are pushed by themselves.',
    )
    .addHelpText(
      'after',
      examples(['simwright eim register 89049032000000000000000000000163 --name "Pump 7"']),
    )
    .action((eid: string, options: RegisterOptions) =>
      withEim(options, async ({ data, accountSid, rules }) => {
        const problem = data.config.eidCheckDigits ? checkEid(eid) : undefined;
        if (problem !== undefined) throw new UserError(`The EID is wrong: ${problem}`);
        const callback = callbackOf(options, accountSid, data.masterKey);
        const ipa = await ipaOf(options);
        const { metadata } = ownerFieldsOf(options);
        const { metadataAfter } = await import('../api/euicc-metadata.ts');
        const row = await registerEuicc(
          accountSid,
          {
            eid,
            friendlyName: options.name ?? null,
            resultSignature: options.oldSignature ? 'eimSignature' : 'associationToken',
            unsignedResults: options.unsigned ?? false,
            callback: { callback_url: null, callback_method: 'POST', callback_off: 0, ...callback },
            group: options.group,
            ipa,
            metadata: metadata === undefined ? null : metadataAfter(null, metadata),
          },
          rules,
        );
        if (options.json) return printJson(record(row, data.publicUrl));
        print(
          renderFields([
            ['eUICC SID', row.sid],
            ['EID', row.eid],
          ]),
        );
      }),
    );
}

const COLUMNS: TableColumn<EuiccRow>[] = [
  { title: 'SID', value: ({ sid }) => sid },
  { title: 'EID', value: ({ eid }) => eid },
  { title: 'NAME', flexible: true, value: ({ friendly_name }) => friendly_name },
  {
    title: 'STATUS',
    value: ({ state }) => state,
    style: ({ state }) => (state === 'associated' ? 'green' : undefined),
  },
  {
    title: 'ENABLED',
    value: (row) => profilesOf(row)?.find(({ state }) => state === 'enabled')?.iccid ?? null,
  },
  { title: 'SEEN', value: ({ date_seen }) => date_seen },
];

interface ListOptions extends AccountOption, JsonOption, EuiccFilterOptions {
  metadata?: Record<string, string>;
  search?: string;
  limit: number;
}

/** `simwright eim list` */
export function eimListCommand(): Command {
  const command = new Command('list')
    .description('list the eUICCs that the eIM manages, newest first')
    .addOption(accountOption());
  return addEuiccFilter(command)
    .addOption(metadataFilterOption())
    .option(
      '--search <text>',
      'only those whose EID begins or ends with this, whose SID begins with it, or whose name has it',
    )
    .addOption(limitOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['simwright eim list --group Berlin'],
        ['simwright eim list --search 0163', 'by the last digits of the EID'],
        ['simwright eim list --metadata site=Berlin --seen-before 2026-11-23', 'that are silent'],
      ),
    )
    .action((options: ListOptions) =>
      withEim(options, async (eim) => {
        const { data } = eim;
        const { metadata, search, limit } = options;
        const filter = { ...(await euiccFilterOf(options, metadata, eim)), search };
        const rows: EuiccRow[] = [];
        for await (const some of walkEuiccs(filter, data.store)) {
          rows.push(...some.slice(0, limit - rows.length));
          if (rows.length === limit) break;
        }
        if (options.json) return printJson(rows.map((row) => record(row, data.publicUrl)));
        printTable(COLUMNS, rows, 'No eUICCs found; register one with: simwright eim register EID');
      }),
    );
}

function immediateEnableWords({ immediate_enable: configured }: Reported): string {
  if (configured === undefined) return 'not known';
  if (!configured.allowed) return 'off';
  const { smdp_address: address, smdp_oid: oid } = configured;
  const from = [address, oid].filter((text) => text !== null).join(', ');
  return from === '' ? 'on' : `on, from ${from}`;
}

/** `simwright eim show` */
export function eimShowCommand(): Command {
  return ofEuicc('show')
    .description('show an eUICC, and what is on it as last reported')
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright eim show 89049032000000000000000000000163']))
    .action((name: string, options: AccountOption & JsonOption) =>
      withEim(options, async (eim) => {
        const row = await euiccNamed(name, eim);
        if (options.json) return printJson(record(row, eim.data.publicUrl));
        const reported = reportedOf(row);
        const { group_sid: groupSid, account_sid: accountSid } = row;
        const group =
          groupSid === null
            ? undefined
            : await eim.data.store.euiccGroups.find(accountSid, groupSid);
        print(
          renderFields([
            ['eUICC SID', row.sid],
            ['EID', row.eid],
            ['Name', row.friendly_name ?? 'none'],
            ['Group', group?.name ?? 'none'],
            ['Metadata', row.metadata ?? 'none'],
            ['Status', row.state],
            ['Certificate', row.euicc_certificate === null ? 'not known yet' : 'known'],
            ['Counter', String(row.counter)],
            ['Key of the eIM', String(row.eim_key)],
            [
              'Results',
              row.unsigned_results === 1
                ? 'also without a signature'
                : `signed over ${row.result_signature}`,
            ],
            ['Default SM-DP+', reported.default_smdp_address ?? 'not known'],
            ['Immediate enable', immediateEnableWords(reported)],
            ['eIMs', reported.eim_ids?.join(', ') ?? 'not known; simwright eim ask EUICC listEim'],
            ['IPA', ipaWords(row)],
            ['Features of the IPA', featuresWords(row)],
            ['Callback', callbackWords(row)],
            ['Last seen', row.date_seen ?? 'never'],
            ['Listed', reported.date_listed ?? 'never; simwright eim ask EUICC listProfileInfo'],
          ]),
        );
        const profiles = profilesOf(row);
        if (profiles === null) return print('\nWhat is on it is not known yet\n');
        print('\n');
        printTable(
          [
            { title: 'ICCID', value: ({ iccid }) => iccid },
            { title: 'STATE', value: ({ state }) => state },
            { title: 'FALLBACK', value: ({ fallback }) => (fallback ? 'yes' : null) },
            { title: 'NAME', flexible: true, value: ({ name: given }) => given },
            { title: 'ESIM PROFILE', value: ({ esim_profile_sid: sid }) => sid ?? null },
          ],
          profiles,
          'It has no profiles',
        );
      }),
    );
}

/** `simwright eim remove` */
export function eimRemoveCommand(): Command {
  return ofEuicc('remove')
    .description('no longer manage an eUICC; what is on it stays as it is')
    .addHelpText('after', examples(['simwright eim remove EU…']))
    .action((name: string, options: AccountOption) =>
      withEim(options, async (eim) => {
        const row = await euiccNamed(name, eim);
        await eim.data.transact((unit) => removeEuicc(row, unit));
        print(`Removed ${row.eid}\n`);
      }),
    );
}

/** `simwright eim onboarding` */
export function eimOnboardingCommand(): Command {
  return ofEuicc('onboarding')
    .description('write what its device needs to know the eIM')
    .option('--output <file>', 'the file (default: EID.ber)')
    .addHelpText(
      'after',
      '\nThe file has AddInitialEimRequest (SGP.32 §5.9.4), which the IPA of the device passes to the eUICC, once, and while the\n' +
        'eUICC knows no eIM.',
    )
    .addHelpText('after', examples(['simwright eim onboarding 89049032000000000000000000000163']))
    .action((name: string, options: AccountOption & { output?: string }) =>
      withEim(options, async (eim) => {
        const row = await euiccNamed(name, eim);
        const file = options.output ?? `${row.eid}.ber`;
        await writeWhole(file, [await onboardingOf(row, eim.rules)]);
        const { config } = eim.data;
        print(
          renderFields([
            ['File', file],
            ['eimId', eimIdOf(config)],
            ['eIM', config.eimFqdn],
          ]),
        );
      }),
    );
}

const featuresWords = (row: EuiccRow) =>
  shownCapabilities(row)?.ipa_features?.join(', ') ??
  'not known; simwright eim ask EUICC euiccData';
