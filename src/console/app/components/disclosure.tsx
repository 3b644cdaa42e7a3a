import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from './icon.tsx';

/** A line that expands; its content is rendered when first opened. */
export function Disclosure({
  summary,
  children,
}: {
  summary: ComponentChildren;
  children: () => ComponentChildren;
}) {
  const [opened, setOpened] = useState(false);
  return (
    <details
      class="disclosure"
      onToggle={({ currentTarget }) => currentTarget.open && setOpened(true)}
    >
      <summary>
        <Icon name="chevron" />
        {summary}
      </summary>
      {opened && <div class="disclosure-body">{children()}</div>}
    </details>
  );
}
