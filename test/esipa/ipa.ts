// An IPA for the tests of the eIM: it polls, downloads through the eIM with the LPA of the virtual phone, and signs results of eUICC
// packages with the key of its eUICC.
import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { Es9PlusFunction, Es9PlusTransport } from '../../src/device/es9plus-transport.ts';
import {
  compactAuthenticateServerResponse,
  compactCancelSessionResponse,
  compactNotification,
  compactPrepareDownloadResponse,
  type SessionWithEim,
} from '../../src/device/ipa/compact-messages.ts';
import { callEs10 } from '../../src/device/es10.ts';
import type { Euicc } from '../../src/device/euicc.ts';
import { createEuicc } from '../../src/device/euicc.ts';
import { EsipaHttpsTransport } from '../../src/device/ipa/esipa-transport.ts';
import { Lpa, type LpaOptions } from '../../src/device/lpa.ts';
import { readAddInitialEimResponse } from '../../src/eim/identity.ts';
import {
  EsipaMessageFromEimToIpa,
  EsipaMessageFromIpaToEim,
} from '../../src/rsp/definitions/esipa.ts';
import { ProfileDownloadTriggerRequest } from '../../src/rsp/definitions/eim-package.ts';
import type { EuiccResultData } from '../../src/rsp/definitions/euicc-package.ts';
import {
  EuiccPackageErrorDataSigned,
  EuiccPackageRequest,
  EuiccPackageResult,
  EuiccPackageResultDataSigned,
} from '../../src/rsp/definitions/euicc-package.ts';
import type { Asn1Type } from '../../src/rsp/asn1-type.ts';
import {
  AuthenticateServerResponseEsipa,
  CancelSessionResponseEsipa,
  PendingNotificationEsipa,
  PrepareDownloadResponseEsipa,
} from '../../src/rsp/definitions/compact.ts';
import { SmdpSigned2 } from '../../src/rsp/definitions/prepare-download.ts';
import { AddInitialEimRequest } from '../../src/rsp/definitions/iot-functions.ts';
import { encoded, type Encoded } from '../../src/rsp/encoded.ts';
import { encodeTlv, readDer } from '../../src/rsp/der.ts';
import { associationTokenTlv } from '../../src/rsp/euicc-package-signature.ts';
import { encodeEid, parseTransactionId } from '../../src/rsp/identifiers.ts';
import { createSigner } from '../../src/rsp/signature.ts';
import type { LocalSigner } from '../../src/rsp/signature.ts';
import { issueEuicc } from '../../src/smdp/pki/issue-euicc.ts';
import type { IssuedEuicc } from '../../src/smdp/pki/issue-euicc.ts';
import { newEid } from '../es9plus/phone.ts';
import type { TestServer } from '../server.ts';

export interface EsipaReply {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

// New connections: nothing may depend on them.
const agent = new Agent({ keepAlive: false });
const ASN1 = 'application/x-gsma-rsp-asn1';

export async function postEsipa(
  url: string,
  path: string,
  type: string,
  body: string | Uint8Array,
  through = agent,
): Promise<EsipaReply> {
  const { promise, resolve, reject } = Promise.withResolvers<EsipaReply>();
  const call = httpsRequest(
    new URL(path, url),
    {
      method: 'POST',
      agent: through,
      rejectUnauthorized: false,
      headers: {
        'content-type': type,
        'content-length': Buffer.byteLength(body),
        'user-agent': 'gsma-rsp-ipad',
        'x-admin-protocol': 'gsma/rsp/v2.1.0',
      },
    },
    (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      );
    },
  );
  call.on('error', reject);
  call.end(body);
  const reply = await promise;
  assert.equal(reply.headers['x-admin-protocol'], 'gsma/rsp/v2.1.0');
  return reply;
}

/** Sends a relayed message. @returns its status, and, as on ES9+, its body */
export type Post = (
  members: Record<string, string>,
) => Promise<{ statusCode: number; headers: IncomingHttpHeaders; body: string }>;

/** The answer to a poll: DER of an eIM package, or the number of an error. */
export type Polled = Uint8Array | number;

