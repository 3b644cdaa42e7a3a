// The clauses of standards that the source names, and the refusals of §5.2.6 that it throws.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { citationsOf, codesOf, type Citation } from './citations.ts';

const SRC = join(import.meta.dirname, '../../src');

const files = globSync('**/*.{ts,tsx}', { cwd: SRC })
  .map((name) => name.replaceAll('\\', '/'))
  .toSorted()
  .map((name) => ({ name, text: readFileSync(join(SRC, name), 'utf8') }));

/** Every clause, with the files that name it. */
export function citedClauses(): (Citation & { file: string })[] {
  return files.flatMap(({ name, text }) =>
    // A citation may continue on the next line of a comment.
    citationsOf(text.replaceAll(/\n\s*(?:\/\/|\*)\s?/g, ' ')).map((citation) => ({
      ...citation,
      file: name,
    })),
  );
}

const THROWN = /new FunctionExecutionError\(\s*([^,]+),\s*([^,)]+)/g;
const LITERAL = /^'([\d.]+)'$/;

/**
 * `SUBJECT/REASON` with the files that throw it. If a call computes its code, a comment in the file lists the
 * possible pairs.
 */
export function thrownPairs(): Map<string, Set<string>> {
  const pairs = new Map<string, Set<string>>();
  const add = (pair: string, file: string) => {
    const found = pairs.get(pair) ?? new Set();
    pairs.set(pair, found.add(file));
  };
  for (const { name, text } of files) {
    for (const [, subject = '', reason = ''] of text.matchAll(THROWN)) {
      const codes = [subject, reason].map((code) => LITERAL.exec(code.trim())?.[1]);
      if (codes.every((code) => code !== undefined)) add(codes.join('/'), name);
      else for (const pair of codesOf(commentsOf(text))) add(pair, name);
    }
  }
  return pairs;
}

function commentsOf(text: string): string {
  return Array.from(text.matchAll(/\/\*[\s\S]*?\*\/|\/\/.*/g), ([comment]) => comment).join('\n');
}
