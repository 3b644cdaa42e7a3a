// `simwright pki crl`: the CRLs of the CAs that we trust, and from where they are fetched.
import { readFile } from 'node:fs/promises';
import { Argument, Command } from 'commander';
import { OF_SERVER } from '../audit/entry.ts';
import { hideCredentials } from '../operator/callback-url.ts';
import { isOutdated } from '../rsp/crl.ts';
import type { Crl } from '../rsp/crl.ts';
import { formatName } from '../rsp/distinguished-name.ts';
import { parseFetchable } from '../rsp/distribution-points.ts';
import { crlsIn } from '../smdp/crls/crl-der.ts';
import { insertPoint, issuersOf, syncCrlPoints } from '../smdp/crls/crl-points.ts';
import { claimPoint, crlLookups, fetchCrl } from '../smdp/crls/fetch-crl.ts';
import { importCrl } from '../smdp/crls/import-crls.ts';
import { OperatorError } from '../smdp/operators/operator-error.ts';
import { subjectOf } from '../smdp/operators/operator-file.ts';
import { readRegister } from '../smdp/operators/operator-trust.ts';
import { PkiError } from '../smdp/pki/pki-certificate.ts';
import { ciOfCrl, describeScope } from '../smdp/pki/pki-crl.ts';
import { loadPki } from '../smdp/pki/pki.ts';
import type { CrlPointRow } from '../store/schema.ts';
import { withData } from './data.ts';
import type { CommandData } from './data.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import type { TableColumn } from './table.ts';
import { EndWith, UsageError, UserError } from './user-error.ts';

const more = (value: string, others: string[] = []) => [...others, value];

/** A CRL that is used, and the CA that has issued it. */
interface UsedCrl {
  issuer: string;
  subject: string;
  crl: Crl;
}

interface Shown {
  used: UsedCrl[];
  points: CrlPointRow[];
}

async function readCrls({ store, masterKey, now, transact }: CommandData): Promise<Shown> {
  await transact(syncCrlPoints);
  const { crls } = await loadPki(store, masterKey, now);
  const { cas } = await readRegister({ store });
  return {
    used: [
      ...crls.map((crl) => ({ issuer: ciOfCrl(crl), subject: formatName(crl.issuer), crl })),
      ...cas.flatMap(({ fingerprint, certificate, crl }) =>
        crl === undefined ? [] : { issuer: fingerprint, subject: subjectOf(certificate), crl },
      ),
    ],
    points: await store.crlPoints.list(),
  };
}

const columnsOf = (now: Date): TableColumn<UsedCrl>[] => [
  { title: 'CRL OF', value: ({ issuer }) => issuer },
  { title: 'COVERS', value: ({ crl }) => describeScope(crl.scope) },
  { title: 'NUMBER', value: ({ crl }) => String(crl.number ?? '-') },
  { title: 'REVOKED', value: ({ crl }) => crl.revoked.size + crl.revokedOfOthers.length },
  { title: 'FROM', value: ({ crl }) => crl.thisUpdate.toISOString().slice(0, 10) },
  {
    title: 'NEXT',
    value: ({ crl }) =>
      `${crl.nextUpdate?.toISOString().slice(0, 10) ?? 'not given'}${isOutdated(crl, now) ? ', out of date' : ''}`,
    style: ({ crl }) => (isOutdated(crl, now) ? 'red' : undefined),
  },
  { title: 'CA', value: ({ subject }) => subject },
];

const POINT_COLUMNS: TableColumn<CrlPointRow>[] = [
  { title: 'FETCHED FROM', value: ({ url }) => url },
  { title: 'CRL OF', value: ({ issuer }) => issuer.slice(0, 8) },
  { title: 'NAMED BY', value: ({ added_by: by }) => (by === 'hand' ? 'you' : 'certificate') },
  { title: 'LAST', value: ({ date_fetched: date }) => date },
  { title: 'NEXT', value: ({ next_fetch_at: date }) => date },
  {
    title: 'FAILED SINCE',
    value: ({ failures }) => failures || null,
    style: ({ failures }) => (failures > 0 ? 'red' : undefined),
  },
  { title: 'ERROR', value: ({ error }) => error, flexible: true },
];

