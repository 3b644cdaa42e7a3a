// What `npm run conformance` makes of a suite and of its output; the suite itself is foreign, and run by hand.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { findSuite, verdictsIn } from './suite/built-suite.ts';
import { operationFor, outcomeOf } from './suite/eim-adapter.ts';
import { groupsOf } from './suite/groups.ts';
import { merged, readResults, renderResults } from './suite/results.ts';
import type { Result } from './suite/results.ts';

const folder = mkdtempSync(join(tmpdir(), 'simwright-suite-'));
after(() => rmSync(folder, { recursive: true }));

describe('cases', () => {
  test('run in groups so small that no order is downloaded more often than it allows, each with its clause', () => {
    const retries = Array.from(
      { length: 9 },
      (_, index) => `M.TC_GetBoundProfilePackageNIST_Retry_${index}`,
    );
    const names = [
      ...retries,
      'M.TC_GetBoundProfilePackageNIST_PPK_MetadataSplit',
      'M.TC_InitiateAuthenticationBRP_01',
      'M.TC_InitiateAuthenticationASN1_01_Nominal',
      'E.TC_ES2Plus_ConfirmOrder_Error_01',
    ];
    const groups = groupsOf(names);
    assert.deepEqual(
      groups.map(({ name, cases, curve, profileType }) => [name, cases.length, curve, profileType]),
      [
        ['GetBoundProfilePackage, retry (NIST), 1 of 3', 3, 'NIST', 'plain'],
        ['GetBoundProfilePackage, retry (NIST), 2 of 3', 3, 'NIST', 'plain'],
        ['GetBoundProfilePackage, retry (NIST), 3 of 3', 3, 'NIST', 'plain'],
        ['metadata split (NIST)', 1, 'NIST', 'icon'],
        ['InitiateAuthentication (BRP)', 1, 'BRP', 'plain'],
        ['InitiateAuthentication (NIST)', 1, 'NIST', 'plain'],
        ['ES2+ ConfirmOrder (NIST)', 1, 'NIST', 'plain'],
      ],
    );
    assert.deepEqual(
      groups.flatMap(({ cases }) => cases.map(({ name }) => name)).toSorted(),
      names.toSorted(),
    );
    assert.deepEqual(
      groups.slice(-2).map(({ cases }) => cases[0]!.clause),
      ['5.6.1, 6.6', '5.3.2'],
    );
  });
});

describe('what the suite for eIMs asks for', () => {
  const order = (of: object) => ({ eidValue: '89882119900000000000000000000005', order: of });
  const iccid = '123456789ABCDEFFAAAA';

  test('is an operation of our API, and its outcome the suite’s', () => {
    const both = order({ psmo: [{ disable: { iccid } }, { delete: { iccid } }] });
    assert.deepEqual(operationFor(both), {
      Kind: 'package',
      Commands:
        '[{"kind":"disable","iccid":"89000123456789012341"},{"kind":"delete","iccid":"89000123456789012341"}]',
    });
    assert.deepEqual(outcomeOf(both, 'ok'), [{ disableResult: 'ok' }, { deleteResult: 'ok' }]);

    const eim = order({ eco: [{ addEim: { eimConfigurationData: '3003800141' } }] });
    assert.equal(operationFor(eim)!['Commands'], '[{"kind":"addEim","configuration":"MAOAAUE="}]');
    assert.deepEqual(outcomeOf(eim, 'ok'), [{ addEimResult: { addEimResultCode: 'ok' } }]);

    const data = order({ edr: { tagList: '80BF20' } });
    assert.deepEqual(operationFor(data), { Kind: 'euiccData' });
    assert.deepEqual(outcomeOf(data, 'undefinedError'), [
      { euiccDataResult: { edrResult: 'undefinedError' } },
    ]);
  });

  test('is refused for the state that its own eIM keeps of an eUICC', () => {
    assert.equal(operationFor(order({ euicc: { get: ['stateChangeCauseList'] } })), undefined);
  });
});

