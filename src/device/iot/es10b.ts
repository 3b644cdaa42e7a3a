// The ES10b functions that an IoT eUICC has besides those of a consumer eUICC, or instead of them (SGP.32 §5.9).
import {
  DisableEmergencyProfileResponse,
  EnableEmergencyProfileResponse,
  GetConnectivityParametersResponse,
  IpaeActivationResponse,
} from '../../rsp/definitions/iot-functions.ts';
import {
  SetDefaultDpAddressRequest,
  SetDefaultDpAddressResponse,
} from '../../rsp/definitions/euicc-package.ts';
import {
  disableEmergencyProfileResults,
  enableEmergencyProfileResults,
  setDefaultDpAddressResults,
} from '../../rsp/eim-codes.ts';
import { addInitialEim, getEimConfigurationData } from './eim-configuration.ts';
import { iotEuiccMemoryReset } from './eUICCMemoryReset.ts';
import { executeFallbackMechanism, returnFromFallback } from './fallback.ts';
import { getCerts } from './getCerts.ts';
import { configureImmediateProfileEnabling, immediateEnable } from './immediate-enable.ts';
import type { IotEuicc } from './iot-euicc.ts';
import { loadEuiccPackage } from './loadEuiccPackage.ts';
import { profileRollback } from './profileRollback.ts';
import { setDefaultDpAddress } from './psmo.ts';
import { iotRetrieveNotificationsList } from './retrieveNotificationsList.ts';

type Es10bFunction = (euicc: IotEuicc, request: Uint8Array) => Uint8Array;

/** By the tag of the request. */
export const iotFunctions: Readonly<Record<number, Es10bFunction>> = {
  0xbf2b: iotRetrieveNotificationsList,
  0xbf42: () => IpaeActivationResponse.encode({ ipaeActivationResult: NOT_SUPPORTED }),
  0xbf51: loadEuiccPackage,
  0xbf55: getEimConfigurationData,
  0xbf56: getCerts,
  0xbf57: addInitialEim,
  0xbf58: profileRollback,
  0xbf59: configureImmediateProfileEnabling,
  0xbf5a: immediateEnable,
  0xbf5b: () =>
    EnableEmergencyProfileResponse.encode({
      enableEmergencyProfileResult: enableEmergencyProfileResults.ecallNotAvailable,
    }),
  0xbf5c: () =>
    DisableEmergencyProfileResponse.encode({
      disableEmergencyProfileResult: disableEmergencyProfileResults.undefinedError,
    }),
  0xbf5d: executeFallbackMechanism,
  0xbf5e: returnFromFallback,
  0xbf5f: () =>
    GetConnectivityParametersResponse.encode({
      connectivityParametersError: PARAMETERS_NOT_AVAILABLE,
    }),
  0xbf64: iotEuiccMemoryReset,
  0xbf65: (euicc, der) => {
    const { defaultDpAddress } = SetDefaultDpAddressRequest.decode(der);
    return SetDefaultDpAddressResponse.encode({
      setDefaultDpAddressResult:
        setDefaultDpAddressResults[setDefaultDpAddress(euicc, defaultDpAddress)],
    });
  },
};

const NOT_SUPPORTED = 1;
const PARAMETERS_NOT_AVAILABLE = 1;

/** SGP.32 §5.9: what the user of a phone does by ES10c and ES10a is done by eIMs. */
export const NOT_ON_IOT: readonly number[] = [0xbf29, 0xbf31, 0xbf32, 0xbf33, 0xbf34, 0xbf3f];
