import { useEffect, useState } from 'preact/hooks';
import { withQuery } from '../api.ts';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import type { StockPreview } from '../types.ts';
import { upload } from '../upload.ts';

/** Enough of the file to contain the first rows. */
const BEGINNING = 64 * 1024;

interface Loaded {
  preview?: StockPreview | undefined;
  problem?: ApiProblem;
}

/** The API's preview of a file; the previous one stays while another mapping is being loaded. */
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
