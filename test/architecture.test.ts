// The architecture rules, checked on the import lines.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { describe, test } from 'node:test';

const SRC = join(import.meta.dirname, '../src');
/** What each room may import, besides itself: docs/decisions/0020-rooms.md. */
const ROOMS: Record<string, string[]> = {
  // Edges of the operator's side.
  api: ['audit', 'operator', 'smdp', 'eim', 'es2plus', 'process', 'values', 'store', 'rsp'],
  console: ['operator', 'values'],
  webhook: ['operator', 'outgoing', 'process', 'values', 'store', 'rsp'],
  install: ['operator', 'process', 'values'],
  // Of the SM-DP+'s side.
  progress: ['smdp', 'es2plus', 'outgoing', 'process', 'store', 'rsp'],
  es9plus: ['https', 'smdp', 'process', 'values', 'store', 'rsp'],
  // Of the eIM's side: the edge, and the rules, which know of an SM-DP+ only ES9+.
  esipa: ['https', 'eim', 'process', 'values', 'store', 'rsp'],
  eim: ['audit', 'https', 'outgoing', 'process', 'values', 'store', 'rsp'],
  // Background jobs.
  jobs: ['audit', 'eim', 'operator', 'smdp', 'past', 'rotation', 'webhook', 'outgoing', 'process'],
  // Rules: who orders, who delivers, and the contract between them.
  operator: ['audit', 'es2plus', 'outgoing', 'process', 'values', 'store', 'rsp'],
  smdp: [
    'audit',
    'es2plus',
    'es12',
    'outgoing',
    'pkcs11',
    'process',
    'values',
    'store',
    'rsp',
    'saip',
  ],
  es2plus: ['https', 'outgoing', 'process', 'values', 'store', 'rsp'],
  // Listeners for functions of RSP, shared by their edges.
  https: ['process', 'values', 'store', 'rsp'],
  // What the SM-DP+ asks of an SM-DS.
  es12: ['outgoing', 'rsp'],
  // What the SM-DP+ asks of an HSM.
  pkcs11: ['rsp'],
  // Requests to servers of others.
  outgoing: ['process', 'rsp'],
  // What must hold of everything that both sides have written.
  verify: [
    'audit',
    'operator',
    'smdp',
    'eim',
    'es2plus',
    'rotation',
    'process',
    'values',
    'store',
    'rsp',
  ],
  // Another master key for what all sides have sealed.
  rotation: ['audit', 'operator', 'smdp', 'eim', 'process', 'store'],
  // What a database knows of having been restored.
  past: ['audit', 'smdp', 'process', 'values', 'store'],
  // Whole databases: into files, out of them, into others.
  transfer: ['rotation', 'process', 'values', 'store'],
  // Who changed what.
  audit: ['process', 'values', 'store'],
  // What a server should have before it goes live.
  production: ['smdp', 'process'],
  // The processes of one server.
  workers: ['process', 'metrics'],
  // What receivers of traces get.
  traces: ['process', 'values'],
  // What Prometheus reads.
  metrics: ['operator', 'smdp', 'pkcs11', 'rotation', 'process', 'values', 'store'],
  // A phone and an operator together, for those who write a receiver.
  rehearsal: ['operator', 'smdp', 'device', 'process', 'values', 'store', 'rsp'],
  // The eIM of IoT devices: it knows of an SM-DP+ only ES9+, and nobody on the other sides knows the eIM.
  // Every setting, which the wiring hands to all of them.
  config: ['install', 'pkcs11', 'process', 'smdp', 'store'],
  // Used by all of them.
  store: [],
  process: [],
  values: ['rsp'],
  rsp: [],
  saip: ['rsp'],
  // A phone, which shares only the pure parts with the server; and the command line, which may use everything.
  device: ['rsp', 'saip'],
  cli: [
    'config',
    'audit',
    'api',
    'eim',
    'operator',
    'smdp',
    'webhook',
    'outgoing',
    'rehearsal',
    'install',
    'past',
    'production',
    'rotation',
    'transfer',
    'verify',
    'device',
    'pkcs11',
    'process',
    'values',
    'store',
    'rsp',
    'saip',
  ],
};
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
/** Small files that belong to no room. */
const BESIDE = ['session-cookie.ts', 'version.ts'];
const KNOWN_TYPES = ['audit', 'store', 'operator', 'metrics', 'traces'];

