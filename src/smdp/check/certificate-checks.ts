// What is checked of each certificate (SGP.22 §4.5.2.1, RFC 5280 §4.2), one rule each.
import { verify } from 'node:crypto';
import { extensionOids } from '../../rsp/certificate-extensions.ts';
import type { KeyUsage } from '../../rsp/certificate-extensions.ts';
import { findSmdpOid, isSameKeyIdentifier } from '../../rsp/certificate-chain.ts';
import type { Certificate } from '../../rsp/certificate.ts';
import { criticalExtensionsOf } from '../../rsp/critical-extensions.ts';
import { formatName, isSameName } from '../../rsp/distinguished-name.ts';
import { fetchable } from '../../rsp/distribution-points.ts';
import { roleOids } from '../../rsp/roles.ts';
import { isRevoked } from '../../rsp/crl.ts';
import { isSignedElsewhere } from '../pki/external-signer.ts';
import { isKeyOf, isServerRole, ROLE_NAMES } from '../pki/pki-certificate.ts';
import type { PkiRole, StoredCertificate } from '../pki/pki-certificate.ts';
import type { Checked } from './checked.ts';
import { fault, judgeEnd, ok, warning } from './finding.ts';
import type { Judgement } from './finding.ts';

type Check = (
  one: StoredCertificate,
  given: Checked,
) => Judgement | undefined | Promise<Judgement | undefined>;

/** Renewing certificates of a CI takes weeks. */
export const LEAST_DAYS = 30;
const AGAIN = 'ask the CI for a certificate as SGP.22 §4.5.2.1 has it';

/** Those that apply to a certificate, in this order. */
export const CERTIFICATE_CHECKS: Readonly<Record<string, Check>> = {
  chain: checkChain,
  signature: checkSignature,
  'key identifiers': checkKeyIdentifiers,
  curve: checkCurve,
  validity: checkValidity,
  'private key': checkPrivateKey,
  policy: checkPolicy,
  'key usage': checkKeyUsage,
  'extended key usage': checkExtendedKeyUsage,
  'basic constraints': checkBasicConstraints,
  'critical extensions': checkCritical,
  OID: checkOid,
  'CRL distribution point': checkDistributionPoint,
  revocation: checkRevocation,
  'test certificate': checkTest,
};

/** The CI that has issued it, as far as it is there: by key identifier, and of several by name. */
function issuerOf(
  { role, certificate }: StoredCertificate,
  { certificates }: Pick<Checked, 'certificates'>,
): Certificate | undefined {
  if (role === 'ci') return certificate;
  const cis = certificates.filter((one) => one.role === 'ci').map((one) => one.certificate);
  const { authorityKeyIdentifier } = certificate.extensions;
  const byKey = cis.filter(({ extensions }) =>
    isSameKeyIdentifier(extensions.subjectKeyIdentifier, authorityKeyIdentifier),
  );
  const byName = (ci: Certificate) => isSameName(ci.subject, certificate.issuer);
  return byKey.find(byName) ?? byKey[0] ?? cis.find(byName);
}

function checkChain(one: StoredCertificate, given: Checked): Judgement {
  const expected = 'a chain up to a CI that is here (SGP.22 §4.5.1)';
  const issuer = issuerOf(one, given);
  const named = formatName(one.certificate.issuer);
  if (issuer === undefined) {
    return fault(`issued by ${named}, which is not here`, expected, 'import the CI, too');
  }
  if (!isSameName(issuer.subject, one.certificate.issuer)) {
    const found = `issued by ${named}, but its key is that of ${formatName(issuer.subject)}`;
    return fault(found, expected, AGAIN);
  }
  return ok(one.role === 'ci' ? 'self-signed' : `issued by ${named}`, expected);
}

function checkSignature(one: StoredCertificate, given: Checked): Judgement | undefined {
  const issuer = issuerOf(one, given);
  if (issuer === undefined) return undefined;
  const expected = 'the signature of its issuer';
  const { tbs, signature } = one.certificate;
  const isRight = verify('sha256', tbs, { key: issuer.publicKey, dsaEncoding: 'der' }, signature);
  if (isRight) return ok('signed by its issuer', expected);
  return fault('not signed by its issuer', expected, 'get the file again: it was changed');
}

function checkKeyIdentifiers(one: StoredCertificate, given: Checked): Judgement {
  const { subjectKeyIdentifier, authorityKeyIdentifier } = one.certificate.extensions;
  const expected =
    one.role === 'ci'
      ? 'a SubjectKeyIdentifier, by which devices name the CI'
      : 'the AuthorityKeyIdentifier of its CI';
  if (one.role === 'ci') {
    return subjectKeyIdentifier === undefined
      ? fault('none', expected, AGAIN)
      : ok(subjectKeyIdentifier.toHex().toUpperCase(), expected);
  }
  const found = authorityKeyIdentifier?.toHex().toUpperCase() ?? 'none';
  const issuer = issuerOf(one, given);
  return issuer === undefined ||
    isSameKeyIdentifier(authorityKeyIdentifier, issuer.extensions.subjectKeyIdentifier)
    ? ok(found, expected)
    : fault(found, expected, AGAIN);
}

