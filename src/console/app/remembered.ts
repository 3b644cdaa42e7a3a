// Settings kept in this browser: theme, columns, page size. The browser may refuse to store them.

const PREFIX = 'simwright.';

export function recall(name: string): string | undefined {
  try {
    return localStorage.getItem(PREFIX + name) ?? undefined;
  } catch {
    return undefined;
  }
}

/** @param value undefined deletes it */
export function remember(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // Then the setting lasts only as long as the page.
  }
}

/** Whether a key of the browser's storage is that of a setting. */
export function isRemembered(name: string, key: string | null): boolean {
  return key === PREFIX + name;
}
