// Direct download (SGP.32 §3.2.3.1): the IPA calls the SM-DP+ itself, as an LPA does, and tells the eIM what came of it.
import {
  type ProfileDownloadTriggerRequest,
  type ProfileDownloadTriggerResult,
} from '../../rsp/definitions/eim-package.ts';
import { ProfileInstallationResult } from '../../rsp/definitions/notification.ts';
import { readDer } from '../../rsp/der.ts';
import { profileDownloadErrorReasons } from '../../rsp/eim-codes.ts';
import { DeviceError } from '../device-error.ts';
import { Es9PlusError } from '../es9plus.ts';
import type {
  Es9PlusAnswer,
  Es9PlusFunction,
  Es9PlusTransport,
  JsonObject,
} from '../es9plus-transport.ts';
import type { Euicc } from '../euicc.ts';
import { fromBase64 } from '../euicc-state.ts';
import { Lpa, type Download } from '../lpa.ts';
import { downloadTriggered } from './triggered-download.ts';

export interface DirectDownload {
  /** For the eIM. */
  readonly result: ProfileDownloadTriggerResult;
  /** What was installed, or why nothing was. */
  readonly outcome: Download | Error;
}

export async function downloadDirectly(
  euicc: Euicc,
  trigger: ProfileDownloadTriggerRequest,
  { transport, imei }: { transport: Es9PlusTransport; imei: string },
): Promise<DirectDownload> {
  const observed = new ObservedTransport(transport);
  const lpa = new Lpa(euicc, { transport: observed, imei });
  try {
    const outcome = await downloadTriggered(lpa, trigger);
    return { outcome, result: resultOf(trigger, outcome.profileInstallationResult) };
  } catch (error) {
    if (!(error instanceof DeviceError || error instanceof Es9PlusError)) throw error;
    return { outcome: error, result: resultOf(trigger, observed.installationResult) };
  }
}

function resultOf(
  { eimTransactionId }: ProfileDownloadTriggerRequest,
  der: Uint8Array | undefined,
): ProfileDownloadTriggerResult {
  return {
    ...(eimTransactionId === undefined ? {} : { eimTransactionId }),
    profileDownloadTriggerResultData:
      der === undefined
        ? {
            profileDownloadError: {
              profileDownloadErrorReason: profileDownloadErrorReasons.undefinedError,
            },
          }
        : { profileInstallationResult: { value: ProfileInstallationResult.decode(der), der } },
  };
}

/** Keeps the signed result of an installation that has failed, which is gone from the eUICC once the SM-DP+ has it. */
class ObservedTransport implements Es9PlusTransport {
  readonly #transport: Es9PlusTransport;
  installationResult: Uint8Array | undefined;

  constructor(transport: Es9PlusTransport) {
    this.#transport = transport;
  }

  async send(
    functionName: Es9PlusFunction,
    smdpAddress: string,
    request: JsonObject,
  ): Promise<Es9PlusAnswer> {
    if (functionName === 'handleNotification') {
      const der = fromBase64(String(request['pendingNotification']));
      if (ProfileInstallationResult.tags.includes(readDer(der).tag)) this.installationResult = der;
    }
    try {
      return await this.#transport.send(functionName, smdpAddress, request);
    } catch (cause) {
      const { message } = cause as Error;
      throw new DeviceError(`${smdpAddress} cannot be reached: ${message}`, { cause });
    }
  }
}
