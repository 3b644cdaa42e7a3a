// SIMWRIGHT_SIGNER: what a module may do wrong, and that none of it goes out.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createEuicc } from '../../../src/device/euicc.ts';
import { parseCertificate } from '../../../src/rsp/certificate.ts';
import { isSignature } from '../../../src/rsp/signature.ts';
import { externalSigner, SignerError } from '../../../src/smdp/pki/external-signer.ts';
import { certificatePem, privateKeyPem } from '../../../src/rsp/pem.ts';
import { importPki, PkiImportRefused } from '../../../src/smdp/pki/pki-import.ts';
import { pkiWarnings } from '../../../src/smdp/pki/pki-warnings.ts';
import { loadPki } from '../../../src/smdp/pki/pki.ts';
import { testPki } from '../../device/test-pki.ts';
import type { Issued } from '../../device/test-pki.ts';
import { stepsOf, SUCCESS } from '../../es9plus/calls.ts';
import { newEid } from '../../es9plus/phone.ts';
import { eventually, startTestServer } from '../../server.ts';

const folder = await mkdtemp(join(tmpdir(), 'simwright-signer-'));
after(() => rm(folder, { recursive: true, force: true }));

const pki = testPki();
const dpAuth = pki.server('dpAuth');
const certificate = parseCertificate(dpAuth.der);
const DPAUTH = { role: 'dpAuth', certificate } as const;
const DATA = Uint8Array.of(1, 2, 3);

let modules = 0;
/** A module of these lines; `sign` and `keys` of node:crypto are there. */
async function moduleOf(...lines: string[]): Promise<string> {
  const file = join(folder, `signer-${(modules += 1)}.mjs`);
  await writeFile(file, ["import crypto from 'node:crypto';", ...lines].join('\n'));
  return file;
}

const signing = ({ privateKey }: Issued, encoding = 'ieee-p1363') => [
  `const key = crypto.createPrivateKey(${JSON.stringify(privateKeyPem(privateKey))});`,
  'export const sign = ({ data }) =>',
  `  crypto.sign('sha256', data, { key, dsaEncoding: '${encoding}' });`,
];

const refusedBecause = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof SignerError, String(error));
  assert.match(error.message, message);
  return true;
};

describe('§2.6.7.2 a module that signs', () => {
  test('is asked with the certificate, the role and what is to be signed', async () => {
    const file = await moduleOf(
      ...signing(dpAuth).slice(0, 1),
      'export async function sign({ certificate, role, data }) {',
      "  if (!certificate.checkPrivateKey(key) || role !== 'dpAuth') throw new Error('whose?');",
      "  const signature = crypto.sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });",
      '  data.fill(0);',
      '  return signature;',
      '}',
    );
    const signer = externalSigner(file).signerOf(DPAUTH);
    assert.equal(signer.curve, 'prime256v1');
    assert.deepEqual(signer.publicKey, certificate.publicKeyPoint);
    const signature = await signer.sign(DATA);
    assert.ok(isSignature(certificate.publicKey, signature, DATA));
    assert.deepEqual(DATA, Uint8Array.of(1, 2, 3), 'what it does with its data is its own');
  });

  const title = 'SIMWRIGHT_SIGNER, for the DPauth certificate .*: ';
  for (const [what, lines, message] of [
    [
      'another key',
      signing(pki.server('dpAuth')),
      'expected a signature that its public key verifies; got that of another key',
    ],
    [
      'DER',
      signing(dpAuth, 'der'),
      'expected r and s in 64 bytes; got [67]\\d bytes, which look like DER',
    ],
    [
      '63 bytes',
      ['export const sign = () => new Uint8Array(63);'],
      'expected r and s in 64 bytes; got 63 bytes',
    ],
    [
      'a text',
      ["export const sign = () => 'signature';"],
      'expected r and s in 64 bytes; got string',
    ],
    [
      'an error',
      ["export const sign = () => { throw new Error('the HSM is off'); };"],
      'the HSM is off',
    ],
    ['a rejection that is no Error', ["export const sign = () => Promise.reject('off');"], 'off'],
    [
      'nothing in time',
      ['export const sign = () => new Promise(() => {});'],
      'expected a signature within 0\\.05 s; got none',
    ],
  ] as const) {
    test(`gives ${what}: refused`, async () => {
      const signer = externalSigner(await moduleOf(...lines), 50).signerOf(DPAUTH);
      await assert.rejects(
        async () => signer.sign(DATA),
        refusedBecause(new RegExp(`^${title}${message}$`)),
      );
    });
  }

  test('cannot be loaded, or does not export sign: it says so', async () => {
    const file = await moduleOf('export const signs = 1;');
    await assert.rejects(externalSigner(file).check([]), {
      message: `SIMWRIGHT_SIGNER: expected ${file} to export a function sign; got signs`,
    });
    const broken = await moduleOf("throw new Error('no licence');");
    await assert.rejects(externalSigner(broken).check([]), {
      message: `SIMWRIGHT_SIGNER: ${broken} cannot be loaded: no licence`,
    });
  });
});