/** `simwright pki crl list` */
export function pkiCrlListCommand(): Command {
  return new Command('list')
    .description('list the CRLs that are used, and from where they are fetched')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nCRLs are fetched from the distribution points that certificates name, by one server of all, long before the next\n' +
        'one is due and at least daily; a failure is retried after seconds, then less often, after four hours at most.',
    )
    .addHelpText('after', examples(['simwright pki crl list']))
    .action(({ json }: JsonOption) =>
      withData(async (data) => {
        const shown = await readCrls(data);
        if (json) return printJson(recordsOf(shown, data.now));
        printTable(columnsOf(data.now), shown.used, 'There is no CRL');
        print('\n');
        printTable(POINT_COLUMNS, shown.points, 'No certificate says from where to fetch one');
        if (!data.config.crlFetch) print('\nSIMWRIGHT_CRL_FETCH is off: servers do not fetch.\n');
      }),
    );
}

function recordsOf({ used, points }: Shown, now: Date) {
  return {
    crls: used.map(({ issuer, subject, crl }) => ({
      issuer,
      subject,
      scope: describeScope(crl.scope),
      number: crl.number === undefined ? null : String(crl.number),
      revoked: crl.revoked.size + crl.revokedOfOthers.length,
      this_update: crl.thisUpdate.toISOString(),
      next_update: crl.nextUpdate?.toISOString() ?? null,
      out_of_date: isOutdated(crl, now),
    })),
    points: points.map(pointRecord),
  };
}

function pointRecord(point: CrlPointRow) {
  return {
    issuer: point.issuer,
    url: point.url,
    added_by: point.added_by,
    date_fetched: point.date_fetched,
    date_failed: point.date_failed,
    failures: point.failures,
    error: point.error,
    date_next: point.next_fetch_at,
  };
}

/** `simwright pki crl fetch` */
export function pkiCrlFetchCommand(): Command {
  return new Command('fetch')
    .description('fetch CRLs now, without waiting for a server to do it')
    .argument('[URL...]', 'from where; by default from everywhere', more)
    .addHelpText(
      'after',
      '\nWhat comes is verified, as always: signed by its CA, not older than the one that is here, with no part that cannot\n' +
        'be understood. Addresses are those that callbacks may go to (SIMWRIGHT_CALLBACK_PRIVATE_NETWORKS).\n' +
        'Exit code 1: one of them failed.',
    )
    .addHelpText('after', examples(['simwright pki crl fetch']))
    .action((urls: string[] = []) =>
      withData(async (data) => {
        const { points } = await readCrls(data);
        const wanted = new Set(urls.map((url) => parseFetchable(url) ?? url));
        for (const url of wanted) {
          if (points.some((point) => point.url === url)) continue;
          throw new UserError(`No CRL is fetched from ${url}; see: simwright pki crl add --help`);
        }
        const chosen = points.filter(({ url }) => wanted.size === 0 || wanted.has(url));
        if (chosen.length === 0) print('No certificate says from where to fetch a CRL\n');
        const failed = await fetchAll(chosen, data);
        if (failed) throw new EndWith(1);
      }),
    );
}

/** @returns whether one failed */
async function fetchAll(points: CrlPointRow[], data: CommandData): Promise<boolean> {
  const lookups = crlLookups();
  let isFailed = false;
  for (const point of points) {
    const claimed = await claimPoint(point, data);
    if (claimed === undefined) {
      print(`${point.url}: a server is fetching it now\n`);
      continue;
    }
    const { outcome, error, crl } = await fetchCrl(claimed, lookups, undefined, data);
    if (error !== undefined) isFailed = true;
    const dates = crl === undefined ? '' : `, of ${crl.thisUpdate.toISOString().slice(0, 10)}`;
    const words = outcome === 'new' ? `a newer CRL${dates}` : `the CRL that is here${dates}`;
    print(`${point.url}: ${error ?? words}\n`);
  }
  return isFailed;
}

