// What the examples have in common: one server, one account, one order.
export const BASE = 'http://127.0.0.1:3000';
export const ACCOUNT_SID = 'AC68c611b45b7d4a2f8f7888044dcb69c4';
export const PROFILE_SID = 'HP01a223adcc047000a8a29c4c72e6360a';
export const BATCH_SID = 'BT01a223adf1a070009c1d5e4f3b2a7086';
export const GROUP_SID = 'EG01a223adcc1f7001b54957d402fa3ad4';
export const BULK_SID = 'BO01a223adcc1f7001b54957d402fa3ad5';
export const LINK_SID = 'IL01a223ade9bc70008e4f8e2a8d6f4b17';
export const SIM_SID = 'HS01a223adcc127001877ae0d67bba1e16';