/** Undefined outside the rooms, where they are wired together. */
const roomOf = (file: string) => (file.includes('/') ? file.split('/')[0]! : undefined);
const inWords = ({ from, to }: Import) => `${from} imports ${to}`;

describe('the rooms', () => {
  test('are those of the table', () => {
    const found = files.map((file) => roomOf(file.replaceAll(sep, '/')));
    assert.deepEqual(new Set(found), new Set([undefined, ...Object.keys(ROOMS)]));
  });

  test('import only what the table allows; types of the store and of the wiring are available to all', () => {
    const broken = imports.filter(({ from, to, typeOnly }) => {
      const [room, other] = [roomOf(from), roomOf(to)];
      if (room === undefined || room === other) return false;
      if (other === undefined) return !typeOnly && !BESIDE.includes(to) && room !== 'cli';
      return !ROOMS[room]!.includes(other) && !(typeOnly && KNOWN_TYPES.includes(other));
    });
    assert.deepEqual(broken.map(inWords), []);
  });

  test('the server loads the phone only when a rehearsal begins', () => {
    const loading = imports.filter(
      ({ from, to, typeOnly }) =>
        !typeOnly && /^(device|rehearsal)\//.test(to) && !/^(device|rehearsal|cli)\//.test(from),
    );
    assert.deepEqual(loading.map(inWords), []);
  });

  test('one place knows which database is used', () => {
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

  test('joins subject and reason code', () => {
    const code = /\$\{[\w.]*subject_?code\} ?\/ ?\$\{/i;
    assert.deepEqual(filesWith(code), [join('rsp', 'status-codes.ts')]);
  });

  test('records why an order ended: the SM-DP+ does not read texts meant for people', () => {
    const readers = filesWith(/\.error_(code|message)\b|\.cause ===/);
    assert.deepEqual(
      readers.filter((file) => ['smdp', 'es9plus'].includes(file.split(sep)[0]!)),
      [],
    );
  });

  test('has the class of a refused function, which is the same on all interfaces', () => {
    const classes = /class \w+ extends Error[^}]*subjectCode: SubjectCode/;
    assert.deepEqual(filesWith(classes), [join('rsp', 'function-execution-error.ts')]);
  });

  test('begins a transaction of the store: whatever is written belongs to a unit of work', () => {
    const beginning = filesWith(/\bstore\.(transaction|append)\b/);
    assert.deepEqual(beginning, ['unit.ts']);
  });

  test('changes the state of a profile at the SM-DP+, and counts attempts (§3.1.6)', () => {
    const writers = /subscriptions\.(transition|hold|releaseHeld|keepHeld|count\w+)\(/;
    assert.deepEqual(filesWith(writers), [join('smdp', 'profile-state.ts')]);
  });

  test('signs in a download, over what the function of the clause has granted', () => {
    const inDownload = (file: string) => file.startsWith(join('smdp', 'download'));
    const download = join('smdp', 'download', 'signed.ts');
    assert.deepEqual(filesWith(/\bsigner\.sign\(/).filter(inDownload), [
      join('smdp', 'download', 'bound-package.ts'),
      download,
    ]);
    assert.deepEqual(filesWith(/\bdp(Auth|Pb)\.signer\b/), [download]);
    const granting = filesWith(/\bas (Greeting|GrantedOffer|GrantedDownload)\b/);
    assert.deepEqual(granting.toSorted(), [
      join('smdp', 'download', 'authenticateClient.ts'),
      join('smdp', 'download', 'getBoundProfilePackage.ts'),
      join('smdp', 'download', 'initiateAuthentication.ts'),
    ]);
  });

  test('changes the status of an eSIM Profile', () => {
    assert.deepEqual(filesWith(/esimProfiles\.transition\(/), [
      join('operator', 'esim-profile.ts'),
    ]);
  });
});

test('edges and jobs name what they use of the context; only what hands it on takes it whole', () => {
  const rooms = ['api', 'console', 'install', 'jobs', 'webhook'];
  const whole = filesWith(/: Context\b(?!\[)|\bhandle\([^)]*, context\)/)
    .map((file) => file.replaceAll(sep, '/'))
    .filter((file) => rooms.includes(roomOf(file)!));
  assert.deepEqual(whole.toSorted(), ['api/operation.ts', 'api/routes.ts']);
});
