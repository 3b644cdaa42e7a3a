// `simwright demo`: the whole life of two profiles, in a temporary folder, in a few seconds.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { pino } from 'pino';
import { readConfig } from '../config.ts';
import { qrModules, qrPayload } from '../operator/qr/qr-code.ts';
import {
  ACCOUNT,
  download,
  newEid,
  order,
  showStatus,
  startReceiver,
  title,
} from './demo-parts.ts';
import { runIot } from './demo-iot.ts';
import { runTwoServers } from './demo-two-servers.ts';
import { examples } from './options.ts';
import { print } from './output.ts';
import { renderQr } from './qr-text.ts';
import { freePort } from '../try-to-listen.ts';

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'show the whole life of two profiles: order, callback, QR code, download, installed',
    )
    .addHelpText(
      'after',
      '\nEverything runs on free ports of this machine and in a temporary folder, which is removed.',
    )
    .option(
      '--two-servers',
      'an operator without an SM-DP+, and the SM-DP+ that it rents: orders and reports over ES2+, with mutual TLS',
    )
    .addOption(
      new Option(
        '--iot',
        'three devices without a user, and the eIM that they poll (SGP.32): orders by EID, a switch, a rollback, a move',
      ).conflicts('twoServers'),
    )
    .addHelpText(
      'after',
      examples(['simwright demo'], ['simwright demo --two-servers'], ['simwright demo --iot']),
    )
    .action(async (options: { twoServers?: true; iot?: true }) => {
      const folder = await mkdtemp(join(tmpdir(), 'simwright-demo-'));
      const run = options.iot ? runIot : options.twoServers ? runTwoServers : runDemo;
      try {
        await run(folder);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
}

async function runDemo(folder: string): Promise<void> {
  const receiver = await startReceiver();
  const es9Port = await freePort('127.0.0.1');
  const { config, secrets } = readConfig({
    SIMWRIGHT_DATA: folder,
    SIMWRIGHT_PORT: '0',
    SIMWRIGHT_ES9_PORT: String(es9Port),
    SIMWRIGHT_METRICS_PORT: 'off',
    SIMWRIGHT_SMDP_ADDRESS: `localhost:${es9Port}`,
    SIMWRIGHT_ACCOUNT_SID: ACCOUNT.sid,
    SIMWRIGHT_AUTH_TOKEN: ACCOUNT.authToken,
    SIMWRIGHT_TEST_STOCK: '10',
  });
  const { startServer } = await import('../server.ts');
  await using server = await startServer(config, secrets, pino({ level: 'silent' }));
  print(
    `The server listens on ${server.context.publicUrl}, its SM-DP+ on ${config.smdpAddress}.\n`,
  );

  title('A profile for any eUICC that presents its activation code');
  const byCode = await order(server, receiver, { GenerateMatchingId: 'true' });
  const activationCode = qrPayload(byCode.activation_code!);
  print(`\n${renderQr(qrModules(byCode.activation_code!))}\n  ${activationCode}\n\n`);
  await download(server, newEid(), activationCode);
  await receiver.told(byCode.sid, 'installed');
  await showStatus(server, byCode.sid, 'installed');

  title('A profile for one eUICC, which asks its default SM-DP+');
  const eid = newEid();
  const byEid = await order(server, receiver, { Eid: eid });
  await download(server, eid, `1$${byEid.smdp_plus_address}$`);
  await receiver.told(byEid.sid, 'installed');
  await showStatus(server, byEid.sid, 'installed');

  receiver.close();
  print('\nTo do this with a server of your own: npm start\n');
}
