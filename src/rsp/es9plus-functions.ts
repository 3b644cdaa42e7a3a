// ES9+ as whoever calls it needs it (§6.5): an LPA, or an eIM in its place (SGP.32 calls it ES9+').

export const es9PlusFunctions = [
  'initiateAuthentication',
  'authenticateClient',
  'getBoundProfilePackage',
  'handleNotification',
  'cancelSession',
] as const;
export type Es9PlusFunction = (typeof es9PlusFunctions)[number];

/** Also of ES11 (§6.5.2): an event may be at an SM-DS or an SM-DP+, and the caller does not know which before it calls. */
export const ES9PLUS_PATH = '/gsma/rsp2/es9plus/';
/** Of an SM-DP+, who knows its callers as LPAs (§6.5.1). */
export const ES9PLUS_USER_AGENT = 'gsma-rsp-lpad';
/** X-Admin-Protocol */
export const PROTOCOL_VERSION = 'gsma/rsp/v2.5.0';
