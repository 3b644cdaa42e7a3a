// A server in a process of its own, which is killed.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openData } from '../../src/data.ts';
import { loadPki } from '../../src/smdp/pki/pki.ts';
import type { Pki } from '../../src/smdp/pki/pki.ts';
import { asTrial, Dead } from './instance.ts';
import type { Told } from './killed-process.ts';
import { configFor, settingsFor } from './life.ts';
import type { Birth, Life } from './life.ts';
import { formatPoint } from './point.ts';
import type { Point } from './point.ts';
import { trialTime } from './trial-clock.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const PRELOAD = join(import.meta.dirname, 'killed-process.ts');
const INHERITED = ['PATH', 'NODE_COMPILE_CACHE'];

export async function bearProcess(birth: Birth): Promise<Life> {
  const child = startChild(birth);
  const exited = once(child, 'exit');
  let isOurs = false;
  const death = exited.then(([, signal]) => {
    if (signal === 'SIGKILL' && !isOurs) birth.onStruck();
  });
  createInterface(child.stderr!).on('line', (line) => birth.write(`${line}\n`));
  const lines = createInterface(child.stdout!);
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      if (line.includes('Simwright listens on')) resolve();
    });
    void death.then(() => {
      reject(child.signalCode === 'SIGKILL' ? new Dead() : new Error('the process ends'));
    });
  });
  const kill = (signal: NodeJS.Signals) => {
    isOurs = true;
    child.kill(signal);
  };
  return {
    pki: () => asTrial(() => readPki(birth)),
    death,
    die: () => kill('SIGKILL'),
    wake: () => {},
    setAhead: (ahead) => tell(child, { ahead }),
    async watch(point) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const answered = Promise.race([once(child, 'message'), exited]);
      tell(child, { watch: textOf(point) });
      await answered;
    },
    async end() {
      kill('SIGTERM');
      await death;
    },
  };
}

function startChild({ database, ports, receiverPort, ahead, point }: Birth): ChildProcess {
  const databasePort = database.kind === 'postgres' ? new URL(database.url).port : '';
  return spawn(process.execPath, [`--import=${PRELOAD}`, MAIN, 'start'], {
    env: {
      ...Object.fromEntries(INHERITED.map((name) => [name, process.env[name]])),
      ...settingsFor(database, ports),
      WATCH: textOf(point),
      AHEAD: String(ahead),
      RECEIVER_PORT: String(receiverPort),
      DATABASE_PORT: databasePort,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Ctrl-C is for the trial, which then lets it end.
    detached: true,
  });
}

function textOf(point: Point | undefined): string {
  return point === undefined ? '' : formatPoint(point);
}

/** It may be dying. */
function tell(child: ChildProcess, told: Told): void {
  if (child.connected) child.send(told, () => {});
}

/** As a command beside the server does. */
async function readPki({ database, ports }: Birth): Promise<Pki> {
  const { config, secrets } = configFor(database, ports);
  const { store, masterKey } = await openData(config, secrets);
  try {
    return await loadPki(store, masterKey, trialTime());
  } finally {
    await store.close();
  }
}