/** Polls, and must get a package. */
export async function packageFor(ipa: Ipa): Promise<Uint8Array> {
  const polled = await ipa.poll();
  assert.ok(polled instanceof Uint8Array, `polled ${String(polled)}`);
  return polled;
}

export class Ipa {
  readonly eid: string;
  readonly euicc: Euicc;
  readonly issued: IssuedEuicc;
  readonly signer: LocalSigner;
  readonly binding: 'asn1' | 'json';
  readonly #server: TestServer;
  #transport: EsipaHttpsTransport | undefined;
  /** The eUICC's counter of notifications and results; those of the virtual phone have their own. */
  sequence = 1_000;
  /** Whether what it relays is in compact form. */
  isCompact = false;
  /** Called with what is relayed, before it is made compact: what the eUICC has signed. */
  onSigned: (name: Es9PlusFunction, members: Record<string, string>) => void = () => {};
  /** Called with what is relayed, before it is sent; `post` sends something else in its place, too. */
  onRelay: (
    name: Es9PlusFunction,
    members: Record<string, string>,
    post: Post,
  ) => Promise<unknown> | void = () => {};
  associationToken: number | undefined;

  constructor(
    server: TestServer,
    {
      binding = 'asn1',
      eid = newEid(),
      isIot = false,
      smdp = server,
    }: Partial<Pick<Ipa, 'binding' | 'eid'>> & { isIot?: boolean; smdp?: TestServer } = {},
  ) {
    // Of the CI that both servers trust.
    const { config, pki } = smdp.server.context;
    this.#server = server;
    this.binding = binding;
    this.eid = eid;
    this.issued = issueEuicc(eid, 'prime256v1', pki, new Date());
    this.signer = createSigner(this.issued.privateKey);
    this.euicc = createEuicc({
      eid,
      credentials: [this.issued],
      cis: pki.cis.filter(({ curve }) => curve === 'prime256v1').map(({ der }) => der),
      defaultDpAddress: config.smdpAddress,
      ...(isIot ? { isIot } : {}),
    });
  }

  /** Of a virtual IoT eUICC, which then knows the eIM. @param request AddInitialEimRequest */
  onboard(request: Uint8Array): void {
    [this.associationToken] = readAddInitialEimResponse(callEs10(this.euicc, request));
    const [eim] = AddInitialEimRequest.decode(request).eimConfigurationDataList;
    const connectTo = { host: '127.0.0.1', port: Number(new URL(this.url).port) };
    this.#transport = new EsipaHttpsTransport({ eim: eim!, connectTo });
  }

