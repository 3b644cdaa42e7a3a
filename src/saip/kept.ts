// What a template and the packages made from it have in common. Values of a template are frozen and stay
// with the DER they were decoded from: a package takes over both, and is encoded, decoded and looked over
// only where it differs.

const contents = new WeakMap<object, Uint8Array>();

/** Freezes a value with all that is in it, and keeps its content in DER. Byte strings cannot be frozen: never write to one. */
export function keep(value: object, content: Uint8Array): void {
  freeze(value);
  contents.set(value, content);
}

/** The content of a value that is kept. */
export function keptContent(value: object): Uint8Array | undefined {
  return contents.get(value);
}

/** Whether to decode this content would give a value that is kept already. */
export function isKeptAs(value: object | undefined, content: Uint8Array): value is object {
  const kept = value && contents.get(value);
  return kept !== undefined && Buffer.compare(kept, content) === 0;
}

/** A function of one value; of a kept value, which cannot change, it is computed once. */
export function oncePerKept<V extends object, R>(compute: (value: V) => R): (value: V) => R {
  const computed = new WeakMap<V, R>();
  return (value) => {
    if (!contents.has(value)) return compute(value);
    if (!computed.has(value)) computed.set(value, compute(value));
    return computed.get(value) as R;
  };
}

function freeze(value: object): void {
  if (ArrayBuffer.isView(value)) return;
  Object.freeze(value);
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) freeze(member as object);
  }
}
