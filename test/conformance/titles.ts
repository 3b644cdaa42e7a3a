// The titles of the tests as written, each with those of the blocks around it.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const TEST = join(import.meta.dirname, '..');

export interface TestTitle {
  /** Relative to the project's folder. */
  file: string;
  /** From the outermost block to the test itself; `…` stands for what a template fills in. */
  titles: string[];
  /** The source of the table over which a loop around the test iterates. */
  table: string;
}

const CALL =
  /^( *)(?:void |await )?(describe|onEachDatabase(?:AndPooler)?|test)\(\s*(?:(['"])((?:\\.|(?!\3).)*)\3|`((?:\\.|[^`\\])*)`)/gm;

/** In the order of the files. Their blocks are told by the indentation, which prettier guarantees. */
export function readTitles(): TestTitle[] {
  const files = globSync('**/*.test.ts', { cwd: TEST }).map((name) => name.replaceAll('\\', '/'));
  return files
    .toSorted()
    .flatMap((name) =>
      titlesIn(readFileSync(join(TEST, name), 'utf8')).map((found) => ({
        file: `test/${name}`,
        ...found,
      })),
    )
    .concat(readVectorTitles());
}

export function titlesIn(text: string): Pick<TestTitle, 'titles' | 'table'>[] {
  const found: Pick<TestTitle, 'titles' | 'table'>[] = [];
  let blocks: { indent: number; title: string }[] = [];
  for (const match of text.matchAll(CALL)) {
    const [, spaces = '', callee, , quoted, template] = match;
    const indent = spaces.length;
    const title = plain(quoted ?? template ?? '');
    blocks = blocks.filter((block) => block.indent < indent);
    if (callee !== 'test') blocks.push({ indent, title });
    else {
      const titles = [...blocks.map((block) => block.title), title];
      const table = template === undefined ? '' : tableOf(text.slice(0, match.index), indent);
      found.push({ titles, table });
    }
  }
  return found;
}

/** What is iterated over by the loop whose body begins at the end of this text, even if that is a constant above it. */
function tableOf(before: string, indent: number): string {
  const loop = `\n${' '.repeat(Math.max(indent - 2, 0))}for (`;
  const at = before.lastIndexOf(loop);
  if (at < 0) return '';
  const header = before.slice(at);
  const isClosed = header.includes(`\n${' '.repeat(Math.max(indent - 2, 0))}}\n`);
  if (isClosed) return '';
  const name = /^\n *for \(const .*? of (\w+)\) \{\n$/.exec(header)?.[1];
  if (name === undefined) return header;
  const declared = before.lastIndexOf(`const ${name}`);
  return declared < 0 ? '' : before.slice(declared, before.indexOf(';\n', declared));
}

function plain(literal: string): string {
  return literal
    .replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…')
    .replaceAll(/\\(.)/g, '$1')
    .replaceAll(/\s+/g, ' ');
}

interface VectorFile {
  title: string;
  groups: { rule: string; clause: string; tests: unknown[] }[];
}

/** Vector tests take their titles from the files: one group per rule. */
function readVectorTitles(): TestTitle[] {
  return globSync('vectors/{certificates,packages}/*.json', { cwd: TEST })
    .map((name) => name.replaceAll('\\', '/'))
    .toSorted()
    .flatMap((name) => {
      const { title, groups } = JSON.parse(readFileSync(join(TEST, name), 'utf8')) as VectorFile;
      return groups.map(({ rule, clause, tests }) => ({
        file: `test/${name}`,
        titles: [title, `${clause} ${rule} (${tests.length} vectors)`],
        table: '',
      }));
    });
}
