// A template decoded once for many packages.
import { encodeContent } from './asn1-type.ts';
import { keep } from './kept.ts';
import { filesOf } from './identity.ts';
import { File } from './file.ts';
import {
  decodeProfileElement,
  elementsOf,
  isTyped,
  splitProfilePackage,
} from './profile-element.ts';
import type { ElementValue, ProfileElement, TypedName } from './profile-element.ts';

/** Packages made from it share these elements, except those that differ, so they are read-only. */
export interface SharedTemplate {
  readonly elements: readonly ProfileElement[];
}

/** The bytes must not change afterwards. Throws `SaipError` if they are not a profile package. */
export function shareTemplate(template: Uint8Array): SharedTemplate {
  const elements = splitProfilePackage(template).map((raw) => {
    const element = decodeProfileElement(raw);
    if (!isTyped(element)) return element;
    // Keep the files too, for packages in which only some files of the element differ.
    for (const [name, file] of filesOf(element)) {
      keep(file, encodeContent(File, file, `${element.name}/${name}`));
    }
    keep(element.value, raw.content);
    return element;
  });
  return { elements };
}

/** The elements of this name, for writing: those shared with a template are replaced by copies. */
export function ownElementsOf<N extends TypedName>(
  elements: ProfileElement[],
  name: N,
): { name: N; value: ElementValue<N> }[] {
  elements.forEach((element, i) => {
    if (element.name !== name || !isTyped(element) || !Object.isFrozen(element.value)) return;
    elements[i] = { ...element, value: { ...element.value } } as ProfileElement;
  });
  return elementsOf(elements, name);
}
