// The rules that all certificates below a CI have in common: what they are for.
import { encodeOidContents } from '../../../src/rsp/der-values.ts';
import { encodeTlv } from '../../../src/rsp/der.ts';
import { keyUsages, type KeyUsage } from '../../../src/rsp/certificate-extensions.ts';
import { invalid, valid, type Group, type Input } from '../vector-file.ts';
import { certificateOf, withoutExtension, type Kind } from './common.ts';
import { extensionsOf, node, type DerNode } from './der-tree.ts';

/** An extension that nobody knows. */
export function unknownExtension(isCritical: boolean): DerNode {
  const critical = isCritical ? [encodeTlv(0x01, Uint8Array.of(0xff))] : [];
  const value = encodeTlv(0x04, encodeTlv(0x05));
  return node(0x30, encodeTlv(0x06, encodeOidContents('2.999.7')), ...critical, value);
}

export function ofPolicy({ at, clause, make, otherPolicy, policies }: Kind): Group {
  const of = (...certificatePolicies: string[]): Input =>
    certificateOf(make({ contents: { certificatePolicies } }));
  return {
    rule: 'The role is among the certificate policies',
    clause: `SGP.22 ${clause}, annex H`,
    tests: [
      ...policies.map((policy) => valid(`the policy ${policy}`, of(policy))),
      valid('another policy before the right one', of('2.999.3', policies[0]!)),
      invalid(`${at}/role`, `the policy ${otherPolicy} of another role`, of(otherPolicy)),
      invalid(`${at}/role`, 'a policy below the right one', of(`${policies[0]!}.1`)),
      invalid(`${at}/role`, 'anyPolicy', of('2.5.29.32.0')),
      invalid(
        `${at}/role`,
        'without certificate policies',
        certificateOf(make({ change: withoutExtension('2.5.29.32') })),
      ),
    ],
  };
}

export function ofCriticalExtensions({ at, make }: Kind): Group {
  const withUnknown = (isCritical: boolean): Input =>
    certificateOf(
      make({ change: (tbs) => void extensionsOf(tbs).push(unknownExtension(isCritical)) }),
    );
  return {
    rule: 'What is critical must be understood',
    clause: 'RFC 5280 §4.2',
    tests: [
      valid('an unknown extension that is not critical', withUnknown(false)),
      invalid(`${at}/critical-extension`, 'an unknown critical extension', withUnknown(true)),
    ],
  };
}

export function ofKeyUsage({ at, clause, make, usage, otherUsage }: Kind): Group {
  const of = (...keyUsage: KeyUsage[]): Input => certificateOf(make({ contents: { keyUsage } }));
  return {
    rule: `${usage} is among the key usages`,
    clause: `SGP.22 ${clause}; RFC 5280 §4.2.1.3`,
    tests: [
      valid(usage, of(usage)),
      valid(`${usage} and ${otherUsage}`, of(usage, otherUsage)),
      invalid(`${at}/key-usage`, `${otherUsage} alone`, of(otherUsage)),
      invalid(`${at}/key-usage`, 'all but the one', of(...allBut(usage))),
      invalid(`${at}/key-usage`, 'no bit is set', of()),
      invalid(
        `${at}/key-usage`,
        'without the extension',
        certificateOf(make({ change: withoutExtension('2.5.29.15') })),
      ),
    ],
  };
}

const allBut = (usage: KeyUsage) => keyUsages.filter((other) => other !== usage);

/** Of what is the end of a chain. */
export function ofNoAuthority({ at, clause, make }: Kind): Group {
  return {
    rule: 'Not a CA',
    clause: `SGP.22 ${clause}; RFC 5280 §4.2.1.9`,
    tests: [
      valid('without basicConstraints', certificateOf(make())),
      valid(
        'basicConstraints that say so',
        certificateOf(make({ contents: { basicConstraints: { cA: false } } })),
      ),
      invalid(
        `${at}/basic-constraints`,
        'cA is true',
        certificateOf(make({ contents: { basicConstraints: { cA: true } } })),
      ),
    ],
  };
}