  /** Of the virtual IPA of an eUICC that knows the eIM. */
  get transport(): EsipaHttpsTransport {
    assert.ok(this.#transport, 'not onboarded');
    return this.#transport;
  }

  /** What a virtual IoT eUICC does with a package. @returns its signed result */
  load(request: Uint8Array): Uint8Array {
    return callEs10(this.euicc, request);
  }

  get url(): string {
    return this.#server.server.esipaUrl!;
  }

  async asn1(der: Uint8Array): Promise<Uint8Array> {
    const { status, headers, body } = await postEsipa(this.url, '/gsma/rsp2/asn1', ASN1, der);
    assert.equal(status, 200, body.toString());
    assert.equal(headers['content-type'], ASN1);
    return Uint8Array.from(body);
  }

  async json(name: string, members: object): Promise<any> {
    const reply = await postEsipa(
      this.url,
      `/gsma/rsp2/esipa/${name}`,
      'application/json',
      JSON.stringify(members),
    );
    assert.equal(reply.status, 200, reply.body.toString());
    return JSON.parse(reply.body.toString());
  }

  async poll({ notifyStateChange = false } = {}): Promise<Polled> {
    if (this.binding === 'json') {
      const answer = await this.json('getEimPackage', {
        eidValue: this.eid,
        ...(notifyStateChange ? { notifyStateChange } : {}),
      });
      const text =
        answer.euiccPackageRequest ??
        answer.ipaEuiccDataRequest ??
        answer.profileDownloadTriggerRequest;
      return text === undefined ? answer.eimPackageError : Uint8Array.fromBase64(text);
    }
    const request = EsipaMessageFromIpaToEim.encode({
      getEimPackageRequest: {
        eidValue: encodeEid(this.eid),
        ...(notifyStateChange ? { notifyStateChange: null } : {}),
      },
    });
    const { contents } = readDer(await this.asn1(request));
    const { tag } = readDer(contents);
    return tag === 0x02 ? readDer(contents).contents[0]! : Uint8Array.from(contents);
  }

  /** @param result DER. @returns the seqNumbers that are acknowledged, or the number of an error */
  async provide(result: Uint8Array): Promise<number[] | number> {
    if (this.binding === 'json') {
      const { eimAcknowledgements: acks, provideEimPackageResultError: error } = await this.json(
        'provideEimPackageResult',
        { eidValue: this.eid, eimPackageResult: result.toBase64() },
      );
      if (error !== undefined) return error;
      const der = acks === undefined ? encodeTlv(0x30) : Uint8Array.fromBase64(acks);
      return acknowledged(encodeTlv(0xbf50, der));
    }
    return acknowledged(
      await this.asn1(encodeTlv(0xbf50, encodeTlv(0x5a, encodeEid(this.eid)), result)),
    );
  }

  /** IpaEuiccData with the certificates and a token. @param more members that stand before and after them */
  dataFor(
    request: Uint8Array,
    {
      associationToken = this.associationToken ?? 7,
      before = [],
      after = [],
    }: { associationToken?: number; before?: Uint8Array[]; after?: Uint8Array[] } = {},
  ): Uint8Array {
    this.associationToken = associationToken;
    const inner = readDer(request);
    assert.equal(inner.tag, 0xbf52);
    const { euiccCertificate, eumCertificate } = this.issued;
    return encodeTlv(
      0xbf52,
      encodeTlv(
        0xa0,
        ...before,
        encodeTlv(0x84, Uint8Array.of(associationToken)),
        encodeTlv(0xa5, readDer(eumCertificate).contents),
        encodeTlv(0xa6, readDer(euiccCertificate).contents),
        encodeTlv(0x87, transactionIn(request, 0x83)),
        ...after,
      ),
    );
  }

  /** The signed result of a package. */
  resultOf(
    request: Uint8Array,
    results: readonly EuiccResultData[],
    changes: { seqNumber?: number; signer?: LocalSigner; counterValue?: number } = {},
  ): Uint8Array {
    const { eimId, counterValue, eimTransactionId } =
      EuiccPackageRequest.decode(request).euiccPackageSigned.value;
    const { seqNumber = (this.sequence += 1), signer = this.signer } = changes;
    const signed = encoded(EuiccPackageResultDataSigned, {
      eimId,
      counterValue: changes.counterValue ?? counterValue,
      ...(eimTransactionId === undefined ? {} : { eimTransactionId }),
      seqNumber,
      euiccResult: results,
    });
    return EuiccPackageResult.encode({
      euiccPackageResultSigned: {
        euiccPackageResultDataSigned: signed,
        euiccSignEPR: this.#sign(signed.der, signer),
      },
    });
  }

  /** The signed refusal of a package. */
  refusalOf(request: Uint8Array, euiccPackageErrorCode: number): Uint8Array {
    const { eimId, counterValue, eimTransactionId } =
      EuiccPackageRequest.decode(request).euiccPackageSigned.value;
    const signed = encoded(EuiccPackageErrorDataSigned, {
      eimId,
      counterValue,
      ...(eimTransactionId === undefined ? {} : { eimTransactionId }),
      euiccPackageErrorCode,
    });
    return EuiccPackageResult.encode({
      euiccPackageErrorSigned: {
        euiccPackageErrorDataSigned: signed,
        euiccSignEPE: this.#sign(signed.der, this.signer),
      },
    });
  }

  #sign(der: Uint8Array, signer: LocalSigner): Uint8Array {
    return signer.sign(Buffer.concat([der, associationTokenTlv(this.associationToken)]));
  }

  /** That of a trigger. */
  lpa(request: Uint8Array, options: Omit<LpaOptions, 'transport'> = {}): Lpa {
    const transport = new EsipaTransport(this, transactionIn(request, 0x82));
    return new Lpa(this.euicc, { ...options, transport });
  }

