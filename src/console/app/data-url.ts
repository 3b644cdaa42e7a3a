/** The contents of a file as a `data:` URL, in base64. */
export function dataUrl(file: Blob): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const reader = new FileReader();
  reader.addEventListener('load', () => resolve(reader.result as string));
  reader.readAsDataURL(file);
  return promise;
}
