import { useEffect, useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { Icon } from './icon.tsx';

const SHOWN_MS = 1_500;

/** @param what names the text, for the button: "Copy ICCID" */
export function CopyButton({ text, what, label }: { text: string; what: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <button
      type="button"
      class={label === undefined ? 'copy' : 'button'}
      data-copied={copied}
      aria-label={label === undefined ? `Copy ${what}` : undefined}
      title={`Copy ${what}`}
      onClick={() => {
        void copy(text).then((done) => {
          setCopied(done);
          announce(done ? `${what} copied` : `${what} could not be copied`);
        });
      }}
    >
      <Icon name={copied ? 'check' : 'copy'} />
      {label !== undefined && (copied ? 'Copied' : label)}
    </button>
  );
}

/** Browsers offer the clipboard API only over https and on localhost; elsewhere `execCommand` still works. */
async function copy(text: string): Promise<boolean> {
  if (window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Not allowed, perhaps because the page has no focus.
    }
  }
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'visually-hidden';
  (document.querySelector('dialog[open]') ?? document.body).append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  return done;
}
