// What is next with an order that the eIM pushes to its eUICC.
import type { Tone } from '../tone.ts';
import type { EsimProfile } from '../types.ts';
import { errorInWords } from './error-in-words.ts';
import type { EuiccOperation } from './types.ts';

export interface PushedStep {
  tone: Tone;
  title: string;
  text: string;
  notes: readonly string[];
}

/**
 * @param operations for the order, newest first
 * @returns undefined if the order has nothing to do with the eIM now
 */
export function pushedStep(
  { status, eid }: Pick<EsimProfile, 'status' | 'eid'>,
  operations: readonly EuiccOperation[],
): PushedStep | undefined {
  if (status !== 'available' && status !== 'downloaded' && status !== 'installed') return undefined;
  const download = operations.find(({ kind }) => kind === 'download');
  const enable = operations.find(({ kind }) => kind === 'enable');
  const device = `The IoT device with EID ${eid}`;
  if (status === 'installed') return enable && enabling(enable, device);
  if (download === undefined) return undefined;
  if (download.status === 'failed') {
    const { what, advice } = errorInWords(download.error_code);
    return {
      tone: 'warn',
      title: what,
      text: `${device} did not get the profile. ${advice}`,
      notes: [],
    };
  }
  if (download.status === 'queued') {
    return {
      tone: 'wait',
      title: 'Wait for the next poll of the device',
      text: `${device} gets the profile by itself when it polls the eIM the next time.`,
      notes: ['Nobody has to do anything there. This page updates by itself.'],
    };
  }
  if (download.status === 'sent') {
    return {
      tone: 'wait',
      title: 'Wait for the device',
      text: `${device} was told to download the profile through the eIM.`,
      notes: ['This page updates by itself.'],
    };
  }
  return undefined;
}

function enabling(
  { status, error_code: code }: EuiccOperation,
  device: string,
): PushedStep | undefined {
  if (status === 'queued' || status === 'sent') {
    return {
      tone: 'wait',
      title: 'Wait until it is enabled',
      text: `${device} has installed the profile. The eIM enables it at the next poll.`,
      notes: [],
    };
  }
  if (status === 'failed') {
    const { what, advice } = errorInWords(code);
    return {
      tone: 'warn',
      title: 'It is installed, but not enabled',
      text: `${what}. ${advice}`,
      notes: [],
    };
  }
  if (status !== 'completed') return undefined;
  return {
    tone: 'good',
    title: 'Nothing to do',
    text: `${device} has installed the profile, and the eUICC has signed that it is enabled.`,
    notes: [],
  };
}
