import { useEffect, useRef, useState } from 'preact/hooks';
import { FIRST_PAGE } from '../location.ts';
import type { Query } from '../location.ts';

/** Waits for a pause in typing. */
const PAUSE_MS = 250;

/** Searches while the user types; the text is in the address bar, as `q`. */
export function SearchBox({
  query,
  placeholder,
  label,
}: {
  query: Query;
  placeholder: string;
  label: string;
}) {
  const asked = query.get('q');
  const [text, setText] = useState(asked);
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(query);
  latest.current = query;
  const seen = useRef(asked);
  useEffect(() => {
    // Not on the first render: the user may be typing already.
    if (asked === seen.current) return;
    seen.current = asked;
    clearTimeout(waiting.current);
    setText(asked);
  }, [asked]);
  useEffect(() => () => clearTimeout(waiting.current), []);

  function submit(value: string): void {
    clearTimeout(waiting.current);
    const now = latest.current;
    const before = now.get('q');
    // Back returns to the list before the search, not through each letter.
    if (value !== before) now.change({ q: value, ...FIRST_PAGE }, before !== '');
  }

  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        submit(text.trim());
      }}
    >
      <input
        type="search"
        value={text}
        placeholder={placeholder}
        aria-label={label}
        spellcheck={false}
        autocapitalize="off"
        autocomplete="off"
        onInput={({ currentTarget: { value } }) => {
          setText(value);
          clearTimeout(waiting.current);
          waiting.current = setTimeout(() => submit(value.trim()), PAUSE_MS);
        }}
      />
      {text === '' && (
        <span class="search-key" aria-hidden="true">
          <kbd>/</kbd>
        </span>
      )}
    </form>
  );
}
