// How far an operation is, in words.
import type { Tone } from '../tone.ts';
import { errorInWords } from './error-in-words.ts';
import { kindOf } from './kinds.ts';
import type { Euicc, EuiccOperation, EuiccPackage } from './types.ts';
import { heldUpBy, waitingTitle, whenHanded } from './when-handed.ts';

export interface OperationStep {
  tone: Tone;
  over: string;
  title: string;
  text: string;
  notes: readonly string[];
}

/**
 * @param packages newest first
 * @param euicc undefined: not known yet
 */
export function operationStep(
  {
    kind,
    status,
    error_code: code,
    error_message: message,
    failed_attempts: failures,
  }: EuiccOperation,
  [last]: readonly EuiccPackage[],
  euicc?: Euicc,
): OperationStep {
  const { about } = kindOf(kind);
  const none: readonly string[] = [];
  switch (status) {
    case 'queued':
      return {
        tone: 'wait',
        over: 'Next step',
        title: waitingTitle(euicc),
        text: `The device is handed it ${whenHanded(euicc)}, after what was asked for before. ${about}`,
        notes: heldUpBy({ error_message: message }),
      };
    case 'sent':
      if (failures > 0) {
        const { what } = errorInWords(code);
        return {
          tone: 'warn',
          over: 'It is tried again',
          title: what,
          text: 'The IPA of the device says so, which the eUICC has not signed. The device is handed it again.',
          notes: [`${failures} ${failures === 1 ? 'attempt has' : 'attempts have'} failed so far.`],
        };
      }
      return {
        tone: 'wait',
        over: 'Next step',
        title: 'Wait for the result',
        text: 'The device has taken it. Once its result has come, signed by the eUICC, this page says so.',
        notes: [
          ...heldUpBy({ error_message: message }),
          ...(last !== undefined && last.sent > 1
            ? [
                `It was handed out ${last.sent} times: the same bytes, as long as no result comes. After ten times, a minute apart or more, it fails.`,
              ]
            : none),
        ],
      };
    case 'completed':
      return {
        tone: 'good',
        over: 'Done',
        title: 'It is done',
        text:
          kind === 'euiccData'
            ? 'The IPA has told it.'
            : 'The eUICC has signed that it was carried out.',
        notes: none,
      };
    case 'cancelled':
      return {
        tone: 'wait',
        over: 'Cancelled',
        title: 'It was cancelled before it was sent',
        text: message ?? 'The device has heard nothing of it.',
        notes: none,
      };
    case 'failed': {
      const { what, advice } = errorInWords(code);
      return {
        tone: 'bad',
        over: 'This operation has failed',
        title: what,
        text: advice,
        notes: none,
      };
    }
    default:
      throw new TypeError(`no words for ${String(status satisfies never)}`);
  }
}
