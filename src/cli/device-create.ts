import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { DeviceStore, isDeviceName } from '../device/device-store.ts';
import { createEuicc } from '../device/euicc.ts';
import { toBase64 } from '../device/euicc-state.ts';
import { completeEid, isEid, luhnDigit } from '../rsp/identifiers.ts';
import { makeFolder } from '../process/private-files.ts';
import { issueEuicc } from '../smdp/pki/issue-euicc.ts';
import { loadPki } from '../smdp/pki/pki.ts';
import type { SmdsAddress } from '../smdp/smds/smds-address.ts';
import { withData } from './data.ts';
import { parseSmds } from './device-data.ts';
import { deviceFields, deviceRecord } from './device-text.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { renderFields } from './table.ts';
import { UserError } from './user-error.ts';

const EIN = '89049032'; // of the EUM of the test PKI
const TAC = '35693803';

interface Options extends JsonOption {
  iot?: true;
  eid?: string;
  brainpool?: true;
  smds?: string;
}

/** `simwright device create` */
export function deviceCreateCommand(): Command {
  return new Command('create')
    .description('create a virtual phone, or a virtual IoT device, with an eUICC of the test PKI')
    .argument('[NAME]', 'its name (default: phone, or meter with --iot)', parseDeviceName)
    .option(
      '--iot',
      'a device without a user (SGP.32): its IPA polls eIMs, which command its eUICC',
    )
    .option('--eid <EID>', 'its EID instead of a random one', parseTestEid)
    .option('--brainpool', 'certify it on brainpoolP256r1 instead of P-256')
    .option(
      '--smds <address>',
      'its root SM-DS; by default, the first of SIMWRIGHT_SMDS that forwards no events',
      parseSmds,
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['simwright device create'],
        ['simwright device create tablet --brainpool'],
        ['simwright device create --iot pump-7'],
      ),
    )
    .action((given: string | undefined, options: Options) =>
      withData(async (data) => {
        const name = given ?? (options.iot ? 'meter' : 'phone');
        makeFolder(data.config.data);
        const store = new DeviceStore(data.config.data);
        if (store.find(name) !== undefined) {
          throw new UserError(`A device named '${name}' already exists`);
        }
        const eid = options.eid ?? completeEid(EIN + randomDigits(22));
        const namedCurve = options.brainpool ? 'brainpoolP256r1' : 'prime256v1';
        const pki = await loadPki(data.store, data.masterKey, data.now);
        const issued = issueEuicc(eid, namedCurve, pki, data.now);
        const imei = TAC + randomDigits(6);
        const euicc = createEuicc({
          eid,
          credentials: [issued],
          // §2.6.5: the eUICC uses only its own curve; the phone's TLS trusts every CI.
          cis: pki.cis.filter(({ curve }) => curve === namedCurve).map(({ der }) => der),
          defaultDpAddress: data.config.smdpAddress,
          rootDsAddress: options.smds ?? rootOf(data.config.smds),
          ...(options.iot ? { isIot: true } : {}),
        });
        const device = {
          name,
          imei: imei + luhnDigit(imei),
          dateCreated: data.now.toISOString(),
          tlsCis: pki.cis.map(({ der }) => toBase64(der)),
          euicc: euicc.state,
        };
        store.save(device);
        if (options.json) return printJson(deviceRecord(device));
        print(renderFields(deviceFields(device)));
        if (options.iot) {
          print(`
It knows no eIM yet. Have one manage it, and give it the file that names the eIM:
  simwright eim register ${eid}
  simwright eim onboarding ${eid}
  simwright device onboard ${eid}.ber --device ${name}
  simwright device poll --device ${name}
`);
        }
      }),
    );
}

function randomDigits(count: number): string {
  return Array.from({ length: count }, () => randomInt(10)).join('');
}

function parseDeviceName(text: string): string {
  if (isDeviceName(text)) return text;
  throw new InvalidArgumentError('Expected 1 to 32 letters, digits, dashes or underscores.');
}

/** One that forwards events does so to a root SM-DS, so it is none. */
function rootOf(smds: readonly SmdsAddress[]): string {
  return smds.find(({ forwards }) => !forwards)?.address ?? '';
}

function parseTestEid(text: string): string {
  if (isEid(text) && text.startsWith(EIN)) return text;
  throw new InvalidArgumentError(
    `Expected 32 digits that begin with ${EIN}, the range of the test EUM, and end with check digits.`,
  );
}
