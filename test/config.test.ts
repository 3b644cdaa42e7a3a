// The settings: defaults, checks, and all problems at once.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { parseEnv } from 'node:util';
import { ConfigError, readConfig, SETTINGS, withEs9Port } from '../src/config.ts';
import { parsePostgresUrl } from '../src/store/postgres-url.ts';
import { OWN_LANGUAGES } from '../src/install/translations.ts';
import { readEnvFile } from '../src/process/env-file.ts';

describe('settings', () => {
  test('have the documented defaults', () => {
    const { config, secrets } = readConfig({});
    assert.deepEqual(config, {
      host: '127.0.0.1',
      port: 3000,
      publicUrl: undefined,
      es9Host: '127.0.0.1',
      es9Port: 8443,
      drainMs: 0,
      workers: 1,
      trustedProxies: [],
      smdpAddress: 'localhost:8443',
      rentedSmdp: undefined,
      smdpPatienceDays: 7,
      smds: [],
      data: resolve('data'),
      database: { kind: 'sqlite', file: resolve('data/simwright.db') },
      sqliteCacheMb: 12,
      masterKeyFile: resolve('data/master.key'),
      logLevel: 'info',
      eidCheckDigits: true,
      iccidCheckDigit: true,
      testMatchingIds: false,
      maxRequests: 2_000,
      maxConcurrentRequests: 500,
      maxRequestsPerMinute: undefined,
      maxAddressRequestsPerMinute: undefined,
      maxEs9CallsPerMinute: undefined,
      maxEventStreams: 500,
      maxExports: 4,
      callbackPrivateNetworks: true,
      progressRetryHours: 24,
      threads: 4,
      testStock: 100,
      crlFetch: true,
      outdatedCrl: 'warn',
      signer: undefined,
      hsm: undefined,
      installTexts: undefined,
      installLanguages: OWN_LANGUAGES,
      es2Host: '127.0.0.1',
      es2Port: undefined,
      esipaHost: '127.0.0.1',
      esipaPort: undefined,
      eimId: undefined,
      eimFqdn: 'localhost',
      eimSmdps: 'any',
      eimSmdpCa: undefined,
      eimCiFile: undefined,
      metricsHost: '127.0.0.1',
      metricsPort: 9464,
      isMetricsPortChosen: false,
      traces: undefined,
      logRetentionDays: undefined,
      auditRetentionDays: 3650,
      orderLifetimeDays: undefined,
    });
    assert.deepEqual(secrets, {
      masterKey: undefined,
      account: undefined,
      hsmPin: {},
      traceHeaders: {},
    });
  });

  test('are taken from the environment', () => {
    const url = 'postgres://user:secret@db/simwright';
    const { config, secrets } = readConfig({
      SIMWRIGHT_PUBLIC_URL: 'https://esim.example.com/',
      SIMWRIGHT_DATABASE_URL: url,
      SIMWRIGHT_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
      SIMWRIGHT_AUTH_TOKEN: 'a'.repeat(32),
      PATH: '/bin',
    });
    assert.equal(config.publicUrl, 'https://esim.example.com');
    assert.deepEqual(config.database, { kind: 'postgres', url });
    assert.deepEqual(secrets.account, { sid: `AC${'0'.repeat(32)}`, authToken: 'a'.repeat(32) });
  });

  test('that are invalid are reported all at once, without passwords', () => {
    assert.throws(
      () =>
        readConfig({
          SIMWRIGHT_PROT: '3000',
          SIMWRIGHT_PORT: '70000',
          SIMWRIGHT_PUBLIC_URL: 'esim.example.com',
          SIMWRIGHT_SMDP_ADDRESS: 'https://smdp',
          SIMWRIGHT_DATABASE_URL: 'mysql://user:secret@db',
          SIMWRIGHT_MASTER_KEY: 'short',
          SIMWRIGHT_ACCOUNT_SID: 'me',
          SIMWRIGHT_LOG_LEVEL: 'loud',
          SIMWRIGHT_EID_CHECK_DIGITS: 'maybe',
          SIMWRIGHT_ICCID_CHECK_DIGIT: 'no',
          SIMWRIGHT_SIGNER: '/nowhere/signer.js',
          SIMWRIGHT_EIM_SMDPS: 'https://smdp.example.com',
          SIMWRIGHT_EIM_SMDP_CA: '/nowhere/ca.pem',
        }),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.deepEqual(error.problems, [
          'SIMWRIGHT_PROT is not a setting',
          'SIMWRIGHT_ACCOUNT_SID must be AC and 32 lower-case hexadecimal digits',
          'SIMWRIGHT_ACCOUNT_SID and SIMWRIGHT_AUTH_TOKEN go together; one is missing',
          `SIMWRIGHT_SIGNER must be a file; there is no ${resolve('/nowhere/signer.js')}`,
          "SIMWRIGHT_PORT must be a whole number from 0 to 65535; it is '70000'",
          "SIMWRIGHT_PUBLIC_URL must be an http or https URL; it is 'esim.example.com'",
          "SIMWRIGHT_EIM_SMDPS must be any, off, or hosts such as smdp.example.com, smdp.example.com:8443 or *.example.com, separated by commas; it has 'https://smdp.example.com'",
          `SIMWRIGHT_EIM_SMDP_CA must be a file; there is no ${resolve('/nowhere/ca.pem')}`,
          'SIMWRIGHT_SMDP_ADDRESS must be a host name or an IPv4 address, with :PORT if it is not 443',
          'SIMWRIGHT_DATABASE_URL must begin with sqlite: or postgres://',
          "SIMWRIGHT_LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent; it is 'loud'",
          "SIMWRIGHT_EID_CHECK_DIGITS must be one of on, off; it is 'maybe'",
          "SIMWRIGHT_ICCID_CHECK_DIGIT must be one of on, off; it is 'no'",
          'SIMWRIGHT_MASTER_KEY must be 32 bytes as 64 hexadecimal digits',
        ]);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      },
    );
  });

  test('of a rented SM-DP+ name its address and the files by which both sides know each other', () => {
    const file = import.meta.filename;
    const { config } = readConfig({
      SIMWRIGHT_SMDP: 'es2plus:https://SMDP.example.com:8444',
      SIMWRIGHT_SMDP_CERTIFICATE: file,
      SIMWRIGHT_SMDP_KEY: file,
      SIMWRIGHT_SMDP_CA: file,
      SIMWRIGHT_SMDP_REPORTERS: Array.from({ length: 32 }, () => 'ab').join(':'),
    });
    assert.deepEqual(config.rentedSmdp, {
      url: 'https://smdp.example.com:8444/',
      certificateFile: file,
      keyFile: file,
      caFile: file,
      es2CertificateFile: file,
      es2KeyFile: file,
      profileType: undefined,
      requester: 'simwright',
      reporters: ['AB'.repeat(32)],
    });
    assert.equal(config.smdpAddress, 'smdp.example.com');
    assert.throws(
      () =>
        readConfig({ SIMWRIGHT_SMDP: 'https://smdp.example.com', SIMWRIGHT_SMDP_KEY: '/no/key' }),
      {
        problems: [
          "SIMWRIGHT_SMDP must be es2plus:https://HOST[:PORT]; it is 'https://smdp.example.com'",
          'SIMWRIGHT_SMDP_CERTIFICATE must be a PEM file, because SIMWRIGHT_SMDP is a rented SM-DP+',
          `SIMWRIGHT_SMDP_KEY must be a file; there is no ${resolve('/no/key')}`,
          'SIMWRIGHT_SMDP_CA must be a PEM file, because SIMWRIGHT_SMDP is a rented SM-DP+',
        ],
      },
    );
    assert.throws(() => readConfig({ SIMWRIGHT_SMDP_CA: file }), {
      problems: ['SIMWRIGHT_SMDP_CA is set, but SIMWRIGHT_SMDP is not'],
    });
  });

  test('SM-DSs are off, or addresses that each stand once, with +forward for an alternative one', () => {
    const name = 'SIMWRIGHT_SMDS';
    const smdsOf = (value: string) => readConfig({ [name]: value }).config.smds;
    assert.deepEqual(['', 'off'].map(smdsOf), [[], []]);
    assert.deepEqual(smdsOf('Lpa.DS.example.com:443, 192.0.2.1:8443+forward'), [
      { address: 'lpa.ds.example.com', forwards: false },
      { address: '192.0.2.1:8443', forwards: true },
    ]);
    for (const value of [
      'https://smds.example',
      'a b',
      'smds:0',
      'smds:70000',
      '-a',
      'a+forwards',
    ]) {
      assert.throws(() => smdsOf(value), {
        problems: [
          'SIMWRIGHT_SMDS must be off or addresses such as smds.example.com or ' +
            `smds.example.com:8443+forward, separated by commas; it has '${value}'`,
        ],
      });
    }
    assert.throws(() => smdsOf('a,A+forward'), { problems: ['SIMWRIGHT_SMDS has a twice'] });
    assert.throws(() => smdsOf('a,b,c,d,e'), {
      problems: ['SIMWRIGHT_SMDS must have at most 4 addresses'],
    });
  });

  test('lifetimes are off or whole days', () => {
    const name = 'SIMWRIGHT_ORDER_LIFETIME_DAYS';
    const daysOf = (value: string) => readConfig({ [name]: value }).config.orderLifetimeDays;
    assert.deepEqual(['off', '', '1', '90', '36500'].map(daysOf), [
      undefined,
      undefined,
      1,
      90,
      36500,
    ]);
    for (const value of ['0', '-1', '1.5', 'on', '36501', '1e3']) {
      assert.throws(() => daysOf(value), {
        problems: [
          `${name} must be off or a whole number of days from 1 to 36500; it is '${value}'`,
        ],
      });
    }
  });

  test('trusted proxies are addresses and networks', () => {
    const proxiesOf = (value: string) =>
      readConfig({ SIMWRIGHT_TRUSTED_PROXIES: value }).config.trustedProxies;
    assert.deepEqual(proxiesOf(' 127.0.0.1, 10.0.0.0/8 ,::1,fd00::/8'), [
      '127.0.0.1',
      '10.0.0.0/8',
      '::1',
      'fd00::/8',
    ]);
    for (const value of ['proxy.local', '10.0.0.0/33', '10.0.0.0/0', '::1/129', '10.0.0.0/8/8']) {
      assert.throws(() => proxiesOf(`::1,${value}`), {
        problems: [
          'SIMWRIGHT_TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8, ' +
            `separated by commas; it has '${value}'`,
        ],
      });
    }
  });

  test('two listeners cannot share a port, unless each takes a free one', () => {
    assert.throws(
      () => readConfig({ SIMWRIGHT_PORT: '8443' }),
      /SIMWRIGHT_PORT and SIMWRIGHT_ES9_PORT must differ; both are 8443/,
    );
    readConfig({ SIMWRIGHT_PORT: '0', SIMWRIGHT_ES9_PORT: '0' });
    readConfig({ SIMWRIGHT_PORT: '8443', SIMWRIGHT_ES9_HOST: '192.0.2.1' });
  });

  test('a public URL is normalised by the URL parser', () => {
    const { config } = readConfig({ SIMWRIGHT_PUBLIC_URL: 'HTTP://Example.com:80/a"b$&/' });
    assert.equal(config.publicUrl, 'http://example.com/a%22b$&');
  });

  test('an invalid database URL is refused without repeating it', () => {
    assert.throws(
      () => readConfig({ SIMWRIGHT_DATABASE_URL: 'postgres://me:hush@db:port/x' }),
      (error: Error) =>
        /DATABASE_URL is not a URL/.test(error.message) && !/hush/.test(error.message),
    );
  });

  test('a database URL may name several hosts; the one that accepts writes is always wanted', () => {
    const read = (url: string) => readConfig({ SIMWRIGHT_DATABASE_URL: url }).config.database;
    const url = 'postgres://me:hush@db1:5432,[::1]:5433,db3/x?target_session_attrs=read-write';
    assert.deepEqual(read(url), { kind: 'postgres', url });
    assert.deepEqual(parsePostgresUrl(url), {
      url: 'postgres://me:hush@db1:5432/x',
      hosts: [
        { host: 'db1', port: 5432 },
        { host: '::1', port: 5433 },
        { host: 'db3', port: 5432 },
      ],
    });
    for (const [wrong, problem] of [
      ['postgres://db1,/x', /names several hosts, one of which is empty/],
      ['postgres://me:hush@db1:a,db2/x', /DATABASE_URL is not a URL/],
      [
        'postgres://me:hush@db1,db2/x?target_session_attrs=standby',
        /has target_session_attrs=standby: expected read-write, which is the default, or primary/,
      ],
    ] as const) {
      assert.throws(
        () => read(wrong),
        (error: Error) => problem.test(error.message) && !/hush/.test(error.message),
      );
    }
  });

  test('the address of activation codes defaults to that of ES9+', () => {
    const addressOf = (env: Record<string, string>) => readConfig(env).config.smdpAddress;
    const [port, host] = ['SIMWRIGHT_ES9_PORT', 'SIMWRIGHT_ES9_HOST'];
    assert.equal(addressOf({ [port]: '9443' }), 'localhost:9443');
    assert.equal(addressOf({ [port]: '443' }), 'localhost');
    for (const local of ['127.0.0.2', '0.0.0.0', '::', '::1', 'localhost']) {
      assert.equal(addressOf({ [host]: local, [port]: '9443' }), 'localhost:9443');
    }
    assert.equal(addressOf({ [host]: '192.0.2.7' }), '192.0.2.7:8443');
    assert.equal(addressOf({ [host]: 'esim.example.com', [port]: '443' }), 'esim.example.com');
    const address = 'esim.example.com:8000';
    assert.equal(addressOf({ [port]: '9443', SIMWRIGHT_SMDP_ADDRESS: address }), address);
    const { config } = readConfig({ [port]: '0' });
    assert.equal(withEs9Port(config, 40_001).smdpAddress, 'localhost:40001');
    const set = readConfig({ [port]: '0', SIMWRIGHT_SMDP_ADDRESS: address }).config;
    assert.equal(withEs9Port(set, 40_001).smdpAddress, address);
  });

  test('.env.example sets nothing, so a copy of it changes no default', () => {
    const text = readFileSync(resolve(import.meta.dirname, '../.env.example'), 'utf8');
    assert.deepEqual(Object.keys(parseEnv(text)), []);
    const shown = text.replaceAll(/^#(?=SIMWRIGHT_)/gm, '');
    readConfig({ ...parseEnv(shown), SIMWRIGHT_MASTER_KEY: '', SIMWRIGHT_ACCOUNT_SID: '' });
  });

  test('are all in .env.example and in the README', () => {
    for (const file of ['.env.example', 'README.md']) {
      const text = readFileSync(resolve(import.meta.dirname, '..', file), 'utf8');
      for (const [name] of SETTINGS) assert.ok(text.includes(name), `${name} is not in ${file}`);
    }
  });
});

