// §4.5 with the vectors of test/vectors/certificates, which cover all our rules.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  verifyCi,
  verifyEuicc,
  verifyEum,
  verifyServer,
  type VerifyOptions,
} from '../../src/rsp/certificate-chain.ts';
import { parseCertificate, type Certificate } from '../../src/rsp/certificate.ts';
import { parseCrl, verifyCrl } from '../../src/rsp/crl.ts';
import { DerError } from '../../src/rsp/der-error.ts';
import type { ServerRole } from '../../src/rsp/roles.ts';
import { VerifyError } from '../../src/rsp/verify-error.ts';
import { patternOf } from '../source-text.ts';
import { vectorFiles } from '../vector-makers/vector-files.ts';
import { render } from '../vector-makers/vector-file.ts';

interface Inputs {
  time: string;
  ci: string;
  eum: string;
  certificate: string;
  crl: string;
  crls?: string[];
  ciOfCrls?: string;
  outdatedCrls?: 'accepted' | 'refused';
  smdpOid?: string;
  hostName?: string;
}

type Vector = Inputs & {
  id: number;
  comment: string;
  result: 'valid' | 'invalid';
  reason?: string;
  at?: string;
  eid?: string;
};

interface VectorFile {
  title: string;
  judges: string;
  numberOfTests: number;
  groups: { rule: string; clause: string; given: Partial<Inputs>; tests: Vector[] }[];
}

const FOLDER = join(import.meta.dirname, '../vectors');
const files = globSync('certificates/*.json', { cwd: FOLDER }).toSorted();
const read = (name: string) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as VectorFile;

const bytes = (text: string): Uint8Array => Uint8Array.fromBase64(text);
const certificate = (text: string): Certificate => parseCertificate(bytes(text));

function optionsOf({ time, ci, crls = [], ciOfCrls = ci, outdatedCrls }: Inputs): VerifyOptions {
  return {
    now: new Date(time),
    crls: crls.map((crl) => {
      const parsed = parseCrl(bytes(crl));
      return verifyCrl(parsed, certificate(ciOfCrls), parsed.thisUpdate);
    }),
    refusesOutdatedCrls: outdatedCrls === 'refused',
  };
}

const server = (role: ServerRole) => (given: Inputs) => {
  const { smdpOid, hostName } = given;
  verifyServer(certificate(given.certificate), role, certificate(given.ci), {
    ...optionsOf(given),
    ...(smdpOid === undefined ? {} : { smdpOid }),
    ...(hostName === undefined ? {} : { hostName }),
  });
};

/** What each file tests; returns the further results of a valid vector. */
const judgements: Readonly<Record<string, (given: Inputs) => { eid?: string } | void>> = {
  'form of a certificate': (given) => void certificate(given.certificate),
  'CI certificate': (given) => verifyCi(certificate(given.certificate), optionsOf({ ...given })),
  'EUM certificate': (given) =>
    void verifyEum(certificate(given.certificate), certificate(given.ci), optionsOf(given)),
  'eUICC certificate': (given) => {
    const options = optionsOf(given);
    const eum = verifyEum(certificate(given.eum), certificate(given.ci), options);
    const { eid } = verifyEuicc(certificate(given.certificate), eum, options);
    return { eid };
  },
  'DPauth certificate': server('dpAuth'),
  'DPpb certificate': server('dpPb'),
  'DPtls certificate': server('dpTls'),
  'DSauth certificate': server('dsAuth'),
  'DStls certificate': server('dsTls'),
  CRL: (given) =>
    void verifyCrl(parseCrl(bytes(given.crl)), certificate(given.ci), new Date(given.time)),
};

type Verdict = { result: string; reason?: string; at?: string; eid?: string };

/** @param met collects the reasons for refusals */
function judge(judges: string, given: Inputs, met: VerifyError[] = []): Verdict {
  try {
    return { result: 'valid', ...judgements[judges]!(given) };
  } catch (error) {
    if (error instanceof VerifyError) {
      met.push(error);
      return { result: 'invalid', reason: error.failure, at: error.subject };
    }
    if (!(error instanceof DerError)) throw error;
    return { result: 'invalid', reason: 'malformed', at: judges === 'CRL' ? 'crl' : 'certificate' };
  }
}

for (const name of files) {
  const { title, judges, groups, numberOfTests } = read(name);
  describe(`${title} (${name})`, () => {
    for (const { rule, clause, given, tests } of groups) {
      describe(`${clause} ${rule}`, () => {
        for (const vector of tests) {
          const { id, comment, result, reason, at, eid } = vector;
          const words = reason === undefined ? 'valid' : `refused, ${at}/${reason}`;
          test(`${id} ${comment}: ${words}`, () => {
            const expected = {
              result,
              ...(reason === undefined ? {} : { reason, at }),
              ...(eid === undefined ? {} : { eid }),
            };
            assert.deepEqual(judge(judges, { ...given, ...vector }), expected);
          });
        }
      });
    }

    test('states its number of vectors', () => {
      assert.equal(groups.flatMap(({ tests }) => tests).length, numberOfTests);
    });
  });
}

const SOURCES = ['certificate', 'certificate-chain', 'crl', 'curve'];
/** A place in the source that refuses: the failure, and the message if it is literal. */
const THROWN = /new VerifyError\(\s*[^,]+,\s*'([a-z-]+)',\s*(?:(['`])((?:(?!\2).)*)\2)?/gs;
/** Reasons why a CRL cannot be used, thrown elsewhere. */
const UNUSABLE = /(?:unusable\.push\(|map\(\(oid\) => )(['`])((?:(?!\1).)*)\1/g;

function refusalsOf(name: string): { failure: string; message: RegExp }[] {
  const text = readFileSync(join(import.meta.dirname, `../../src/rsp/${name}.ts`), 'utf8');
  const thrown = Array.from(text.matchAll(THROWN), ([, failure = '', , words]) => ({
    failure,
    message: words === undefined ? /^/ : patternOf(words),
  }));
  assert.equal(thrown.length, text.split('new VerifyError(').length - 1);
  return thrown;
}

function unusableOf(name: string): { failure: string; message: RegExp }[] {
  const text = readFileSync(join(import.meta.dirname, `../../src/rsp/${name}.ts`), 'utf8');
  return Array.from(text.matchAll(UNUSABLE), ([, , words = '']) => ({
    failure: 'critical-extension',
    message: patternOf(words),
  }));
}

describe('the vectors of certificates', () => {
  test('cover every place in the code that refuses', () => {
    const met: VerifyError[] = [];
    for (const { judges, groups } of files.map(read)) {
      for (const { given, tests } of groups) {
        for (const vector of tests) judge(judges, { ...given, ...vector }, met);
      }
    }
    const places = [
      ...SOURCES.flatMap(refusalsOf),
      ...['crl', 'crl-extensions'].flatMap(unusableOf),
    ];
    assert.ok(places.length > 30, `${places.length} places`);
    const without = places.filter(
      ({ failure, message }) =>
        !met.some((error) => error.failure === failure && message.test(error.message)),
    );
    assert.deepEqual(without, []);
  });

  test('are reproduced by `npm run vectors`', () => {
    const made = vectorFiles().filter(({ name }) => name.startsWith('certificates/'));
    assert.deepEqual(made.map(({ name }) => `${name}.json`).toSorted(), files);
    for (const file of made) {
      const written = readFileSync(join(FOLDER, `${file.name}.json`), 'utf8');
      assert.ok(render(file) === written, `${file.name}.json is another: npm run vectors`);
    }
  });
});
