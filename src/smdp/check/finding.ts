// What a check of the PKI says.

export const VERDICTS = ['fault', 'warning', 'ok'] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface Judgement {
  verdict: Verdict;
  found: string;
  expected: string;
  /** What to do; of those that are not ok. */
  advice?: string;
}

export interface Finding extends Judgement {
  check: string;
  /** What was looked at. */
  subject: string;
}

export const ok = (found: string, expected: string): Judgement => ({
  verdict: 'ok',
  found,
  expected,
});
export const warning = (found: string, expected: string, advice: string): Judgement => ({
  verdict: 'warning',
  found,
  expected,
  advice,
});
export const fault = (found: string, expected: string, advice: string): Judgement => ({
  verdict: 'fault',
  found,
  expected,
  advice,
});

/** A certificate, a CRL or anything else that ends. */
export function judgeEnd(
  end: Date,
  now: Date,
  { least, ended, advice }: { least: number; ended: Verdict; advice: string },
): Judgement {
  const days = Math.floor((end.getTime() - now.getTime()) / DAY_MS);
  const day = end.toISOString().slice(0, 10);
  const expected = `valid for at least ${least} days more`;
  if (end < now) return { verdict: ended, found: `it ended on ${day}`, expected, advice };
  const found = `valid until ${day}, ${days} ${days === 1 ? 'day' : 'days'} more`;
  return days < least ? warning(found, expected, advice) : ok(found, expected);
}

const DAY_MS = 24 * 60 * 60 * 1_000;
