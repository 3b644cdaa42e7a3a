import type { RefObject } from 'preact';

/** The end of a form in a dialog: one button closes the dialog, the other sends the form. */
export function DialogButtons({
  dialog,
  close = 'Cancel',
  submit,
  danger = false,
  disabled,
}: {
  dialog: RefObject<HTMLDialogElement | null>;
  /** What the first button is called. */
  close?: 'Back' | 'Cancel' | 'Close';
  /** Says what it does: "Cancel the order". */
  submit: string;
  /** Whether it cannot be undone. */
  danger?: boolean;
  /** Whether the form cannot be sent now. */
  disabled: boolean;
}) {
  return (
    <div class="form-actions">
      <button type="button" class="button" onClick={() => dialog.current?.close()}>
        {close}
      </button>
      <button
        type="submit"
        class={`button ${danger ? 'button-danger' : 'button-primary'}`}
        disabled={disabled}
      >
        {submit}
      </button>
    </div>
  );
}
