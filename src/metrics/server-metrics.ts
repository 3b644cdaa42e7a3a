// Metrics of this process, and of what it knows without asking the database.
import { collectDefaultMetrics } from 'prom-client';
import type { Context } from '../context.ts';
import type { Hsm } from '../pkcs11/hsm.ts';
import { shortKeyId } from '../process/keys.ts';
import { KINDS } from '../process/turns.ts';
import { ciOfCrl } from '../smdp/pki/pki-crl.ts';
import { VERSION } from '../version.ts';
import type { Metrics } from './metrics.ts';

type ServerContext = Pick<
  Context,
  'store' | 'now' | 'pki' | 'peers' | 'signing' | 'masterKey' | 'admission' | 'turns'
>;

/** Adds them to the metrics of this process. */
export function addServerMetrics(metrics: Metrics, context: ServerContext): void {
  const { store, peers } = context;
  collectDefaultMetrics({ register: metrics.registry });
  const info = metrics.gauge(
    'simwright_build_info',
    'Always 1: the version of Simwright and of Node, and the kind of database.',
    ['version', 'node', 'database'],
    'max',
  );
  info.set({ version: VERSION, node: process.version, database: store.kind }, 1);
  metrics.gauge('simwright_workers', 'Processes that serve.', [], 'sum').set(1);
  addMasterKey(metrics, context);
  addAdmission(metrics, context);
  if (store.connections() !== undefined) addConnections(metrics, store);
  if (context.signing?.hsm !== undefined) addHsm(metrics, context.signing.hsm);
  // One worker speaks for all.
  if (peers.number !== 1) return;
  addClock(metrics, store);
  addCertificates(metrics, context);
}

function addHsm(metrics: Metrics, hsm: Pick<Hsm, 'state'>): void {
  const up = metrics.gauge('simwright_hsm_up', 'Whether the HSM is open: 1 or 0.', [], 'min');
  metrics.onCollect(() => up.set(hsm.state.is === 'open' ? 1 : 0));
}

function addMasterKey(metrics: Metrics, { masterKey }: ServerContext): void {
  const info = metrics.gauge(
    'simwright_master_key_info',
    'Always 1: the master key with which a process seals, by the first digits of its id.',
    ['key'],
    'max',
  );
  metrics.onCollect(() => {
    info.reset();
    info.set({ key: shortKeyId(masterKey.id) }, 1);
  });
}

function addAdmission(metrics: Metrics, { admission, turns }: ServerContext): void {
  const places = metrics.gauge(
    'simwright_admission_places',
    'Requests and calls: in progress (used), and how many there may be (limit).',
    ['state'],
    'sum',
  );
  const refused = metrics.counter(
    'simwright_admission_refused_total',
    'Requests and calls refused because there was too much to do at once.',
    [],
  );
  const waits = metrics.gauge(
    'simwright_loop_wait_seconds',
    'For how long the first that waits for its turn has waited: what goes on, what begins, TLS handshakes.',
    ['kind'],
    'max',
  );
  let counted = 0;
  metrics.onCollect(() => {
    const figures = admission.figures;
    places.set({ state: 'used' }, figures.inUse);
    places.set({ state: 'limit' }, figures.limit);
    refused.inc(figures.refused - counted);
    counted = figures.refused;
    for (const kind of KINDS) waits.set({ kind }, turns.waits(kind) / 1_000);
  });
}

function addClock(metrics: Metrics, { clock }: ServerContext['store']): void {
  const ahead = metrics.gauge(
    'simwright_clock_ahead_seconds',
    "How far the machine's clock is ahead of the database's; negative: behind.",
    [],
    'max',
  );
  metrics.onCollect(() => ahead.set(clock.aheadMs / 1_000));
}

function addConnections(metrics: Metrics, store: ServerContext['store']): void {
  const connections = metrics.gauge(
    'simwright_database_connections',
    'Connections to PostgreSQL: busy, idle, and how many there may be (most).',
    ['state'],
    'sum',
  );
  const waiting = metrics.gauge(
    'simwright_database_connections_waited_for',
    'Transactions and queries that wait for a connection.',
    [],
    'sum',
  );
  metrics.onCollect(() => {
    const now = store.connections()!;
    connections.set({ state: 'busy' }, now.busy);
    connections.set({ state: 'idle' }, now.open - now.busy);
    connections.set({ state: 'most' }, now.most);
    waiting.set(now.waiting);
  });
}

/** Enough of a SubjectKeyIdentifier to tell CIs apart. */
const CI_DIGITS = 8;

function addCertificates(metrics: Metrics, context: ServerContext): void {
  const expiry = metrics.gauge(
    'simwright_certificate_expiry_timestamp_seconds',
    'When a certificate of the SM-DP+, or a CI that it trusts, expires.',
    ['role', 'ci', 'serial'],
    'max',
  );
  const nextUpdate = metrics.gauge(
    'simwright_crl_next_update_timestamp_seconds',
    'When a newer CRL of a CI is due.',
    ['ci'],
    'max',
  );
  const thisUpdate = metrics.gauge(
    'simwright_crl_this_update_timestamp_seconds',
    'When the CRL of a CI was issued.',
    ['ci'],
    'max',
  );
  metrics.onCollect(() => {
    expiry.reset();
    nextUpdate.reset();
    thisUpdate.reset();
    const { certificates, crls } = context.pki;
    for (const { role, ciPKIdHex, certificate } of certificates) {
      const labels = {
        role,
        ci: ciPKIdHex.slice(0, CI_DIGITS),
        serial: certificate.serialNumberHex,
      };
      expiry.set(labels, certificate.notAfter.getTime() / 1_000);
    }
    // Of several parts, the first that is due, and the oldest.
    for (const [id, parts] of Map.groupBy(crls, ciOfCrl)) {
      const ci = id.slice(0, CI_DIGITS);
      const dates = parts.flatMap((part) => part.nextUpdate?.getTime() ?? []);
      if (dates.length > 0) nextUpdate.set({ ci }, Math.min(...dates) / 1_000);
      const issued = parts.map((part) => part.thisUpdate.getTime());
      thisUpdate.set({ ci }, Math.min(...issued) / 1_000);
    }
  });
}
