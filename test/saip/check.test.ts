// `checkProfilePackage` with the vectors of test/vectors/packages, which cover all our rules.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { checkProfilePackage } from '../../src/saip/check.ts';
import type { ExpectedIdentity, Finding } from '../../src/saip/check.ts';
import { elementsOf, encodeProfilePackage } from '../../src/saip/profile-element.ts';
import type { ProfileElement } from '../../src/saip/profile-element.ts';
import { patternOf } from '../source-text.ts';
import { render } from '../vector-makers/vector-file.ts';
import { vectorFiles } from '../vector-makers/vector-files.ts';
import { operatorTemplate } from './operator-template.ts';

interface Inputs extends ExpectedIdentity {
  /** The elements, in hexadecimal. */
  package: string[];
}

type Vector = Inputs & {
  id: number;
  comment: string;
  result: 'valid' | 'invalid';
  reason?: string;
  at?: string;
};

interface VectorFile {
  title: string;
  judges: string;
  numberOfTests: number;
  groups: { rule: string; clause: string; given: Partial<Inputs>; tests: Vector[] }[];
}

const FOLDER = join(import.meta.dirname, '../vectors');
const SOURCE = join(import.meta.dirname, '../../src/saip');
const names = globSync('packages/*.json', { cwd: FOLDER }).toSorted();
const read = (name: string) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as VectorFile;

function findings({ package: elements, iccid, imsi, mncLength }: Inputs): Finding[] {
  return checkProfilePackage(Uint8Array.fromHex(elements.join('')), {
    ...(iccid === undefined ? {} : { iccid }),
    ...(imsi === undefined ? {} : { imsi }),
    ...(mncLength === undefined ? {} : { mncLength }),
  });
}

for (const name of names) {
  const { title, groups, numberOfTests } = read(name);
  describe(`${title} (${name})`, () => {
    for (const { rule, clause, given, tests } of groups) {
      describe(`${clause}: ${rule}`, () => {
        for (const { id, comment, result, reason, at, ...vector } of tests) {
          const words = result === 'valid' ? 'nothing is found' : `${reason} at ${at}`;
          test(`${id} ${comment}: ${words}`, () => {
            const found = findings({ ...given, ...vector }).map(
              ({ rule: broken, where }) => `${broken} at ${where}`,
            );
            if (result === 'valid') assert.deepEqual(found, []);
            else
              assert.ok(
                found.includes(`${reason} at ${at}`),
                `found ${found.join(', ') || 'nothing'}`,
              );
          });
        }
      });
    }

    test('states its number of vectors', () => {
      assert.equal(groups.flatMap(({ tests }) => tests).length, numberOfTests);
    });
  });
}

/** All findings in the invalid vectors. */
const found = names
  .map(read)
  .flatMap(({ groups }) => groups)
  .flatMap(({ given, tests }) => tests.flatMap((vector) => findings({ ...given, ...vector })));

describe('the vectors of packages', () => {
  test('break every rule', () => {
    const rules = /export type CheckRule =([^;]+);/.exec(
      readFileSync(join(SOURCE, 'check.ts'), 'utf8'),
    );
    const all = Array.from(rules![1]!.matchAll(/\| '([a-z-]+)'/g), ([, rule]) => rule!);
    assert.ok(all.length > 20);
    const broken = new Set<string>(found.map(({ rule }) => rule));
    assert.deepEqual(
      all.filter((rule) => !broken.has(rule)),
      [],
    );
  });

  test('cause every message of the rules', () => {
    const texts = globSync('check*.ts', { cwd: SOURCE }).map((name) =>
      readFileSync(join(SOURCE, name), 'utf8'),
    );
    const messages = texts.flatMap((text) =>
      Array.from(text.matchAll(/(['`])(expected (?:(?!\1).)*)\1/g), ([, , message]) => message!),
    );
    assert.ok(messages.length > 35, `${messages.length} messages`);
    const without = messages.filter((message) => {
      const pattern = patternOf(message);
      return !found.some((finding) => pattern.test(finding.message));
    });
    assert.deepEqual(without, []);
  });

  test('are reproduced by `npm run vectors`', () => {
    const made = vectorFiles().filter(({ name }) => name.startsWith('packages/'));
    assert.deepEqual(made.map(({ name }) => `${name}.json`).toSorted(), names);
    for (const file of made) {
      const written = readFileSync(join(FOLDER, `${file.name}.json`), 'utf8');
      assert.ok(render(file) === written, `${file.name}.json is another: npm run vectors`);
    }
  });
});

describe('findings', () => {
  test('are reported all at once', () => {
    const elements = operatorTemplate().flatMap((element): ProfileElement[] => {
      if (element.name === 'end') return [];
      return element.name === 'telecom' ? [element, element] : [element];
    });
    const rules = checkProfilePackage(encodeProfilePackage(elements)).map(({ rule }) => rule);
    assert.deepEqual(rules, ['end-last', 'one-of-each', 'identification-unique']);
  });

  test('never contain a key or a code', () => {
    const elements = operatorTemplate();
    const { algoConfiguration } = elementsOf(elements, 'akaParameter')[0]!.value;
    assert.equal(algoConfiguration.choice, 'algoParameter');
    if (algoConfiguration.choice !== 'algoParameter') return;
    algoConfiguration.value.key = Uint8Array.fromHex('5ec2e75ec2e75ec2e75ec2e75ec2e7');
    const [finding] = checkProfilePackage(encodeProfilePackage(elements));
    assert.equal(finding?.rule, 'aka-key');
    assert.doesNotMatch(JSON.stringify(finding), /5ec2e7/i);
  });
});
