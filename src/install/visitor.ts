/** The systems whose installer a link opens. */
export const SYSTEMS = ['apple', 'android', 'windows'] as const;
export type System = (typeof SYSTEMS)[number];

/**
 * The system of a visitor, as far as its browser tells. iPads that ask for desktop pages pretend to be Macs, which have no
 * eSIM.
 */
export function systemOf(userAgent: string | undefined): System | undefined {
  if (userAgent === undefined) return undefined;
  // Windows Phone pretended to be both.
  if (/Windows/i.test(userAgent)) return 'windows';
  if (/\b(?:iPhone|iPad|iPod)\b/.test(userAgent)) return 'apple';
  return /\bAndroid\b/.test(userAgent) ? 'android' : undefined;
}
