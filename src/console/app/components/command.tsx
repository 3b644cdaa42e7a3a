import { CopyButton } from './copy.tsx';

/** A text to type or paste elsewhere, such as a command. */
export function Command({ text, what = 'command' }: { text: string; what?: string }) {
  return (
    <div class="command">
      <pre tabIndex={0} aria-label={what}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}
