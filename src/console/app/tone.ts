/** How what is to be done next is to be taken. */
export type Tone = 'wait' | 'act' | 'good' | 'warn' | 'bad';
