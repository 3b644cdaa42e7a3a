// A real response of every operation, for the examples of the OpenAPI document. `node test/api/real-answers.ts`
// prints them.
import { OPERATIONS } from '../../src/api/operations.ts';
import { reportStep, SUCCESS } from '../../src/smdp/download/progress.ts';
import { createOperator } from '../../src/smdp/operators/operators.ts';
import { newPhone } from '../es9plus/phone.ts';
import { Ipa } from '../esipa/ipa.ts';
import { startReceiver } from '../receiver.ts';
import { eventually, startTestServer } from '../server.ts';
import type { Reply, RequestOptions, TestServer } from '../server.ts';
import { peerPki, startTlsPeer } from '../tls-peer.ts';

const EID = '89049032000000000000000000000102';
const STOCK =
  'ICCID,IMSI,Ki,OPC\n8949440000009000074,999700900007,00112233445566778899AABBCCDDEEFF,FFEEDDCCBBAA99887766554433221100\n';

/** By operationId and status: `FetchSim 200`. */
export type RealAnswers = Map<string, Reply>;

export async function realAnswers(): Promise<RealAnswers> {
  await using server = await startTestServer({
    es9: true,
    stock: 5,
    env: { SIMWRIGHT_ESIPA_PORT: '0' },
  });
  await using receiver = await startReceiver();
  const answers: RealAnswers = new Map();

  async function ask(operationId: string, path = '', options: RequestOptions = {}): Promise<any> {
    const [sid, linkSid] = path.split('?')[0]!.split('/');
    const { method, path: pattern } = OPERATIONS.find((one) => one.operationId === operationId)!;
    const reply = await server.request(
      pattern
        .replace(':Sid', sid!)
        .replace(':LinkSid', linkSid!)
        .replace(':OperationSid', linkSid!) + (/\?.*/.exec(path)?.[0] ?? ''),
      {
        method,
        ...options,
      },
    );
    answers.set(`${operationId} ${reply.status}`, reply);
    return reply.json;
  }

  const form = { GenerateMatchingId: 'true', CallbackUrl: `${receiver.url}/status` };
  const { sid } = await ask('CreateEsimProfile', '', { form });
  const available = await eventually(async () => {
    const profile = await ask('FetchEsimProfile', sid);
    return profile.status === 'available' ? profile : undefined;
  });
  await ask('FetchQrSheet', `?Sid=${sid}`);
  await ask('FetchEsimProfileInstall', sid);
  const link = await ask('CreateInstallLink', sid);
  await ask('ListInstallLink', sid);
  await ask('FetchInstallLink', `${sid}/${link.sid}`);
  await ask('DeleteInstallLink', `${sid}/${link.sid}`);
  await ask('ExportQrCodes', `?Sid=${sid}`);
  await newPhone(server).download(available.activation_code);
  await eventually(() => (receiver.calls.length === 4 ? true : undefined));
  for (const operationId of ['ListEsimProfileEvent', 'ListEsimProfileRspLog']) {
    await ask(operationId, sid);
  }
  const { callbacks } = await eventually(async () => {
    const list = await ask('ListEsimProfileCallback', sid);
    return list.callbacks.every(({ state }: any) => state === 'delivered') ? list : undefined;
  });
  await ask('FetchEsimProfileReport', sid);
  await ask('FetchCallback', callbacks[2].sid);
  await ask('RetryCallback', callbacks[2].sid);
  await ask('ListCallback');
  await ask('CountCallback');
  await ask('TestCallback', '', { form: { CallbackUrl: receiver.url } });
  const as = await server.addAccount(0);
  await ask('CreateRehearsal', '', { form: { CallbackUrl: receiver.url }, as });
  await ask('RetryCallbacks', '?State=failed');
  await ask('FetchEsimProfileQrCode', sid);
  await ask('ListEsimProfile');
  await ask('CountEsimProfile');
  await ask('ExportEsimProfile');
  await ask('ExportSim');
  await ask('ExportCallback');
  await ask('ListSim');
  await ask('CountSim');
  await ask('FetchSim', available.sim_sid);
  await ask('UpdateSim', available.sim_sid, { form: { UniqueName: 'Pump 7' } });
  await ask('UpdateSim', available.sim_sid, { form: { Status: 'active' } });
  for (const operationId of ['CreateStockImport', 'CreateStockPreview']) {
    await ask(operationId, '', { csv: STOCK });
  }
  await ask('CreateStockImport', '', { csv: 'iccid,imsi,ki,opc\n8949440000009000075,1,2,3\n' });
  await changeOrders(server, sid as string, ask);
  await server.order({ GenerateMatchingId: 'true', ProfileType: 'none' });
  await ask('FetchStatistics');
  const ofStock = { ProfileType: 'default', Threshold: '1000', CallbackUrl: receiver.url };
  await ask('UpdateStock', '', { form: ofStock });
  await ask('FetchStock');
  // Which take the rest of it.
  await orderBatches(server, ask);
  await reportToOperator(server, ask);
  await manageEuicc(server, ask);
  await ask('FetchAccount');
  await ask('UpdateAccount', '', { form: { ReleaseAgain: 'deletion' } });
  await ask('FetchCallbackSecret');
  await ask('RotateCallbackSecret', '', { form: {} });
  const SupportUrl = 'mailto:help@example.com';
  await ask('UpdateBrand', '', { form: { Name: 'Example Mobile', SupportUrl } });
  await ask('FetchBrand');
  const key = await ask('CreateKey', '', { form: { FriendlyName: 'Shop' } });
  await ask('ListKey');
  await ask('FetchKey', key.sid);
  await ask('DeleteKey', key.sid);
  const { audit_entries: entries } = await ask(
    'ListAuditEntry',
    `?Operation=CreateKey&Subject=${key.sid}`,
  );
  await ask('FetchAuditEntry', entries.at(-1).sid);
  return answers;
}

