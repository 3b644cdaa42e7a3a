// Making the profile package of a download from a template: field by field with every check, and compiled. In this
// process, without a database.
import { randomBytes } from 'node:crypto';
import { CompiledPackages } from '../src/smdp/package/compiled-packages.ts';
import { ownTemplate, toOpen } from '../src/smdp/package/open-template.ts';
import { makePackage } from '../src/smdp/package/personalised-package.ts';
import type { Subscription } from '../src/smdp/stock/subscription.ts';
import { largeTemplate } from './download-stock.ts';
import { LARGE } from './downloads.ts';
import type { Detail, Figure } from './report.ts';
import { detailTable, figureTable } from './report.ts';

const ROUNDS = 15;
const PACKAGES = 1_000;

/** @returns Markdown */
export function measurePackages(onRound: (round: number) => void): string {
  const figures: Figure[] = [];
  const details: Detail[] = [];
  for (const [name, open] of [
    [LARGE, toOpen(largeTemplate())],
    ['default', ownTemplate()],
  ] as const) {
    const ways = ['field by field', 'compiled'].map((way) => ({
      open:
        way === 'compiled'
          ? open
          : { ...open, packages: new CompiledPackages(open.template, () => undefined) },
      detail: { work: `${name} profile, ${way}`, rates: [], cpu: [] } as Detail,
    }));
    // The first two rounds warm up, and are not counted.
    for (let round = -1; round <= ROUNDS; round++) {
      onRound(round);
      for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
        const { rate, cpu } = turn(way.open);
        if (round <= 0) continue;
        way.detail.rates.push(rate);
        way.detail.cpu.push(cpu);
      }
    }
    const [slow, fast] = ways.map(({ detail }) => detail) as [Detail, Detail];
    details.push(slow, fast);
    figures.push({
      work: fast.work,
      against: 'field by field',
      reach: '≤ 0.25',
      values: fast.rates.map((rate, round) => slow.rates[round]! / rate),
      cpu: fast.cpu.map((time, round) => time / slow.cpu[round]!),
      reached: (ratio) => ratio <= 0.25,
    });
  }
  return `## Profile packages\n\n${figureTable(figures)}\n\n${detailTable(details)}\n`;
}

function turn(open: ReturnType<typeof ownTemplate>): { rate: number; cpu: number } {
  const subscriptions = Array.from({ length: PACKAGES }, (_, n) => subscriptionOf(n));
  const [before, started] = [process.cpuUsage(), performance.now()];
  for (const subscription of subscriptions) {
    makePackage(subscription, open, { accountSid: 'AC', log: console });
  }
  const elapsed = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  return { rate: (PACKAGES / elapsed) * 1_000, cpu: (user + system) / PACKAGES };
}

const key = () => randomBytes(16).toString('hex').toUpperCase();

function subscriptionOf(serial: number): Subscription {
  return {
    iccid: `8999901${String(serial).padStart(12, '0')}`,
    imsi: `00101${String(serial).padStart(10, '0')}`,
    profileType: 'default',
    secrets: {
      ki: key(),
      opc: key(),
      pin1: '4711',
      puk1: '12345678',
      pin2: '0815',
      puk2: '87654321',
      adm1: '13572468',
    },
  };
}