describe('verdicts', () => {
  test('are read from the output of TITAN, with their reasons', () => {
    const output = [
      'MTC@vm: Test case TC_one started.',
      'MTC@vm: Test case TC_one finished. Verdict: pass',
      'MC2> MTC@vm: Test case TC_two finished. Verdict: fail reason: Expected "8.2.6"/"3.8"',
      '[2026-11-29 15:55:14] DEBUG [a.cc:1] something else',
      'MTC@vm: Test case TC_three finished. Verdict: error',
    ].join('\n');
    assert.deepEqual(
      [...verdictsIn(output)],
      [
        ['TC_one', { verdict: 'pass' }],
        ['TC_two', { verdict: 'fail', reason: 'Expected "8.2.6"/"3.8"' }],
        ['TC_three', { verdict: 'error' }],
      ],
    );
  });

  const result = (name: string, verdict: Result['verdict'], date: string): Result => ({
    case: name,
    clause: '5.6.1',
    test: '4.3.12',
    verdict,
    version: '1.0.0',
    date,
  });
  const suite = { suite: 'S', revision: 'R' };

  test('of a case that was not run this time are those of its last run; the page says of the others that they were not run', () => {
    const before = {
      ...suite,
      results: [result('TC_a', 'fail', '2026-01-01'), result('TC_gone', 'pass', '2026-01-01')],
    };
    const run = {
      ...suite,
      results: [
        result('TC_a', 'not run', '2026-02-02'),
        result('TC_b', 'pass', '2026-02-02'),
        result('TC_c', 'not run', '2026-02-02'),
      ],
    };
    const { results } = merged(before, run);
    assert.deepEqual(
      results.map(({ case: name, verdict, date }) => [name, verdict, date]),
      [
        ['TC_a', 'fail', '2026-01-01'],
        ['TC_b', 'pass', '2026-02-02'],
        ['TC_c', 'not run', '2026-02-02'],
      ],
    );
    const page = renderResults({ ...suite, results }).join('\n');
    assert.match(page, /3 cases: 1 pass, 1 fail, 1 not run\./);
    assert.match(page, /^\| `TC_b` \| §5\.6\.1 \| 4\.3\.12 \| pass \| 1\.0\.0 \| 2026-02-02 \|$/m);
    assert.match(page, /^\| `TC_c` \| §5\.6\.1 \| 4\.3\.12 \| not run \| – \| – \|$/m);
  });

  test('that are not pass are each explained in docs/divergences.md', async () => {
    const { readFile } = await import('node:fs/promises');
    const page = await readFile(join(import.meta.dirname, '../../docs/divergences.md'), 'utf8');
    const found = readResults();
    assert.ok(found !== undefined);
    const unexplained = found.results.filter(
      ({ case: name, verdict }) => verdict !== 'pass' && !page.includes(`\`${name}\``),
    );
    assert.deepEqual(unexplained, []);
  });
});

test('a suite that is built is found, and its cases listed by groups; of another folder it is said what was expected', () => {
  const built = join(folder, '_build/smdpp');
  mkdirSync(join(folder, 'smdpp/sgp26'), { recursive: true });
  mkdirSync(built, { recursive: true });
  const program = join(built, 'smdpp_Tests');
  assert.throws(() => findSuite(folder, 'ttcn3_start'), {
    name: 'CannotRun',
    message: `expected the suite, built at ${program}; --suite takes a checkout of osmo-ttcn3-hacks in which smdpp has been built`,
  });
  writeFileSync(program, '#!/bin/sh\necho M.control\necho M.TC_HandleNotificationNIST_01\n');
  chmodSync(program, 0o755);
  const main = join(import.meta.dirname, 'suite/main.ts');
  const { status, stdout } = spawnSync(process.execPath, [main, '--suite', folder, '--list'], {
    encoding: 'utf8',
  });
  assert.equal(status, 0);
  assert.equal(stdout, 'HandleNotification (NIST)\n  M.TC_HandleNotificationNIST_01\n');
});
