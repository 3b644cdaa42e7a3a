/** Makes the next call of a method wait until it is released. */
export function holdNext<Name extends string>(
  part: Record<Name, (...values: never[]) => Promise<unknown>>,
  name: Name,
): { called: Promise<void>; letGo: () => void } {
  const called = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const method = part[name].bind(part);
  part[name] = async (...values) => {
    part[name] = method;
    called.resolve();
    await held.promise;
    return method(...values);
  };
  return { called: called.promise, letGo: held.resolve };
}
