// Computes the content of a file as created by the eUICC (the fill pattern, then offsets and contents in turn), and
// the inverse, the fill for a given content. Patterns: TS 102 222 §6.3.2.2.2.
import { headOf } from './composed.ts';
import type { Fcp, File } from './file.ts';
import type { FileStructure, TemplateFile } from './file-template.ts';
import { templateFile } from './file-template.ts';
import { SaipError } from './saip-error.ts';

export interface FileLayout {
  where: string; // element and file, for errors
  structure: FileStructure;
  size: number;
  recordSize: number; // for a file without records, its size
  initial: Uint8Array; // content before any fillFileContent
}

const DEFAULT_FILL = Uint8Array.of(0xff);
const MAX_FILE_SIZE = 2 ** 20; // a declared size alone must not exhaust our memory

/** Undefined if neither descriptor nor template gives the size; throws if it is absurd. */
export function layoutOf(
  element: string,
  templateID: string,
  name: string,
  file: File,
): FileLayout | undefined {
  const fcp = fcpOf(file) ?? {};
  const template = templateFile(element, templateID, name);
  const structure = structureOf(fcp) ?? template?.structure;
  if (!structure) return undefined;
  const size = fcp.efFileSize ? toNumber(fcp.efFileSize) : sizeOf(template);
  const hasRecords = structure === 'linear' || structure === 'cyclic';
  const recordSize = hasRecords ? (recordSizeOf(fcp) ?? template?.size) : size;
  if (size === undefined || recordSize === undefined || recordSize === 0) return undefined;
  const where = `${element}/${name}`;
  if (size > MAX_FILE_SIZE) {
    throw new SaipError('bad-size', where, `at most ${MAX_FILE_SIZE} bytes`, `${size}`);
  }
  const initial = initialContent(fcp, template, size, recordSize);
  return { where, structure, size, recordSize, initial };
}

export function fcpOf(file: File): Fcp | undefined {
  return file.find((item) => item.choice === 'fileDescriptor')?.value;
}

export function isNotCreated(file: File): boolean {
  return file.some((item) => item.choice === 'doNotCreate');
}

export function readFile(file: File, layout: FileLayout): Uint8Array {
  const content = layout.initial.slice();
  let at = 0;
  for (const item of file) {
    if (item.choice === 'fillFileOffset') at += item.value;
    if (item.choice === 'fillFileContent') {
      if (at + item.value.length > content.length) {
        const expected = `at most ${content.length} bytes`;
        throw new SaipError('bad-size', layout.where, expected, `${at + item.value.length}`);
      }
      content.set(item.value, at);
      at += item.value.length;
    }
  }
  return content;
}

/**
 * The file with this content: the descriptor stays, and a single fill replaces the others, up to the last record that
 * needs it.
 */
export function writeFile(file: File, layout: FileLayout, content: Uint8Array): File {
  const { where, size, recordSize, initial } = layout;
  if (content.length !== size) {
    throw new SaipError('bad-size', where, `${size} bytes`, `${content.length}`);
  }
  const last = content.findLastIndex((byte, i) => byte !== initial[i]);
  return replaceFills(
    file,
    headOf(content, Math.ceil(Math.max(last + 1, 1) / recordSize) * recordSize),
  );
}

function replaceFills(file: File, content: Uint8Array): File {
  const kept = file.filter(
    (item) => item.choice !== 'fillFileOffset' && item.choice !== 'fillFileContent',
  );
  return [...kept, { choice: 'fillFileContent', value: content }];
}

export function structureOf(fcp: Fcp): FileStructure | undefined {
  const byte = fcp.fileDescriptor?.[0];
  if (byte === undefined) return undefined;
  if ((byte & 0x3f) === 0x39) return 'ber-tlv'; // TS 102 221 §11.1.1.4.3
  const bySelector: Partial<Record<number, FileStructure>> = {
    1: 'transparent',
    2: 'linear',
    6: 'cyclic',
  };
  return (byte & 0x38) === 0x38 ? undefined : bySelector[byte & 0x07];
}

export function recordSizeOf(fcp: Fcp): number | undefined {
  const { fileDescriptor } = fcp;
  if (!fileDescriptor || fileDescriptor.length < 3) return undefined;
  return toNumber(fileDescriptor.subarray(2));
}

export function toNumber(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** The number in as few bytes as possible, as required for efFileSize. */
export function toBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest > 0 || bytes.length === 0; rest = Math.floor(rest / 256)) {
    bytes.unshift(rest % 256);
  }
  return Uint8Array.from(bytes);
}

function sizeOf(template: TemplateFile | undefined): number | undefined {
  return template && template.size > 0 ? template.size * template.records : undefined;
}

function initialContent(
  fcp: Fcp,
  template: TemplateFile | undefined,
  size: number,
  recordSize: number,
): Uint8Array {
  const { fillPattern, repeatPattern } = fcp.proprietaryEFInfo ?? {};
  const content = new Uint8Array(size);
  if (repeatPattern) {
    return content.map((_, i) => repeatPattern[(i % recordSize) % repeatPattern.length] ?? 0);
  }
  const pattern = fillPattern ?? template?.fill ?? DEFAULT_FILL;
  content.fill(pattern.at(-1) ?? 0);
  if (pattern.length === 1) return content;
  const beginning = pattern.subarray(0, recordSize);
  for (let at = 0; at < size; at += recordSize) {
    content.set(beginning.subarray(0, size - at), at);
  }
  return content;
}
