import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { errorNumberOf } from '../../src/rsp/es9plus-errors.ts';
import type { AnsweredFunction } from '../../src/rsp/es9plus-errors.ts';
import type { ReasonCode, SubjectCode } from '../../src/rsp/status-codes.ts';

/** From the ASN.1 of SGP.22 v2.5, annex H. */
const NUMBERS: Record<AnsweredFunction, [code: string, number: number][]> = {
  initiateAuthentication: [
    ['8.8.1/3.8', 1],
    ['8.8.3/3.1', 2],
    ['8.8.2/3.1', 3],
    ['8.8.4/3.7', 3],
  ],
  authenticateClient: [
    ['8.1.2/6.1', 1],
    ['8.1.2/6.3', 2],
    ['8.1.3/6.1', 3],
    ['8.1.3/6.3', 4],
    ['8.1/6.1', 5],
    ['8.2.6/3.8', 6],
    ['8.1.1/3.8', 7],
    ['8.2.5/4.3', 8],
    ['8.11.1/3.9', 9],
    ['8.10.1/3.9', 10],
    ['8.1/4.8', 11],
    ['8.2/1.2', 127],
    ['8.8.5/4.10', 127],
    ['8.8.5/6.4', 127],
  ],
  getBoundProfilePackage: [
    ['8.1/6.1', 1],
    ['8.2.7/2.2', 2],
    ['8.2.7/3.8', 3],
    ['8.2.7/6.4', 4],
    ['8.2/3.7', 5],
    ['8.8.5/4.10', 6],
    ['8.10.1/3.9', 95],
  ],
  cancelSession: [
    ['8.10.1/3.9', 1],
    ['8.1/6.1', 2],
    ['8.8/3.10', 127],
  ],
};

describe('§6.6 the number of a refusal in ASN.1', () => {
  for (const [name, numbers] of Object.entries(NUMBERS)) {
    const of = (code: string) => {
      const [subjectCode, reasonCode] = code.split('/') as [SubjectCode, ReasonCode];
      return errorNumberOf(name as AnsweredFunction, { subjectCode, reasonCode });
    };
    test(`of ${name}; 127 for the codes of every function, which have none`, () => {
      const common = ['1.2/4.2', '1.2/4.4', '1.3.1/2.1', '1.3.2/3.1', '1.6/2.1', '1.6/2.2'];
      const expected = [...numbers, ...common.map((code): [string, number] => [code, 127])];
      assert.deepEqual(
        expected.map(([code]) => [code, of(code)]),
        expected,
      );
    });
  }
});
