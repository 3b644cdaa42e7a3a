// `simwright template` and `simwright stock import --packages`: nothing is stored that could not be delivered.
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { luhnDigit } from '../../src/rsp/identifiers.ts';
import { personaliseFor } from '../../src/smdp/package/personalised-package.ts';
import type { Subscription } from '../../src/smdp/stock/subscription.ts';
import { defaultTemplate } from '../../src/saip/default-template.ts';
import {
  decodeProfilePackage,
  elementsOf,
  encodeProfilePackage,
} from '../../src/saip/profile-element.ts';
import { readConfig } from '../../src/config.ts';
import { openData } from '../../src/data.ts';
import { sharedSecretWarnings } from '../../src/smdp/package/shared-secrets.ts';
import type { ProfileElement } from '../../src/saip/profile-element.ts';
import { commandLine } from './command.ts';
import type { CommandLine } from './command.ts';

const KI = '465B5CE8B199B49FAA5F0A2EE238A6BC';
const subscription = (number: string, imsi: string): Subscription => ({
  iccid: number,
  imsi,
  profileType: 'fleet',
  secrets: { ki: KI, opc: 'CD63CB71954A9F4E48A5994E37A02BAF' },
});
const iccid = (serial: number) => {
  const digits = `8988303${String(serial).padStart(11, '0')}`;
  return digits + luhnDigit(digits);
};
const FIRST = subscription(iccid(1), '901280000000001');
const SECOND = subscription(iccid(2), '901280000000002');

let simwright: CommandLine;
let account: string;
before(async () => {
  simwright = await commandLine();
});
after(() => simwright[Symbol.asyncDispose]());
beforeEach(async () => {
  account = await simwright.addAccount();
});

const run = (...args: string[]) => simwright.run(...args, '--account', account);
const write = (name: string, content: string | Uint8Array) =>
  writeFile(join(simwright.data, name), content);

/** Our template with a PUK, and a cdmaParameter like that of TS.48. */
function withSharedSecrets(): ProfileElement[] {
  const elements = decodeProfilePackage(defaultTemplate());
  elementsOf(elements, 'pukCodes')[0]!.value.pukCodes[0]!.pukValue = Buffer.from('11111111');
  const bytes = Uint8Array.fromHex('a511a005800081012281084141414142424242');
  return elements.toSpliced(-1, 0, { name: 'cdmaParameter', bytes });
}

const importFleet = (...args: string[]) =>
  run('template', 'import', 'fleet.der', '--profile-type', 'fleet', ...args);

