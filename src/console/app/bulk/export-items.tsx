import { withQuery } from '../api.ts';
import { shownFields } from '../pages/profile-columns.tsx';
import type { Selection } from '../selection.ts';
import type { FileKind } from './files.ts';
import { EXPORT, TABLES } from './files.ts';

const CODES: [kind: FileKind, title: string][] = [
  ['sheet', 'QR sheet to print'],
  ['zip', 'QR codes (ZIP)'],
  ['intune', 'Microsoft Intune'],
];

/** The choices of the export menu. All that match a filter are a link to the server's file, whatever their number. */
export function ExportItems({
  chosen,
  close,
  ask,
}: {
  chosen: Selection;
  close: () => void;
  ask: (kind: FileKind) => void;
}) {
  const item = (kind: FileKind, title: string) => (
    <button
      key={kind}
      type="button"
      onClick={() => {
        close();
        ask(kind);
      }}
    >
      {title}…
    </button>
  );
  return (
    <>
      {TABLES.map(({ kind, title, parameters }) =>
        chosen.kind === 'all' && chosen.but.size === 0 ? (
          <a
            key={kind}
            href={withQuery(EXPORT, { ...chosen.filter, ...parameters(shownFields()) })}
            download
            onClick={close}
          >
            {title}
          </a>
        ) : (
          item(kind, title)
        ),
      )}
      {CODES.map(([kind, title]) => item(kind, title))}
    </>
  );
}