/** Of the eIM. */
async function manageEuicc(server: TestServer, ask: Ask): Promise<void> {
  const Eid = '89049032000000000000000000000163';
  const euicc = await ask('CreateEuicc', '', {
    form: { Eid, FriendlyName: 'Pump 7', 'Metadata.site': 'north' },
  });
  await ask('ListEuicc');
  await ask('CountEuicc');
  await ask('FetchEuicc', euicc.sid);
  await ask('UpdateEuicc', euicc.sid, { form: { FriendlyName: 'Pump 8' } });
  await ask('FetchEuiccOnboarding', euicc.sid);
  const form = { Kind: 'enable', Iccid: '89882110000000000014' };
  await ask('CreateEuiccOperation', euicc.sid, { form: { ...form, DryRun: 'true' } });
  const operation = await ask('CreateEuiccOperation', euicc.sid, { form });
  const { operations } = await ask('ListEuiccOperation', euicc.sid);
  await ask('FetchEuiccOperation', `${euicc.sid}/${operation.sid}`);
  await ask('UpdateEuicc', euicc.sid, { form: { FriendlyName: 'Pump 8' } });
  await ask('ListEuiccEvent', euicc.sid);
  await new Ipa(server, { eid: Eid }).poll();
  await ask('ListEuiccPackage', `${euicc.sid}/${operations.at(-1).sid}`);
  await ask('CancelEuiccOperation', `${euicc.sid}/${operation.sid}`);
  await manageFleet(Eid, ask);
  await ask('UpdateEuicc', euicc.sid, { form: { Group: '' } });
  await ask('DeleteEuiccGroup', 'Berlin');
  await ask('DeleteEuicc', euicc.sid);
  const range = await ask('CreateEuiccRange', '', {
    form: { EidPrefix: '89049032', Limit: '500' },
  });
  await ask('ListEuiccRange');
  await ask('FetchEuiccRange', range.sid);
  await ask('FetchEuiccRangeOnboarding', range.sid);
  await ask('UpdateEuiccRange', range.sid, { form: { Limit: '1000' } });
  await ask('DeleteEuiccRange', range.sid);
}

