import type { MetadataLine } from '../metadata.ts';
import { Icon } from './icon.tsx';

/** Keys and values of the owner's own, a pair per line. */
export function MetadataFields({
  lines,
  onChange,
  problem,
}: {
  lines: readonly MetadataLine[];
  onChange: (lines: MetadataLine[]) => void;
  problem?: string | undefined;
}) {
  const set = (at: number, change: Partial<MetadataLine>) =>
    onChange(lines.map((line, index) => (index === at ? { ...line, ...change } : line)));
  return (
    <fieldset class="field metadata">
      <legend>Metadata (optional)</legend>
      {lines.map(({ key, value }, at) => (
        <div key={at} class="metadata-line">
          <input
            value={key}
            placeholder="key"
            aria-label={`Key ${at + 1}`}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            aria-invalid={problem !== undefined}
            onInput={({ currentTarget }) => set(at, { key: currentTarget.value })}
          />
          <input
            value={value}
            placeholder="value"
            aria-label={`Value ${at + 1}`}
            autocomplete="off"
            onInput={({ currentTarget }) => set(at, { value: currentTarget.value })}
          />
          <button
            type="button"
            class="button-quiet"
            aria-label={`Remove ${key || `line ${at + 1}`}`}
            onClick={() => onChange(lines.filter((_line, index) => index !== at))}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
      <div>
        <button
          type="button"
          class="button"
          onClick={() => onChange([...lines, { key: '', value: '' }])}
        >
          <Icon name="plus" />
          Add a key
        </button>
      </div>
      {problem === undefined ? (
        <p class="muted">
          Your own notes, such as a customer or a site: lists can be filtered by them, and callbacks
          have them.
        </p>
      ) : (
        <p class="field-problem" role="alert">
          {problem}
        </p>
      )}
    </fieldset>
  );
}