function checkCurve(one: StoredCertificate, given: Checked): Judgement | undefined {
  const issuer = issuerOf(one, given);
  if (issuer === undefined) return undefined;
  const { curve } = one.certificate;
  const expected = `${issuer.curve}, as its CI (SGP.22 §4.5.1)`;
  return curve === issuer.curve ? ok(curve, expected) : fault(curve, expected, AGAIN);
}

function checkValidity(one: StoredCertificate, given: Checked): Judgement {
  const { notBefore, notAfter } = one.certificate;
  const { now } = given;
  if (now < notBefore) {
    const found = `valid from ${notBefore.toISOString()}; it is ${now.toISOString()} now`;
    return fault(found, 'valid now', 'wait, or set the clock of this machine by NTP');
  }
  const advice =
    one.role === 'ci'
      ? 'ask the CI for its successor, and for certificates under it'
      : 'ask the CI for its successor, and import that; nothing has to stop';
  return judgeEnd(notAfter, now, { least: LEAST_DAYS, ended: 'fault', advice });
}

async function checkPrivateKey(
  one: StoredCertificate,
  { prove }: Checked,
): Promise<Judgement | undefined> {
  if (!isServerRole(one.role)) return undefined;
  const expected = 'the private key of this certificate';
  const { privateKey, certificate } = one;
  if (privateKey !== undefined) {
    return isKeyOf(privateKey, certificate)
      ? ok('here', expected)
      : fault(
          'that of another certificate',
          expected,
          'give the key that the request was made with',
        );
  }
  if (prove === undefined || !isSignedElsewhere(one.role)) {
    return fault('none', expected, 'import it, or say where DPauth and DPpb are signed');
  }
  const problem = await prove({ role: one.role, certificate });
  return problem === undefined
    ? ok('elsewhere; it has signed', expected)
    : fault(`elsewhere: ${problem}`, expected, 'look at what signs: it must have this key');
}

const POLICIES = new Map(
  Object.entries(roleOids).flatMap(([role, oids]) => oids.map((oid) => [oid as string, role])),
);

function checkPolicy({ role, certificate }: StoredCertificate): Judgement {
  const { certificatePolicies } = certificate.extensions;
  const found = certificatePolicies.join(', ') || 'none';
  const expected = `${roleOids[role].join(' or ')}, of ${ROLE_NAMES[role]}, and of no other role`;
  const roles = new Set(certificatePolicies.flatMap((oid) => POLICIES.get(oid) ?? []));
  if (!roles.has(role)) return fault(found, expected, AGAIN);
  return roles.size > 1 ? warning(found, expected, AGAIN) : ok(found, expected);
}

const KEY_USAGES: Readonly<Record<PkiRole, readonly KeyUsage[]>> = {
  ci: ['keyCertSign', 'cRLSign'],
  eum: ['keyCertSign'],
  dpAuth: ['digitalSignature'],
  dpPb: ['digitalSignature'],
  dpTls: ['digitalSignature'],
};

function checkKeyUsage({ role, certificate }: StoredCertificate): Judgement {
  const wanted = KEY_USAGES[role];
  const usages = certificate.extensions.keyUsage ?? [];
  const [found, expected] = [usages.join(', ') || 'none', `${wanted.join(', ')}, and no other`];
  // Without cRLSign, only its CRLs are of no use.
  const isUsable = usages.includes(wanted[0]!);
  if (!isUsable) return fault(found, expected, AGAIN);
  return usages.length === wanted.length && wanted.every((usage) => usages.includes(usage))
    ? ok(found, expected)
    : warning(found, expected, AGAIN);
}

const PURPOSES = new Map([
  ['1.3.6.1.5.5.7.3.1', 'serverAuth'],
  ['1.3.6.1.5.5.7.3.2', 'clientAuth'],
]);

function checkExtendedKeyUsage(
  { role, certificate }: StoredCertificate,
  { config }: Checked,
): Judgement {
  const purposes = (certificate.extensions.extendedKeyUsage ?? []).map(
    (oid) => PURPOSES.get(oid) ?? oid,
  );
  const found = purposes.join(', ') || 'none';
  if (role !== 'dpTls') {
    const expected = 'none';
    return purposes.length === 0 ? ok(found, expected) : warning(found, expected, AGAIN);
  }
  const expected = 'serverAuth and clientAuth (SGP.22 §4.5.2.1.0.5)';
  if (!purposes.includes('serverAuth')) return fault(found, expected, AGAIN);
  if (purposes.includes('clientAuth')) return ok(found, expected);
  // ES12: the SM-DS is shown the same certificate.
  const judge = config.smds.length > 0 ? fault : warning;
  return judge(found, expected, `${AGAIN}; an SM-DS refuses this one`);
}

