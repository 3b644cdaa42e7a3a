// Vectors of §4.5.2.1.0.2.
import { roleOids } from '../../../src/rsp/roles.ts';
import { invalid, valid, type Group, type Input, type VectorFile } from '../vector-file.ts';
import { base64, brainpoolCi, ci, makeEum, otherCi, TIME } from './authority.ts';
import {
  certificateOf,
  ofCurve,
  ofIssuer,
  ofSignature,
  withoutExtension,
  type Kind,
} from './common.ts';
import { ofCriticalExtensions, ofKeyUsage, ofPolicy } from './purpose.ts';
import { ofDates, ofRevocation } from './validity.ts';

const CLAUSE = '§4.5.2.1.0.2';
const kind: Kind = {
  at: 'eum',
  clause: CLAUSE,
  make: makeEum,
  issuer: ci,
  namesake: otherCi,
  usage: 'keyCertSign',
  otherUsage: 'digitalSignature',
  policies: roleOids.eum,
  otherPolicy: roleOids.euicc[0],
};

export function eumVectors(): VectorFile {
  const given = { time: TIME, ci: base64(ci.certificate.der) };
  const groups = [
    ofIssuer(kind),
    ofSignature(kind),
    ofCurve(
      kind,
      certificateOf(makeEum({ issuer: brainpoolCi, curve: 'brainpoolP256r1' })),
      certificateOf(makeEum({ issuer: brainpoolCi })),
    ),
    ofPolicy(kind),
    ofKeyUsage(kind),
    ofBasicConstraints(),
    ofCriticalExtensions(kind),
    ofDates(kind),
    ofRevocation(kind),
  ].map((group) => ({ ...group, given: { ...given, ...group.given } }));
  return { name: 'certificates/eum', title: 'EUM certificates', judges: 'EUM certificate', groups };
}

function ofBasicConstraints(): Group {
  const constraints = (cA: boolean, pathLenConstraint?: number): Input =>
    certificateOf(
      makeEum({
        contents: {
          basicConstraints: {
            cA,
            ...(pathLenConstraint === undefined ? {} : { pathLenConstraint }),
          },
        },
      }),
    );
  return {
    rule: 'A CA whose pathLenConstraint is 0: eUICC certificates are the last of the chain',
    clause: `SGP.22 ${CLAUSE}; RFC 5280 §4.2.1.9`,
    tests: [
      valid('cA and pathLenConstraint 0', constraints(true, 0)),
      invalid('eum/path-length', 'pathLenConstraint 1', constraints(true, 1)),
      invalid('eum/path-length', 'without pathLenConstraint', constraints(true)),
      invalid('eum/basic-constraints', 'cA is false', constraints(false)),
      invalid(
        'eum/basic-constraints',
        'without the extension',
        certificateOf(makeEum({ change: withoutExtension('2.5.29.19') })),
      ),
    ],
  };
}
