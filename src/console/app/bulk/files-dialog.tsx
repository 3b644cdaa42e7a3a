import { useEffect, useRef, useState } from 'preact/hooks';
import { Dialog } from '../components/dialog.tsx';
import { Icon } from '../components/icon.tsx';
import { Problem } from '../components/problem.tsx';
import { StatusPill } from '../components/status.tsx';
import { ApiProblem, toProblem } from '../http.ts';
import { shownFields } from '../pages/profile-columns.tsx';
import type { Selection } from '../selection.ts';
import { codeFiles, intuneFiles, TABLES, tableFile, whyNoCode } from './files.ts';
import type { File, FileKind } from './files.ts';
import { useCollected } from './use-collected.ts';
import type { Selected } from './collect.ts';
import { profiles } from './words.ts';

const TITLES: Record<FileKind, string> = {
  csv: 'Export as CSV',
  shown: 'Export as CSV',
  spreadsheet: 'Export for Excel',
  jsonl: 'Export as JSON Lines',
  sheet: 'QR sheet',
  zip: 'QR codes (ZIP)',
  intune: 'Export for Microsoft Intune',
};

const CODES = ['sheet', 'zip', 'intune'] as const;
type CodeKind = (typeof CODES)[number];

const ABOUT: Record<CodeKind, string> = {
  sheet: 'Labels to print, each with the QR code of a profile that a device can still download.',
  zip: 'An image for each profile that a device can still download, and a table of them.',
  intune: 'ICCIDs and matching IDs of the available profiles, 1,000 per file.',
};

/** Files of what is selected, and what is not in them. */
export function FilesDialog({
  kind,
  chosen,
  onClose,
}: {
  kind: FileKind;
  chosen: Selection;
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { selected, count, problem } = useCollected(chosen);
  const { files, failed } = useFiles(kind, chosen, selected);
  const why = problem ?? failed;
  useEffect(() => dialog.current?.showModal(), []);
  const codes = CODES.find((one) => one === kind);
  return (
    <Dialog title={TITLES[kind]} dialog={dialog} onClose={onClose}>
      {codes !== undefined && <p>{ABOUT[codes]}</p>}
      {why !== undefined && <Problem problem={why} />}
      {files === undefined && why === undefined && (
        <p class="muted" role="status">
          Reading the selection: {profiles(count)}…
        </p>
      )}
      {files !== undefined && (
        <ul class="files">
          {files.map(({ name, href, text }) => (
            <li key={href}>
              <a
                class="button button-primary"
                href={href}
                {...(kind === 'sheet' ? { target: '_blank', rel: 'noopener' } : { download: name })}
              >
                <Icon name={kind === 'sheet' ? 'print' : 'download'} />
                {kind === 'sheet' ? `Open ${name}` : `Save ${name}`}
              </a>
              <span class="muted">{text}</span>
            </li>
          ))}
          {files.length === 0 && <li>None of these profiles has a code that a device can use.</li>}
        </ul>
      )}
      {codes !== undefined && selected !== undefined && (
        <LeftOut selected={selected} kind={codes} />
      )}
    </Dialog>
  );
}

/** The files, once the selection is read. */
function useFiles(
  kind: FileKind,
  chosen: Selection,
  selected: readonly Selected[] | undefined,
): { files: File[] | undefined; failed: ApiProblem | undefined } {
  const [state, setState] = useState<{ files?: File[]; failed?: ApiProblem }>({});
  useEffect(() => {
    if (selected === undefined) return undefined;
    const aborter = new AbortController();
    const made: File[] = [];
    make(kind, chosen, selected, aborter.signal).then(
      (files) => {
        made.push(...files);
        setState({ files });
      },
      (error: unknown) => {
        if (!aborter.signal.aborted) setState({ failed: toProblem(error) });
      },
    );
    return () => {
      aborter.abort();
      for (const { href } of made) if (href.startsWith('blob:')) URL.revokeObjectURL(href);
    };
  }, [selected]);
  return { files: state.files, failed: state.failed };
}

async function make(
  kind: FileKind,
  chosen: Selection,
  selected: readonly Selected[],
  signal: AbortSignal,
): Promise<File[]> {
  if (kind === 'intune') {
    return intuneFiles(selected).catch(refused);
  }
  if (kind === 'sheet' || kind === 'zip') {
    const usable = selected.filter((profile) => whyNoCode(profile, kind) === undefined);
    return codeFiles(kind, chosen, usable);
  }
  const table = TABLES.find((one) => one.kind === kind)!;
  return [await tableFile(table, selected, shownFields(), signal)];
}

/** What cannot be imported is not a matter of the server. */
function refused(error: unknown): never {
  throw new ApiProblem(409, { message: (error as Error).message });
}

function LeftOut({ selected, kind }: { selected: readonly Selected[]; kind: CodeKind }) {
  const out = selected.flatMap((profile) => {
    const why = whyNoCode(profile, kind);
    return why === undefined ? [] : [{ status: profile.status, why }];
  });
  if (out.length === 0) return null;
  return (
    <div class="plan">
      <h3>Left out</h3>
      <ul>
        {[...Map.groupBy(out, ({ status, why }) => `${status} ${why}`)].map(([key, of]) => (
          <li key={key}>
            <strong>{of.length.toLocaleString()}</strong>
            <StatusPill status={of[0]!.status} />
            <span>{of[0]!.why}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
