// `simwright pki`: shows, exports and imports; exports keys only of the test PKI, and only on request.
import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect } from 'node:tls';
import { issueCrl } from '../../src/rsp/certificate-issue.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import { freePort } from '../postgres.ts';
import { eventually } from '../server.ts';
import { commandLine } from './command.ts';
import type { CommandLine } from './command.ts';

const NAMES = ['ci', 'dpauth', 'dppb', 'dptls', 'eum'];
const KEY = /PRIVATE KEY/;

let simwright: CommandLine;
let other: CommandLine;
before(async () => {
  simwright = await commandLine();
  other = await commandLine({ SIMWRIGHT_SMDP_ADDRESS: 'smdp.example.com' });
});
after(async () => {
  await simwright[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

const read = (...path: string[]) => readFile(join(...path), 'utf8');

describe('pki show', () => {
  test('shows the test PKI on both curves, and no key', async () => {
    const { certificates, warnings } = await simwright.json('pki', 'show');
    assert.equal(certificates.length, 10);
    assert.deepEqual(warnings, []);
    assert.deepEqual(
      certificates.slice(0, 5).map(({ role, curve }: any) => [role, curve]),
      ['ci', 'eum', 'dpAuth', 'dpPb', 'dpTls'].map((role) => [role, 'prime256v1']),
    );
    const table = await simwright.print('pki', 'show');
    assert.match(table, /^[0-9A-F]{40} +DPtls +brainpoolP256r1 +yes +here, for tests +20\d\d-/m);
    assert.doesNotMatch(table + JSON.stringify(certificates), KEY);
  });
});

test('which devices ES9+ serves, and failed TLS handshakes, while the server runs', async () => {
  const port = await freePort();
  await using running = await commandLine({
    SIMWRIGHT_PORT: '0',
    SIMWRIGHT_ES9_PORT: String(port),
    SIMWRIGHT_METRICS_PORT: 'off',
  });
  const child = running.start('start');
  const [greeting] = (await once(child.stdout!.setEncoding('utf8'), 'data')) as [string];
  assert.match(greeting, /^ {2}They trust .*\(prime256v1\) or .*\(brainpoolP256r1\)$/m);
  for (const ecdhCurve of ['secp384r1', 'secp521r1']) {
    const client = connect({ port, host: '127.0.0.1', maxVersion: 'TLSv1.2', ecdhCurve });
    await once(client, 'error');
  }
  const [failure] = await eventually(async () => {
    const { tls_failures: failures } = await running.json('pki', 'show');
    return failures.length > 0 ? failures : undefined;
  });
  assert.deepEqual([failure.reason, failure.address], ['no shared cipher', '127.0.0.1']);
  assert.match(failure.meaning, /^in TLS 1\.2 the client lists no curve/);
  child.kill('SIGTERM');
  await once(child, 'close');

  // The server stores the remaining counts when it stops.
  const { served } = await running.json('pki', 'show');
  assert.deepEqual(
    served.map(({ curve, hosts }: any) => [curve, hosts]),
    [
      ['prime256v1', ['localhost']],
      ['brainpoolP256r1', ['localhost']],
    ],
  );
  const table = await running.print('pki', 'show');
  assert.match(
    table,
    /\nES9\+ serves devices that trust one of these.*\n .*\(prime256v1\), at localhost\n/,
  );
  assert.match(table, /^no shared cipher +2 +2\d{3}-\S+Z +127\.0\.0\.1$/m);
  assert.match(table, /^no shared cipher: in TLS 1\.2 the client lists no curve/m);
  assert.match(table, /docs\/troubleshooting\.md/);
});

describe('pki export', () => {
  test('--with-test-keys writes each certificate with its key, which only its owner reads', async () => {
    await simwright.print('pki', 'export', 'keys', '--with-test-keys');
    for (const folder of ['keys', 'keys/brainpool']) {
      const path = join(simwright.data, folder);
      const expected = NAMES.flatMap((name) => [`${name}.cert.pem`, `${name}.key.pem`]);
      const files = (await readdir(path)).filter((name) => name.endsWith('.pem'));
      assert.deepEqual(files.toSorted(), expected);
      const ci = new X509Certificate(await read(path, 'ci.cert.pem'));
      for (const name of NAMES) {
        const certificate = new X509Certificate(await read(path, `${name}.cert.pem`));
        const key = createPrivateKey(await read(path, `${name}.key.pem`));
        assert.ok(certificate.checkPrivateKey(key));
        assert.ok(certificate.verify(ci.publicKey));
        assert.equal((await stat(join(path, `${name}.key.pem`))).mode & 0o777, 0o600);
      }
    }
  });

  test('again into the same folder changes nothing; another key is not overwritten', async () => {
    await simwright.print('pki', 'export', 'keys', '--with-test-keys');
    const file = join(simwright.data, 'keys', 'eum.key.pem');
    const key = await read(file);
    await writeFile(file, 'another');
    const { code, stderr } = await simwright.run('pki', 'export', 'keys', '--with-test-keys');
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^simwright: keys\/eum\.key\.pem already holds another key; choose another folder$/m,
    );
    assert.equal(await read(file), 'another');
    await writeFile(file, key);
  });

  test('without it writes no key', async () => {
    await simwright.print('pki', 'export', 'public');
    const files = await readdir(join(simwright.data, 'public'), { recursive: true });
    assert.equal(files.filter((name) => name.endsWith('.cert.pem')).length, 10);
    assert.ok(!files.some((name) => name.includes('key')));
  });
});

describe('pki import', () => {
  test('imports another CI, whose keys are never exported', async () => {
    await simwright.print('pki', 'export', 'own', '--with-test-keys');
    const own = join(simwright.data, 'own');
    const server = NAMES.filter((name) => name.startsWith('dp'));
    const files = [
      join(own, 'ci.cert.pem'),
      ...server.flatMap((name) => [join(own, `${name}.cert.pem`), join(own, `${name}.key.pem`)]),
    ];
    const shown = await other.print('pki', 'import', ...files);
    assert.match(shown, /DPauth +prime256v1 +yes +elsewhere/);
    assert.doesNotMatch(shown, KEY);
    assert.match(
      await other.print('pki', 'import', ...files),
      /^No certificate is new\n4 certificates were already here\n/,
    );
    const { certificates } = await other.json('pki', 'show');
    assert.equal(certificates.length, 14);

    await other.print('pki', 'export', 'both');
    const id = certificates[0].ci_pk_id as string;
    assert.equal(certificates[0].generated, false);
    assert.equal((await readdir(join(other.data, 'both', id))).length, 4);
    await other.print('pki', 'export', 'keys', '--with-test-keys');
    assert.ok(!(await readdir(join(other.data, 'keys'))).includes(id));
  });

  test('refuses everything, and reports each problem by file', async () => {
    await mkdir(join(simwright.data, 'bad'));
    await writeFile(join(simwright.data, 'bad/a.pem'), 'no PEM');
    const strange = join(other.data, 'both/dptls.cert.pem');
    const { code, stdout, stderr } = await simwright.run('pki', 'import', 'bad/a.pem', strange);
    assert.deepEqual([code, stdout], [1, '']);
    const [first, ...problems] = stderr.trim().split('\n');
    assert.equal(first, 'simwright: Nothing was imported:');
    assert.match(problems[0]!, /^bad\/a\.pem: expected PEM, or DER of/);
    assert.match(problems[1]!, /dptls\.cert\.pem: the DPtls certificate .* is under the CI/);
    assert.equal((await simwright.json('pki', 'show')).certificates.length, 10);
  });

  test('reports a file that cannot be read', async () => {
    const { code, stderr } = await simwright.run('pki', 'import', 'none.pem');
    assert.equal(code, 1);
    assert.match(stderr, /^simwright: none\.pem cannot be read: ENOENT/);
  });
});

test('pki show lists imported CRLs, with times in the format of the API', async () => {
  const own = join(simwright.data, 'own');
  const certificate = parseCertificate(new X509Certificate(await read(own, 'ci.cert.pem')).raw);
  const privateKey = createPrivateKey(await read(own, 'ci.key.pem'));
  const [thisUpdate, nextUpdate] = [
    new Date('2026-01-01T12:00:00Z'),
    new Date('2126-01-02T12:00:00Z'),
  ];
  const file = join(simwright.data, 'ci.crl');
  await writeFile(file, issueCrl({ thisUpdate, nextUpdate }, { certificate, privateKey }));
  await simwright.print('pki', 'import', file);
  const [crl] = (await simwright.json('pki', 'show')).crls;
  assert.deepEqual(
    [crl.revoked, crl.this_update, crl.next_update, crl.out_of_date],
    [0, '2026-01-01T12:00:00Z', '2126-01-02T12:00:00Z', false],
  );
  assert.match(
    await simwright.print('pki', 'show'),
    /^CRL OF .*\n[0-9A-F]{40} .* 0 +2026-01-01 +2126-01-02$/m,
  );
});

describe('pki check', () => {
  const checked = async (...args: string[]) => {
    const { code, stdout } = await simwright.run('pki', 'check', '--json', ...args);
    return { code, ...JSON.parse(stdout) };
  };

  test('of what is stored: test certificates are warned of, which is a fault only if asked for', async () => {
    const { code, faults, warnings, findings } = await checked();
    assert.deepEqual([code, faults, findings.length > 100], [0, 0, true]);
    const tests = findings.filter(({ check }: any) => check === 'test certificate');
    assert.equal(tests.length, 10);
    assert.ok(warnings >= 10);
    assert.ok(tests.every(({ verdict, advice }: any) => verdict === 'warning' && advice));
    assert.equal((await checked('--strict')).code, 1);
    const shown = await simwright.print('pki', 'check');
    assert.match(shown, /^ {2}warning {2}test certificate: A TEST CERTIFICATE, generated here$/m);
    assert.match(shown, /^ {2}ok {7}chain, signature, key identifiers, curve, validity/m);
    assert.match(shown, /\n0 faults, \d+ warnings, \d+ ok\n$/);
    assert.match(await simwright.print('pki', 'check', '--all'), /^ {2}ok {7}chain: issued by/m);
  });

  test('of files: they are looked at as if they were imported, and what they lack is a fault', async () => {
    const own = join(simwright.data, 'own');
    const { code, findings } = await checked(
      join(own, 'dpauth.cert.pem'),
      join(own, 'dpauth.key.pem'),
      join(own, 'dppb.cert.pem'),
      join(own, 'dptls.key.pem'),
      join(own, 'brainpool', 'dppb.cert.pem'),
      join(simwright.data, 'bad', 'a.pem'),
    );
    assert.equal(code, 1);
    const faults = findings.filter(({ verdict }: any) => verdict === 'fault');
    const count = (wanted: string) => faults.filter(({ check }: any) => check === wanted).length;
    assert.deepEqual([count('private key'), count('file')], [3, 1]);
    assert.equal(count('complete'), 2);
  });

  test('of what cannot be read: exit code 2', async () => {
    const { code, stderr } = await simwright.run('pki', 'check', 'none.pem');
    assert.equal(code, 2);
    assert.match(stderr, /^simwright: none\.pem cannot be read: ENOENT/);
    assert.equal((await simwright.run('pki', 'check', '--at', 'a:b:c')).code, 2);
  });

  test('--live: an address where nobody answers is a fault', async () => {
    const { code, findings } = await checked('--at', `127.0.0.1:${await freePort()}`);
    const handshakes = findings.filter(({ check }: any) => check === 'handshake');
    assert.deepEqual(
      [code, handshakes.map(({ verdict }: any) => verdict)],
      [1, ['fault', 'fault']],
    );
    assert.match(handshakes[0].found, /ECONNREFUSED/);
  });
});

test('pki crl imports CRLs, and fetches them from where it is told', async () => {
  const own = join(simwright.data, 'own');
  const certificate = parseCertificate(new X509Certificate(await read(own, 'ci.cert.pem')).raw);
  const privateKey = createPrivateKey(await read(own, 'ci.key.pem'));
  const listOf = (crlNumber: number) =>
    issueCrl(
      {
        thisUpdate: new Date('2026-02-01T12:00:00Z'),
        nextUpdate: new Date('2126-01-02T12:00:00Z'),
        crlNumber,
      },
      { certificate, privateKey },
    );
  const file = join(simwright.data, 'ci.crl');
  await writeFile(file, listOf(3));
  assert.match(await simwright.print('pki', 'crl', 'import', 'ci.crl'), / imported\n$/);
  assert.match(await simwright.print('pki', 'crl', 'import', 'ci.crl'), / is here already\n$/);
  await writeFile(file, listOf(2));
  const back = await simwright.run('pki', 'crl', 'import', 'ci.crl');
  assert.deepEqual(
    [back.code, back.stderr],
    [
      1,
      'simwright: Nothing was imported: ci.crl: expected a CRL with number 3, as the stored one, or higher; got 2\n',
    ],
  );

  let content = listOf(4);
  const server = createServer((_request, response) => response.end(content)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ci.crl`;
  const [{ issuer }] = (await simwright.json('pki', 'crl', 'list')).crls;
  const several = await simwright.run('pki', 'crl', 'add', url);
  assert.match(several.stderr, /^simwright: Name one CA with --of: [0-9A-F]{40}, /);
  const secret = url.replace('//', '//user:hunter2@');
  const refused = await simwright.run('pki', 'crl', 'add', secret, '--of', issuer.slice(0, 12));
  assert.equal(refused.code, 2);
  assert.match(
    refused.stderr,
    /an http or https URL, without user name and password; got http:\/\/\*/,
  );
  assert.doesNotMatch(refused.stderr, /hunter2/);
  await simwright.print('pki', 'crl', 'add', url, '--of', issuer.slice(0, 12));
  assert.equal(
    await simwright.print('pki', 'crl', 'fetch'),
    `${url}: a newer CRL, of 2026-02-01\n`,
  );
  content = listOf(1);
  const { code, stdout } = await simwright.run('pki', 'crl', 'fetch', url);
  assert.deepEqual([code, stdout.startsWith(`${url}: expected a CRL with number 4`)], [1, true]);
  server.close();
  const { crls, points } = await simwright.json('pki', 'crl', 'list');
  assert.deepEqual(
    crls.map((crl: any) => [crl.issuer, crl.number, crl.out_of_date]),
    [[issuer, '4', false]],
  );
  assert.deepEqual(
    points.map((point: any) => [point.url, point.added_by, point.failures]),
    [[url, 'hand', 1]],
  );
  assert.match(await simwright.print('pki', 'crl'), /^FETCHED FROM .*\nhttp:.* you +20/m);
  assert.equal(await simwright.print('pki', 'crl', 'remove', url), 'Removed\n');
  const unknown = await simwright.run('pki', 'crl', 'fetch', url);
  assert.match(unknown.stderr, /^simwright: No CRL is fetched from http/);
});

describe('pki remove', () => {
  test('stops trusting a CI; the test PKI is not generated again', async () => {
    const { certificates } = await other.json('pki', 'show');
    const ids = new Set<string>(certificates.map(({ ci_pk_id }: any) => ci_pk_id as string));
    for (const id of ids) await other.print('pki', 'remove', id);
    const left = await other.json('pki', 'show');
    assert.deepEqual(left.certificates, []);
    assert.match(left.warnings[0], /^No CI has both a DPauth and a DPpb/);
    const [id] = ids;
    const { code, stderr } = await other.run('pki', 'remove', id!);
    assert.deepEqual([code, stderr], [1, `simwright: There is no CI ${id}\n`]);
  });

  test('refuses to export the keys of an imported PKI', async () => {
    const own = join(simwright.data, 'own');
    await other.print('pki', 'import', join(own, 'ci.cert.pem'));
    const { code, stderr } = await other.run('pki', 'export', 'refused', '--with-test-keys');
    assert.equal(code, 1);
    assert.match(stderr, /^simwright: The PKI was imported, not generated here; its keys are not/);
  });
});
