// `simwright pki check`: a PKI in which all is well, and one in which exactly one thing is not, for each check.
import assert from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import type { CertificateContents, CrlContents } from '../../../src/rsp/certificate-issue.ts';
import { issueCertificate, issueCrl } from '../../../src/rsp/certificate-issue.ts';
import { parseCertificate } from '../../../src/rsp/certificate.ts';
import type { Certificate } from '../../../src/rsp/certificate.ts';
import { parseCrl, verifyCrl } from '../../../src/rsp/crl.ts';
import type { CurveName } from '../../../src/rsp/curve.ts';
import { attributeTypes } from '../../../src/rsp/distinguished-name.ts';
import type { CertificateBasis } from '../../../src/rsp/test-certificates.ts';
import {
  ciContents,
  eumContents,
  operatorContents,
  serverContents,
} from '../../../src/rsp/test-certificates.ts';
import { CERTIFICATE_CHECKS } from '../../../src/smdp/check/certificate-checks.ts';
import { checkPki } from '../../../src/smdp/check/check-pki.ts';
import type { Checked } from '../../../src/smdp/check/checked.ts';
import type { OperatorRegister, TrustedCa } from '../../../src/smdp/operators/operator-trust.ts';
import { ciPKIdHexOf } from '../../../src/smdp/pki/pki-certificate.ts';
import type { PkiRole, StoredCertificate } from '../../../src/smdp/pki/pki-certificate.ts';
import type { CrlPointRow } from '../../../src/store/schema.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const NOW = new Date('2026-06-01T12:00:00Z');
const later = (days: number) => new Date(NOW.getTime() + days * DAY_MS);

const HOST = 'esim.operator.net';
/** Of a company, not for examples. */
const OID = '1.3.6.1.4.1.311.1';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const { CN, O } = attributeTypes;
const ROLES = ['ci', 'eum', 'dpAuth', 'dpPb', 'dpTls'] as const;

type Change = (contents: CertificateContents) => Partial<CertificateContents>;

interface Changes {
  /** Changes a certificate before it is signed. */
  certificates?: Partial<Record<PkiRole, Change>>;
  /** Changes it after it was signed. */
  der?: Partial<Record<PkiRole, (der: Uint8Array) => void>>;
  curve?: Partial<Record<PkiRole, CurveName>>;
  /** Changes what is stored. */
  stored?: (certificates: StoredCertificate[]) => StoredCertificate[];
  crl?: Partial<CrlContents> | null;
  given?: (given: Checked) => Partial<Checked>;
}

const contentsOf: Record<PkiRole, (basis: CertificateBasis) => CertificateContents> = {
  ci: (basis) => ({
    ...ciContents(basis, { ciOid: `${OID}.9` }),
    subject: [{ type: CN, value: 'A CI' }],
  }),
  eum: (basis) => eumContents(basis, { eumOid: `${OID}.8` }),
  dpAuth: (basis) => serverContents(basis, 'dpAuth', { smdpOid: OID }),
  dpPb: (basis) => serverContents(basis, 'dpPb', { smdpOid: OID }),
  dpTls: (basis) => serverContents(basis, 'dpTls', { smdpOid: OID, hostName: HOST }),
};

function checkedWith({
  certificates: changes = {},
  der: damages = {},
  curve = {},
  stored = (all) => all,
  crl = {},
  given = () => ({}),
}: Changes = {}): Checked {
  const made: StoredCertificate[] = [];
  for (const role of ROLES) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', {
      namedCurve: curve[role] ?? 'prime256v1',
    });
    const contents = contentsOf[role]({
      serialNumber: Uint8Array.from([1, ...randomBytes(8)]),
      publicKey,
      notBefore: later(-100),
      notAfter: later(role === 'ci' ? 4_000 : 300),
      cRLDistributionPoints: ['http://ci.example.net/ci.crl'],
    });
    const [ci] = made;
    const issuer =
      ci === undefined
        ? { privateKey }
        : { privateKey: ci.privateKey!, certificate: ci.certificate };
    const der = issueCertificate({ ...contents, ...changes[role]?.(contents) }, issuer);
    damages[role]?.(der);
    const certificate = parseCertificate(der);
    const ciPKIdHex = ciPKIdHexOf(ci?.certificate ?? certificate);
    made.push({ role, certificate, ciPKIdHex, privateKey, generated: false });
  }
  const [ci] = made;
  const { certificate, privateKey } = ci!;
  const crls =
    crl === null
      ? []
      : [
          verifyCrl(
            parseCrl(
              issueCrl(
                { thisUpdate: later(-2), nextUpdate: later(5), ...crl },
                { certificate, privateKey: privateKey! },
              ),
            ),
            certificate,
            later(-2),
          ),
        ];
  const checked: Checked = {
    certificates: stored(made),
    crls,
    crlProblems: [],
    crlPoints: [],
    operators: undefined,
    config: {
      smdpAddress: HOST,
      outdatedCrl: 'warn',
      crlFetch: true,
      es2Port: undefined,
      smds: [],
    },
    now: NOW,
    aheadMs: 0,
  };
  return { ...checked, ...given(checked) };
}

