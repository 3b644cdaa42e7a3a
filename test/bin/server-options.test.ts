// A server's options of Node, which its launcher adds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingServerOptions, SERVER_OPTIONS } from '../../bin/server-options.js';

test('a Node that lacks them gets them, and only once', () => {
  assert.deepEqual(missingServerOptions([], undefined), ['--max-semi-space-size=4']);
  assert.deepEqual(missingServerOptions(['--no-warnings'], '--trace-gc'), SERVER_OPTIONS);
  assert.deepEqual(missingServerOptions(SERVER_OPTIONS, undefined), []);
});

test('what was chosen by whoever starts the server stays', () => {
  assert.deepEqual(missingServerOptions(['--max-semi-space-size=32'], undefined), []);
  assert.deepEqual(missingServerOptions(['--max_semi_space_size=32'], undefined), []);
  assert.deepEqual(missingServerOptions([], '--no-warnings --max-semi-space-size=32'), []);
});