describe('template', () => {
  test('import, list, show', async () => {
    await write('fleet.der', defaultTemplate());
    await write('fleet.json', '{"profileName":"Fleet"}');
    assert.deepEqual(await importFleet('--metadata', 'fleet.json'), {
      code: 0,
      stdout: 'fleet.der: now the template for profiles of type fleet\n',
      stderr: '',
    });
    const [listed, ...others] = await simwright.json('template', 'list', '--account', account);
    assert.deepEqual(others, []);
    assert.deepEqual(listed.metadata, { profileName: 'Fleet' });
    const { stdout } = await run('template', 'show', 'fleet');
    assert.match(stdout, /^Elements +header, mf, pukCodes, /m);
  });

  test('import reports values for which the template has no place', async () => {
    const elements = decodeProfilePackage(defaultTemplate());
    const { pinCodes } = elementsOf(elements, 'pinCodes')[0]!.value;
    assert.ok(pinCodes.choice === 'pinconfig');
    pinCodes.value.splice(1, 1);
    await write('fleet.der', encodeProfilePackage(elements));
    const { code, stdout, stderr } = await importFleet();
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^It has no place for adm1: /m);
  });

  test('a template from which no package can be made is refused', async () => {
    const elements = decodeProfilePackage(defaultTemplate());
    await write('fleet.der', encodeProfilePackage(elements.slice(0, -1)));
    const { code, stderr } = await importFleet();
    assert.equal(code, 1);
    assert.match(stderr, /^simwright: fleet\.der: nothing was imported: The template: .*end-last/);
    assert.deepEqual(await simwright.json('template', 'list', '--account', account), []);
  });

  test('a template with secrets shared by all subscriptions is refused, unless allowed', async () => {
    await write('fleet.der', encodeProfilePackage(withSharedSecrets()));
    const { code, stdout, stderr } = await importFleet();
    assert.deepEqual([code, stdout], [1, '']);
    assert.equal(
      stderr,
      'simwright: fleet.der: nothing was imported: all subscriptions would share these secrets:\n' +
        '  pukCodes/1: PUK 1\n' +
        '  cdmaParameter/authenticationKey: the A-key of CAVE\n' +
        '--derive-secrets gives each subscription its own PUKs, ADM codes and keys; ' +
        '--allow-shared-secrets imports it unchanged\n',
    );
    const still = await importFleet('--derive-secrets');
    assert.match(still.stderr, /secrets:\n  cdmaParameter\/authenticationKey: .*\n--allow-shared/);
    assert.deepEqual(await simwright.json('template', 'list', '--account', account), []);
    const allowed = await importFleet('--derive-secrets', '--allow-shared-secrets');
    assert.equal(
      allowed.stdout,
      'fleet.der: now the template for profiles of type fleet\n' +
        'All profiles made from it share:\n' +
        '  cdmaParameter/authenticationKey: the A-key of CAVE\n',
    );
    const [listed] = await simwright.json('template', 'list', '--account', account);
    assert.deepEqual(listed.shared_secrets, ['cdmaParameter/authenticationKey']);
    assert.equal(listed.shared_secrets_allowed, true);
    assert.equal((await importFleet('--allow-shared-secrets')).code, 0);
    const { stdout: shown } = await run('template', 'show', 'fleet');
    assert.match(shown, /^Shared secrets +pukCodes\/1, cdmaParameter\/authenticationKey$/m);
  });

  test('a template imported before this check still works, with a warning', async () => {
    await write('fleet.der', encodeProfilePackage(withSharedSecrets()));
    assert.equal((await importFleet('--allow-shared-secrets')).code, 0);
    const { config, secrets } = readConfig({ SIMWRIGHT_DATA: simwright.data });
    const { store, masterKey } = await openData(config, secrets);
    try {
      const row = await store.profilePackages.findTemplate(account, 'fleet');
      assert.ok(row);
      await store.transaction((tables) =>
        tables.profilePackages.setTemplate({ ...row, shared_secrets: null }),
      );
      assert.deepEqual(
        (await sharedSecretWarnings(store, masterKey)).filter((text) => text.includes(account)),
        [
          `All profiles of type fleet of account ${account} share pukCodes/1, ` +
            'cdmaParameter/authenticationKey from their template: import it again, with ' +
            '--derive-secrets or --allow-shared-secrets',
        ],
      );
    } finally {
      await store.close();
    }
    const { stdout } = await run('template', 'show', 'fleet');
    assert.match(stdout, /^Shared secrets +NOT ALLOWED: pukCodes\/1, cdmaParameter/m);
    await write(
      'plain.csv',
      `iccid,imsi,ki,op,profile_type\n${iccid(7)},901280000000007,${KI},${KI},fleet\n`,
    );
    assert.equal((await run('stock', 'import', 'plain.csv')).code, 0);
  });

  test('invalid metadata is refused', async () => {
    await write('fleet.der', defaultTemplate());
    await write('fleet.json', '{"name":"Fleet"}');
    const { code, stderr } = await importFleet('--metadata', 'fleet.json');
    assert.equal(code, 1);
    assert.match(stderr, /^simwright: fleet\.json: nothing was imported: name: expected one of/);
  });
});

const importAll = (...args: string[]) => run('stock', 'import', '--packages', 'packages', ...args);
const folder = (name: string) => join('packages', name);

