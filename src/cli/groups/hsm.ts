// `simwright hsm`
import type { Command } from 'commander';
import { hsmGenerateCommand } from '../hsm-generate.ts';
import { hsmRequestCommand } from '../hsm-request.ts';
import { hsmShowCommand } from '../hsm-show.ts';
import { hsmTestCommand } from '../hsm-test.ts';
import { group } from './group.ts';

export const hsmGroup = (): Command =>
  group(
    'hsm',
    'keys of DPauth and DPpb in an HSM (PKCS #11), named by SIMWRIGHT_HSM',
    [hsmShowCommand(), hsmGenerateCommand(), hsmRequestCommand(), hsmTestCommand()],
    ['simwright hsm show'],
  );
