// What commands need of the eIM, without a server: its keys, and whose profiles it can download.
import type { Logger } from 'pino';
import { Command } from 'commander';
import { readCis } from '../eim/ci-file.ts';
import type { EimContext } from '../eim/eim.ts';
import { SmdpUnavailable } from '../eim/es9plus.ts';
import { EuiccRefused } from '../eim/euicc-refused.ts';
import { findEuicc } from '../eim/euiccs.ts';
import { EimKeyRing, ensureEimKeys } from '../eim/server-keys.ts';
import { whichSmdps } from '../eim/which-smdps.ts';
import { noteOnOrder } from '../operator/euicc-command.ts';
import { loadPki } from '../smdp/pki/pki.ts';
import type { EuiccRow } from '../store/schema.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { inOptions } from './eim-parameters.ts';
import type { CommandData } from './data.ts';
import { accountOption } from './options.ts';
import type { AccountOption } from './options.ts';
import { UserError } from './user-error.ts';

export interface EimData {
  data: CommandData;
  accountSid: string;
  rules: EimContext;
}

/** Commands say what they have done themselves. */
const SILENT = { info() {}, warn() {} } as unknown as Logger;

/** Throws `UserError` for what is refused. */
export function withEim(
  { account }: AccountOption,
  work: (eim: EimData) => Promise<void>,
): Promise<void> {
  return withData(async (data) => {
    const { config, store, masterKey, transact } = data;
    if (config.esipaPort === undefined) {
      throw new UserError(
        'There is no eIM: set SIMWRIGHT_ESIPA_PORT as for the server, for instance to 8445 (docs/iot.md)',
      );
    }
    await ensureEimKeys(data);
    const es9plus = {
      ...whichSmdps(() => config),
      call: () => Promise.reject(new SmdpUnavailable('a command calls no SM-DP+')),
    };
    const rules: EimContext = {
      config,
      store,
      transact,
      masterKey,
      log: SILENT,
      now: () => store.now(),
      pki: {
        ...(await loadPki(store, masterKey, data.now)),
        ...(config.rentedSmdp === undefined ? {} : { cis: readCis(config.eimCiFile) }),
      },
      eim: {
        keys: await EimKeyRing.open(data),
        es9plus,
        noteOnOrder,
        confirmationCodeOf: async () => undefined,
      },
    };
    const accountSid = await chooseAccount(store, account);
    await work({ data, accountSid, rules }).catch((error: unknown) => {
      throw error instanceof EuiccRefused
        ? new UserError(inOptions(error.message), { cause: error })
        : error;
    });
  });
}

/** Throws `UserError`. */
export async function euiccNamed(
  name: string,
  { accountSid, data: { store } }: Pick<EimData, 'accountSid' | 'data'>,
): Promise<EuiccRow> {
  const found = await findEuicc(accountSid, name, store);
  if (found !== undefined) return found;
  throw new UserError(`There is no eUICC ${name}; register it with: simwright eim register EID`);
}

/** A command about an eUICC of an account. */
export const ofEuicc = (name: string) =>
  new Command(name)
    .argument('<EUICC>', 'the eUICC: its EID, or its SID (EU…)')
    .addOption(accountOption());
