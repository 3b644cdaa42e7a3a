import { CopyButton } from './copy.tsx';

/** Something to type or to paste elsewhere. */
export function Command({
  text,
  what = 'command',
  long = false,
}: {
  text: string;
  what?: string;
  /** Whether its lines are kept, and scrolled to where they do not fit. */
  long?: boolean;
}) {
  return (
    <div class={long ? 'command command-long' : 'command'}>
      <pre tabIndex={0} aria-label={what}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}
