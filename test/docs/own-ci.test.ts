// docs/own-euiccs.md shows how to make a CI with openssl. The result is imported here and used.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { commandLine } from '../cli/command.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const EXAMPLES = join(import.meta.dirname, '../../examples/own-ci');
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe('a CI of your own', () => {
  test('is shown unchanged in docs/own-euiccs.md', () => {
    const shown = readFileSync(join(DOCS, 'own-euiccs.md'), 'utf8');
    for (const [file, fence] of [
      ['extensions.cnf', 'ini'],
      ['make-ci.sh', 'sh'],
    ] as const) {
      const text = readFileSync(join(EXAMPLES, file), 'utf8');
      assert.ok(shown.includes(`\`\`\`${fence}\n${text}\`\`\`\n`), file);
    }
  });

  test(
    'is imported, and everything that an SM-DP+ needs is in use',
    {
      skip: !hasOpenssl && 'openssl is not installed here',
    },
    async () => {
      await using cli = await commandLine();
      const script = join(EXAMPLES, 'make-ci.sh');
      execFileSync('sh', [script, 'esim.example.com'], { cwd: cli.data, stdio: 'pipe' });
      const roles = ['ci', 'eum', 'dpauth', 'dppb', 'dptls'];
      const keys = ['dpauth', 'dppb', 'dptls'].map((role) => `${role}.key.pem`);
      await cli.print('pki', 'import', ...roles.map((role) => `${role}.pem`), ...keys);
      const { certificates, warnings } = await cli.json('pki', 'show');
      const imported = certificates.filter(({ generated }: any) => !generated);
      assert.deepEqual(
        imported.map(({ role, has_private_key, unusable }: any) => [
          role,
          has_private_key,
          unusable,
        ]),
        [
          ['ci', false, null],
          ['eum', false, null],
          ['dpAuth', true, null],
          ['dpPb', true, null],
          ['dpTls', true, null],
        ],
      );
      assert.deepEqual(imported.at(-1).dns_names, ['esim.example.com']);
      assert.deepEqual(warnings, []);
    },
  );
});
