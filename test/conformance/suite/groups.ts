// The cases of Osmocom's suite for SM-DP+s: what each tests, and which run together. A group has the server for itself, with
// orders of its own, because what one case leaves behind would be the next one's order.
export interface Case {
  /** `MODULE.TC_…` */
  name: string;
  /** Of SGP.22. */
  clause: string;
  /** Of the test specification, SGP.23. */
  test: string;
}

export const CURVES = ['NIST', 'BRP'] as const;
export type Curve = (typeof CURVES)[number];

export interface Group {
  name: string;
  cases: readonly Case[];
  /** Of the certificates that the server has. */
  curve: Curve;
  /** The profile type of the order for the EID of the suite's eUICC. */
  profileType: 'plain' | 'icon';
}

/** An order allows ten downloads, and a case makes up to two. */
const MOST = 4;

interface Kind {
  name: string;
  pattern: RegExp;
  clause: string;
  test: string;
}

/** By the first pattern that a name matches. */
const KINDS: readonly Kind[] = [
  kind('ES2+ and ES9+', /FullFlow/, '5.3, 5.6', '4.3'),
  kind('ES2+ DownloadOrder', /ES2Plus_DownloadOrder/, '5.3.1', '4.3.7'),
  kind('ES2+ ConfirmOrder', /ES2Plus_ConfirmOrder/, '5.3.2', '4.3.8'),
  kind('ES2+ CancelOrder', /ES2Plus_CancelOrder/, '5.3.3', '4.3.9'),
  kind('ES2+ TLS', /ES2Plus/, '6.1', '4.3'),
  kind('metadata split', /MetadataSplit/, '2.5.4', '4.3.13.2.2'),
  kind('InitiateAuthentication', /InitiateAuthentication/, '5.6.1', '4.3.12'),
  kind('CancelSession', /CancelSession/, '5.6.5', '4.3.16'),
  kind('GetBoundProfilePackage, retry', /GetBoundProfilePackage\w*_Retry/, '5.6.2', '4.3.13.2.4'),
  kind('GetBoundProfilePackage, errors', /GetBoundProfilePackage\w*_Error/, '5.6.2', '4.3.13.2.10'),
  kind('GetBoundProfilePackage', /GetBoundProfilePackage/, '5.6.2', '4.3.13.2'),
  kind('AuthenticateClient, errors', /AuthenticateClient\w*_Error/, '5.6.3', '4.3.14.2.2'),
  kind('AuthenticateClient', /AuthenticateClient/, '5.6.3', '4.3.14.2'),
  kind('HandleNotification', /HandleNotification/, '5.6.4', '4.3.15'),
  kind('both bindings', /Mode_Comparison/, '6.5, 6.6', '–'),
  kind('download', /./, '5.6', '–'),
];

function kind(name: string, pattern: RegExp, clause: string, test: string): Kind {
  return { name, pattern, clause, test };
}

const kindOf = (name: string) => KINDS.find(({ pattern }) => pattern.test(name))!;

/** @param names as the suite lists them */
export function groupsOf(names: readonly string[]): Group[] {
  const cases = names.map((name) => {
    const { clause, test, name: kindName } = kindOf(name);
    const curve: Curve = /BRP/.test(name) ? 'BRP' : 'NIST';
    return { name, clause: /ASN1_/.test(name) ? `${clause}, 6.6` : clause, test, kindName, curve };
  });
  const kinds = Map.groupBy(cases, ({ kindName, curve }) => `${kindName} (${curve})`);
  return [...kinds].flatMap(([name, all]) => {
    const size = Math.ceil(all.length / Math.ceil(all.length / MOST));
    const parts = Array.from({ length: Math.ceil(all.length / size) }, (_, part) =>
      all.slice(part * size, (part + 1) * size),
    );
    return parts.map((part, index): Group => ({
      name: parts.length === 1 ? name : `${name}, ${index + 1} of ${parts.length}`,
      cases: part.map(({ name: of, clause, test }) => ({ name: of, clause, test })),
      curve: all[0]!.curve,
      profileType: name.startsWith('metadata split') ? 'icon' : 'plain',
    }));
  });
}
