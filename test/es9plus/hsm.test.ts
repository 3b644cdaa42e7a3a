// The keys of DPauth and DPpb are in an HSM: made there, certified, used for downloads, and taken away in the middle of them.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createEuicc } from '../../src/device/euicc.ts';
import { HttpsTransport } from '../../src/device/es9plus-transport.ts';
import { Lpa } from '../../src/device/lpa.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import { certificatePem, privateKeyPem } from '../../src/rsp/pem.ts';
import { commandLine } from '../cli/command.ts';
import type { CommandLine } from '../cli/command.ts';
import { testPki } from '../device/test-pki.ts';
import { samplesAt } from '../metrics/samples.ts';
import { PIN, SOFTHSM, startSofthsm, withoutSofthsm } from '../pkcs11/softhsm.ts';
import type { SoftHsm } from '../pkcs11/softhsm.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { NO_CONTENT, statusOf, stepsOf, SUCCESS } from './calls.ts';
import { newEid } from './phone.ts';

const EXTENSIONS = join(import.meta.dirname, '../../examples/own-ci/extensions.cnf');
const SMDP_OID = '2.999.77.1';
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe(
  'keys in an HSM',
  { skip: withoutSofthsm || (!hasOpenssl && 'openssl is not installed here') },
  () => {
    const pki = testPki();
    const cleanUp = new AsyncDisposableStack();
    let soft: SoftHsm;
    let server: TestServer;
    let cli: CommandLine;
    const file = (name: string) => join(soft.folder, name);

    function newEuicc() {
      const eid = newEid();
      const { der: euiccCertificate, privateKey } = pki.euicc(eid);
      return createEuicc({
        eid,
        credentials: [{ privateKey, euiccCertificate, eumCertificate: pki.eum.der }],
        cis: [pki.ci.der],
        defaultDpAddress: server.config.smdpAddress,
      });
    }
    async function newSteps() {
      const order = await server.order({ GenerateMatchingId: 'true' });
      return { order, steps: stepsOf(server, order.matching_id, newEuicc()) };
    }

    before(async () => {
      soft = cleanUp.use(await startSofthsm('esim'));
      await writeFile(file('pin'), `${PIN}\n`);
      const env = {
        SIMWRIGHT_HSM: `pkcs11:token=esim?module-path=${SOFTHSM}`,
        SIMWRIGHT_HSM_PIN_FILE: file('pin'),
      };
      server = cleanUp.use(
        await startTestServer({ es9: true, env: { ...env, SIMWRIGHT_METRICS_PORT: '0' } }),
      );
      cli = cleanUp.use(await commandLine(env, server.config.data));
      const issued = {
        ci: pki.ci,
        eum: pki.eum,
        dptls: pki.server('dpTls', (one) => ({ ...one, registeredID: [SMDP_OID] })),
      };
      for (const [name, { der, privateKey }] of Object.entries(issued)) {
        await writeFile(file(`${name}.pem`), certificatePem(parseCertificate(der)));
        await writeFile(file(`${name}.key.pem`), privateKeyPem(privateKey));
      }
    });
    after(() => cleanUp.disposeAsync());

    test('§4.5.2.1.0.3 are made in it, certified by a CI, and their certificates imported without them', async () => {
      for (const role of ['dpauth', 'dppb']) {
        const made = await cli.print('hsm', 'generate', role);
        assert.match(
          made,
          new RegExp(`^pkcs11:token=esim;object=${role};id=(%[0-9a-f]{2}){16};type=private\n$`),
        );
        const subject = ['--oid', SMDP_OID, '--organisation', 'My Lab', '--name', 'My SM-DP+'];
        await cli.print(
          'hsm',
          'request',
          role,
          '--role',
          role,
          ...subject,
          '--output',
          file(`${role}.csr`),
        );
        execFileSync(
          'openssl',
          [
            'x509',
            '-req',
            '-in',
            file(`${role}.csr`),
            '-CA',
            file('ci.pem'),
            '-CAkey',
            file('ci.key.pem'),
            '-CAcreateserial',
          ].concat([
            '-days',
            '30',
            '-extfile',
            EXTENSIONS,
            '-extensions',
            role,
            '-out',
            file(`${role}.pem`),
          ]),
          { env: { ...process.env, HOST: 'localhost' }, stdio: 'pipe' },
        );
        const text = execFileSync(
          'openssl',
          ['req', '-in', file(`${role}.csr`), '-verify', '-noout', '-text'],
          { stdio: 'pipe' },
        );
        assert.match(text.toString(), /Registered ID:2\.999\.77\.1/);
      }
      const again = await cli.run('hsm', 'generate', 'dpauth');
      assert.equal(
        again.stderr,
        "simwright: Expected a label that no key in the token has; 'dpauth' is there already\n",
      );

      const certificates = ['ci', 'eum', 'dpauth', 'dppb', 'dptls', 'dptls.key'].map((name) =>
        file(`${name}.pem`),
      );
      await cli.print('hsm', 'generate', 'stray', '--curve', 'brainpoolP256r1');
      const refused = await cli.run('pki', 'import', ...certificates, 'pkcs11:object=stray');
      assert.equal(
        refused.stderr,
        'simwright: Nothing was imported:\npkcs11:object=stray: expected the key of one of the certificates; got another\n',
      );
      const uris = ['pkcs11:token=esim;object=dpauth;type=private', 'pkcs11:object=dppb'];
      assert.match(
        await cli.print('pki', 'import', ...certificates, ...uris),
        /DPauth +prime256v1 +signer +elsewhere/,
      );
      const rows = await server.server.context.store.pki.list();
      const imported = rows.filter(({ generated }) => generated === 0);
      assert.deepEqual(
        Object.fromEntries(imported.map(({ role, private_key: key }) => [role, key !== null])),
        { ci: false, eum: false, dpAuth: false, dpPb: false, dpTls: true },
      );
      const { keys } = await cli.json('hsm', 'show');
      assert.deepEqual(
        keys.map(({ label, curve, extractable }: any) => [label, curve, extractable]).toSorted(),
        [
          ['dpauth', 'prime256v1', false],
          ['dppb', 'prime256v1', false],
          ['stray', 'brainpoolP256r1', false],
        ],
      );
      const tested = await cli.print('hsm', 'test', '--count', '5', '--at-once', '2');
      for (const role of ['DPauth', 'DPpb']) {
        assert.match(
          tested,
          new RegExp(`^${role} certificate .*: 5 signatures, 2 at once, in .* a second$`, 'm'),
        );
      }
    });

    test('serve a download, each signature counted', async () => {
      await server.restart();
      const order = await server.order({ GenerateMatchingId: 'true' });
      const phone = new Lpa(newEuicc(), { transport: new HttpsTransport({ cis: [pki.ci.der] }) });
      await phone.download(order.activation_code);
      assert.equal(await statusOf(server, order.sid), 'installed Installed');
      const samples = await samplesAt(server.server.metricsUrl!);
      assert.equal(samples.get('simwright_hsm_up'), 1);
      assert.ok(samples.get('simwright_hsm_signatures_total{outcome="signed"}')! >= 3);
      assert.equal(samples.get('simwright_hsm_signatures_total{outcome="failed"}'), 0);
      const text =
        server.logged.join('') +
        (await readFile(join(server.config.data, 'simwright.db'))).toString('latin1');
      assert.ok(
        !text.includes(`"${PIN}"`) && !server.logged.join('').includes(PIN),
        'the PIN is nowhere',
      );
    });

    test('§5.2.6 1.2/4.4: taken away in the middle of downloads, devices try again, and no session is lost', async () => {
      const [first, second, third] = [await newSteps(), await newSteps(), await newSteps()];
      assert.equal((await first.steps.initiate()).result, SUCCESS);
      await second.steps.begin();
      const installed = await third.steps.install();

      await soft.remove();
      const refused = [
        await first.steps.authenticate(),
        await second.steps.getPackage(),
        await stepsOf(server, '', newEuicc()).initiate(),
      ];
      assert.deepEqual(
        refused.map(({ result }) => result),
        ['1.2 / 4.4', '1.2 / 4.4', '1.2 / 4.4'],
      );
      // What needs no signature goes on, and so do orders.
      assert.equal((await third.steps.notify(installed)).result, NO_CONTENT);
      assert.equal(await statusOf(server, third.order.sid), 'installed Installed');
      const meanwhile = await server.order({ GenerateMatchingId: 'true' });
      assert.equal(meanwhile.status, 'available');
      const ready = await server.request('/readyz', { as: null });
      assert.deepEqual([ready.status, ready.json.status], [200, 'ready']);
      assert.match(
        ready.json.warning,
        /^Nothing can be signed: the HSM is away: C_Initialize returned CKR_\w+$/,
      );
      assert.equal((await samplesAt(server.server.metricsUrl!)).get('simwright_hsm_up'), 0);
      assert.ok(server.logged.some((line) => line.includes('the HSM is away')));

      await soft.putBack();
      await eventually(async () => {
        const { json } = await server.request('/readyz', { as: null });
        return json.warning === undefined || undefined;
      });
      assert.ok(server.logged.some((line) => line.includes('the HSM is back')));
      const authenticated = first.steps.keep(await first.steps.again('authenticateClient'));
      assert.equal(authenticated.result, SUCCESS);
      const packages = [
        await first.steps.getPackage(),
        await second.steps.again('getBoundProfilePackage'),
      ];
      for (const [index, { steps, order }] of [first, second].entries()) {
        assert.equal(packages[index]!.result, SUCCESS);
        assert.equal((await steps.notify(steps.load(packages[index]!))).result, NO_CONTENT);
        assert.equal(await statusOf(server, order.sid), 'installed Installed');
      }
    });

    test('while it is away, a server starts, takes orders, and serves downloads once it is back', async () => {
      await soft.remove();
      await server.restart();
      const { order, steps } = await newSteps();
      assert.equal((await steps.initiate()).result, '1.2 / 4.4');
      await soft.putBack();
      await eventually(async () =>
        (await steps.initiate()).result === SUCCESS ? true : undefined,
      );
      assert.equal((await steps.notify(await steps.install())).result, NO_CONTENT);
      assert.equal(await statusOf(server, order.sid), 'installed Installed');
    });
  },
);
