// A suite that is built already: where its parts are, which cases it has, and running some of them.
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { CannotRun } from '../../../torture/exit-codes.ts';
import type { Verdict } from './results.ts';

const run = promisify(execFile);

export const SUITE = 'smdpp_Tests of osmo-ttcn3-hacks';
/** The host in the suite's TLS certificates, which it always calls. */
export const HOST = 'testsmdpplus1.example.com';
const OPERATOR_CERTIFICATE = 'test_certs/CERT_MNO_ECDSA_NIST.pem';
const OPERATOR_KEY = 'test_certs/SK_MNO_ECDSA_NIST.pem';
const GROUP_LIMIT_MS = 180_000;
const LIBRARIES = '/usr/lib/titan:/usr/ttcn3/lib';

/** OpenSSL does not offer brainpool curves unless it is told to. */
const OPENSSL = `openssl_conf = settings
[settings]
ssl_conf = ssl
[ssl]
system_default = tls
[tls]
Groups = P-256:brainpoolP256r1:X25519
`;

export interface BuiltSuite {
  /** The sources of the suite, which for SM-DP+s have certificates and keys. */
  sources: string;
  executable: string;
  /** With its shared objects. */
  libraries: string;
  /** The program that starts TITAN suites. */
  starter: string;
}

/** Of osmo-ttcn3-hacks: a folder with its program, and where its certificates are, from there. */
export interface SuiteParts {
  name: string;
  program: string;
  certificates: string;
}

const SMDPP: SuiteParts = { name: 'smdpp', program: 'smdpp_Tests', certificates: 'sgp26' };

/** Throws `CannotRun`. @param folder a checkout of osmo-ttcn3-hacks, in which the suite was built */
export function findSuite(
  folder: string,
  starter: string,
  { name, program, certificates }: SuiteParts = SMDPP,
): BuiltSuite {
  const root = resolve(folder);
  const sources = join(root, name);
  const libraries = join(root, '_build', name);
  const executable = join(libraries, program);
  for (const [file, what] of [
    [join(sources, certificates), 'the certificates of the suite'],
    [executable, 'the suite, built'],
  ] as const) {
    if (!existsSync(file)) {
      throw new CannotRun(
        `expected ${what} at ${file}; --suite takes a checkout of osmo-ttcn3-hacks in which ${name} has been built`,
      );
    }
  }
  return { sources, executable, libraries, starter };
}

const environment = ({ libraries }: BuiltSuite) => ({
  ...process.env,
  LD_LIBRARY_PATH: [libraries, LIBRARIES, process.env['LD_LIBRARY_PATH'] ?? ''].join(':'),
});

/** The commit of the checkout; `unknown` if it is none. */
export async function revisionOf({ sources }: BuiltSuite): Promise<string> {
  const asked = run('git', ['-C', sources, 'log', '-1', '--format=%h of %cs']);
  return asked.then(
    ({ stdout }) => stdout.trim(),
    () => 'unknown',
  );
}

/** All cases, as `MODULE.TC_…`. Throws `CannotRun`. */
export async function listCases(suite: BuiltSuite): Promise<string[]> {
  const { stdout } = await run(suite.executable, ['-l'], { env: environment(suite) }).catch(
    (error: Error) => {
      throw new CannotRun(`the suite does not list its cases: ${error.message}`);
    },
  );
  const names = stdout.split(/\s+/).filter((name) => /^\w+\.TC_\w+$/.test(name));
  if (names.length === 0) throw new CannotRun('the suite has no cases');
  return names;
}

export interface Ports {
  nist: number;
  brp: number;
  es2: number;
}

export interface Ran {
  verdict: Verdict;
  reason?: string;
}

/**
 * Runs cases one after the other, in a folder of their own, where their logs stay.
 * @param operator the folder with the key and certificate with which it calls ES2+
 * @returns what became of each; of one without a verdict, nothing
 */
export async function runCases(
  suite: BuiltSuite,
  cases: readonly string[],
  folder: string,
  operator: string,
  { nist, brp, es2 }: Ports,
): Promise<Map<string, Ran>> {
  await mkdir(folder, { recursive: true });
  for (const name of ['sgp26', 'InvalidTestCases']) {
    await symlink(join(suite.sources, name), join(folder, name));
  }
  // The operator's certificate in the suite is self-signed, and has expired.
  await mkdir(join(folder, 'test_certs'));
  await copyFile(join(operator, 'client.cert.pem'), join(folder, OPERATOR_CERTIFICATE));
  await copyFile(join(operator, 'client.key.pem'), join(folder, OPERATOR_KEY));
  await writeFile(join(folder, 'openssl.cnf'), OPENSSL);
  return execute(suite, cases, folder, {
    settings: `[MODULE_PARAMETERS]
smdpp_Tests.mp_es9plus_server_port_nist := ${nist}
smdpp_Tests.mp_es9plus_server_port_brp := ${brp}
smdpp_Tests.mp_es2plus_server_port := ${es2}
`,
    env: { OPENSSL_CONF: 'openssl.cnf' },
  });
}

/** Runs cases one after the other. Throws `CannotRun`. @param settings sections of TITAN's configuration */
export async function execute(
  suite: BuiltSuite,
  cases: readonly string[],
  folder: string,
  { settings, env = {} }: { settings: string; env?: Record<string, string> },
): Promise<Map<string, Ran>> {
  const config = `[LOGGING]
FileMask := ERROR | WARNING | USER | TESTCASE | VERDICTOP
ConsoleMask := ERROR | TESTCASE
${settings}[EXECUTE]
${cases.join('\n')}
`;
  await writeFile(join(folder, 'group.cfg'), config);
  const child = spawn(suite.starter, [suite.executable, 'group.cfg'], {
    cwd: folder,
    env: { ...environment(suite), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: GROUP_LIMIT_MS,
  });
  let output = '';
  const { promise, resolve: done, reject } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  child.on('error', (error) => reject(new CannotRun(`${suite.starter}: ${error.message}`)));
  child.on('close', () => done());
  await promise;
  await writeFile(join(folder, 'output.txt'), output);
  return verdictsIn(output);
}

/** By the name of the case, without its module. */
export function verdictsIn(output: string): Map<string, Ran> {
  const found = output.matchAll(
    /Test case (TC_\w+) finished\. Verdict: (pass|inconc|fail|error|none)(?: reason: (.*))?/g,
  );
  return new Map(
    Array.from(found, ([, name, verdict, reason]) => [
      name!,
      {
        verdict: verdict as Verdict,
        ...(reason === undefined ? {} : { reason: reason.trim() }),
      },
    ]),
  );
}
