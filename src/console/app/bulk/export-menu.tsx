import { useState } from 'preact/hooks';
import { Menu } from '../components/menu.tsx';
import { later } from '../later.tsx';
import type { Selection } from '../selection.ts';
import type { FileKind } from './files.ts';

const ExportItems = later(
  'export items',
  async () => (await import('./export-items.tsx')).ExportItems,
);
const FilesDialog = later(
  'files dialog',
  async () => (await import('./files-dialog.tsx')).FilesDialog,
);

/** Files of what is selected. */
export function ExportMenu({ chosen, up = false }: { chosen: Selection; up?: boolean }) {
  const [kind, setKind] = useState<FileKind>();
  return (
    <>
      <Menu title="Export" icon="download" up={up}>
        {(close) => <ExportItems chosen={chosen} close={close} ask={setKind} />}
      </Menu>
      {kind !== undefined && (
        <FilesDialog kind={kind} chosen={chosen} onClose={() => setKind(undefined)} />
      )}
    </>
  );
}