  /** Carries out a trigger. */
  async download(request: Uint8Array, options: Omit<LpaOptions, 'transport'> = {}): Promise<Lpa> {
    const { profileDownloadData } = ProfileDownloadTriggerRequest.decode(request);
    const lpa = this.lpa(request, options);
    if (profileDownloadData === undefined) await lpa.downloadByEim();
    else await lpa.download(profileDownloadData.activationCode!);
    return lpa;
  }
}

/** The value of a member in an eIM package. */
export function transactionIn(request: Uint8Array, tag: number): Uint8Array {
  const bytes = Buffer.from(request);
  // The last member: a tag, 16 bytes.
  assert.equal(bytes.at(-18), tag);
  return Uint8Array.from(bytes.subarray(-16));
}

function acknowledged(der: Uint8Array): number[] | number {
  const { provideEimPackageResultResponse: answer } = EsipaMessageFromEimToIpa.decode(der);
  assert.ok(answer);
  if (answer.provideEimPackageResultError !== undefined) return answer.provideEimPackageResultError;
  return [...(answer.eimAcknowledgements ?? [])];
}

/** ES9+ of the phone's LPA, as the eIM relays it. */
class EsipaTransport implements Es9PlusTransport {
  readonly #ipa: Ipa;
  readonly #eimTransactionId: Uint8Array;
  #session: SessionWithEim = {};

  constructor(ipa: Ipa, eimTransactionId: Uint8Array) {
    this.#ipa = ipa;
    this.#eimTransactionId = eimTransactionId;
  }

  async send(name: Es9PlusFunction, _address: string, request: Record<string, unknown>) {
    const signed = request as Record<string, string>;
    this.#ipa.onSigned(name, signed);
    const { smdpAddress, ...others } = signed;
    const addressed = smdpAddress === '' ? others : signed;
    const members = this.#ipa.isCompact
      ? compactMembers(name, addressed, this.#session, this.#ipa.eid)
      : addressed;
    await this.#ipa.onRelay(name, members, (changed) => this.#post(name, changed));
    const answer = await this.#post(name, members);
    if (name !== 'handleNotification') {
      this.#session = { ...this.#session, ...sessionIn(JSON.parse(answer.body)) };
    }
    return answer;
  }

  async #post(name: Es9PlusFunction, members: Record<string, string>) {
    if (name === 'handleNotification') {
      const reply =
        this.#ipa.binding === 'json'
          ? await postEsipa(
              this.#ipa.url,
              `/gsma/rsp2/esipa/${name}`,
              'application/json',
              JSON.stringify(members),
            )
          : await postEsipa(
              this.#ipa.url,
              '/gsma/rsp2/asn1',
              ASN1,
              encodeTlv(0xbf3d, encodeTlv(0xa0, bytesOf(members['pendingNotification']))),
            );
      return { statusCode: reply.status, headers: reply.headers, body: reply.body.toString() };
    }
    const answer =
      this.#ipa.binding === 'json'
        ? await this.#ipa.json(name, {
            ...members,
            ...(name === 'initiateAuthentication'
              ? { eimTransactionId: this.#eimTransactionId.toHex().toUpperCase() }
              : {}),
          })
        : membersOf(await this.#ipa.asn1(this.#asn1Request(name, members)));
    const { euiccCiPKIdentifierToBeUsed: key, ...told } = answer;
    const body = JSON.stringify({ ...told, ...(key && { euiccCiPKIdToBeUsed: key }) });
    return { statusCode: 200, headers: {}, body };
  }