/** `simwright pki crl import` */
export function pkiCrlImportCommand(): Command {
  return new Command('import')
    .description('import CRLs by hand, of CIs and of the CAs of operators')
    .argument('<FILE...>', 'CRLs, PEM or DER', more)
    .addHelpText(
      'after',
      '\nFor networks without a way outside: fetch them elsewhere, and bring them here. They are verified as fetched ones are;\n' +
        'all are imported, or none if there is an error. Running servers use them within two seconds.',
    )
    .addHelpText('after', examples(['simwright pki crl import ci.crl']))
    .action((names: string[]) =>
      withData(async ({ transact }) => {
        const files = await Promise.all(
          names.map(async (name) => ({ name, content: await readGiven(name) })),
        );
        const taken = await transact(async (unit) => {
          const all = [];
          for (const { name, content } of files) {
            for (const der of crlsIn(content)) {
              try {
                all.push({ name, ...(await importCrl(der, unit)) });
              } catch (cause) {
                if (!(cause instanceof PkiError || cause instanceof OperatorError)) throw cause;
                throw new UserError(`Nothing was imported: ${name}: ${cause.message}`, { cause });
              }
            }
          }
          return all;
        });
        for (const { name, crl, isNew } of taken) {
          const what = isNew ? 'imported' : 'is here already';
          print(`${name}: the CRL of ${formatName(crl.issuer)} ${what}\n`);
        }
      }),
    );
}

async function readGiven(name: string): Promise<Buffer> {
  try {
    return await readFile(name);
  } catch (cause) {
    throw new UserError(`${name} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** `simwright pki crl add` */
export function pkiCrlAddCommand(): Command {
  return new Command('add')
    .description('fetch the CRL of a CA from a URL that its certificates do not name')
    .addArgument(new Argument('<URL>', 'http or https'))
    .option('--of <CA>', 'the CA: a key identifier or fingerprint, or its first digits')
    .addHelpText(
      'after',
      examples(['simwright pki crl add http://crl.example.com/ci.crl --of F54172BD']),
    )
    .action((given: string, { of }: { of?: string }) =>
      withData(async (data) => {
        const url = parseFetchable(given);
        if (url === undefined) {
          const expected = 'an http or https URL, without user name and password';
          throw new UsageError(`expected ${expected}; got ${hideCredentials(given)}`);
        }
        const [issuer, kind] = await chooseIssuer(of, data);
        const isNew = await data.transact(async (unit) => {
          const isInserted = await insertPoint({ issuer, kind, url }, 'hand', unit);
          if (isInserted)
            await unit.audit(OF_SERVER, { subject: issuer, after: { crl_from: url } });
          return isInserted;
        });
        print(
          isNew ? 'Added; a running server fetches it within seconds\n' : 'It is here already\n',
        );
      }),
    );
}

async function chooseIssuer(of: string | undefined, { store }: CommandData) {
  const issuers = [...(await issuersOf(store))];
  const wanted = of?.replaceAll(':', '').toUpperCase() ?? '';
  const found = issuers.filter(([issuer]) => issuer.startsWith(wanted));
  const [first, ...others] = found;
  if (first === undefined) throw new UserError(`There is no CA ${of ?? ''}`.trimEnd());
  if (others.length === 0) return first;
  const names = found.map(([issuer]) => issuer).join(', ');
  throw new UserError(`Name one CA with --of: ${names}`);
}

/** `simwright pki crl remove` */
export function pkiCrlRemoveCommand(): Command {
  return new Command('remove')
    .description('stop fetching from a URL that was added by hand; CRLs that are here stay')
    .argument('<URL>', 'as shown by simwright pki crl list')
    .addHelpText('after', examples(['simwright pki crl remove http://crl.example.com/ci.crl']))
    .action((given: string) =>
      withData(async ({ store, transact }) => {
        const url = parseFetchable(given) ?? given;
        const points = (await store.crlPoints.list()).filter((point) => point.url === url);
        const own = points.filter(({ added_by: by }) => by === 'hand');
        if (own.length === 0) {
          const why =
            points.length === 0
              ? `No CRL is fetched from ${url}`
              : `A certificate names ${url}; it is fetched from as long as the certificate is here`;
          throw new UserError(why);
        }
        await transact(async ({ tables, audit }) => {
          for (const point of own) {
            await tables.crlPoints.delete(point);
            await audit(OF_SERVER, { subject: point.issuer, before: { crl_from: url } });
          }
        });
        print('Removed\n');
      }),
    );
}