describe('stock import --packages', () => {
  beforeEach(async () => {
    await rm(join(simwright.data, 'packages'), { recursive: true, force: true });
    await mkdir(join(simwright.data, 'packages'));
  });

  test('creates missing subscriptions; importing again has no effect', async () => {
    await write(folder(`${FIRST.iccid}.der`), personaliseFor(FIRST));
    await write(folder('second.der'), personaliseFor(SECOND));
    assert.equal(
      (await importAll('--dry-run')).stdout,
      'packages: no errors; an import would add 2 profile packages; ' +
        '2 subscriptions created from them\n',
    );
    assert.equal(
      (await importAll()).stdout,
      'packages: imported 2 profile packages; 2 subscriptions created from them\n',
    );
    assert.equal(
      (await importAll()).stdout,
      'packages: imported 0 profile packages; 2 already there\n',
    );
    const stock = await simwright.json('stock', 'list', '--account', account);
    assert.deepEqual(
      stock.map((row: any) => [row.iccid, row.imsi, row.profile_type]),
      [FIRST, SECOND].map((made) => [made.iccid, made.imsi, 'Simwright']),
    );
    await write(folder('second.der'), personaliseFor({ ...SECOND, msisdn: '15551234567' }));
    assert.match((await importAll()).stdout, /; 1 replaced; 1 already there$/m);
  });

  test('recognises the ICCID in a file name as written on cards, and hexadecimal ones if the setting allows it', async () => {
    await write(folder(`upp_${FIRST.iccid}F.der`), personaliseFor(FIRST));
    assert.equal((await importAll('--dry-run')).code, 0);
    const odd = '898600A1234567890BC';
    await write(folder(`${odd.toLowerCase()}f.der`), personaliseFor({ ...SECOND, iccid: odd }));
    assert.match(
      (await importAll('--dry-run')).stderr,
      /SIMWRIGHT_ICCID_CHECK_DIGIT is on; got '898600A/,
    );
    await using relaxed = await commandLine({ SIMWRIGHT_ICCID_CHECK_DIGIT: 'off' }, simwright.data);
    const args = ['stock', 'import', '--packages', 'packages', '--dry-run', '--account', account];
    assert.match((await relaxed.run(...args)).stdout, /would add 2 profile packages/);
    await write(
      folder(`${odd.replace('0BC', '0BD')}.der`),
      personaliseFor({ ...SECOND, iccid: odd }),
    );
    assert.match(
      (await relaxed.run(...args)).stderr,
      /expected 898600A1234567890BD, as the file is named/,
    );
  });

  test('uses the subscription in stock', async () => {
    await write('stock.csv', `iccid,imsi,ki,op\n${FIRST.iccid},${FIRST.imsi},${KI},${KI}\n`);
    assert.equal((await run('stock', 'import', 'stock.csv')).code, 0);
    await write(folder('first.der'), personaliseFor(FIRST));
    assert.equal((await importAll()).stdout, 'packages: imported 1 profile package\n');
  });

  test('refuses everything on any error, by file, without revealing secrets', async () => {
    await write('stock.csv', `iccid,imsi,ki,op\n${SECOND.iccid},901289999999999,${KI},${KI}\n`);
    assert.equal((await run('stock', 'import', 'stock.csv')).code, 0);
    await write(folder('a.der'), personaliseFor(FIRST));
    await write(folder('b.der'), personaliseFor(FIRST));
    await write(folder('c.der'), personaliseFor(SECOND));
    await write(folder('d.der'), defaultTemplate());
    await write(folder('e.der'), 'no DER');
    await write(folder(`f-${FIRST.iccid}.der`), personaliseFor({ ...SECOND, imsi: '901281' }));
    const { code, stdout, stderr } = await importAll();
    assert.deepEqual([code, stdout], [1, '']);
    const [first, ...problems] = stderr.trim().split('\n');
    assert.match(first!, /^simwright: \d+ problems in packages; nothing was imported$/);
    const of = (file: string) => problems.filter((problem) => problem.startsWith(`${file}: `));
    assert.match(of('b.der').join(), /: expected each ICCID once; \d{19} is in a\.der/);
    assert.match(of('c.der').join(), /: expected IMSI 901289999999999, as ICCID .*; got 901280/);
    assert.match(of('d.der').join(), /placeholder-secret/);
    assert.match(of('e.der').join(), /decodable/);
    assert.match(of(`f-${FIRST.iccid}.der`).join(), /as the file is named; got 898830300000000002/);
    assert.deepEqual(of('a.der'), []);
    assert.doesNotMatch(stderr, /465B5CE8/i);
    const summary = await simwright.json('stock', 'summary', '--account', account);
    assert.deepEqual(
      summary.map(({ total }: any) => total),
      [1],
    );
  });

  test('reports a folder that does not exist, or has no packages', async () => {
    assert.match((await importAll()).stderr, /packages: expected files \*\.der; got none$/m);
    const { stderr } = await run('stock', 'import', '--packages', 'nowhere');
    assert.match(stderr, /^simwright: nowhere cannot be read: ENOENT/);
    assert.match((await run('stock', 'import')).stderr, /Name a CSV file, or a folder with/);
  });
});
