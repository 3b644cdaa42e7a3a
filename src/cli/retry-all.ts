interface Batch {
  count: number;
  last: string | undefined;
}

/**
 * Makes all that matches due, in batches, so that the server is not blocked.
 * @param retry makes a batch due: what comes after this SID
 * @returns how many
 */
export async function retryAll(
  retry: (after: string | undefined) => Promise<Batch>,
): Promise<number> {
  let total = 0;
  for (let after: string | undefined; ;) {
    const { count, last } = await retry(after);
    total += count;
    if (last === undefined) return total;
    after = last;
  }
}
