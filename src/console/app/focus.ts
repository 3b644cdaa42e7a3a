/** Moves the focus to the page's content: for a new page, and when what had the focus is gone. */
export function focusContent(): void {
  document.getElementById('content')?.focus({ preventScroll: true });
}
