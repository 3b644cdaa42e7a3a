// Makes a logo small enough for the API, which takes at most 32 KiB.
import { dataUrl } from './data-url.ts';

const LIMIT = 32 * 1024;
const TYPES = ['image/png', 'image/jpeg'];
/** Three times the size at which install pages show it, for sharp screens; smaller if that is still too much. */
const SIZES = [
  [660, 144],
  [440, 96],
  [220, 48],
] as const;

/** Says what is wrong with a file. */
export class LogoProblem extends Error {
  override name = 'LogoProblem';
}

/** Throws `LogoProblem`. @returns a `data:` URL of at most 32 KiB of image */
export async function fitLogo(file: Blob): Promise<string> {
  if (!TYPES.includes(file.type)) throw new LogoProblem('Choose a PNG or JPEG image.');
  const image = await createImageBitmap(file).catch(() => {
    throw new LogoProblem('This file can’t be read as an image.');
  });
  if (file.size <= LIMIT && image.width <= 2000 && image.height <= 2000) return dataUrl(file);
  for (const size of SIZES) {
    const smaller = await shrink(image, size, file.type);
    if (smaller.size <= LIMIT) return dataUrl(smaller);
  }
  throw new LogoProblem('This image is too detailed to fit into 32 KiB. Choose a simpler one.');
}

async function shrink(
  image: ImageBitmap,
  [width, height]: readonly [number, number],
  type: string,
): Promise<Blob> {
  const scale = Math.min(1, width / image.width, height / image.height);
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  const { promise, resolve } = Promise.withResolvers<Blob | null>();
  canvas.toBlob(resolve, type);
  const blob = await promise;
  if (blob === null) throw new LogoProblem('This image can’t be made smaller here.');
  return blob;
}
