// Puts something between a method and those who call it.

type Method = (this: any, ...given: any[]) => any;

/** @param make makes the new method of the original one */
export function replaceMethod(
  owner: object,
  name: string,
  make: (original: Method) => Method,
): void {
  Reflect.set(owner, name, make(Reflect.get(owner, name) as Method));
}
