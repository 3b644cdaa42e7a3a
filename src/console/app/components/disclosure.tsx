import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from './icon.tsx';

/** One line that opens; what is inside is made when it is opened first. */
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
