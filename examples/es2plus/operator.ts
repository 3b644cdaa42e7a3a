// Acts as an operator of the built-in SM-DP+: orders a profile by ES2+ (SGP.22 §5.3), confirms and releases it, and
// cancels the order. Prints each call and its response in the JSON binding.
//
// SIMWRIGHT_DATA=./data npx node examples/es2plus/operator.ts [ACCOUNT_SID]
import { randomUUID } from 'node:crypto';
import { readConfig } from '../../src/config.ts';
import { openData } from '../../src/data.ts';
import { functions } from '../../src/es2plus/functions.ts';
import type { SmdpFunctions } from '../../src/es2plus/functions.ts';
import { formatActivationCode } from '../../src/rsp/activation-code.ts';
import { FunctionExecutionError } from '../../src/rsp/function-execution-error.ts';
import { builtInSmdp } from '../../src/smdp/orders/built-in-smdp.ts';
import { unitsOf } from '../../src/unit.ts';

const { config, secrets } = readConfig();
const { store, masterKey } = await openData(config, secrets);
const { transact } = unitsOf(store, () => store.now());
const accounts = await store.accounts.list();
const accountSid = process.argv[2] ?? accounts[0]?.sid;
if (accountSid === undefined) throw new Error('There is no account: start the server once');

/** A repeated `functionCallIdentifier` is the same call again: it has no further effect. */
const newHeader = () => ({
  functionRequesterIdentifier: accountSid,
  functionCallIdentifier: randomUUID(),
});

type Es2Function<Request, Response> = (request: Request) => Promise<Response>;

/** Calls a function of the SM-DP+, in a transaction of its own, as over the network. */
async function call<Request, Response>(
  name: keyof SmdpFunctions,
  choose: (smdp: SmdpFunctions) => Es2Function<Request, Response>,
  request: Request,
): Promise<Response | undefined> {
  console.log(`POST ${functions[name].path} ${JSON.stringify(request)}`);
  const { smdpAddress } = config;
  try {
    const response = await transact((unit) =>
      choose(builtInSmdp({ accountSid: accountSid!, smdpAddress, masterKey, unit }))(request),
    );
    console.log(`  Executed-Success ${JSON.stringify(response ?? {})}`);
    return response;
  } catch (refused) {
    if (!(refused instanceof FunctionExecutionError)) throw refused;
    const { subjectCode, reasonCode, message } = refused;
    console.log(`  Failed ${JSON.stringify({ subjectCode, reasonCode, message })}`);
    return undefined;
  }
}

try {
  const order = { header: newHeader() };
  const ordered = await call('downloadOrder', (smdp) => smdp.downloadOrder, order);
  if (ordered === undefined) throw new Error('Nothing was ordered');
  const { iccid } = ordered;
  // As if its response had been lost: returns the same profile.
  await call('downloadOrder', (smdp) => smdp.downloadOrder, order);

  const confirmed = await call('confirmOrder', (smdp) => smdp.confirmOrder, {
    header: newHeader(),
    iccid,
    confirmationCode: '2468',
    releaseFlag: false,
  });
  await call('releaseProfile', (smdp) => smdp.releaseProfile, { header: newHeader(), iccid });
  // Refused the second time, because it is no longer Confirmed.
  await call('releaseProfile', (smdp) => smdp.releaseProfile, { header: newHeader(), iccid });
  if (confirmed !== undefined) {
    const { matchingId, smdpAddress = config.smdpAddress } = confirmed;
    const code = formatActivationCode({ smdpAddress, matchingId, confirmationCodeRequired: true });
    console.log(`A phone would scan LPA:${code}`);
  }

  await call('cancelOrder', (smdp) => smdp.cancelOrder, {
    header: newHeader(),
    iccid,
    finalProfileStatusIndicator: 'Available',
  });
} finally {
  await store.close();
}
