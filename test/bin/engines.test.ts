// The warnings of npm on Node 20, although we bring a newer Node: no more than the README mentions.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const LOCK = join(import.meta.dirname, '../../package-lock.json');
const NODE = [20, 19];

interface Package {
  engines?: { node?: string };
}

/** Whether a range allows Node 20.19. Supports only the forms found in the lock file; throws for others. */
function takesOurs(range: string): boolean {
  return range.split('||').some((alternative) => {
    const bounds = alternative.trim().replaceAll(/>=\s+/g, '>=').split(/\s+/);
    return bounds.every((bound) => {
      const [, sign = '', version = ''] = /^(>=|<|\^)?(\*|\d+(?:\.[\dx]+)*)$/.exec(bound) ?? [];
      assert.notEqual(version, '', `the range ${range} has another form`);
      const [major = 0, minor = 0] = version === '*' ? [] : version.split('.').map(Number);
      if (version === '*') return true;
      if (sign === '>=') return NODE[0]! > major || (NODE[0] === major && NODE[1]! >= minor);
      if (sign === '<') return NODE[0]! < major || (NODE[0] === major && NODE[1]! < minor);
      return NODE[0] === major && NODE[1]! >= minor;
    });
  });
}

test('npm on Node 20 warns of one package, which the README calls harmless', () => {
  const { packages } = JSON.parse(readFileSync(LOCK, 'utf8')) as {
    packages: Record<string, Package>;
  };
  const refused = Object.entries(packages).flatMap(([path, { engines }]) =>
    engines?.node === undefined || takesOurs(engines.node)
      ? []
      : path.replace(/^.*node_modules\//, ''),
  );
  assert.deepEqual(refused, ['kysely']);
});
