// Examples of stock.
import { ACCOUNT_SID, BASE } from './example-values.ts';

export const STOCK_EXAMPLES = {
  Stock: {
    account_sid: ACCOUNT_SID,
    profile_types: [
      {
        profile_type: 'default',
        available: 3,
        ordered: 0,
        in_use: 1,
        unusable: 0,
        total: 4,
        states: {
          Available: 3,
          Allocated: 0,
          Linked: 0,
          Confirmed: 0,
          Released: 0,
          Downloaded: 0,
          Installed: 1,
          Error: 0,
          Unavailable: 0,
        },
        iccid_ranges: [{ first: '8999901000000000026', last: '8999901000000000042', available: 3 }],
        more_iccid_ranges: 0,
        threshold: {
          sid: 'ST01a223add14e7000bc568939837bd071',
          threshold: 1000,
          state: 'low',
          callback_url: 'https://example.com/stock',
          callback_method: 'POST',
          date_updated: '2026-11-23T15:07:59Z',
        },
        forecast: {
          basis: 'rate',
          window_days: 14,
          taken: 574,
          per_day: 41,
          days_left: 0,
          date: '2026-11-23',
        },
      },
    ],
    url: `${BASE}/v1/Stock`,
  },
  StockImport: {
    imported: 1,
    already_in_stock: 0,
    dry_run: false,
    ignored_columns: [],
  },
  StockPreview: {
    encoding: 'utf-8',
    delimiter: ',',
    header_line: 1,
    columns: [
      {
        number: 1,
        name: 'ICCID',
        field: 'iccid',
      },
      {
        number: 2,
        name: 'IMSI',
        field: 'imsi',
      },
      {
        number: 3,
        name: 'Ki',
        field: 'ki',
      },
      {
        number: 4,
        name: 'OPC',
        field: 'opc',
      },
    ],
    rows: [
      {
        line: 2,
        cells: [
          '8949440000009000074',
          '999700900007',
          '32 hexadecimal digits',
          '32 hexadecimal digits',
        ],
      },
    ],
    problems: [],
  },
  StockImportError: {
    code: 20001,
    message: '4 problems in the file; nothing was imported',
    more_info: 'https://www.twilio.com/docs/errors/20001',
    status: 400,
    problem_count: 4,
    problems: [
      {
        line: 2,
        column: 'iccid',
        message: "expected the check digit 4 at the end; got '8949440000009000075'",
      },
      {
        line: 2,
        column: 'imsi',
        message: "expected 6 to 15 digits; got '1'",
      },
      {
        line: 2,
        column: 'ki',
        message: 'expected 32 hexadecimal digits, or 64 with topc; got 1 character',
      },
      {
        line: 2,
        column: 'opc',
        message: 'expected 32 hexadecimal digits; got 1 character',
      },
    ],
  },
};
