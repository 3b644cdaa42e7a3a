// ES10b.AddInitialEim (SGP.32 §5.9.4) and ES10b.GetEimConfigurationData (SGP.32 §5.9.18).
import {
  AddInitialEimRequest,
  AddInitialEimResponse,
  GetEimConfigurationDataRequest,
  GetEimConfigurationDataResponse,
} from '../../rsp/definitions/iot-functions.ts';
import { addInitialEimErrors } from '../../rsp/eim-codes.ts';
import { addEim, configurationOf, currentConfigurationOf } from './associated-eims.ts';
import type { IotEuicc } from './iot-euicc.ts';

/** All of them, or none; only while there is no eIM. */
export function addInitialEim(euicc: IotEuicc, der: Uint8Array): Uint8Array {
  const { iot } = euicc.state;
  const { eimConfigurationDataList } = AddInitialEimRequest.decode(der);
  if (iot.eims.length > 0) return refuse('associatedEimAlreadyExists');
  if (eimConfigurationDataList.length === 0) return refuse('commandError');
  const added = eimConfigurationDataList.map((data) => addEim(euicc, data));
  const failed = added.find(({ error }) => error !== undefined);
  if (failed?.error !== undefined) {
    iot.eims = [];
    return refuse(failed.error);
  }
  const addInitialEimOk = iot.eims.map(({ associationToken }) =>
    associationToken === undefined ? { addOk: null } : { associationToken },
  );
  return AddInitialEimResponse.encode({ addInitialEimOk });
}

function refuse(error: keyof typeof addInitialEimErrors): Uint8Array {
  return AddInitialEimResponse.encode({ addInitialEimError: addInitialEimErrors[error] });
}

export function getEimConfigurationData({ state }: IotEuicc, der: Uint8Array): Uint8Array {
  const { searchCriteria } = GetEimConfigurationDataRequest.decode(der);
  const eims = state.iot.eims.filter(
    (eim) => searchCriteria === undefined || configurationOf(eim).eimId === searchCriteria.eimId,
  );
  return GetEimConfigurationDataResponse.encode({
    eimConfigurationDataList: eims.map(currentConfigurationOf),
  });
}
