// The rules that keep the parts apart, read from the import lines.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { describe, test } from 'node:test';

const SRC = join(import.meta.dirname, '../src');
const EDGES = ['api', 'cli', 'console', 'es2plus', 'es9plus', 'webhook'];
const PURE = ['rsp', 'saip'];

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

const files = globSync('**/*.ts', { cwd: SRC });
const imports = files.flatMap((file): Import[] => {
  const text = readFileSync(join(SRC, file), 'utf8');
  const found = text.matchAll(/^import (type )?[^;]*?from '(\.[^']+)';/gms);
  return Array.from(found, ([, type, path]) => ({
    from: file.replaceAll(sep, '/'),
    to: relative(SRC, join(SRC, dirname(file), path!)).replaceAll(sep, '/'),
    typeOnly: type !== undefined,
  }));
});
const part = (file: string) => (file.includes('/') ? file.split('/')[0]! : '');

function assertNone(broken: Import[]) {
  assert.deepEqual(
    broken.map(({ from, to }) => `${from} imports ${to}`),
    [],
  );
}

describe('the parts', () => {
  test('are found', () => assert.ok(imports.length > 100));

  test('edges never import each other', () => {
    assertNone(
      imports.filter(
        ({ from, to }) =>
          EDGES.includes(part(from)) && EDGES.includes(part(to)) && part(from) !== part(to),
      ),
    );
  });

  test('rules import no edge', () => {
    assertNone(
      imports.filter(({ from, to }) => part(from) === 'profile' && EDGES.includes(part(to))),
    );
  });

  test('pure parts import nothing of ours but each other', () => {
    assertNone(
      imports.filter(({ from, to }) => PURE.includes(part(from)) && !PURE.includes(part(to))),
    );
  });

  test('the device shares with the server the pure parts alone', () => {
    assertNone(
      imports.filter(
        ({ from, to }) => part(from) === 'device' && !['device', ...PURE].includes(part(to)),
      ),
    );
    const users = imports.filter(
      ({ from, to }) => part(from) !== 'device' && part(to) === 'device',
    );
    assertNone(users.filter(({ from }) => part(from) !== 'cli'));
  });

  test('the store knows neither rules nor edges', () => {
    assertNone(
      imports.filter(
        ({ from, to, typeOnly }) => part(from) === 'store' && part(to) !== 'store' && !typeOnly,
      ),
    );
  });

  test('one place knows which database runs', () => {
    const knows = imports.filter(({ to }) => /store\/(sqlite|postgres)\.ts$/.test(to));
    assert.deepEqual(new Set(knows.map(({ from }) => from)), new Set(['store/open.ts']));
  });
});

function filesWith(pattern: RegExp): string[] {
  return files.filter((file) => pattern.test(readFileSync(join(SRC, file), 'utf8')));
}

describe('one place', () => {
  test('reads the environment', () => {
    assert.deepEqual(filesWith(/process\.env\b/), ['config.ts']);
  });

  test('asks the machine what time it is; devices and browsers have clocks of their own', () => {
    const asking = filesWith(/new Date\(\)|Date\.now\b/).filter(
      (file) => !['device', join('console', 'app')].some((own) => file.startsWith(own)),
    );
    assert.deepEqual(asking, [join('store', 'clock.ts')]);
  });

  test('changes the status of an eSIM Profile', () => {
    assert.deepEqual(filesWith(/esimProfiles\.transition\(/), [join('profile', 'esim-profile.ts')]);
  });
});
