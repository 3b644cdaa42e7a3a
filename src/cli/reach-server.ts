// Checks whether the server that a link leads to is running.
const LIMIT_MS = 2_000;

/** What is wrong with the server at this base URL, for people; undefined if it answers, or that cannot be determined. */
export async function problemOfServer(publicUrl: string): Promise<string | undefined> {
  const url = `${publicUrl}/healthz`;
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(LIMIT_MS),
      redirect: 'manual',
    });
    const body = (await response.text()).slice(0, 100);
    if (response.ok && body.includes('"status"')) return undefined;
    return `The server at ${publicUrl} is not Simwright`;
  } catch (error) {
    const { cause } = error as Error;
    const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? '';
    if (code === 'ENOTFOUND') return `The host ${new URL(publicUrl).hostname} does not exist`;
    if (!NOBODY.includes(code)) return undefined;
    return `Nothing listens at ${publicUrl}: start the server with: simwright start`;
  }
}

const NOBODY = ['ECONNREFUSED', 'EADDRNOTAVAIL', 'EHOSTUNREACH', 'ENETUNREACH'];
