// docs/runbook.md has a section for each alert, and names only metrics and log lines that exist.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const runbook = read('docs/runbook.md');
const section = (title: string) => {
  const after = runbook.split(`\n## ${title}\n`)[1];
  assert.ok(after, `## ${title} is a heading`);
  return after.split('\n## ')[0]!;
};
const alerts = Array.from(
  read('deploy/prometheus/alerts.yml').matchAll(/- alert: (\w+)/g),
  ([, name]) => name!,
);
const headings = (text: string) => Array.from(text.matchAll(/^### (.+)$/gm), ([, title]) => title!);

describe('docs/runbook.md', () => {
  test('has a section for each alert, in their order', () => {
    assert.ok(alerts.length > 15);
    assert.deepEqual(headings(section('Alerts')), alerts);
  });

  for (const alert of alerts) {
    test(`${alert}: who is affected, where to look, what to do, when it is over`, () => {
      const text = section('Alerts').split(`\n### ${alert}\n`)[1]!.split('\n### ')[0]!;
      for (const part of ['Affected', 'Look', 'Do', 'Over']) {
        assert.match(text, new RegExp(`\\*\\*${part}\\*\\*`), part);
      }
    });
  }

  test('names only metrics that exist', () => {
    const known = read('docs/monitoring.md');
    const named = runbook.match(/simwright_[a-z0-9_]+/g)!;
    assert.ok(named.length > 3);
    assert.deepEqual(
      named.filter((name) => !known.includes(`\`${name}\``)),
      [],
    );
  });

  test('quotes only what the log says', () => {
    const sources = globSync('src/**/*.ts', { cwd: ROOT }).map(read).join('\n');
    const said = (line: string) =>
      sources.includes(line) || sources.includes(line.replace('the … loop', 'the ${name} loop'));
    const quoted = Array.from(
      runbook.matchAll(/`([^`]+)`[^`]{0,40}in\s+the\s+log\b|log\b[^`.]{0,30}:\s+`([^`]+)`/g),
      ([, before, after]) => before ?? after!,
    );
    assert.ok(quoted.length > 4, quoted.join('\n'));
    assert.deepEqual(
      quoted.filter((line) => !said(line)),
      [],
    );
  });
});