async function problemsOf(changes: Changes): Promise<[string, string, string][]> {
  const findings = await checkPki(checkedWith(changes));
  return findings
    .filter(({ verdict }) => verdict !== 'ok')
    .map(({ check, verdict, found, advice, expected }) => {
      assert.ok(advice !== undefined && expected !== '', check);
      return [check, verdict, found];
    });
}

const point: CrlPointRow = {
  issuer: 'CI',
  url: 'http://ci.example.net/ci.crl',
  kind: 'ci',
  added_by: 'certificate',
  next_fetch_at: NOW.toISOString(),
  locked_until: null,
  failures: 3,
  error: 'answered 404; expected 200',
  date_failed: null,
  date_fetched: null,
  next_update: null,
  etag: null,
  last_modified: null,
  date_created: NOW.toISOString(),
};

const flip = (der: Uint8Array) => {
  der[der.length - 1]! ^= 1;
};
const change = (role: PkiRole, to: Partial<CertificateContents> | Change): Changes => ({
  certificates: { [role]: typeof to === 'function' ? to : () => to },
});
const without = (role: PkiRole): Changes => ({
  stored: (all) => all.filter((one) => one.role !== role),
});
const config = (changed: Partial<Checked['config']>): Changes => ({
  given: (given) => ({ config: { ...given.config, ...changed } }),
});
const revoked = (role: PkiRole): Changes => ({
  given: ({ certificates }) => {
    const of = (wanted: PkiRole) => certificates.find((one) => one.role === wanted)!;
    const { certificate, privateKey } = of('ci');
    const { serialNumberHex } = of(role).certificate;
    const list = issueCrl(
      {
        thisUpdate: later(-2),
        nextUpdate: later(5),
        revoked: [{ serialNumberHex, revocationDate: later(-3) }],
      },
      { certificate, privateKey: privateKey! },
    );
    return { crls: [verifyCrl(parseCrl(list), certificate, NOW)] };
  },
});

test('§4.5.2.1 a PKI in which all is well: every check is ok', async () => {
  const findings = await checkPki(checkedWith());
  assert.deepEqual(
    findings.filter(({ verdict }) => verdict !== 'ok'),
    [],
  );
  const names = new Set(findings.map(({ check }) => check));
  for (const name of Object.keys(CERTIFICATE_CHECKS)) assert.ok(names.has(name), name);
});

