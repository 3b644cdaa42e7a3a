// `simwright audit`, and what other commands enter into the audit log.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AuditKey } from '../../src/audit/audit-key.ts';
import { sealNext } from '../../src/audit/seal.ts';
import { readConfig } from '../../src/config.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { openData } from '../../src/data.ts';
import { sidAt } from '../../src/values/sid.ts';
import { commandLine } from './command.ts';
import type { CommandLine } from './command.ts';

let simwright: CommandLine;
let account: string;
before(async () => {
  simwright = await commandLine();
  account = (await simwright.json('account', 'create', '--name', 'First\u2028Last')).sid;
});
after(() => simwright[Symbol.asyncDispose]());

const tried = new Set<string>(['account create']);

/** What a command enters, with its words before the first argument as its name. */
async function entered(name: string, ...args: string[]): Promise<any[]> {
  const known = new Set((await list()).map(({ sid }) => sid));
  await simwright.print(...name.split(' '), ...args);
  tried.add(name);
  const found = (await list()).filter(({ sid }) => !known.has(sid));
  for (const entry of found) {
    assert.equal(entry.operation, name);
    assert.deepEqual(entry.actor, {
      type: 'command',
      user: process.env['SUDO_USER'] === undefined ? userInfo().username : entry.actor.user,
      host: hostname(),
    });
  }
  return found.toReversed().flatMap(({ changes }) => changes);
}

const list = (...args: string[]): Promise<any[]> =>
  simwright.json('audit', 'list', '--limit', '1000', ...args);

test('commands enter what they change, with who has called them, on which machine', async () => {
  const [token] = await entered('account rotate-token', account);
  assert.deepEqual(token, { subject: account, after: { auth_token: 'another' } });
  const [policy] = await entered('account update', account, '--release-again', 'both');
  assert.deepEqual(policy.after, { release_again: 'both' });
  const [secret] = await entered('account callback-secret', account, '--rotate');
  assert.equal(secret.after.callback_secret, 'another');
  const [key] = await entered('key create', '--name', 'Shop', '--scope', 'stock');
  assert.deepEqual(key.after, { friendly_name: 'Shop', scope: 'stock' });
  const [revoked] = await entered('key revoke', key.subject);
  assert.deepEqual(revoked.before, key.after);
  const [stock] = await entered('stock generate', '--count', '3');
  assert.equal(stock.after.generated, 3);
  const [threshold] = await entered('stock threshold', 'default', '2');
  assert.equal(threshold.after.threshold, 2);
  const [brand] = await entered('brand set', '--name', 'Example Mobile');
  assert.deepEqual(brand.after, { name: 'Example Mobile' });
  const [operator] = await entered('operator create', '--name', 'Example Mobile');
  assert.equal(operator.after.friendly_name, 'Example Mobile');
  const sid = operator.subject as string;
  const [renamed] = await entered('operator update', sid, '--name', 'Other');
  assert.deepEqual(renamed, {
    subject: sid,
    before: { friendly_name: 'Example Mobile' },
    after: { friendly_name: 'Other' },
  });
  const [rotated] = await entered('operator rotate', sid);
  assert.equal(rotated.after.certificate, 'another');
  const [gone] = await entered('operator revoke', sid);
  assert.equal(gone.before.friendly_name, 'Other');
  const [order] = await entered('profile order', '--matching-id');
  assert.match(order.subject, /^HP/);
  const [cancelled] = await entered('profile cancel', order.subject);
  assert.equal(cancelled.after.status, 'failed');
  const [batch] = await entered('batch create', '--count', '2', '--matching-id');
  assert.equal(batch.after.items, 2);
  const [ended] = await entered('batch cancel', batch.subject);
  assert.equal(ended.after.status, 'cancelled');
  const [recount] = await entered('statistics recount');
  assert.equal(recount.subject, 'statistics');
  const [ticket] = await entered('console');
  assert.equal(ticket.after.console_ticket, 'new');
  const { certificates } = await simwright.json('pki', 'show');
  const ci = certificates.find(({ role }: any) => role === 'ci').ci_pk_id as string;
  const [backup] = await entered('backup create', join(simwright.data, 'a.backup'));
  assert.equal(backup.subject, 'database');
  const [removed] = await entered('pki remove', ci);
  assert.equal(removed.subject, ci);
});

/** They read, or change nothing of the database. */
const READS =
  /^(start|demo|check-config|check-production|completion|help|verify|install-texts|data usage|device .*|hsm .*|audit .*|callback (rehearse|test)|restore status|stock preview|profile (watch|qr.*|activation|report|log|count|export)|batch (watch|result)|pki (export|check)|key status|eim (onboarding|operations?|packages|watch|(group|range) onboarding|bulk (watch|result))|.* (list|show|summary|verify))$/;
