// The URL of a PostgreSQL, which may name several hosts as libpq's does.
// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS

export interface Host {
  host: string;
  port: number;
}

export interface PostgresUrl {
  /** As the driver reads it, with the first host. */
  url: string;
  /** One, or several of which one accepts writes. */
  hosts: readonly Host[];
}

const PORT = 5432;
const SHAPE = /^postgres(?:ql)?:\/\/(?<user>[^@/?]*@)?(?<hosts>[^/?]*)(?<rest>[/?].*)?$/;
const ATTRIBUTES = ['read-write', 'primary'];

/** Throws an error whose message does not repeat the URL, since it may hold a password. */
export function parsePostgresUrl(text: string): PostgresUrl {
  const { user = '', hosts: named = '', rest = '' } = SHAPE.exec(text)?.groups ?? {};
  const single = named.split(',').map((host) => `postgres://${user}${host}${rest}`);
  if (!SHAPE.test(text) || !single.every((url) => URL.canParse(url))) {
    throw new Error(
      'is not a URL: expected postgres://USER:PASSWORD@HOST[:PORT][,HOST[:PORT]…]/DATABASE',
    );
  }
  const urls = single.map((url) => new URL(url));
  const [first] = urls;
  const wanted = first!.searchParams.get('target_session_attrs');
  if (wanted !== null && !ATTRIBUTES.includes(wanted)) {
    throw new Error(
      `has target_session_attrs=${wanted}: expected read-write, which is the default, or primary`,
    );
  }
  // Not a parameter of the driver.
  first!.searchParams.delete('target_session_attrs');
  const several = urls.length > 1;
  if (several && urls.some(({ hostname }) => hostname === '')) {
    throw new Error('names several hosts, one of which is empty');
  }
  return {
    url: wanted === null && !several ? text : first!.href,
    hosts: urls.map(({ hostname, port }) => ({
      host: decodeURIComponent(hostname).replace(/^\[(.+)\]$/, '$1'),
      port: port === '' ? PORT : Number(port),
    })),
  };
}
