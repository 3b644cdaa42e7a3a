// Changes the content of a file in a package, identified by element and name.
import { compose } from './composed.ts';
import { fcpOf, isNotCreated, layoutOf, readFile, writeFile } from './file-content.ts';
import type { FileLayout } from './file-content.ts';
import { fileOf, templateIdOf } from './identity.ts';
import { ownElementsOf } from './shared-template.ts';
import type { ProfileElement, TypedElement, TypedName } from './profile-element.ts';
import { SaipError } from './saip-error.ts';

/** Replaces the beginning of a file's content with the result of `edit`; the rest stays. */
export function editFile(
  elements: ProfileElement[],
  elementName: TypedName,
  name: string,
  edit: (old: Uint8Array, layout: FileLayout) => Uint8Array,
): void {
  const where = `${elementName}/${name}`;
  const element = onlyElement(elements, elementName, where);
  const file = fileOf(element, name);
  // The content of a linked file is stored under another name.
  if (!file || isNotCreated(file) || (fcpOf(file)?.linkPath?.length ?? 0) > 0) {
    throw missingTarget(where, 'a content');
  }
  const layout = layoutOf(elementName, templateIdOf(element) ?? '', name, file);
  if (!layout) throw new SaipError('missing-element', where, 'a file size', 'none');
  const old = readFile(file, layout);
  const head = edit(old, layout);
  if (head.length > layout.size) {
    throw new SaipError('bad-size', where, `at most ${layout.size} bytes`, `${head.length}`);
  }
  const content = compose(head, old.subarray(head.length));
  Object.assign(element.value, { [name]: writeFile(file, layout, content) });
}

function onlyElement(elements: ProfileElement[], name: TypedName, where: string): TypedElement {
  const [element, ...others] = ownElementsOf(elements, name) as TypedElement[];
  if (!element) throw missingTarget(where, 'a content');
  if (others.length > 0) {
    throw new SaipError('ambiguous-target', where, `one ${name}`, `${others.length + 1}`);
  }
  return element;
}

export function missingTarget(where: string, what: string): SaipError {
  return new SaipError('missing-target', where, `a place for ${what}`, 'none in the template');
}
