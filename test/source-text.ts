// Reads the source as text, where a test asks what is written in it.

/** What a text that stands in the source looks like when it is made: `${…}` is anything. */
export function patternOf(template: string): RegExp {
  const parts = template.split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/);
  return new RegExp(`^${parts.map((part) => RegExp.escape(part)).join('.*')}$`, 's');
}