/** Many eUICCs of the eIM, of which one is registered. */
async function manageFleet(eid: string, ask: Ask): Promise<void> {
  const Items = [{ Eid: eid, Metadata: { site: 'north' } }, { Eid: 'x' }];
  await ask('CreateEuiccImport', '', { body: { Items, Group: 'Berlin', Update: true } });
  await ask('CreateEuiccImport', '', { body: { Items: [{ Eid: 'x' }] } });
  const group = await ask('CreateEuiccGroup', '', { form: { Name: 'Hamburg' } });
  await ask('UpdateEuiccGroup', group.sid, { form: { Name: 'Bremen' } });
  await ask('ListEuiccGroup');
  await ask('FetchEuiccGroup', 'Berlin');
  await ask('ExportEuiccOnboarding', '?Group=Berlin');
  const Iccid = '89882110000000000014';
  const form = { Kind: 'enable', Iccid, Rollback: 'true', Group: 'Berlin' };
  await ask('CreateBulkOperation', '', { form: { ...form, DryRun: 'true' } });
  await ask('CreateBulkOperation', '', {
    body: { Kind: 'listProfileInfo', Items: [{ Eid: 'x' }] },
  });
  const bulk = await ask('CreateBulkOperation', '', { form });
  await ask('ListBulkOperation');
  for (const name of ['Fetch', 'Pause', 'Resume', 'Cancel', 'Export']) {
    await ask(`${name}BulkOperation`, bulk.sid);
  }
  await ask('ListBulkOperationItem', bulk.sid);
}

/** A report to an operator over ES2+, delivered. */
async function reportToOperator({ server, account }: TestServer, ask: Ask): Promise<void> {
  const pki = peerPki();
  await using peer = await startTlsPeer(pki, { tls: { rejectUnauthorized: false } });
  const { context } = server;
  const given = {
    accountSid: account.username,
    friendlyName: 'Example Mobile',
    requesterIdentifier: 'mno.example.com',
    progressUrl: peer.url.href,
    progressCa: pki.ca,
  };
  const { operator } = await createOperator(given, undefined, context);
  const [profile] = await context.store.subscriptions.list(account.username, { limit: 1 });
  await context.transact((unit) =>
    reportStep(
      { ...profile!, operator_sid: operator.sid, eid: EID },
      { point: 'bppDownload', status: SUCCESS },
      unit,
    ),
  );
  await ask('ListOperator');
  await ask('FetchOperator', operator.sid);
  const report = await eventually(async () => {
    const { progress_reports: reports } = await ask('ListProgressReport');
    return reports[0].state === 'delivered' ? reports[0] : undefined;
  });
  await ask('FetchProgressReport', report.sid);
  await ask('RetryProgressReport', report.sid);
  await ask('RetryProgressReports', '?State=failed');
}

type Ask = (operationId: string, path?: string, options?: RequestOptions) => Promise<any>;

/** @param installed SID of an order */
async function changeOrders(
  server: { order(form: Record<string, string>): Promise<any> },
  installed: string,
  ask: Ask,
): Promise<void> {
  const { sid } = await server.order({ GenerateMatchingId: 'true' });
  await ask('UpdateEsimProfile', sid, {
    form: {
      ExpiresAt: '2999-12-31',
      FriendlyName: 'Truck 17',
      Metadata: '{"order":"4711","site":"Berlin"}',
    },
  });
  const another = await server.order({ GenerateMatchingId: 'true' });
  await ask('ReissueMatchingId', another.sid);
  await ask('CancelEsimProfile', another.sid);
  await ask('ReorderEsimProfile', another.sid);
  await ask('CancelEsimProfile', installed);
}

async function orderBatches(
  server: { request(path: string): Promise<Reply> },
  ask: Ask,
): Promise<void> {
  const ordered = { Count: '1', GenerateMatchingId: 'true' };
  const Items = [{ GenerateMatchingId: true }, { Eid: 'x' }];
  await ask('CreateBatch', '', { body: { Items, DryRun: true } });
  await ask('CreateBatch', '', { body: { Items: [{ Eid: 'x' }] } });
  const { sid, url } = await ask('CreateBatch', '', { form: ordered });
  await eventually(async () =>
    (await server.request(url as string)).json.status === 'completed' ? true : undefined,
  );
  for (const operationId of ['FetchBatch', 'ListBatchItem', 'ExportBatch']) {
    await ask(operationId, sid);
  }
  const more = await ask('CreateBatch', '', { form: { ...ordered, Count: '10000' } });
  await ask('CancelBatch', more.sid);
  await ask('ListBatch');
}

if (import.meta.main) {
  for (const [name, { text }] of await realAnswers()) process.stdout.write(`${name}\n${text}\n\n`);
}
