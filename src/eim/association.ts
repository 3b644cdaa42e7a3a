// An eUICC and this eIM (SGP.32 §2.11.1.1.2): what both sides know of each other.

/** What the eUICC's signature of a result covers besides the result: the token since v1.1, in v1.0.1 the eIM's signature. */
export const resultSignatures = ['associationToken', 'eimSignature'] as const;
export type ResultSignature = (typeof resultSignatures)[number];

export interface Association {
  readonly eid: string;
  readonly eimId: string;
  /** Undefined if the eUICC has none for this eIM. */
  readonly associationToken?: number | undefined;
  /** The last counter value that a package took; zero before the first. */
  readonly counterValue: number;
  readonly resultSignature: ResultSignature;
  /** Whether results count that the eUICC did not sign: only for IPAs that emulate an IoT eUICC on a consumer card. */
  readonly acceptsUnsignedResults: boolean;
}
