// Sends notifications that the eIM has kept: by itself, since an SM-DP+ that hangs must keep nothing else waiting.
import type { SendContext } from '../eim/kept-notifications.ts';
import { sendKept } from '../eim/kept-notifications.ts';
import type { Job } from './job.ts';

export function eimNotifications(context: SendContext): Job {
  return { name: 'notifications', everyMs: 5_000, turn: () => sendKept(context) };
}
