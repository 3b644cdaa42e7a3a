// Vectors of §4.5.2.1.0.0.
import { keyUsages, type KeyUsage } from '../../../src/rsp/certificate-extensions.ts';
import { roleOids } from '../../../src/rsp/roles.ts';
import { invalid, valid, type Input, type VectorFile } from '../vector-file.ts';
import {
  base64,
  brainpoolCi,
  ci,
  EARLIER,
  LATER,
  makeCi,
  makeEum,
  otherCi,
  TIME,
} from './authority.ts';
import { certificateOf, withoutExtension } from './common.ts';
import { changed, extensionsOf, FIELD, node } from './der-tree.ts';
import { unknownExtension } from './purpose.ts';

const CLAUSE = '§4.5.2.1.0.0';

export function ciVectors(): VectorFile {
  const at = (time: Date, by = 0): Input => ({
    time: new Date(time.getTime() + by).toISOString(),
  });
  const usages = (...keyUsage: KeyUsage[]): Input =>
    certificateOf(makeCi({ contents: { keyUsage } }));
  const policies = (...certificatePolicies: string[]): Input =>
    certificateOf(makeCi({ contents: { certificatePolicies } }));
  const without = (oid: string): Input => certificateOf(makeCi({ change: withoutExtension(oid) }));
  const unknown = (isCritical: boolean): Input =>
    certificateOf(
      makeCi({ change: (tbs) => void extensionsOf(tbs).push(unknownExtension(isCritical)) }),
    );
  const serialChanged = changed(ci.certificate.der, ({ tbs }) => {
    tbs.children[FIELD.serialNumber] = node(0x02, Uint8Array.of(0x55));
  });
  const groups = [
    {
      rule: 'A root that has signed itself',
      clause: `SGP.22 ${CLAUSE}; RFC 5280 §6.1`,
      tests: [
        valid('on prime256v1', certificateOf(ci)),
        valid('on brainpoolP256r1', certificateOf(brainpoolCi)),
        valid(
          'with its own key in an AuthorityKeyIdentifier',
          certificateOf(makeCi({ issuer: ci })),
        ),
        invalid(
          'ci/issuer',
          'an EUM certificate, which the CI has issued',
          certificateOf(makeEum()),
        ),
        invalid(
          'ci/signature',
          'signed by another CI of the same name',
          certificateOf(makeCi({ issuer: otherCi })),
        ),
        invalid('ci/signature', 'changed after it was signed', {
          certificate: base64(serialChanged),
        }),
      ],
    },
    {
      rule: 'The policy of a CI',
      clause: `SGP.22 ${CLAUSE}, annex H`,
      tests: [
        valid('the policy of a CI', policies(roleOids.ci[0])),
        valid('and another', policies('2.999.3', roleOids.ci[0])),
        invalid('ci/role', 'the policy of an EUM', policies(roleOids.eum[0])),
        invalid('ci/role', 'without certificate policies', without('2.5.29.32')),
      ],
    },
    {
      rule: 'keyCertSign is among the key usages',
      clause: `SGP.22 ${CLAUSE}; RFC 5280 §4.2.1.3`,
      tests: [
        valid('keyCertSign and cRLSign', usages('keyCertSign', 'cRLSign')),
        valid('keyCertSign alone: it has another sign its CRLs', usages('keyCertSign')),
        invalid(
          'ci/key-usage',
          'all but keyCertSign',
          usages(...keyUsages.filter((usage) => usage !== 'keyCertSign')),
        ),
        invalid('ci/key-usage', 'without the extension', without('2.5.29.15')),
      ],
    },
    {
      rule: 'A CA',
      clause: `SGP.22 ${CLAUSE}; RFC 5280 §4.2.1.9`,
      tests: [
        valid('cA', certificateOf(makeCi({ contents: { basicConstraints: { cA: true } } }))),
        invalid(
          'ci/basic-constraints',
          'cA is false',
          certificateOf(makeCi({ contents: { basicConstraints: { cA: false } } })),
        ),
        invalid('ci/basic-constraints', 'without the extension', without('2.5.29.19')),
      ],
    },
    {
      rule: 'A SubjectKeyIdentifier: devices name their CIs by it',
      clause: `SGP.22 ${CLAUSE}; RFC 5280 §4.2.1.2`,
      tests: [
        valid('with one', certificateOf(ci)),
        invalid('ci/key-identifier', 'without one', without('2.5.29.14')),
      ],
    },
    {
      rule: 'What is critical must be understood',
      clause: 'RFC 5280 §4.2',
      tests: [
        valid('an unknown extension that is not critical', unknown(false)),
        invalid('ci/critical-extension', 'an unknown critical extension', unknown(true)),
      ],
    },
    {
      rule: 'Valid from the first moment to the last',
      clause: 'RFC 5280 §4.1.2.5',
      given: certificateOf(ci),
      tests: [
        invalid('ci/not-yet-valid', 'a second before the first moment', at(EARLIER, -1000)),
        valid('at the first moment', at(EARLIER)),
        valid('at the last moment', at(LATER)),
        invalid('ci/expired', 'a second later', at(LATER, 1000)),
      ],
    },
  ];
  return {
    name: 'certificates/ci',
    title: 'CI certificates',
    judges: 'CI certificate',
    groups: groups.map((group) => ({ ...group, given: { time: TIME, ...group.given } })),
  };
}