function checkBasicConstraints({ role, certificate }: StoredCertificate): Judgement {
  const { cA = false, pathLenConstraint } = certificate.extensions.basicConstraints ?? {};
  const length = pathLenConstraint === undefined ? '' : `, pathLenConstraint ${pathLenConstraint}`;
  const found = `${cA ? 'a CA' : 'no CA'}${length}`;
  if (role === 'eum') {
    const expected = 'a CA, pathLenConstraint 0 (SGP.22 §4.5.2.1.0.2)';
    return cA && pathLenConstraint === 0 ? ok(found, expected) : fault(found, expected, AGAIN);
  }
  const isCi = role === 'ci';
  const expected = isCi ? 'a CA' : 'no CA';
  return cA === isCi ? ok(found, expected) : fault(found, expected, AGAIN);
}

const { keyUsage, certificatePolicies, extendedKeyUsage, basicConstraints, nameConstraints } =
  extensionOids;
const CRITICAL: Readonly<Record<PkiRole, Readonly<Record<string, string>>>> = {
  ci: { keyUsage, certificatePolicies, basicConstraints },
  eum: { keyUsage, certificatePolicies, basicConstraints, nameConstraints },
  dpAuth: { keyUsage, certificatePolicies },
  dpPb: { keyUsage, certificatePolicies },
  dpTls: { keyUsage, extendedKeyUsage },
};

function checkCritical({ role, certificate }: StoredCertificate): Judgement {
  const names = Object.entries(CRITICAL[role]);
  const found = criticalExtensionsOf(certificate);
  const lax = names.filter(([, oid]) => found.get(oid) === false).map(([name]) => name);
  const { unknownCritical } = certificate.extensions;
  const expected = `critical: ${names.map(([name]) => name).join(', ')}; none that is unknown`;
  if (unknownCritical.length > 0) {
    return fault(`unknown and critical: ${unknownCritical.join(', ')}`, expected, AGAIN);
  }
  return lax.length === 0
    ? ok('as expected', expected)
    : warning(`not critical: ${lax.join(', ')}`, expected, AGAIN);
}

function checkOid({ role, certificate }: StoredCertificate): Judgement {
  const oid = findSmdpOid(certificate);
  const expected = `a registered ID in the subjectAltName: the OID of the ${isServerRole(role) ? 'SM-DP+' : ROLE_NAMES[role]}`;
  if (oid !== undefined) return ok(oid, expected);
  return (isServerRole(role) ? fault : warning)('none', expected, AGAIN);
}

function checkDistributionPoint(one: StoredCertificate): Judgement {
  const { cRLDistributionPoints: all } = one.certificate.extensions;
  const expected = 'an http or https URL (SGP.22 §4.5.2.1), from which the CRL is fetched';
  const found = all.join(', ') || 'none';
  if (one.generated) return ok('none, since it was generated here', expected);
  return fetchable(one.certificate.extensions).length > 0
    ? ok(found, expected)
    : warning(found, expected, 'say where its CRL is: simwright pki crl add URL, or import it');
}

function checkRevocation(one: StoredCertificate, { crls }: Checked): Judgement | undefined {
  if (one.role === 'ci') return undefined;
  const expected = 'on no CRL';
  if (!isRevoked(one.certificate, crls)) return ok('on none of those that are here', expected);
  const judge = isServerRole(one.role) ? fault : warning;
  return judge(
    'its CI has revoked it',
    expected,
    isServerRole(one.role)
      ? 'ask the CI why; devices that know the CRL refuse it, and it is not used'
      : 'its eUICCs are refused, as they should be',
  );
}

/** Key identifiers of the test CIs of SGP.26, whose keys anybody has. */
const SGP_26_CIS = [
  'F54172BDF98A95D65CBEB88A38A1C11D800A85C3',
  'C0BC70BA36929D43B467FF57570530E57AB8FCD8',
];
/** The arc for examples (ITU-T X.660). */
const EXAMPLES = /^2\.999(\.|$)/;

function checkTest(one: StoredCertificate): Judgement {
  const { certificate, ciPKIdHex, generated } = one;
  const expected = 'no certificate for tests, with which nothing is secret';
  const advice = `before production, remove the CI and all under it: simwright pki remove ${ciPKIdHex}`;
  const oid = findSmdpOid(certificate);
  if (generated) return warning('A TEST CERTIFICATE, generated here', expected, advice);
  if (SGP_26_CIS.includes(ciPKIdHex)) {
    return warning('A TEST CERTIFICATE of SGP.26: anybody has the keys', expected, advice);
  }
  if (/TESTCERT/.test(formatName(certificate.subject))) {
    return warning('A TEST CERTIFICATE by its name (TESTCERT)', expected, advice);
  }
  if (oid !== undefined && EXAMPLES.test(oid)) {
    return warning(
      `A TEST CERTIFICATE by its OID, ${oid}: 2.999 is for examples`,
      expected,
      advice,
    );
  }
  return ok('none', expected);
}