/** Entered by rules that are tested elsewhere, with other callers, or by commands with cases of their own. */
const ELSEWHERE = [
  'callback retry',
  'eim ask',
  'eim bulk cancel',
  'eim bulk create',
  'eim bulk pause',
  'eim bulk resume',
  'eim cancel',
  'eim group create',
  'eim group delete',
  'eim group rename',
  'eim import',
  'eim range create',
  'eim range delete',
  'eim range update',
  'eim register',
  'eim remove',
  'eim rotate-key',
  'eim update',
  'move',
  'operator ca import',
  'operator ca remove',
  'operator progress retry',
  'key rotate',
  'pki crl add',
  'pki crl fetch',
  'pki crl import',
  'pki crl remove',
  'pki import',
  'profile bind',
  'profile expire',
  'profile link create',
  'profile link revoke',
  'profile reissue',
  'profile reorder',
  'profile update',
  'restore from',
  'restore release',
  'restore resume',
  'restore since',
  'sim update',
  'stock import',
  'template import',
];

test('every command that changes something is among these cases', () => {
  const names: string[] = [];
  const walk = (command: ReturnType<typeof buildProgram>, path: string) => {
    if (command.commands.length === 0) names.push(path);
    for (const one of command.commands) walk(one, `${path} ${one.name()}`.trim());
  };
  walk(buildProgram(), '');
  const known = new Set([...tried, ...ELSEWHERE]);
  assert.deepEqual(
    names.filter((name) => !known.has(name) && !READS.test(name)),
    [],
  );
});

test('list filters by operation, actor and subject; show has what was before and after', async () => {
  const [update] = await list('--operation', 'operator update');
  const { user, host } = update.actor;
  assert.equal((await list('--actor', `${user}@${host}`)).length > 10, true);
  const [subject] = update.changes;
  const about = await list('--subject', subject.subject, '--account', account);
  assert.equal(about.length, 4);
  const shown = await simwright.print('audit', 'show', update.sid);
  assert.match(shown, /Operation +operator update\n/);
  assert.match(shown, /friendly_name +Example Mobile +Other\n/);
  const { code, stderr } = await simwright.run('audit', 'show', `AE${'0'.repeat(32)}`);
  assert.deepEqual([code, stderr], [1, `simwright: There is no entry AE${'0'.repeat(32)}\n`]);
});

test('verify says whether it is whole, and has a seal that was kept; an export is verified without the database', async () => {
  const { config, secrets } = readConfig({ SIMWRIGHT_DATA: simwright.data });
  const data = await openData(config, secrets);
  await sealNext(AuditKey.of(data.masterKey), data, sidAt('auditEntry', new Date('2100-01-01')));
  await data.store.close();
  const { clean, head } = await simwright.json('audit', 'verify');
  assert.equal(clean, true);
  const whole = await simwright.print('audit', 'verify', '--head', `${head.number}:${head.hash}`);
  assert.match(
    whole,
    /^The audit log is whole: \d+ entries sealed, the last seal is 1:[0-9a-f]{64}\n$/,
  );
  const other = await simwright.run('audit', 'verify', '--head', `9:${head.hash}`);
  assert.equal(other.code, 1);
  assert.match(other.stdout, /^seal 9: expected the hash .*; got no such seal: the log was cut/);

  const file = join(simwright.data, 'audit.ndjson');
  await simwright.print('audit', 'export', '--output', file);
  const known = ['--head', `${head.number}:${head.hash}`];
  for (const more of [[], ['--no-key'], known]) {
    await simwright.print('audit', 'verify', '--file', file, ...more);
  }
  const part = join(simwright.data, 'part.ndjson');
  await simwright.print('audit', 'export', '--after', '1', '--output', part);
  const text = await readFile(file, 'utf8');
  assert.match(text, /First\u2028Last/, 'a text may have what others take for the end of a line');
  const docs = await readFile(join(import.meta.dirname, '../../docs/audit.md'), 'utf8');
  const [, script] = /^```python\n(.*?)^```/ms.exec(docs)!;
  const python = (name: string) =>
    spawnSync('python3', ['-c', script!, name], { encoding: 'utf8' });
  if (python(file).error === undefined) {
    for (const name of [file, part]) {
      const { stdout, stderr } = python(name);
      assert.deepEqual([stdout, stderr], [`${head.hash}\n`, '']);
    }
  }
  await writeFile(part, '');
  const { stderr } = await simwright.run('audit', 'verify', '--file', part);
  assert.equal(stderr, `simwright: ${part} is no export: it is empty\n`);

  await writeFile(file, text.replace('"Example Mobile"', '"Example Movile"'));
  const changed = await simwright.run('audit', 'verify', '--file', file, '--no-key');
  assert.equal(changed.code, 1);
  assert.match(changed.stdout, /are not those that were sealed\nThe audit log is broken/);

  await writeFile(file, text);
  await simwright.print('key', 'rotate');
  await simwright.print('audit', 'verify', '--file', file);
  await simwright.print('audit', 'export', '--output', file);
  await simwright.print('audit', 'verify', '--file', file);
});
