// The failure of a call to another server that says nothing about what was asked for.

/** Whether a request can have reached the peer, which may then have done what it asks for. */
export type Arrival = 'sent' | 'not sent';

/** The peer could not be reached, was too slow, or gave no answer that can be read. */
export class PeerUnavailable extends Error {
  override readonly name = 'PeerUnavailable';
  readonly arrival: Arrival;
  /** For the log of who runs this server: may name hosts, addresses and certificates of its network. */
  readonly detail: string | undefined;
  readonly statusCode: number | undefined;
  /** The beginning of the body, without characters that cannot be stored. */
  readonly response: string | undefined;

  /** @param why one of a few fixed texts, which reveals nothing of the network */
  constructor(
    why: string,
    arrival: Arrival,
    {
      detail,
      statusCode,
      response,
    }: { detail?: string; statusCode?: number; response?: string } = {},
  ) {
    super(why);
    this.arrival = arrival;
    this.detail = detail;
    this.statusCode = statusCode;
    this.response = response;
  }
}
