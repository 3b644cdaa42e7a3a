// Where traces are sent, by OpenTelemetry's own settings.
import { itemsOf } from './reader.ts';
import type { SettingsReader } from './reader.ts';

/** A receiver of traces (OTLP over HTTP), as named by OpenTelemetry's own settings. */
export interface TracesConfig {
  /** With the path. */
  url: string;
  serviceName: string;
  /** Which share of the traces that begin here is sent, from 0 to 1. */
  share: number;
}

/** OpenTelemetry's settings (OTLP exporter, general SDK), as far as they apply. */
export function parseTraces({ text, refuse }: SettingsReader): TracesConfig | undefined {
  if (text('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined;
  if (text('OTEL_TRACES_EXPORTER') === 'none') return undefined;
  const own = text('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  const common = text('OTEL_EXPORTER_OTLP_ENDPOINT');
  const value = own ?? common;
  if (value === undefined) return undefined;
  const name =
    own === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    // The value may hold a password, so it is not repeated.
    refuse(`${name} must be an http or https URL`);
    return undefined;
  }
  const protocol =
    text('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? text('OTEL_EXPORTER_OTLP_PROTOCOL');
  // Whoever takes protobuf takes JSON at the same address.
  if (protocol !== undefined && !protocol.startsWith('http/')) {
    refuse(`OTEL_EXPORTER_OTLP_PROTOCOL must be http/json, or unset; it is '${protocol}'`);
  }
  const share = text('OTEL_TRACES_SAMPLER_ARG') ?? '1';
  if (!(Number(share) >= 0 && Number(share) <= 1)) {
    refuse(`OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1; it is '${share}'`);
  }
  // A base URL, to which the path of the signal is added; the one for traces is used as it is.
  const path = `${url.pathname.replace(/\/+$/, '')}/v1/traces`;
  return {
    url: own === undefined ? new URL(path, url).href : url.href,
    serviceName: text('OTEL_SERVICE_NAME') ?? 'simwright',
    share: Number(share),
  };
}

/** Headers for the receiver of traces: `name=value,…`, percent-encoded as in W3C Baggage. */
export function parseTraceHeaders({ text, refuse }: SettingsReader): Record<string, string> {
  const headers: Record<string, string> = {};
  const given =
    text('OTEL_EXPORTER_OTLP_TRACES_HEADERS') ?? text('OTEL_EXPORTER_OTLP_HEADERS') ?? '';
  for (const item of itemsOf(given)) {
    const [, name, value] = /^([!#$%&'*+.^`|~\w-]+)\s*=\s*([\x21-\x7e]*)$/.exec(item) ?? [];
    try {
      if (name === undefined) throw new TypeError('no name');
      headers[name] = decodeURIComponent(value!);
    } catch {
      refuse('OTEL_EXPORTER_OTLP_HEADERS must be NAME=VALUE, separated by commas');
    }
  }
  return headers;
}
