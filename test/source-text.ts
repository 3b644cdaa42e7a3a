// Reads the source as text, for tests about its content.

/** A pattern for the texts that a template literal in the source can produce: `${…}` matches anything. */
export function patternOf(template: string): RegExp {
  const parts = template.split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/);
  return new RegExp(`^${parts.map((part) => RegExp.escape(part)).join('.*')}$`, 's');
}
