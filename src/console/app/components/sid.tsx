import { CopyButton } from './copy.tsx';

const HEAD = 10;
const TAIL = 6;

/** A monospace identifier with a copy button; long ones are truncated in the middle. */
export function Id({
  text,
  what,
  href,
  whole = false,
}: {
  text: string;
  what: string;
  href?: string;
  whole?: boolean;
}) {
  const cut = !whole && text.length > 24;
  const shown = cut ? `${text.slice(0, HEAD)}…${text.slice(-TAIL)}` : text;
  const title = cut ? text : undefined;
  return (
    <span class="id">
      {href === undefined ? (
        <code title={title}>{shown}</code>
      ) : (
        <a href={href} title={title}>
          <code>{shown}</code>
        </a>
      )}
      <CopyButton text={text} what={what} />
    </span>
  );
}
