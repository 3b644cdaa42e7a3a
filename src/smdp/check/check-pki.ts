// Everything that an engineer wants to know of the certificates before devices call.
import { titleOf } from '../pki/pki-certificate.ts';
import { CERTIFICATE_CHECKS } from './certificate-checks.ts';
import type { Checked } from './checked.ts';
import type { Finding } from './finding.ts';
import {
  checkAddress,
  checkClock,
  checkCrls,
  checkHosts,
  checkIdentities,
  checkOperators,
  checkSmdpOids,
  checkSmds,
} from './set-checks.ts';

const SETS = [
  checkIdentities,
  checkSmdpOids,
  checkAddress,
  checkHosts,
  checkCrls,
  checkOperators,
  checkSmds,
  checkClock,
];

export async function checkPki(given: Checked): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const one of given.certificates) {
    const subject = titleOf(one);
    for (const [check, judge] of Object.entries(CERTIFICATE_CHECKS)) {
      const judgement = await judge(one, given);
      if (judgement !== undefined) findings.push({ check, subject, ...judgement });
    }
  }
  return [...findings, ...SETS.flatMap((check) => check(given))];
}