describe('a file .env', () => {
  function inFolder<T>(text: string | undefined, run: (folder: string) => T): T {
    const folder = mkdtempSync(join(tmpdir(), 'simwright-env-'));
    try {
      if (text !== undefined) writeFileSync(join(folder, '.env'), text);
      return run(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  const read = (text?: string, env = {}) => inFolder(text, (folder) => readEnvFile(env, folder));

  test('has settings in shell syntax; variables of other programs are ignored', () => {
    const text =
      '\uFEFF# comment\nSIMWRIGHT_PORT=8080\r\nexport SIMWRIGHT_DATA="/srv/a b" # the folder\n' +
      "SIMWRIGHT_DATABASE_URL='postgres://me:a#b@db/x'\nSIMWRIGHT_AUTH_TOKEN=\nNODE_ENV=production\n";
    const { values, problems } = read(text);
    assert.deepEqual(values, {
      SIMWRIGHT_PORT: '8080',
      SIMWRIGHT_DATA: '/srv/a b',
      SIMWRIGHT_DATABASE_URL: 'postgres://me:a#b@db/x',
      SIMWRIGHT_AUTH_TOKEN: '',
    });
    assert.deepEqual(problems, []);
  });

  test('is optional, and a folder of that name is ignored', () => {
    assert.deepEqual([read().values, read().problems], [{}, []]);
    inFolder(undefined, (folder) => {
      mkdirSync(join(folder, '.env'));
      const { values, problems } = readEnvFile({}, folder);
      assert.deepEqual([values, problems], [{}, []]);
    });
  });

  test('reports errors with their line', () => {
    const { problems, locate } = read('SIMWRIGHT_PORT 8080\n\n# x\nSIMWRIGHT_LOG_LEVEL=loud\n');
    assert.deepEqual(problems, [
      'SIMWRIGHT_PORT must be followed by = and its value (.env, line 1)',
    ]);
    assert.equal(locate(problems[0]!), problems[0]);
    assert.equal(
      locate('SIMWRIGHT_LOG_LEVEL is loud'),
      'SIMWRIGHT_LOG_LEVEL is loud (.env, line 4)',
    );
    assert.equal(locate('SIMWRIGHT_HOST is'), 'SIMWRIGHT_HOST is');
    const other = read('SIMWRIGHT_LOG_LEVEL=loud\n', { SIMWRIGHT_LOG_LEVEL: 'louder' });
    assert.equal(other.locate('SIMWRIGHT_LOG_LEVEL is'), 'SIMWRIGHT_LOG_LEVEL is');
  });
});
