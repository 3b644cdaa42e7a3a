// The form of the vector files, which test/vectors/README.md describes.

/** What a vector gives to whoever judges it; certificates, CRLs in base64, packages in hexadecimal. */
export type Input = Readonly<Record<string, string | number | readonly string[]>>;

export interface Vector {
  readonly comment: string;
  /** What differs from `given` of the group, and what it lacks. */
  readonly input?: Input;
  readonly expected: Expected;
}

export type Expected =
  | ({ readonly result: 'valid' } & Input)
  | { readonly result: 'invalid'; readonly reason: string; readonly at: string };

export interface Group {
  /** The rule in words. */
  readonly rule: string;
  /** Of the standard that has the rule, or why there is one where no standard has it. */
  readonly clause: string;
  readonly given?: Input;
  readonly tests: readonly Vector[];
}

export interface VectorFile {
  /** Below test/vectors, without `.json`. */
  readonly name: string;
  readonly title: string;
  /** Which judgement the vectors are for. */
  readonly judges: string;
  readonly groups: readonly Group[];
}

export const valid = (comment: string, input: Input = {}, output: Input = {}): Vector => ({
  comment,
  input,
  expected: { result: 'valid', ...output },
});

/** @param reason and place as `at/reason`, say `eum/path-length` */
export function invalid(where: string, comment: string, input: Input = {}): Vector {
  const cut = where.lastIndexOf('/');
  const [at, reason] = [where.slice(0, cut), where.slice(cut + 1)];
  return { comment, input, expected: { result: 'invalid', reason, at } };
}

/** The text of a file. */
export function render({ title, judges, groups }: VectorFile): string {
  let id = 0;
  const numbered = groups.map(({ rule, clause, given = {}, tests }) => ({
    rule,
    clause,
    given,
    tests: tests.map(({ comment, input = {}, expected }) => ({
      id: (id += 1),
      comment,
      ...input,
      ...expected,
    })),
  }));
  const file = { title, judges, numberOfTests: id, groups: numbered };
  return `${JSON.stringify(file, null, 1)}\n`;
}
