// examples/es2plus: what the program prints, and that it leaves the stock as it was.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { commandLine } from '../cli/command.ts';

const PROGRAM = join(import.meta.dirname, '../../examples/es2plus/operator.ts');

test('examples/es2plus, §5.3.1 to §5.3.4: an order from DownloadOrder to CancelOrder, each call and its answer', async () => {
  await using cli = await commandLine();
  const accountSid = await cli.addAccount();
  await cli.print('stock', 'generate', '--count', '2', '--account', accountSid);
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM], {
    cwd: cli.data,
    env: { ...process.env, SIMWRIGHT_DATA: cli.data },
  });
  const said = stdout
    .replaceAll(/\b89\d{16,18}\b/g, 'ICCID')
    .replaceAll(/(functionCallIdentifier":)"[0-9a-f-]{36}"/g, '$1"ID"')
    .replaceAll(/\b(?:[A-Z2-9]{5}-){4}[A-Z2-9]{5}\b/g, 'MATCHING-ID')
    .replaceAll(accountSid, 'AC');
  const header = '"header":{"functionRequesterIdentifier":"AC","functionCallIdentifier":"ID"}';
  const post = (name: string, members = '') =>
    `POST /gsma/rsp2/es2plus/${name} {${header}${members}}`;
  assert.deepEqual(said.trimEnd().split('\n'), [
    post('downloadOrder'),
    '  Executed-Success {"iccid":"ICCID","profileType":"default"}',
    post('downloadOrder'),
    '  Executed-Success {"iccid":"ICCID","profileType":"default"}',
    post('confirmOrder', ',"iccid":"ICCID","confirmationCode":"2468","releaseFlag":false'),
    '  Executed-Success {"matchingId":"MATCHING-ID","smdpAddress":"localhost:8443"}',
    post('releaseProfile', ',"iccid":"ICCID"'),
    '  Executed-Success {}',
    post('releaseProfile', ',"iccid":"ICCID"'),
    '  Failed {"subjectCode":"8.2.1","reasonCode":"3.5","message":"ICCID ICCID is Released, not Confirmed"}',
    'A phone would scan LPA:1$localhost:8443$MATCHING-ID$$1',
    post('cancelOrder', ',"iccid":"ICCID","finalProfileStatusIndicator":"Available"'),
    '  Executed-Success {}',
  ]);
  const iccids = new Set(stdout.match(/\b89\d{16,18}\b/g));
  assert.equal(iccids.size, 1, 'the same call again has no further effect');

  const stock = await cli.json('stock', 'list', '--account', accountSid);
  assert.deepEqual(
    stock.map(({ state }: any) => state),
    ['Available', 'Available'],
  );
});
