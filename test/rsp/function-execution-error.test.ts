import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FunctionExecutionError } from '../../src/rsp/function-execution-error.ts';
import { formatStatusCode, reasons, subjects } from '../../src/rsp/status-codes.ts';
import { cancelSessionReasons, errorReasons, nameOf } from '../../src/rsp/reasons.ts';

describe('§5.2.6 refusals', () => {
  test('§5.2.6.1, §5.2.6.2 a refusal explains its codes in words', () => {
    const error = new FunctionExecutionError('8.2.6', '3.8');
    assert.equal(error.message, 'Matching ID: Refused');
    assert.deepEqual([error.subjectCode, error.reasonCode], ['8.2.6', '3.8']);
    assert.equal(error.subjectIdentifier, undefined);
  });

  test('the two codes are formatted as for people and the API', () => {
    assert.equal(formatStatusCode(new FunctionExecutionError('8.8.5', '4.10')), '8.8.5/4.10');
    assert.equal(formatStatusCode({ subjectCode: '9.9', reasonCode: '7.1' }), '9.9/7.1');
  });

  test('§5.2.6.2: 4.4 is Busy, and 6.4 counts retries', () => {
    assert.equal(new FunctionExecutionError('1.2', '4.4').message, 'Function provider: Busy');
    assert.equal(reasons['6.4'], 'Maximum number of retries exceeded');
  });

  test('message and identifier have at most 128 bytes, without split characters', () => {
    const error = new FunctionExecutionError('8.1', '6.1', 'é'.repeat(100), `a${'é'.repeat(100)}`);
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
