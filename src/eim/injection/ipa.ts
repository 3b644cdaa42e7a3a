// What the eIM knows of an IPA that listens: ESipa.TransferEimPackage (SGP.32 §5.14.5), which it calls with eIM packages.
import type { TransferEimPackageResponse } from '../../rsp/definitions/esipa.ts';
import type { EsipaBindingName, EuiccRow } from '../../store/schema.ts';

/** How the function is written in a binding. */
export interface TransferBinding {
  /** Appended to that of the IPA's URL. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** @param eimPackage DER, also of EimAcknowledgements */
  write(eimPackage: Uint8Array): Uint8Array;
  /** Throws `DerError` or `FunctionExecutionError` if it is none. */
  read(body: Uint8Array): TransferEimPackageResponse;
}
export type TransferBindings = Readonly<Record<EsipaBindingName, TransferBinding>>;

/** Where an IPA listens, and whom it may be. */
export type ListeningIpa = Pick<EuiccRow, 'account_sid' | 'ipa_binding' | 'ipa_ca'> & {
  ipa_url: string;
};

/** Of an eUICC whose IPA listens, and which obeys us. */
export const isListening = <Row extends Pick<EuiccRow, 'ipa_url' | 'state'>>(
  row: Row,
): row is Row & { ipa_url: string } => row.ipa_url !== null && row.state !== 'left';

/** Whether its owner, where it listens, and whom it may be are still the same. */
export const isSameIpa = (
  before: Pick<EuiccRow, 'sid' | 'ipa_url' | 'ipa_binding' | 'ipa_ca'>,
  now: EuiccRow,
): boolean =>
  (['sid', 'ipa_url', 'ipa_binding', 'ipa_ca'] as const).every(
    (name) => before[name] === now[name],
  );

/** An IPA as it is called, over one connection as far as that holds. */
export interface IpaCaller extends Disposable {
  /**
   * @param make makes the package once there is a connection; what it throws ends the call
   * Throws `PeerUnavailable` if there is no answer that can be read.
   */
  transferEimPackage(
    make: () => Promise<Uint8Array>,
    signal: AbortSignal,
  ): Promise<TransferEimPackageResponse>;
}

export type CallIpa = (ipa: ListeningIpa) => IpaCaller;
