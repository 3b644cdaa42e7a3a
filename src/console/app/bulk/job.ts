// A change of many orders: one request for each, a few at a time, from this page. It can be stopped, and continued later,
// also after the page was reloaded.
import { announce } from '../announce.tsx';
import { api, newIdempotencyKey } from '../api.ts';
import { toProblem } from '../http.ts';
import { accountSid } from '../session.ts';
import { createStore } from '../store.ts';
import type { EsimProfile } from '../types.ts';
import { actionOf } from './actions.ts';
import { forgetJob, keepJob, keptJob } from './kept-job.ts';
import type { Item } from './plan.ts';

/** A browser opens six connections to a server, and the page needs some itself. */
const AT_ONCE = 4;
/** For the user to change their mind before the first request. */
export const GRACE_MS = 10_000;
const DRAWN_MS = 100;
const BUSY_MS = 1_000;

export interface Failure {
  item: Item;
  reason: string;
}

export interface Job {
  /** Part of each request's Idempotency-Key, so a request can be repeated. */
  id: string;
  account: string;
  action: string;
  /** Whether it undoes another job. */
  isUndo: boolean;
  total: number;
  state: 'waiting' | 'running' | 'paused' | 'stopped' | 'finished';
  /** Why it was paused, unless by the user. */
  problem: string | undefined;
  /** When a waiting one begins, in milliseconds since 1970. */
  begins: number;
  /** Not tried yet; the next one is at the end. */
  left: Item[];
  done: number;
  /** The requests that undo what was done. */
  undo: Item[];
  failures: Failure[];
}

/** A copy for the page of the job that is being done, or was done last. */
export const job = createStore<Job | undefined>(undefined);

let current: Job | undefined;
/** The orders as they are after the change. */
let changed: EsimProfile[] = [];
/** Requests without an answer yet. */
const open = new Set<Item>();
let drawing: ReturnType<typeof setTimeout> | undefined;
let waiting: ReturnType<typeof setTimeout> | undefined;

/** One that cannot be undone waits for `GRACE_MS` before its first request. */
export function startJob(action: string, items: readonly Item[], isUndo = false): void {
  changed = [];
  const isFinal = actionOf(action).final !== undefined;
  current = {
    id: newIdempotencyKey(),
    account: accountSid() ?? '',
    action,
    isUndo,
    total: items.length,
    state: 'waiting',
    problem: undefined,
    begins: Date.now() + GRACE_MS,
    left: items.toReversed(),
    done: 0,
    undo: [],
    failures: [],
  };
  if (!isFinal) return run();
  waiting = setTimeout(run, GRACE_MS);
  addEventListener('beforeunload', warn);
  draw();
}

/** Starts a waiting job at once, or continues a paused one. */
export function run(): void {
  if (current === undefined || current.state === 'running') return;
  clearTimeout(waiting);
  if (current.account !== accountSid()) return pause('It belongs to another account.');
  current.state = 'running';
  current.problem = undefined;
  addEventListener('beforeunload', warn);
  addEventListener('pagehide', keep);
  for (let count = open.size; count < AT_ONCE; count++) void work(current);
  draw();
}

export function pause(problem?: string): void {
  if (current === undefined) return;
  current.state = 'paused';
  current.problem = problem;
  keep();
  removeEventListener('beforeunload', warn);
  draw();
}

/** What has not been tried is left as it is. */
export function stopJob(): void {
  if (current !== undefined) end(current, 'stopped');
}

/** Before the first request, nothing remains of it. */
export function dismissJob(): void {
  clearTimeout(waiting);
  removeEventListener('beforeunload', warn);
  forgetJob();
  current = undefined;
  draw();
}

/** Continues where the page was left. */
export function restoreJob(): void {
  if (current !== undefined) return;
  current = keptJob(accountSid());
  draw();
}

/** Those that the last job has changed, as they are now; or placed in their stead. */
export function changedOrders(): readonly EsimProfile[] {
  return changed;
}

async function work(it: Job): Promise<void> {
  for (let item = next(it); item !== undefined; item = next(it)) {
    open.add(item);
    await change(it, item);
    open.delete(item);
    drawing ??= setTimeout(draw, DRAWN_MS);
  }
  if (it.state === 'running' && it.left.length === 0 && open.size === 0) end(it, 'finished');
}

function next(it: Job): Item | undefined {
  return it.state === 'running' ? it.left.pop() : undefined;
}

async function change(it: Job, item: Item): Promise<void> {
  const { sid, form, undo } = item;
  const path = `/v1/ESimProfiles/${sid}${actionOf(it.action).path}`;
  try {
    const headers = { 'Idempotency-Key': `${it.id}-${sid}` };
    changed.push(await api.post<EsimProfile>(path, form, headers));
    it.done++;
    if (undo !== undefined) it.undo.push({ sid, form: undo });
  } catch (error) {
    const { status, reason } = toProblem(error);
    if (status === 429 || status === 503) {
      it.left.push(item);
      await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
    } else if (status === 0 || status === 401 || status === 403) {
      it.left.push(item);
      pause(reason);
    } else {
      it.failures.push({ item, reason: reason.replace(`${sid} `, '') });
    }
  }
}

function end(it: Job, state: 'stopped' | 'finished'): void {
  it.state = state;
  removeEventListener('beforeunload', warn);
  removeEventListener('pagehide', keep);
  forgetJob();
  draw();
  const failed = it.failures.length === 0 ? '' : `, ${it.failures.length} failed`;
  announce(`${actionOf(it.action).done(it.done)}${failed}`);
}

function keep(): void {
  if (current !== undefined) keepJob({ ...current, left: [...current.left, ...open] });
}

function draw(): void {
  clearTimeout(drawing);
  drawing = undefined;
  job.set(current && { ...current });
}

function warn(event: Event): void {
  event.preventDefault();
}
