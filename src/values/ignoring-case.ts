/**
 * A text in the form in which texts that differ only in letter case, or in how an accent is encoded, are equal. By upper
 * case, which does not depend on the neighbours of a letter: a text that begins another one still begins it.
 */
export function ignoringCase(text: string): string {
  return text.normalize('NFC').toUpperCase().normalize('NFC');
}
