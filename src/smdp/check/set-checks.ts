// What is checked of all certificates together, and of what is around them.
import { isIP } from 'node:net';
import { findSmdpOid, hostNames, isNamed } from '../../rsp/certificate-chain.ts';
import { isOutdated } from '../../rsp/crl.ts';
import { formatName } from '../../rsp/distinguished-name.ts';
import { ciOfCrl, describeScope, missingScopes } from '../pki/pki-crl.ts';
import { titleOf } from '../pki/pki-certificate.ts';
import type { PkiRole, StoredCertificate } from '../pki/pki-certificate.ts';
import { refusalOf } from '../operators/operator-trust.ts';
import { subjectOf } from '../operators/operator-file.ts';
import { hostOf } from '../pki/test-pki.ts';
import { LEAST_DAYS } from './certificate-checks.ts';
import type { Checked } from './checked.ts';
import { fault, judgeEnd, ok, warning } from './finding.ts';
import type { Finding, Judgement } from './finding.ts';

const finding = (check: string, subject: string, judgement: Judgement): Finding => ({
  check,
  subject,
  ...judgement,
});

/** A CI, and what is under it. */
interface Served {
  id: string;
  title: string;
  of: (role: PkiRole) => StoredCertificate[];
}

function servedOf({ certificates }: Pick<Checked, 'certificates'>): Served[] {
  const cis = certificates.filter(({ role }) => role === 'ci');
  const byId = Map.groupBy(cis, ({ ciPKIdHex }) => ciPKIdHex);
  return Array.from(byId, ([id, [ci]]) => ({
    id,
    title: titleOf(ci!),
    of: (role) => certificates.filter((one) => one.role === role && one.ciPKIdHex === id),
  }));
}

/** §4.5.2.1.0.3 to .5: a CI needs all three, of one SM-DP+. */
export function checkIdentities(given: Checked): Finding[] {
  const served = servedOf(given);
  const expected = 'DPauth, DPpb and DPtls under it, so that its eUICCs can download';
  if (served.length === 0) {
    const found = 'no CI';
    return [finding('complete', 'all', fault(found, expected, 'simwright pki import --help'))];
  }
  return served.map(({ title, of }) => {
    const missing = (['dpAuth', 'dpPb', 'dpTls'] as const).filter((role) => of(role).length === 0);
    if (missing.length === 0) return finding('complete', title, ok('all three', expected));
    const isAny = missing.length < 3;
    const found = `missing: ${missing.map((role) => role.replace('dp', 'DP')).join(', ')}`;
    const advice = 'import them, or remove the CI if its eUICCs are not served';
    return finding('complete', title, (isAny ? fault : warning)(found, expected, advice));
  });
}

const listed = (oids: string[]) => [...new Set(oids)].join(', ') || 'none';

/** §4.5.2.1.0.3, §5.7.5: the eUICC compares the OIDs of DPauth and DPpb. */
export function checkSmdpOids(given: Checked): Finding[] {
  return servedOf(given).flatMap(({ title, of }) => {
    const oidsOf = (role: PkiRole) =>
      of(role).flatMap(({ certificate }) => findSmdpOid(certificate) ?? []);
    const [auth, pb, tls] = [oidsOf('dpAuth'), oidsOf('dpPb'), oidsOf('dpTls')];
    if (auth.length === 0 || pb.length === 0) return [];
    const found = `DPauth ${listed(auth)}; DPpb ${listed(pb)}; DPtls ${listed(tls)}`;
    const expected = 'the same OID in DPauth, DPpb and DPtls: that of the SM-DP+';
    const advice = 'ask the CI for certificates with one OID';
    if (!auth.some((oid) => pb.includes(oid))) {
      return finding('one SM-DP+', title, fault(found, expected, `${advice}; eUICCs refuse these`));
    }
    const isSame = new Set([...auth, ...pb, ...tls]).size === 1;
    return finding(
      'one SM-DP+',
      title,
      isSame ? ok(found, expected) : warning(found, expected, advice),
    );
  });
}

