// What a database holds, to be compared with another.
import type { DatabaseConfig } from '../../src/config.ts';
import { openBulkReader } from '../../src/store/open.ts';
import { slicesOf } from '../../src/transfer/source.ts';

/** All rows of a database, as lines. */
export async function contentOf(
  database: DatabaseConfig,
  { isAlone = false } = {},
): Promise<Map<string, string[]>> {
  await using reader = await openBulkReader(database, { isAlone });
  const content = new Map<string, string[]>();
  for (const table of reader.tables) {
    const lines: string[] = [];
    for await (const slice of slicesOf(reader, table, undefined)) lines.push(...slice.lines);
    content.set(table.name, lines);
  }
  return content;
}
