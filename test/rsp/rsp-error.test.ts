import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RspError, reasons, subjects } from '../../src/rsp/rsp-error.ts';
import { cancelSessionReasons, errorReasons, nameOf } from '../../src/rsp/reasons.ts';

describe('§5.2.6 refusals', () => {
  test('a refusal says in words what its codes mean', () => {
    const error = new RspError('8.2.6', '3.8');
    assert.equal(error.message, 'Matching ID: Refused');
    assert.deepEqual([error.subjectCode, error.reasonCode], ['8.2.6', '3.8']);
    assert.equal(error.subjectIdentifier, undefined);
  });

  test('message and identifier have at most 128 bytes, and no half character', () => {
    const error = new RspError('8.1', '6.1', 'é'.repeat(100), `a${'é'.repeat(100)}`);
    assert.equal(error.message, 'é'.repeat(64));
    assert.equal(error.subjectIdentifier, `a${'é'.repeat(63)}`);
    for (const subject of Object.values(subjects)) {
      for (const reason of Object.values(reasons)) {
        assert.ok(`${subject}: ${reason}`.length <= 128);
      }
    }
  });

  test('3.1 and 3.10, 4.1 and 4.10 are different codes', () => {
    assert.notEqual(reasons['3.1'], reasons['3.10']);
    assert.equal(reasons['4.10'], 'Time to live expired');
  });

  test('numbers of the eUICC have their names', () => {
    assert.equal(nameOf(cancelSessionReasons, 0), 'endUserRejection');
    assert.equal(nameOf(errorReasons, 13), 'installFailedDueToDataMismatch');
    assert.equal(nameOf(errorReasons, 99), undefined);
  });
});