/** §4.5.2.1.0.5: devices compare the host that they call with the DPtls. */
export function checkHosts(given: Checked): Finding[] {
  const { smdpAddress } = given.config;
  const host = hostOf(smdpAddress);
  return servedOf(given).flatMap(({ title, of }) => {
    const all = of('dpTls').map(({ certificate }) => certificate);
    if (all.length === 0) return [];
    const found = all.map((one) => hostNames(one).join(', ') || 'no host').join('; ');
    const expected = `a DPtls that names ${host} of SIMWRIGHT_SMDP_ADDRESS`;
    const judgement = all.some((certificate) => isNamed(certificate, host))
      ? ok(found, expected)
      : fault(found, expected, 'set the address that the DPtls names, or ask the CI for another');
    return finding('host of DPtls', title, judgement);
  });
}

/** What phones can call. */
export function checkAddress({ config: { smdpAddress } }: Checked): Finding[] {
  const host = hostOf(smdpAddress);
  const expected = 'a name in the public DNS, on port 443';
  const isLocal = host === 'localhost' || /\.(localhost|local|internal|test|example)$/.test(host);
  const problems = [
    ...(isIP(host) === 0 ? [] : ['phones need a name, not an address']),
    ...(isLocal ? [`${host} is known only here`] : []),
    ...(/:(?!443$)\d+$/.test(smdpAddress) ? ['most phones accept no port but 443'] : []),
  ];
  const judgement =
    problems.length === 0
      ? ok(smdpAddress, expected)
      : warning(`${smdpAddress}: ${problems.join('; ')}`, expected, 'set SIMWRIGHT_SMDP_ADDRESS');
  return [finding('address', 'SIMWRIGHT_SMDP_ADDRESS', judgement)];
}

/** §4.5.2.2 */
export function checkCrls(given: Checked): Finding[] {
  const { crls, crlPoints, crlProblems, config, now } = given;
  const expected = 'a CRL that is not out of date, and is fetched';
  const ofCis = servedOf(given).flatMap(({ id, title, of }) => {
    const own = crls.filter((crl) => ciOfCrl(crl) === id);
    const points = crlPoints.filter(({ issuer }) => issuer === id);
    const judge = (judgement: Judgement) => finding('CRL', title, judgement);
    if (own.length === 0) {
      const isGenerated = of('ci').some(({ generated }) => generated);
      if (isGenerated && points.length === 0) return judge(ok('none, generated here', expected));
      const advice =
        points.length === 0
          ? 'ask the CI where it is: simwright pki crl add URL, or simwright pki crl import FILE'
          : 'simwright pki crl fetch, which says why it fails';
      return judge(warning('none: revocations are unknown', expected, advice));
    }
    return [
      ...own.map((crl) => {
        const covers = `covers ${describeScope(crl.scope)}, ${crl.revoked.size} revoked`;
        if (!isOutdated(crl, now)) {
          const next = crl.nextUpdate?.toISOString().slice(0, 10) ?? 'not given';
          return judge(ok(`${covers}, next update ${next}`, expected));
        }
        const isRefusing = config.outdatedCrl === 'refuse';
        const found = `${covers}, out of date since ${crl.nextUpdate!.toISOString().slice(0, 10)}`;
        return judge(
          (isRefusing ? fault : warning)(
            isRefusing ? `${found}: its eUICCs are refused` : found,
            expected,
            'simwright pki crl fetch, or simwright pki crl import FILE',
          ),
        );
      }),
      ...missingScopes(own).map((scope) =>
        judge(
          warning(
            `missing: ${describeScope(scope)}`,
            expected,
            'simwright pki crl import the missing part',
          ),
        ),
      ),
    ];
  });
  const failing = crlPoints
    .filter(({ failures }) => failures > 0)
    .map(({ url, failures, error }) =>
      finding(
        'CRL',
        url,
        warning(
          `${failures} attempts have failed: ${error}`,
          expected,
          'let the server reach that address, or import CRLs by hand',
        ),
      ),
    );
  const unfetched =
    config.crlFetch || crlPoints.length === 0
      ? []
      : [
          finding(
            'CRL',
            'SIMWRIGHT_CRL_FETCH',
            warning('off', 'on', 'turn it on, or import each CRL before the next is due'),
          ),
        ];
  const unusable = crlProblems.map((problem) =>
    finding('CRL', 'stored', warning(problem, expected, 'import another one')),
  );
  return [...ofCis, ...failing, ...unfetched, ...unusable];
}