describe('§4.5.2.1 pki check finds', () => {
  const cases: [
    what: string,
    Changes,
    check: string,
    verdict: 'fault' | 'warning',
    found: RegExp,
  ][] = [
    [
      'no CI',
      { ...without('ci'), crl: null },
      'chain',
      'fault',
      /^issued by CN=A CI, which is not here$/,
    ],
    ['a signature that is damaged', { der: { dpPb: flip } }, 'signature', 'fault', /^not signed/],
    [
      'an expired certificate',
      change('dpTls', { notAfter: later(-1) }),
      'validity',
      'fault',
      /^it ended on 2026-05-31$/,
    ],
    [
      'one that expires soon',
      change('dpAuth', { notAfter: later(29) }),
      'validity',
      'warning',
      /29 days more$/,
    ],
    [
      'one that is not valid yet',
      change('dpPb', { notBefore: later(1) }),
      'validity',
      'fault',
      /^valid from/,
    ],
    [
      'a CI that expires soon',
      change('ci', { notAfter: later(1) }),
      'validity',
      'warning',
      /1 day more$/,
    ],
    [
      'a certificate without a key',
      {
        stored: (all) =>
          all.map((one) => (one.role === 'dpAuth' ? { ...one, privateKey: undefined } : one)),
      },
      'private key',
      'fault',
      /^none$/,
    ],
    [
      'one with the key of another',
      {
        stored: (all) =>
          all.map((one) =>
            one.role === 'dpPb' ? { ...one, privateKey: all[0]!.privateKey } : one,
          ),
      },
      'private key',
      'fault',
      /^that of another/,
    ],
    [
      'one whose key is elsewhere, and does not sign',
      {
        stored: (all) =>
          all.map((one) => (one.role === 'dpPb' ? { ...one, privateKey: undefined } : one)),
        given: () => ({ prove: async () => 'the HSM is off' }),
      },
      'private key',
      'fault',
      /^elsewhere: the HSM is off$/,
    ],
    [
      'two roles in one certificate',
      change('dpAuth', { certificatePolicies: ['2.23.146.1.2.1.4', '2.23.146.1.2.1.5'] }),
      'policy',
      'warning',
      /2\.1\.4, .*2\.1\.5$/,
    ],
    [
      'another role',
      change('dpPb', { certificatePolicies: ['2.23.146.1.2.1.4'] }),
      'policy',
      'fault',
      /2\.1\.4$/,
    ],
    [
      'no digitalSignature',
      change('dpAuth', { keyUsage: ['keyAgreement'] }),
      'key usage',
      'fault',
      /^keyAgreement$/,
    ],
    [
      'more key usages than one',
      change('dpTls', { keyUsage: ['digitalSignature', 'keyAgreement'] }),
      'key usage',
      'warning',
      /keyAgreement$/,
    ],
    [
      'a CI that may not sign CRLs',
      {
        ...change('ci', { keyUsage: ['keyCertSign'] }),
        crl: null,
        given: () => ({ crlPoints: [] }),
      },
      'key usage',
      'warning',
      /^keyCertSign$/,
    ],
    [
      'no serverAuth',
      change('dpTls', { extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'] }),
      'extended key usage',
      'fault',
      /^clientAuth$/,
    ],
    [
      'no clientAuth',
      change('dpTls', { extendedKeyUsage: [SERVER_AUTH] }),
      'extended key usage',
      'warning',
      /^serverAuth$/,
    ],
    [
      'no clientAuth for an SM-DS',
      {
        ...change('dpTls', { extendedKeyUsage: [SERVER_AUTH] }),
        ...config({ smds: [{ address: 'sm-ds.example.net', forwards: false }] as never }),
      },
      'extended key usage',
      'fault',
      /^serverAuth$/,
    ],
    [
      'an extended key usage where there is none',
      change('dpAuth', { extendedKeyUsage: [SERVER_AUTH] }),
      'extended key usage',
      'warning',
      /^serverAuth$/,
    ],
    [
      'a DPauth that is a CA',
      change('dpAuth', { basicConstraints: { cA: true } }),
      'basic constraints',
      'fault',
      /^a CA$/,
    ],
    [
      'an EUM without a limit',
      change('eum', { basicConstraints: { cA: true } }),
      'basic constraints',
      'fault',
      /^a CA$/,
    ],
    [
      'policies that are not critical',
      change('dpPb', { certificatePoliciesCritical: false }),
      'critical extensions',
      'warning',
      /^not critical: certificatePolicies$/,
    ],
    [
      'an unknown critical extension',
      change('dpPb', { unknownCritical: ['1.2.3.4'] }),
      'critical extensions',
      'fault',
      /1\.2\.3\.4$/,
    ],
    ['no OID', change('eum', { registeredID: [] }), 'OID', 'warning', /^none$/],
    [
      'no distribution point',
      change('dpTls', { cRLDistributionPoints: ['ldap://ci.example.net/'] }),
      'CRL distribution point',
      'warning',
      /^ldap:/,
    ],
    ['a revoked DPauth', revoked('dpAuth'), 'revocation', 'fault', /^its CI has revoked it$/],
    ['a revoked EUM', revoked('eum'), 'revocation', 'warning', /^its CI has revoked it$/],
    [
      'a test certificate by its OID',
      change('eum', { registeredID: ['2.999.5'] }),
      'test certificate',
      'warning',
      /^A TEST CERTIFICATE by its OID, 2\.999\.5/,
    ],
    [
      'a test certificate by its name',
      change('eum', (made) => ({ subject: [...made.subject, { type: O, value: 'TESTCERT' }] })),
      'test certificate',
      'warning',
      /by its name/,
    ],
    ['no DPpb', without('dpPb'), 'complete', 'fault', /^missing: DPPb$/],
    [
      'DPauth and DPpb of two SM-DP+s',
      change('dpPb', { registeredID: [`${OID}.2`] }),
      'one SM-DP+',
      'fault',
      /311\.1; DPpb .*311\.1\.2;/,
    ],
    [
      'a DPtls of another SM-DP+',
      change('dpTls', { registeredID: [`${OID}.2`] }),
      'one SM-DP+',
      'warning',
      /DPtls .*311\.1\.2$/,
    ],
    [
      'a DPtls for another host',
      change('dpTls', { dNSName: ['other.operator.net'] }),
      'host of DPtls',
      'fault',
      /^other\.operator\.net$/,
    ],
    [
      'an address with a port',
      config({ smdpAddress: `${HOST}:8443` }),
      'address',
      'warning',
      /no port but 443$/,
    ],
    ['no CRL', { crl: null }, 'CRL', 'warning', /^none: revocations are unknown$/],
    [
      'an outdated CRL',
      { crl: { nextUpdate: later(-1) } },
      'CRL',
      'warning',
      /out of date since 2026-05-31$/,
    ],
    [
      'an outdated CRL that refuses devices',
      { crl: { nextUpdate: later(-1) }, ...config({ outdatedCrl: 'refuse' }) },
      'CRL',
      'fault',
      /eUICCs are refused$/,
    ],
    [
      'a CRL that is not fetched',
      { given: () => ({ crlPoints: [point] }) },
      'CRL',
      'warning',
      /^3 attempts have failed: answered 404/,
    ],
    [
      'fetching that is off',
      {
        given: (given) => ({
          crlPoints: [{ ...point, failures: 0 }],
          config: { ...given.config, crlFetch: false },
        }),
      },
      'CRL',
      'warning',
      /^off$/,
    ],
    [
      'a stored CRL that cannot be used',
      { given: () => ({ crlProblems: ['The CRL of CN=A CI cannot be used'] }) },
      'CRL',
      'warning',
      /cannot be used$/,
    ],
    [
      'a wrong clock',
      { given: () => ({ aheadMs: -60_000 }) },
      'clock',
      'fault',
      /^60 seconds behind the database/,
    ],
    [
      'a clock that was set back',
      { stored: (all) => all.map((one) => ({ ...one, added: later(2) })) },
      'clock',
      'fault',
      /was imported$/,
    ],
  ];
  for (const [what, changes, check, verdict, found] of cases) {
    test(`${what}: ${check}, ${verdict}`, async () => {
      const problems = await problemsOf(changes);
      const others = problems.filter(([name]) => name !== check).map(([name]) => name);
      assert.deepEqual([...new Set(others)], FOLLOW[what] ?? []);
      const own = problems.filter(([name]) => name === check);
      assert.ok(own.length > 0, JSON.stringify(problems));
      for (const [, is, says] of own) {
        assert.equal(is, verdict);
        assert.match(says, found);
      }
    });
  }
});

/** What else is wrong then, necessarily. */
const FOLLOW: Record<string, string[]> = {
  'no CI': ['complete'],
  'a CI that may not sign CRLs': ['CRL'],
};

/** Changes what was read of DPauth, which no CI would sign. */
const readAs = (changed: (all: readonly StoredCertificate[]) => Partial<Certificate>): Changes => ({
  given: ({ certificates: all }) => ({
    certificates: all.map((one) =>
      one.role === 'dpAuth'
        ? { ...one, certificate: { ...one.certificate, ...changed(all) } }
        : one,
    ),
  }),
});

describe('§4.5.1 pki check finds', () => {
  test('an issuer whose key is that of another CI: chain, fault', async () => {
    const eum = (all: readonly StoredCertificate[]) => all.find(({ role }) => role === 'eum')!;
    const problems = await problemsOf(readAs((all) => ({ issuer: eum(all).certificate.subject })));
    assert.deepEqual(
      problems.map(([check, verdict]) => [check, verdict]),
      [['chain', 'fault']],
    );
    assert.match(problems[0]![2], /, but its key is that of CN=A CI$/);
  });

  test('a curve that is not that of the CI: curve, fault', async () => {
    const problems = await problemsOf({ curve: { dpPb: 'brainpoolP256r1' } });
    assert.deepEqual(problems, [['curve', 'fault', 'brainpoolP256r1']]);
  });

  test('a key identifier that is not that of the CI: key identifiers, fault', async () => {
    const problems = await problemsOf(
      readAs((all) => ({
        extensions: {
          ...all.find(({ role }) => role === 'dpAuth')!.certificate.extensions,
          authorityKeyIdentifier: new Uint8Array(20),
        },
      })),
    );
    assert.deepEqual(problems, [['key identifiers', 'fault', '00'.repeat(20)]]);
  });

  test('the test PKI of SGP.26 and one that was made here: test certificate, warning', async () => {
    for (const changed of [
      { ciPKIdHex: 'F54172BDF98A95D65CBEB88A38A1C11D800A85C3' },
      { generated: true },
    ]) {
      const problems = await problemsOf({
        stored: (all) => all.map((one) => ({ ...one, ...changed })),
      });
      const found = problems.filter(([check]) => check === 'test certificate');
      assert.equal(found.length, 5);
      for (const [, verdict, says] of found) {
        assert.equal(verdict, 'warning');
        assert.match(says, /^A TEST CERTIFICATE/);
      }
    }
  });
});

interface Issuing {
  certificate: Certificate;
  privateKey: KeyObject;
}

describe('§6.1 pki check finds', () => {
  const operator: any = {
    sid: 'OP1',
    account_sid: 'AC1',
    friendly_name: 'Example Mobile',
    requester_identifier: null,
    date_revoked: null,
  };
  function made(notAfter: Date, issuer?: Issuing) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const basis = { serialNumber: randomBytes(8), publicKey, notBefore: later(-10), notAfter };
    const subject = [{ type: CN, value: 'CA' }];
    const contents: CertificateContents =
      issuer === undefined
        ? { ...basis, subject, keyUsage: ['keyCertSign'], basicConstraints: { cA: true } }
        : operatorContents(basis, 'client');
    const certificate = parseCertificate(issueCertificate(contents, issuer ?? { privateKey }));
    return { certificate, privateKey, x509: new X509Certificate(certificate.der) };
  }
  function registerOf({
    caEnds = later(500),
    ends = later(400),
    isOurs = false,
    isTrusted = true,
    crl,
  }: {
    caEnds?: Date;
    ends?: Date;
    isOurs?: boolean;
    isTrusted?: boolean;
    crl?: Partial<CrlContents>;
  } = {}): OperatorRegister {
    const ca = made(caEnds);
    const client = made(ends, ca);
    const list = crl && parseCrl(issueCrl({ thisUpdate: later(-9), ...crl }, ca));
    const trusted: TrustedCa = {
      certificate: ca.x509,
      fingerprint: 'FF'.repeat(32),
      crl: list,
      isOurs,
    };
    const row: any = { fingerprint: 'AA'.repeat(32), date_ends: null };
    const certificate = client.x509;
    const issuers = isTrusted ? [trusted] : [];
    return {
      cas: [trusted],
      certificates: new Map([[row.fingerprint, { row, operator, certificate, issuers }]]),
    };
  }
  for (const [what, operators, expected] of [
    ['nothing wrong with an operator', () => registerOf(), []],
    [
      'a client certificate that expires soon',
      () => registerOf({ ends: later(10) }),
      [['client certificate', 'warning']],
    ],
    [
      'one that has expired',
      () => registerOf({ ends: later(-1) }),
      [['client certificate', 'fault']],
    ],
    [
      'one of a CA that is not trusted',
      () => registerOf({ isTrusted: false }),
      [['client certificate', 'fault']],
    ],
    ['a CA that expires soon', () => registerOf({ caEnds: later(10) }), [['validity', 'warning']]],
    ['our own CA for tests', () => registerOf({ isOurs: true }), [['test certificate', 'warning']]],
    [
      'an outdated CRL of its CA',
      () => registerOf({ crl: { nextUpdate: later(-1) } }),
      [['CRL', 'warning']],
    ],
  ] as const) {
    test(what, async () => {
      const problems = await problemsOf({ given: () => ({ operators: operators() }) });
      assert.deepEqual(
        problems.map(([check, verdict]) => [check, verdict]),
        expected,
      );
    });
  }

  test('ES2+ and SM-DSs without a DPtls', async () => {
    const problems = await problemsOf({
      ...without('dpTls'),
      given: (given) => ({
        config: {
          ...given.config,
          es2Port: 8444,
          smds: [{ address: 'sm-ds.example.net' }] as never,
        },
      }),
    });
    assert.deepEqual(
      problems.map(([check]) => check),
      ['complete', 'ES2+ listener', 'SM-DS'],
    );
  });
});