  #asn1Request(
    name: Exclude<Es9PlusFunction, 'handleNotification'>,
    members: Record<string, string>,
  ): Uint8Array {
    const transaction = () => encodeTlv(0x80, parseTransactionId(members['transactionId']!)!);
    switch (name) {
      case 'initiateAuthentication':
        return encodeTlv(
          0xbf39,
          encodeTlv(0x81, bytesOf(members['euiccChallenge'])),
          ...(members['smdpAddress'] === undefined
            ? []
            : [encodeTlv(0x83, Buffer.from(members['smdpAddress']))]),
          bytesOf(members['euiccInfo1']),
          encodeTlv(0x82, this.#eimTransactionId),
        );
      case 'authenticateClient':
        return encodeTlv(0xbf3b, transaction(), bytesOf(members['authenticateServerResponse']));
      case 'getBoundProfilePackage':
        return encodeTlv(0xbf3a, transaction(), bytesOf(members['prepareDownloadResponse']));
      case 'cancelSession':
      default: {
        const { contents } = readDer(bytesOf(members['cancelSessionResponse']));
        return encodeTlv(0xbf41, transaction(), encodeTlv(0xa1, contents));
      }
    }
  }
}

const given = (text: unknown) =>
  typeof text === 'string' ? Uint8Array.fromBase64(text) : undefined;

function sessionIn(answer: Record<string, unknown>): SessionWithEim {
  const smdpSigned2 = given(answer['smdpSigned2']);
  if (smdpSigned2 === undefined) {
    const serverSigned1 = given(answer['serverSigned1']);
    return serverSigned1 === undefined
      ? {}
      : { serverSigned1, ctxParams1: given(answer['ctxParams1']) };
  }
  const hash = given(answer['hashCc']);
  const { bppEuiccOtpk } = SmdpSigned2.decode(smdpSigned2);
  return { bppEuiccOtpk, hashCc: hash && readDer(hash).contents };
}

/** Each compact form, in whichever binding; what has none stays. */
function compactMembers(
  name: Es9PlusFunction,
  members: Record<string, string>,
  session: SessionWithEim,
  eid: string,
): Record<string, string> {
  const made = <T>(
    member: string,
    type: Asn1Type<T>,
    compact: (full: Encoded<T>) => Encoded<T> | undefined,
  ) => {
    const der = bytesOf(members[member]);
    const found = compact({ value: type.decode(der), der });
    return found === undefined ? members : { ...members, [member]: found.der.toBase64() };
  };
  switch (name) {
    case 'initiateAuthentication': {
      const { euiccInfo1: _info, ...others } = members;
      return others;
    }
    case 'authenticateClient':
      return made('authenticateServerResponse', AuthenticateServerResponseEsipa, (full) =>
        compactAuthenticateServerResponse(full, session),
      );
    case 'getBoundProfilePackage':
      return made('prepareDownloadResponse', PrepareDownloadResponseEsipa, (full) =>
        compactPrepareDownloadResponse(full, session),
      );
    case 'cancelSession':
      return made(
        'cancelSessionResponse',
        CancelSessionResponseEsipa,
        compactCancelSessionResponse,
      );
    case 'handleNotification':
    default:
      return made('pendingNotification', PendingNotificationEsipa, (full) =>
        compactNotification(full, encodeEid(eid)),
      );
  }
}

const bytesOf = (text: string | undefined) => Uint8Array.fromBase64(text ?? '');

/** As ES9+ has them; a number as a status code of its own. */
function membersOf(der: Uint8Array): Record<string, unknown> {
  const message = EsipaMessageFromEimToIpa.decode(der) as Record<string, any>;
  const [answer] = Object.values(message).filter((value) => value !== undefined);
  const [kind, ok] = Object.entries(answer as Record<string, any>).find(
    ([, value]) => value !== undefined,
  )!;
  if (typeof ok === 'number') {
    const ofMetadata =
      kind === 'authenticateClientErrorEsipa' ? 'pprNotAllowed' : 'metadataMismatch';
    const text = ok === 50 ? ofMetadata : `${kind} ${ok}`;
    const statusCodeData = { subjectCode: '8', reasonCode: '4.2', message: text };
    return { header: { functionExecutionStatus: { status: 'Failed', statusCodeData } } };
  }
  const members = Object.entries(ok as Record<string, unknown>).map(([name, value]) => [
    name === 'profileMetaData' ? 'profileMetadata' : name,
    value instanceof Uint8Array
      ? name === 'transactionId'
        ? value.toHex().toUpperCase()
        : value.toBase64()
      : value,
  ]);
  return {
    header: { functionExecutionStatus: { status: 'Executed-Success' } },
    ...Object.fromEntries(members),
  };
}
