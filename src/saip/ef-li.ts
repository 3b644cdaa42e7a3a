// EF.LI (TS 31.102 §4.2.1) and EF.PL (TS 102 221 §13.3): languages in order of preference, as two-letter ISO 639
// codes.
import { SaipError } from './saip-error.ts';

export function encodeLanguages(languages: readonly string[], size: number): Uint8Array {
  if (2 * languages.length > size) {
    throw new SaipError(
      'bad-size',
      'ef-li',
      `at most ${size / 2} languages`,
      `${languages.length}`,
    );
  }
  const bytes = new Uint8Array(size).fill(0xff);
  languages.forEach((language, i) => {
    if (!/^[a-z]{2}$/.test(language)) {
      throw new SaipError('bad-value', 'ef-li', 'two letters', language);
    }
    bytes.set(new TextEncoder().encode(language), 2 * i);
  });
  return bytes;
}

export function decodeLanguages(bytes: Uint8Array): string[] {
  const languages: string[] = [];
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    const code = bytes.subarray(i, i + 2);
    if (code.every((byte) => byte === 0xff)) continue;
    const language = String.fromCharCode(...code);
    if (!/^[a-z]{2}$/.test(language)) {
      throw new SaipError('bad-value', 'ef-li', 'two letters or FFFF', code.toHex());
    }
    languages.push(language);
  }
  return languages;
}
