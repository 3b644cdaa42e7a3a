// Seals user names and passwords in callback URLs that older versions stored in clear.
import type { Context } from '../context.ts';
import { CALLBACK_URL_COLUMNS } from '../store/callback-urls.ts';
import type { CallbackUrlTable } from '../store/callback-urls.ts';
import { isInClear, sealCallbackUrl } from './callback-url.ts';

const DONE = 'callback_urls_sealed';
const BATCH = 500;

/** Done once per database; may be interrupted, or run by several processes at once. */
export async function sealStoredCallbackUrls({
  store,
  masterKey,
  transact,
}: Pick<Context, 'store' | 'masterKey' | 'transact'>): Promise<void> {
  if ((await store.settings.find(DONE)) !== undefined) return;
  for (const table of Object.keys(CALLBACK_URL_COLUMNS) as CallbackUrlTable[]) {
    let after = { account_sid: '', sid: '' };
    for (;;) {
      const rows = await store.callbackUrls.withAt(table, after, BATCH);
      const inClear = rows.filter(({ url }) => URL.canParse(url) && isInClear(url));
      if (inClear.length > 0) {
        await transact(async ({ tables: { callbackUrls } }) => {
          for (const row of inClear) {
            const sealed = sealCallbackUrl(row.url, row.account_sid, masterKey);
            await callbackUrls.replace(table, row, sealed);
          }
        });
      }
      if (rows.length < BATCH) break;
      after = rows.at(-1)!;
    }
  }
  await transact(({ tables }) => tables.settings.insert(DONE, ''));
}
