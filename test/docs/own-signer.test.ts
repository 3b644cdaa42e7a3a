// examples/own-signer: a device downloads from an SM-DP+ whose keys are in another process.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { createEuicc } from '../../src/device/euicc.ts';
import { HttpsTransport } from '../../src/device/es9plus-transport.ts';
import { Lpa } from '../../src/device/lpa.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import { certificatePem, privateKeyPem } from '../../src/rsp/pem.ts';
import { commandLine } from '../cli/command.ts';
import { testPki } from '../device/test-pki.ts';
import type { Issued } from '../device/test-pki.ts';
import { newEid } from '../es9plus/phone.ts';
import { eventually, startTestServer } from '../server.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/own-signer');
const SIGNER = join(EXAMPLE, 'signer.ts');

const folder = await mkdtemp(join(tmpdir(), 'simwright-signer-'));
after(() => rm(folder, { recursive: true, force: true }));
const SIGNER_SOCKET = join(folder, 'signer.sock');

async function writePem(name: string, { der, privateKey }: Issued): Promise<string[]> {
  const files = [join(folder, `${name}.pem`), join(folder, 'keys', `${name}.key.pem`)];
  await writeFile(files[0]!, certificatePem(parseCertificate(der)));
  await writeFile(files[1]!, privateKeyPem(privateKey));
  return files;
}

test('examples/own-signer: the keys of DPauth and DPpb stay in a process of their own, and a device downloads', async () => {
  await mkdir(join(folder, 'keys'));
  const pki = testPki();
  const [dpAuth, dpPb, dpTls] = (['dpAuth', 'dpPb', 'dpTls'] as const).map((role) =>
    pki.server(role),
  );
  const files = [
    ...(await writePem('ci', pki.ci)).slice(0, 1),
    ...(await writePem('eum', pki.eum)).slice(0, 1),
    ...(await writePem('dpauth', dpAuth!)).slice(0, 1),
    ...(await writePem('dppb', dpPb!)).slice(0, 1),
    ...(await writePem('dptls', dpTls!)),
  ];

  const holder = spawn(process.execPath, [join(EXAMPLE, 'key-holder.ts')], {
    env: { ...process.env, KEYS: join(folder, 'keys'), SIGNER_SOCKET },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface(holder.stdout).on('line', (line) => lines.push(line));
  try {
    await eventually(() => lines.shift());
    process.env['SIGNER_SOCKET'] = SIGNER_SOCKET;
    await using server = await startTestServer({ es9: true, env: { SIMWRIGHT_SIGNER: SIGNER } });
    await using cli = await commandLine(
      { SIMWRIGHT_SIGNER: SIGNER, SIGNER_SOCKET },
      server.config.data,
    );
    assert.match(await cli.print('pki', 'import', ...files), /DPauth +prime256v1 +signer +else/);
    await server.restart();

    const rows = await server.server.context.store.pki.list();
    const imported = rows.filter(({ generated }) => generated === 0);
    assert.deepEqual(
      new Map(imported.map(({ role, private_key: key }) => [role, key !== null])),
      new Map([
        ['ci', false],
        ['eum', false],
        ['dpAuth', false],
        ['dpPb', false],
        ['dpTls', true],
      ]),
    );
    const eid = newEid();
    const { der: euiccCertificate, privateKey } = pki.euicc(eid);
    const euicc = createEuicc({
      eid,
      credentials: [{ privateKey, euiccCertificate, eumCertificate: pki.eum.der }],
      cis: [pki.ci.der],
      defaultDpAddress: server.config.smdpAddress,
    });
    const phone = new Lpa(euicc, { transport: new HttpsTransport({ cis: [pki.ci.der] }) });
    const order = await server.order({ GenerateMatchingId: 'true' });
    await phone.download(order.activation_code);
    const { json } = await server.request(`/v1/ESimProfiles/${order.sid}`);
    assert.equal(json.status, 'installed');
    // Each key signs once whenever the certificates are read; the download comes last.
    const ofDownload = ['dpauth', 'dppb', 'dppb'].map((key) => `signed with ${key}.key.pem`);
    await eventually(() => {
      const last = lines.slice(-3).map((line) => line.replace(/ \d+ bytes/, ''));
      return last.join() === ofDownload.join() ? last : undefined;
    });
  } finally {
    delete process.env['SIGNER_SOCKET'];
    holder.kill();
    await once(holder, 'close');
  }
});
