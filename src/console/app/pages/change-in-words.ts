// A change of an order, as its history has it, in the words of this console.
import { localTime } from '../local-time.ts';

const WORDS: [pattern: RegExp, words: (found: string) => string][] = [
  [/^matching ID re-issued$/, () => 'new activation code; the old one no longer works'],
  [/^bound to no EID$/, () => 'any device with the code can download it'],
  [/^bound to EID (.*)$/, (eid) => `only the device with EID ${eid} can download it`],
  [/^another confirmation code$/, () => 'another confirmation code'],
  [/^another friendly name$/, () => 'another name'],
  [/^friendly name removed$/, () => 'name removed'],
  [/^no longer expires$/, () => 'no longer expires'],
  [/^expires at (.*)$/, (date) => `expires on ${localTime(date)}`],
];

/** @param cause of an event of the type `change`; several are separated by semicolons */
export function changeInWords(cause: string): string {
  return cause.split('; ').map(partInWords).join('; ');
}

function partInWords(part: string): string {
  for (const [pattern, words] of WORDS) {
    const found = pattern.exec(part);
    if (found !== null) return words(found[1] ?? '');
  }
  return part;
}
