// docs/going-live.md is the list that `simwright check-production` goes through, and its example passes it.
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { checkProduction, PRODUCTION_CHECKS } from '../../src/production/production-checks.ts';
import { commandLine } from '../cli/command.ts';
import type { CommandLine } from '../cli/command.ts';

const page = await readFile(join(import.meta.dirname, '../../docs/going-live.md'), 'utf8');
const NAMES = Object.keys(PRODUCTION_CHECKS);

/** The settings of the page's example, on this machine. */
function example(): Record<string, string> {
  const lines = page.match(/^SIMWRIGHT_\w+=.*$/gm)!;
  return Object.fromEntries(lines.map((line) => /^(\w+)=(.*)$/.exec(line)!.slice(1)));
}

describe('docs/going-live.md', () => {
  test('explains every check, in their order, and no other', () => {
    const table = page.split('## What is checked')[1]!.split('\n## ')[0]!;
    const rows = Array.from(table.matchAll(/^\| `([^`]+)`/gm), ([, name]) => name);
    assert.deepEqual(rows, NAMES);
  });

  test('its example is a complete configuration in which every check is ok', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-live-'));
    const masterKeyFile = join(folder, 'master.key');
    const { masterKeyId, ...made } = await keyIn(masterKeyFile);
    const { config, secrets } = readConfig(example());
    const findings = checkProduction({
      config: { ...config, ...made },
      secrets,
      hasTestStock: false,
      withoutKeys: [],
      rotatingSince: undefined,
      masterKeyId,
      isPast: false,
    });
    await rm(folder, { recursive: true });
    assert.deepEqual(
      findings.map(({ check, verdict }) => `${check}: ${verdict}`),
      NAMES.map((name) => `${name}: ok`),
    );
  });
});

async function keyIn(masterKeyFile: string) {
  const { loadMasterKey } = await import('../../src/process/key-file.ts');
  return { masterKeyFile, masterKeyId: loadMasterKey(masterKeyFile).id };
}

describe('simwright check-production', () => {
  let simwright: CommandLine;
  before(async () => {
    simwright = await commandLine({ SIMWRIGHT_TEST_STOCK: '100' });
    await simwright.json('account', 'create', '--name', 'First');
    await simwright.print('stock', 'generate', '--count', '1');
  });
  after(() => simwright[Symbol.asyncDispose]());

  const verdicts = async (...args: string[]): Promise<[number | null, Map<string, string>]> => {
    const { code, stdout } = await simwright.run('check-production', '--json', ...args);
    const { findings } = JSON.parse(stdout);
    const ofServer = findings.filter(({ subject }: any) => subject === 'Server');
    return [code, new Map(ofServer.map(({ check, verdict }: any) => [check, verdict]))];
  };

  test('says of a laptop what is missing, with exit code 1', async () => {
    const [code, found] = await verdicts();
    assert.equal(code, 1);
    const of = (wanted: string) =>
      [...found].filter(([, is]) => is === wanted).map(([name]) => name);
    assert.deepEqual(of('fault'), ['public URL', 'test subscriptions']);
    assert.deepEqual(of('warning'), [
      'data folder',
      'master key',
      'test stock',
      'callbacks to own networks',
      'API keys',
      'retention of the RSP log',
      'lifetime of orders',
      'metrics',
    ]);
  });

  test('finds a master key that others can read, and is content with an account that has an API key', async () => {
    const file = join(simwright.data, 'master.key');
    await chmod(file, 0o644);
    await simwright.print('key', 'create', '--name', 'shop', '--scope', 'orders');
    const [, found] = await verdicts();
    await chmod(file, 0o600);
    assert.equal(found.get('readers of the master key'), 'fault');
    assert.equal(found.get('API keys'), 'ok');
  });

  test('prints with each what was expected, and what to do', async () => {
    const { stdout } = await simwright.run('check-production');
    assert.match(
      stdout,
      /FAULT +public URL: it is not set\n +expected: SIMWRIGHT_PUBLIC_URL with https.*\n +to do: put a proxy/,
    );
    assert.match(stdout, /\d+ faults?, \d+ warnings?, \d+ ok\n$/);
  });
});