const MOST_AHEAD_MS = 3_000;

const ofClock = (judgement: Judgement) => [finding('clock', 'this machine', judgement)];

/** Validity is judged by this machine's and the database's clock. */
export function checkClock({ now, aheadMs, certificates }: Checked): Finding[] {
  const expected = 'the time, to a few seconds';
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  if (Math.abs(aheadMs) > MOST_AHEAD_MS) {
    const where = aheadMs > 0 ? 'ahead of' : 'behind';
    const found = `${seconds} seconds ${where} the database's`;
    return ofClock(fault(found, expected, 'set both by NTP'));
  }
  // A day of grace: certificates are issued in other time zones.
  const first = certificates.find(({ added }) => added !== undefined && added > now);
  if (first !== undefined) {
    const found = `${now.toISOString()}, before ${titleOf(first)} was imported`;
    return ofClock(fault(found, expected, 'set the clock by NTP'));
  }
  return ofClock(ok(now.toISOString(), expected));
}

/** §6.1: who may call ES2+, and whom they see. */
export function checkOperators({ operators, certificates, config, now }: Checked): Finding[] {
  const findings: Finding[] = [];
  if (config.es2Port !== undefined && !certificates.some(({ role }) => role === 'dpTls')) {
    const expected = 'a DPtls, which the ES2+ listener shows operators';
    findings.push(
      finding('ES2+ listener', 'SIMWRIGHT_ES2_PORT', fault('none', expected, 'import one')),
    );
  }
  if (operators === undefined) return findings;
  for (const { certificate, fingerprint, isOurs, crl } of operators.cas) {
    const subject = `CA of operators ${subjectOf(certificate)} ${fingerprint.slice(0, 8)}`;
    findings.push(
      finding(
        'validity',
        subject,
        judgeEnd(certificate.validToDate, now, {
          least: LEAST_DAYS,
          ended: 'fault',
          advice: 'import its successor: simwright operator ca import',
        }),
      ),
    );
    if (isOurs) {
      const found = 'A TEST CA, made here, whose key is in the database';
      const expected = 'CAs of operators';
      findings.push(
        finding(
          'test certificate',
          subject,
          warning(found, expected, 'before production, let operators bring their own certificates'),
        ),
      );
    }
    if (crl !== undefined && isOutdated(crl, now)) {
      const judge = config.outdatedCrl === 'refuse' ? fault : warning;
      const found = `out of date since ${crl.nextUpdate!.toISOString().slice(0, 10)}`;
      findings.push(
        finding(
          'CRL',
          subject,
          judge(found, 'a CRL that is not out of date', 'simwright pki crl fetch, or import one'),
        ),
      );
    }
  }
  for (const registered of operators.certificates.values()) {
    const { operator, certificate, row } = registered;
    // Refused because somebody wanted that.
    if (operator.date_revoked !== null || row.date_ends !== null) continue;
    const subject = `client certificate of ${operator.friendly_name || operator.sid}, ${row.fingerprint.slice(0, 8)}`;
    const advice = `a new one is registered with: simwright operator rotate ${operator.sid}`;
    const refusal = refusalOf(registered, now, config);
    const isEnded = certificate.validToDate < now;
    findings.push(
      finding(
        'client certificate',
        subject,
        refusal === null || isEnded
          ? judgeEnd(certificate.validToDate, now, { least: LEAST_DAYS, ended: 'fault', advice })
          : fault(refusal, 'one that is accepted', advice),
      ),
    );
  }
  return findings;
}

/** ES12 shows SM-DSs the DPtls. */
export function checkSmds({ certificates, config }: Checked): Finding[] {
  return config.smds.map(({ address }) => {
    const found = certificates.filter(({ role }) => role === 'dpTls').length;
    const expected = 'a DPtls with its key, which is shown to the SM-DS (§5.9)';
    return finding(
      'SM-DS',
      address,
      found > 0
        ? ok(
            `${found}: ${formatName(certificates.find(({ role }) => role === 'dpTls')!.certificate.subject)}`,
            expected,
          )
        : fault('none', expected, 'import one'),
    );
  });
}
