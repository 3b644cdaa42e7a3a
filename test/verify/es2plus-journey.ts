// Orders of operators over ES2+, and what became of their reports of progress.
import assert from 'node:assert/strict';
import { enable } from '../../src/rehearsal/phone-actions.ts';
import { certificatePem } from '../../src/smdp/pki/pki-certificate.ts';
import { newOperator, SUCCESS } from '../es2plus/operator.ts';
import type { TestOperator } from '../es2plus/operator.ts';
import { stepsOf } from '../es9plus/calls.ts';
import { newPhone } from '../es9plus/phone.ts';
import { eventually } from '../server.ts';
import type { TestServer } from '../server.ts';
import { peerPki, startTlsPeer } from '../tls-peer.ts';

/** When it resolves, all reports are settled. */
export async function orderOverEs2Plus(server: TestServer): Promise<void> {
  const { context } = server.server;
  const pki = peerPki();
  await using peer = await startTlsPeer(pki, { tls: { ca: context.pki.cis.map(certificatePem) } });
  using operator = await newOperator(server, { progressUrl: peer.url.href, progressCa: pki.ca });
  using untold = await newOperator(server, { friendlyName: 'Without an address' });

  const installed = await order(operator);
  const phone = newPhone(server);
  await phone.download(installed.activationCode);
  await enable(phone, installed.iccid);
  const refused = await order(operator, { confirmationCode: '2580' });
  for (let code = 0; code < 5; code++) {
    const steps = await stepsOf(server, refused.matchingId).begin();
    assert.notEqual((await steps.getPackage('0000')).result, SUCCESS);
  }
  await stepsOf(server, (await order(untold)).matchingId).install();
  await order(operator);
  const { json } = await operator.call('downloadOrder', { profileType: 'default' });
  await operator.call('cancelOrder', {
    iccid: json.iccid,
    finalProfileStatusIndicator: 'Available',
  });
  await eventually(async () => {
    const waiting = { state: 'pending', limit: 1 } as const;
    const found = await context.store.progressReports.list(server.account.username, waiting);
    return found.length === 0 || undefined;
  });
}

async function order(operator: TestOperator, confirm: object = {}) {
  const { json } = await operator.call('downloadOrder', { profileType: 'default' });
  const { iccid } = json as { iccid: string };
  const confirmed = await operator.call('confirmOrder', { iccid, releaseFlag: true, ...confirm });
  const { matchingId, smdpAddress } = confirmed.json as Record<string, string>;
  return { iccid, matchingId: matchingId!, activationCode: `1$${smdpAddress}$${matchingId}` };
}
