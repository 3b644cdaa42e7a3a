// Shares data between a template and the packages made from it. A template's values are frozen and kept with their
// DER: a package reuses both, and is encoded, decoded and checked only where it differs.

const contents = new WeakMap<object, Uint8Array>();

/** Deep-freezes a value and keeps its content in DER. Byte strings cannot be frozen: never write to one. */
export function keep(value: object, content: Uint8Array): void {
  freeze(value);
  contents.set(value, content);
}

/** The DER content of a kept value. */
export function keptContent(value: object): Uint8Array | undefined {
  return contents.get(value);
}

/** Whether decoding this content would give the kept value. */
export function isKeptAs(value: object | undefined, content: Uint8Array): value is object {
  const kept = value && contents.get(value);
  return kept !== undefined && Buffer.compare(kept, content) === 0;
}

/** Memoises a function for kept values, which cannot change. */
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
