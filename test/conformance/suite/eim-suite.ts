// Osmocom's suite for eIMs, against the eIM of a server of ours. It is IPA and SM-DP+ at once, and asks through our adapter.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../postgres.ts';
import { execute } from './built-suite.ts';
import type { BuiltSuite, Ran, SuiteParts } from './built-suite.ts';
import { startAdapter } from './eim-adapter.ts';
import { FIXED, Running } from './prepared.ts';

export const EIM: SuiteParts = {
  name: 'eim',
  program: 'eIM_Tests',
  certificates: '../ipad/example_ca/pki',
};

/** By which the results of the suite's eUICC name their eIM. */
const EIM_ID = 'myEIM';
const CONTROL = join(import.meta.dirname, 'eim-control.ts');

interface Ports {
  esipa: number;
  /** Of the suite as an SM-DP+. */
  es9: number;
}

function settings(data: string, { esipa, es9 }: Ports, ca: string): Record<string, string> {
  return {
    SIMWRIGHT_DATA: data,
    SIMWRIGHT_PORT: '0',
    SIMWRIGHT_ES9_PORT: '0',
    SIMWRIGHT_METRICS_PORT: 'off',
    SIMWRIGHT_ESIPA_PORT: String(esipa),
    SIMWRIGHT_EIM_ID: EIM_ID,
    SIMWRIGHT_EIM_SMDPS: `127.0.0.1:${es9}`,
    SIMWRIGHT_EIM_SMDP_CA: ca,
    SIMWRIGHT_ACCOUNT_SID: FIXED.sid,
    SIMWRIGHT_AUTH_TOKEN: FIXED.authToken,
    SIMWRIGHT_TEST_STOCK: '0',
    SIMWRIGHT_EID_CHECK_DIGITS: 'off',
    SIMWRIGHT_LOG_LEVEL: 'debug',
  };
}

/** @param folder where data, logs and the output of the suite are */
export async function runEimCases(
  suite: BuiltSuite,
  cases: readonly string[],
  folder: string,
): Promise<Map<string, Ran>> {
  const pki = join(suite.sources, EIM.certificates);
  const ports = { esipa: await freePort(), es9: await freePort() };
  const env = settings(join(folder, 'data'), ports, join(pki, 'ca.crt'));
  await using server = await Running.start(env, join(folder, 'server.log'));
  await using adapter = await startAdapter((...asked) => server.call(...asked));
  const own = join(folder, 'suite');
  await mkdir(own);
  // Awaited here: the server stops when this ends.
  return await execute(suite, cases, own, {
    settings: `[ORDERED_INCLUDE]
"${join(suite.sources, 'eIM_Tests.default')}"
[TESTPORT_PARAMETERS]
system.HTTP_server_port.KEYFILE := "${join(pki, 'private/alttest.key')}"
system.HTTP_server_port.CERTIFICATEFILE := "${join(pki, 'issued/alttest.crt')}"
[MODULE_PARAMETERS]
eIM_Tests.mp_restop_path := "${process.execPath} ${CONTROL} ${adapter.url}"
eIM_Tests.mp_esipa_port := ${ports.esipa}
eIM_Tests.mp_es9p_port := ${ports.es9}
`,
  });
}
