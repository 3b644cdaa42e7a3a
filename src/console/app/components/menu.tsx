import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';

/** A button that opens a list of choices below it, or above; Esc, or leaving it, closes it. */
export function Menu({
  title,
  icon,
  up = false,
  children,
}: {
  title: ComponentChildren;
  icon: IconName;
  up?: boolean;
  /** Rendered once it is open. */
  children: (close: () => void) => ComponentChildren;
}) {
  const details = useRef<HTMLDetailsElement>(null);
  const [open, setOpen] = useState(false);
  function close(): void {
    if (details.current !== null) details.current.open = false;
  }
  return (
    <details
      ref={details}
      class={up ? 'menu menu-up' : 'menu'}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !event.currentTarget.open) return;
        // Not also what Esc does on the page.
        event.preventDefault();
        close();
        event.currentTarget.querySelector('summary')?.focus();
      }}
      onFocusOut={({ relatedTarget, currentTarget }) => {
        if (!currentTarget.contains(relatedTarget as Node | null)) close();
      }}
    >
      <summary class="button">
        <Icon name={icon} />
        {title}
      </summary>
      <div class="menu-body" tabIndex={-1}>
        {open && children(close)}
      </div>
    </details>
  );
}
