// A profile package in ASN.1 value notation, for people. Keys, codes and key files show only their size.
import { decodeProfilePackage, isTyped, typeOf } from './profile-element.ts';

export function describeProfilePackage(upp: Uint8Array): string {
  return decodeProfilePackage(upp)
    .map((element, i) => {
      const text = isTyped(element)
        ? typeOf(element.name).describe(element.value, '')
        : `<${element.bytes.length} bytes>`;
      return `value${i + 1} ProfileElement ::= ${element.name} : ${text}\n`;
    })
    .join('');
}
