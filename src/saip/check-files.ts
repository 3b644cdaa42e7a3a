// Rules of `check`: the files of the template elements, and the directories.
import type { CheckRule, Finding } from './check.ts';
import { fcpOf, isNotCreated, layoutOf, readFile } from './file-content.ts';
import type { FileLayout } from './file-content.ts';
import type { File } from './file.ts';
import { filesOf, templateIdOf } from './identity.ts';
import { oncePerKept } from './kept.ts';
import { isTyped } from './profile-element.ts';
import type { ProfileElement, TypedElement } from './profile-element.ts';
import { SaipError } from './saip-error.ts';

/** Files that the application requires, and whose content no template supplies. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  mf: ['mf', 'ef-iccid', 'ef-dir', 'ef-arr'],
  usim: ['adf-usim', 'ef-imsi', 'ef-arr', 'ef-ust', 'ef-spn', 'ef-est', 'ef-acc', 'ef-ecc'],
  isim: ['adf-isim', 'ef-impi', 'ef-impu', 'ef-domain', 'ef-ist', 'ef-arr'],
};

export function checkFiles(elements: readonly ProfileElement[]): Finding[] {
  const typed = elements.filter(isTyped);
  return [
    ...typed.flatMap((element) =>
      filesOf(element).flatMap(([name, file]) => checkFile(element, name, file)),
    ),
    ...typed.flatMap(checkRequired),
    ...checkDirectories(typed),
  ];
}

function checkFile(element: TypedElement, name: string, file: File): readonly Finding[] {
  return judgementsOf(file)(element.name, templateIdOf(element) ?? '', name);
}

/** The findings for a file depend only on the file and its place, so for a kept file they are cached. */
const judgementsOf = oncePerKept((file: File) => {
  let last: { place: string; findings: readonly Finding[] } | undefined;
  return (element: string, templateID: string, name: string): readonly Finding[] => {
    const place = `${element} ${templateID} ${name}`;
    if (last?.place !== place) {
      last = { place, findings: judgeFile(element, templateID, name, file) };
    }
    return last.findings;
  };
});

function judgeFile(element: string, templateID: string, name: string, file: File): Finding[] {
  const where = `${element}/${name}`;
  const form = formProblem(file);
  if (form) return [{ rule: 'file-form', where, message: form }];
  const problems: [CheckRule, string | undefined][] = isDirectory(name)
    ? [['file-form', directoryProblem(file)]]
    : contentProblems(element, templateID, name, file);
  return problems.flatMap(([rule, message]) => (message ? [{ rule, where, message }] : []));
}

function formProblem(file: File): string | undefined {
  if (isNotCreated(file)) {
    return file.length > 1 ? `expected doNotCreate alone, got ${file.length} items` : undefined;
  }
  const at = file.flatMap(({ choice }, i) => (choice === 'fileDescriptor' ? [i] : []));
  if (at.length > 1) return `expected one fileDescriptor, got ${at.length}`;
  if (at.length === 1 && at[0] !== 0) return 'expected the fileDescriptor in front, got it later';
  return undefined;
}

function directoryProblem(file: File): string | undefined {
  if (isNotCreated(file)) return undefined;
  if (file.some(({ choice }) => choice.startsWith('fill'))) return 'expected no content, got some';
  const fcp = fcpOf(file) ?? {};
  if (fcp.efFileSize) return 'expected no efFileSize for a directory, got one';
  return fcp.pinStatusTemplateDO ? undefined : 'expected a pinStatusTemplateDO, got none';
}

function contentProblems(
  element: string,
  templateID: string,
  name: string,
  file: File,
): [CheckRule, string | undefined][] {
  if (isNotCreated(file)) return [];
  try {
    const layout = layoutOf(element, templateID, name, file);
    if (layout) readFile(file, layout);
    return [
      ['fill-pattern', patternProblem(file, layout)],
      ['file-size', sizeProblem(file, layout)],
    ];
  } catch (error) {
    if (error instanceof SaipError) return [['file-size', error.message]];
    throw error;
  }
}

/** TS 102 222 §6.3.2.2.2: only one of the two patterns, no longer than the area it fills. */
function patternProblem(file: File, layout: FileLayout | undefined): string | undefined {
  const { fillPattern, repeatPattern } = fcpOf(file)?.proprietaryEFInfo ?? {};
  if (fillPattern && repeatPattern) return 'expected fillPattern or repeatPattern, got both';
  const size = (fillPattern ?? repeatPattern)?.length ?? 0;
  if (layout && size > layout.recordSize) {
    return `expected a pattern of at most ${layout.recordSize} bytes, got ${size}`;
  }
  return undefined;
}

function sizeProblem(file: File, layout: FileLayout | undefined): string | undefined {
  const { efFileSize } = fcpOf(file) ?? {};
  if (efFileSize && (efFileSize.length === 0 || (efFileSize.length > 1 && efFileSize[0] === 0))) {
    return 'expected efFileSize on the fewest bytes, got another form';
  }
  if (layout && layout.size % layout.recordSize !== 0) {
    return `expected whole records of ${layout.recordSize} bytes, got ${layout.size} in all`;
  }
  return undefined;
}

function checkRequired(element: TypedElement): Finding[] {
  const required = REQUIRED[element.name];
  if (required === undefined) return [];
  const files = new Map(filesOf(element));
  return required.flatMap((name): Finding[] => {
    const file = files.get(name) ?? [];
    const where = `${element.name}/${name}`;
    if (isNotCreated(file)) {
      return [{ rule: 'file-required', where, message: 'expected the file, got doNotCreate' }];
    }
    if (isDirectory(name) || hasContent(file)) return [];
    return [{ rule: 'file-required', where, message: 'expected a content, got none' }];
  });
}

function hasContent(file: File): boolean {
  const { fillPattern, repeatPattern } = fcpOf(file)?.proprietaryEFInfo ?? {};
  const isLink = fcpOf(file)?.linkPath !== undefined;
  return (
    isLink ||
    !!(fillPattern ?? repeatPattern) ||
    file.some(({ choice }) => choice === 'fillFileContent')
  );
}

/** An AID names one application, a temporary file ID one ADF. */
function checkDirectories(elements: readonly TypedElement[]): Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<string, string>();
  for (const element of elements) {
    for (const [name, file] of filesOf(element)) {
      if (!name.startsWith('adf-')) continue;
      const { dfName, fileID } = fcpOf(file) ?? {};
      const where = `${element.name}/${name}`;
      for (const [kind, bytes] of [['dfName', dfName] as const, ['fileID', fileID] as const]) {
        const key = `${kind} ${bytes?.toHex() ?? ''}`;
        if (!bytes) {
          findings.push({
            rule: 'directory-unique',
            where,
            message: `expected a ${kind}, got none`,
          });
        } else if (seen.has(key)) {
          const message = `expected another ${kind} than ${seen.get(key)} has, got the same`;
          findings.push({ rule: 'directory-unique', where, message });
        }
        seen.set(key, where);
      }
    }
  }
  return findings;
}

function isDirectory(name: string): boolean {
  return name === 'mf' || name.startsWith('df-') || name.startsWith('adf-');
}
