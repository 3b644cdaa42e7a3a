import { useEffect, useState } from 'preact/hooks';
import { withQuery } from '../api.ts';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import type { StockPreview } from '../types.ts';
import { upload } from '../upload.ts';

/** The first rows are in it. */
const BEGINNING = 64 * 1024;

interface Loaded {
  preview?: StockPreview | undefined;
  problem?: ApiProblem;
}

/** How the API understands a file; the last preview stays while another mapping is asked for. */
export function useStockPreview(file: File | undefined, mapping: readonly string[]): Loaded {
  const [loaded, setLoaded] = useState<Loaded>({});
  useEffect(() => setLoaded({}), [file]);
  useEffect(() => {
    if (file === undefined) return undefined;
    let isWanted = true;
    const path = withQuery('/v1/Stock/Previews', { Map: mapping });
    const sending = upload<StockPreview>(path, file.slice(0, BEGINNING), 'text/csv', () => {});
    sending.done.then(
      (preview) => isWanted && setLoaded({ preview }),
      (error: unknown) => isWanted && setLoaded({ problem: toProblem(error) }),
    );
    return () => {
      isWanted = false;
      sending.abort();
    };
  }, [file, mapping.join('\n')]);
  return loaded;
}
