// Names statements by what they are, so that a point is found again in another run.
import { createHash } from 'node:crypto';
import type { Call, CallKind } from './point.ts';

const WRITES = /^(insert|update|delete|create|alter|drop|analyze)\b/;
const READS = /^(select|with)\b/;
const TABLE = /\b(?:into|update|from|table|index|exists|on) "?(?!exists\b|if\b|table\b)(\w+)"?/;

/** How far a connection's transaction has come. */
export class Progress {
  /** Whether a transaction is open, as the statements say. */
  isOpen = false;
  /** The last write of the transaction. */
  written = 'nothing';

  /** @param sql one statement, or several of which the first says what they are */
  callOf(sql: string): Call {
    const text = normalised(sql);
    const [verb = ''] = /^\w+/.exec(text) ?? [];
    if (/^(begin|start transaction)\b/.test(text)) {
      this.isOpen = true;
      this.written = 'nothing';
      return { kind: 'control', name: 'begin', text };
    }
    if (verb === 'commit' || verb === 'end') {
      this.isOpen = false;
      return { kind: 'commit', name: `commit-of-${this.written}`, text };
    }
    if (/^rollback(?! to)/.test(text)) this.isOpen = false;
    if (['savepoint', 'release', 'rollback'].includes(verb)) {
      return { kind: 'control', name: `${verb}-after-${this.written}`, text };
    }
    const name = nameOf(verb, text);
    if (!WRITES.test(text)) return { kind: READS.test(text) ? 'read' : 'control', name, text };
    this.written = name;
    return { kind: this.kindOfWrite(), name, text };
  }

  /** A write outside a transaction commits itself. */
  kindOfWrite(): CallKind {
    return this.isOpen ? 'write' : 'commit';
  }
}

function nameOf(verb: string, text: string): string {
  const [, table] = TABLE.exec(text) ?? [];
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 4);
  return [verb, ...(table === undefined ? [] : [table]), hash].join('-');
}

/** Without what differs from run to run: numbers of parameters, and how many rows or values there are. */
function normalised(sql: string): string {
  return sql
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/^\w+/, (verb) => verb.toLowerCase())
    .replace(/\$\d+/g, '?')
    .replace(/\?(, \?)+/g, '?…')
    .replace(/(\([^()]*\))(, \1)+/g, '$1…');
}
