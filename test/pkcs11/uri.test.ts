// PKCS #11 URIs (RFC 7512), as in settings and on the command line.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { formatKeyUri, formatTokenUri, isNamed, parsePkcs11Uri } from '../../src/pkcs11/uri.ts';

describe('RFC 7512 a PKCS #11 URI', () => {
  test('names a token, a key and a module, percent-encoded', () => {
    const uri = parsePkcs11Uri(
      'pkcs11:token=My%20token;serial=0a;object=dp%3bauth;id=%01%ffA;type=private?module-path=/usr/lib/x%26y.so',
    );
    assert.deepEqual(uri.token, { token: 'My token', serial: '0a' });
    assert.deepEqual(uri.key, { object: 'dp;auth', idHex: '01ff41' });
    assert.equal(uri.modulePath, '/usr/lib/x&y.so');
  });

  test('written and read again is the same', () => {
    const token = {
      token: "Ünïcode; it's (1)",
      serial: 'ab/12',
      manufacturer: 'M&Co',
      model: '%41',
    };
    const key = { object: 'dp=auth?', idHex: '00ff25' };
    const ofKey = parsePkcs11Uri(formatKeyUri(token, key));
    assert.deepEqual([ofKey.token, ofKey.key], [token, key]);
    const ofToken = parsePkcs11Uri(formatTokenUri(token, '/opt/a b/c?.so'));
    assert.deepEqual([ofToken.token, ofToken.modulePath], [token, '/opt/a b/c?.so']);
  });

  for (const [text, message] of [
    ['token=x', 'must begin with pkcs11:'],
    ['pkcs11:token', "has 'token' without a value"],
    ['pkcs11:token=a;token=b', "has 'token' twice"],
    ['pkcs11:token=%4', "has a % in 'token' that is not followed by two hexadecimal digits"],
    ['pkcs11:module-path=/x', /^has 'module-path', expected token, .*; it belongs after a \?$/],
    [
      'pkcs11:token=a?object=b',
      /^has 'object', expected module-path, .*; it belongs before the \?$/,
    ],
  ] as const) {
    test(`${text} is refused`, () => {
      assert.throws(() => parsePkcs11Uri(text), { name: 'Pkcs11UriError', message });
    });
  }

  test('names a key if all that it gives is the same', () => {
    const of = { token: { token: 't', serial: '1' }, label: 'a', idHex: '01' };
    const names = (uri: string) => isNamed(parsePkcs11Uri(uri), of);
    assert.ok(names('pkcs11:') && names('pkcs11:object=a') && names('pkcs11:token=t;id=%01'));
    assert.ok(
      !names('pkcs11:object=b') && !names('pkcs11:token=u;object=a') && !names('pkcs11:id=%02'),
    );
  });
});

describe('SIMWRIGHT_HSM', () => {
  const MODULE = import.meta.filename;
  const problemsOf = (env: Record<string, string>): string[] => {
    try {
      readConfig(env);
      return [];
    } catch (error) {
      return (error as { problems: string[] }).problems;
    }
  };

  test('is a token and its module', () => {
    const { config, secrets } = readConfig({
      SIMWRIGHT_HSM: `pkcs11:token=esim?module-path=${MODULE}`,
      SIMWRIGHT_HSM_PIN_FILE: '/run/secrets/pin',
      SIMWRIGHT_HSM_SESSIONS: '8',
    });
    assert.deepEqual(config.hsm, { module: MODULE, token: { token: 'esim' }, sessions: 8 });
    assert.deepEqual(secrets.hsmPin, { SIMWRIGHT_HSM_PIN_FILE: '/run/secrets/pin' });
  });

  for (const [value, message] of [
    [
      `pkcs11:token=a?module-path=${MODULE}&pin-value=1234`,
      /^SIMWRIGHT_HSM must not have a PIN; set SIMWRIGHT_HSM_PIN, /,
    ],
    [
      `pkcs11:token=a;object=b?module-path=${MODULE}`,
      /^SIMWRIGHT_HSM must name a token, not a key: /,
    ],
    [`pkcs11:slot-id=1?module-path=${MODULE}`, /^SIMWRIGHT_HSM must have token= or serial= /],
    ['pkcs11:token=a', /^SIMWRIGHT_HSM must have module-path=, /],
    ['pkcs11:token=a?module-path=/nowhere.so', /; there is no \/nowhere\.so$/],
    ['1234', /^SIMWRIGHT_HSM must begin with pkcs11:$/],
  ] as const) {
    test(`${value.replace(MODULE, 'FILE')} is refused, and not repeated`, () => {
      const problems = problemsOf({ SIMWRIGHT_HSM: value });
      assert.equal(problems.length, 1);
      assert.match(problems[0]!, message);
      assert.doesNotMatch(problems[0]!, /1234/);
    });
  }

  test('goes neither with SIMWRIGHT_SIGNER nor with two PINs; and a PIN goes with it', () => {
    const SIMWRIGHT_HSM = `pkcs11:token=a?module-path=${MODULE}`;
    assert.deepEqual(problemsOf({ SIMWRIGHT_HSM, SIMWRIGHT_SIGNER: MODULE }), [
      'SIMWRIGHT_HSM and SIMWRIGHT_SIGNER both sign for DPauth and DPpb; set only one',
    ]);
    const two = { SIMWRIGHT_HSM_PIN: '1', SIMWRIGHT_HSM_PIN_FILE: '/pin' };
    assert.deepEqual(problemsOf({ SIMWRIGHT_HSM, ...two }), [
      'SIMWRIGHT_HSM_PIN and SIMWRIGHT_HSM_PIN_FILE are set; set only one of them',
    ]);
    assert.deepEqual(problemsOf({ SIMWRIGHT_HSM_PIN: '1' }), [
      'SIMWRIGHT_HSM_PIN is set, but SIMWRIGHT_HSM is not',
    ]);
  });
});