describe('§2.6.7.2 a module', () => {
  test('that does not finish loading is refused', async () => {
    const file = await moduleOf(
      'export const sign = () => new Uint8Array(64);',
      'await new Promise(() => {});',
    );
    await assert.rejects(externalSigner(file, 50).check([]), {
      name: 'SignerError',
      message: `SIMWRIGHT_SIGNER: expected ${file} to be loaded within 0.05 s; it was not`,
    });
  });

  test('that reuses one buffer for all its signatures does not change verified ones', async () => {
    const file = await moduleOf(
      ...signing(dpAuth).slice(0, 1),
      'const buffer = Buffer.alloc(64);',
      'export const sign = ({ data }) => {',
      "  crypto.sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }).copy(buffer);",
      '  return buffer;',
      '};',
    );
    const signer = externalSigner(file).signerOf(DPAUTH);
    const first = await signer.sign(DATA);
    await signer.sign(Uint8Array.of(4, 5, 6));
    assert.ok(isSignature(certificate.publicKey, first, DATA));
  });

  test('that throws something other than an error while loading is refused', async () => {
    const file = await moduleOf("throw null; export const sign = () => 'never';");
    await assert.rejects(externalSigner(file).check([]), refusedBecause(/cannot be loaded: null$/));
  });
});

describe('the server with a signer', () => {
  const dpPb = pki.server('dpPb');
  const hexOf = (bytes: Uint8Array) => bytes.toHex().toUpperCase();
  const ownId = hexOf(parseCertificate(pki.ci.der).extensions.subjectKeyIdentifier!);
  const dpTls = pki.server('dpTls');
  const pem = (name: string, { der }: Issued) => ({
    name,
    content: Buffer.from(certificatePem(parseCertificate(der))),
  });
  const files = [
    pem('ci.pem', pki.ci),
    pem('eum.pem', pki.eum),
    pem('dpauth.pem', dpAuth),
    pem('dppb.pem', dpPb),
    pem('dptls.pem', dpTls),
    { name: 'dptls.key.pem', content: Buffer.from(privateKeyPem(dpTls.privateKey)) },
  ];
  /** Which key, and whether there is one, can be changed while it runs. */
  const changeable = async () => {
    const switches = join(folder, `switch-${modules}.json`);
    const keys = [dpAuth, dpPb].map(({ privateKey }) => privateKeyPem(privateKey));
    const file = await moduleOf(
      "import { readFileSync } from 'node:fs';",
      `const keys = ${JSON.stringify(keys)}.map((key) => crypto.createPrivateKey(key));`,
      'export function sign({ certificate, data }) {',
      `  const how = readFileSync(new URL(${JSON.stringify(pathToFileURL(switches).href)}), 'utf8');`,
      "  if (how === 'off') throw new Error('the HSM is off');",
      "  const own = (key) => certificate.checkPrivateKey(key) === (how !== 'swapped');",
      "  return crypto.sign('sha256', data, { key: keys.find(own), dsaEncoding: 'ieee-p1363' });",
      '}',
    );
    return { file, turn: (how: 'on' | 'off' | 'swapped') => writeFile(switches, how) };
  };

  test('imports only what the module can sign for, and starts only while it can', async () => {
    const { file, turn } = await changeable();
    await turn('on');
    await using server = await startTestServer({ es9: true, env: { SIMWRIGHT_SIGNER: file } });
    const importThem = () => importPki(files, server.server.context, externalSigner(file));

    await turn('swapped');
    await assert.rejects(importThem, (error) => {
      assert.ok(error instanceof PkiImportRefused);
      assert.deepEqual(
        error.problems.map((problem) =>
          problem.replace(/certificate .*?: exp/, 'certificate …: exp'),
        ),
        ['dpauth.pem', 'dppb.pem'].map(
          (name, at) =>
            `${name}: SIMWRIGHT_SIGNER, for the ${['DPauth', 'DPpb'][at]} certificate …: ` +
            'expected a signature that its public key verifies; got that of another key',
        ),
      );
      return true;
    });
    await turn('on');
    assert.equal((await importThem()).added.length, 5);
    const again = await importThem();
    assert.deepEqual([again.added.length, again.known.length], [0, 5]);

    await turn('swapped');
    await assert.rejects(
      server.restart(),
      refusedBecause(/DP(?:auth|pb) certificate .* another key$/),
    );
    await turn('on');
    await server.restart();
    const [identity] = server.server.context.pki.identities;
    assert.deepEqual(identity?.dpAuth.certificate.der, dpAuth.der);
  });

  test('§5.2.6 1.2/4.4: a device is told to retry while the module fails, and gets nothing else', async () => {
    const { file, turn } = await changeable();
    await turn('on');
    await using server = await startTestServer({ es9: true, env: { SIMWRIGHT_SIGNER: file } });
    await importPki(files, server.server.context, externalSigner(file));
    await server.restart();
    const eid = newEid();
    const { der: euiccCertificate, privateKey } = pki.euicc(eid);
    const euicc = createEuicc({
      eid,
      credentials: [{ privateKey, euiccCertificate, eumCertificate: pki.eum.der }],
      cis: [pki.ci.der],
      defaultDpAddress: server.config.smdpAddress,
    });
    const initiate = () => stepsOf(server, '', euicc).initiate();
    for (const how of ['off', 'swapped'] as const) {
      await turn(how);
      const { result, json } = await initiate();
      assert.equal(result, '1.2 / 4.4');
      assert.deepEqual(Object.keys(json), ['header']);
    }
    assert.ok(server.logged.some((line) => line.includes('the HSM is off')));
    await turn('on');
    assert.equal((await initiate()).result, SUCCESS);
  });

  test('stops trusting a removed CI while the module fails, and later uses what the module can sign for', async () => {
    const { file, turn } = await changeable();
    await turn('on');
    await using server = await startTestServer({ es9: true, env: { SIMWRIGHT_SIGNER: file } });
    const { context } = server.server;
    const trusts = (id: string) =>
      context.pki.cis.some(({ extensions }) => hexOf(extensions.subjectKeyIdentifier!) === id);
    const hasIdentity = () =>
      context.pki.identities.some(
        ({ dpPb: { certificate: own } }) => Buffer.compare(own.der, dpPb.der) === 0,
      );
    // A command's module works, the server's does not.
    const steady = await changeable();
    await steady.turn('on');
    await turn('off');
    await importPki(files, context, externalSigner(steady.file));
    await eventually(() => trusts(ownId) || undefined);
    assert.ok(!hasIdentity(), 'only certificates for which the module has signed are used');
    assert.ok(server.logged.some((line) => line.includes('the HSM is off')));

    const [generated] = context.pki.certificates.filter((one) => one.generated);
    await context.store.transaction((tables) => tables.pki.deleteCi(generated!.ciPKIdHex));
    await eventually(() => !trusts(generated!.ciPKIdHex) || undefined);

    await turn('on');
    await eventually(() => hasIdentity() || undefined);
    // Already in use: the module is not asked about it when another one is removed.
    await turn('off');
    const [other] = context.pki.certificates.filter((one) => one.generated);
    await context.store.transaction((tables) => tables.pki.deleteCi(other!.ciPKIdHex));
    await eventually(() => !trusts(other!.ciPKIdHex) || undefined);
    assert.ok(hasIdentity());
  });

  test('without SIMWRIGHT_SIGNER such certificates are not used, and the start warns', async () => {
    const { file, turn } = await changeable();
    await turn('on');
    await using server = await startTestServer();
    const { store, masterKey } = server.server.context;
    await importPki(files, server.server.context, externalSigner(file));
    const loaded = await loadPki(store, masterKey, new Date());
    assert.ok(loaded.identities.every(({ ci }) => Buffer.compare(ci.der, pki.ci.der) !== 0));
    const warnings = pkiWarnings(loaded, new Date()).filter((line) => line.includes('SIGNER'));
    const reason =
      'its key is not stored here, and neither SIMWRIGHT_HSM nor SIMWRIGHT_SIGNER is set and can sign for it';
    assert.deepEqual(
      new Map(
        warnings.map(
          (line) =>
            /^The (\w+) certificate .* is not used: (.*)$/.exec(line)!.slice(1) as [string, string],
        ),
      ),
      new Map([
        ['DPauth', reason],
        ['DPpb', reason],
      ]),
    );
  });
});
