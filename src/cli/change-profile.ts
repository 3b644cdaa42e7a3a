// What the commands that change an order have in common.
import { pino } from 'pino';
import { chooseSmdp } from '../choose-smdp.ts';
import { SmdpRefused } from '../operator/order-at-smdp.ts';
import { ChangeRefused } from '../operator/order-change.ts';
import { runAgain } from '../store/run-again.ts';
import type { ChangeContext } from '../operator/order-change.ts';
import { checkOrderValues, OrderRefused, orderRules } from '../operator/placeOrder.ts';
import { NotFound } from './find-profile.ts';
import type { EsimProfileRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { ChangeUnderWay, outcomeOf, SmdpUnavailable } from '../operator/rented/rented-errors.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { fieldsOfProfile } from './esim-profile-text.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { esimProfileRecord } from './records.ts';
import { renderFields } from './table.ts';
import { UsageError, UserError } from './user-error.ts';

export const HOW = 'on the command line';

type Values = Parameters<typeof checkOrderValues>[0];

/** @param values to be validated first */
export function changeProfile(
  sid: string,
  options: AccountOption & JsonOption,
  values: Values,
  change: (row: EsimProfileRow, context: ChangeContext, unit: Unit) => Promise<EsimProfileRow>,
): Promise<void> {
  return withData(async (data) => {
    const { config, masterKey, store, publicUrl } = data;
    const accountSid = await chooseAccount(store, options.account);
    let { smdpAddress } = config;
    const log = pino({ level: config.logLevel }, pino.destination(2));
    const chosen = chooseSmdp(config, () => smdpAddress, data, log);
    const { smdp, rented, transact } = chosen;
    const run = () =>
      transact(async (unit) => {
        checkOrderValues(values, orderRules(config, unit.now));
        const row = await unit.tables.esimProfiles.find(accountSid, sid);
        if (row === undefined) throw new NotFound(accountSid, sid);
        // The server's, which this command's settings need not have.
        smdpAddress = row.smdp_plus_address ?? config.smdpAddress;
        const context = { config: { ...config, smdpAddress }, masterKey, smdp, rented };
        return change(row, context, unit);
      });
    const changed = await runAgain(run)
      .catch((error: unknown) => {
        throw inWords(error);
      })
      .finally(() => chosen.close());
    if (options.json) printJson(esimProfileRecord(changed.resource, publicUrl));
    else print(renderFields(fieldsOfProfile(changed)));
  });
}

/** The option that each parameter of the API is. */
const OPTIONS: [parameter: string, option: string][] = [
  ['FinalProfileStatusIndicator=Unavailable', '--unavailable'],
  ['FinalProfileStatusIndicator=Available', 'return to stock'],
  ['ConfirmationCode', '--confirmation-code'],
];

const OPTION_OF: Record<OrderRefused['what'], string> = {
  claim: '--eid',
  eid: '--eid',
  confirmationCode: '--confirmation-code',
  callbackUrl: '--callback-url',
  expiresAt: '--expires-at',
  iccid: '--iccid',
  matchingId: '--matching-id',
  friendlyName: '--friendly-name',
  metadata: '--metadata',
};

function inWords(error: unknown): unknown {
  if (error instanceof OrderRefused) {
    return new UsageError(`${OPTION_OF[error.what]}: ${error.message}`);
  }
  if (error instanceof SmdpRefused) {
    return new UserError(`${error.message}. ${outcomeOf(error)}`);
  }
  if (error instanceof SmdpUnavailable) {
    return new UserError(`${error.message}. ${outcomeOf(error)}`);
  }
  if (error instanceof ChangeUnderWay) return new UserError(error.message);
  if (!(error instanceof ChangeRefused)) return error;
  const message = OPTIONS.reduce(
    (text, [parameter, option]) => text.replaceAll(parameter, option),
    error.message,
  );
  return new UserError(message, { cause: error });
}
