// One life of a server in this process: what it has opened, and its death.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Server, Socket } from 'node:net';
import type { Call, Fault } from './point.ts';

/** What every call of a dead server ends in. */
export class Dead extends Error {
  override name = 'Dead';

  constructor() {
    super('this server is dead');
  }
}

const running = new AsyncLocalStorage<Instance | 'trial'>();
/** If the whole process is one server. */
let whole: Instance | undefined;

export function beWhole(instance: Instance): void {
  whole = instance;
}

/** The server whose code is running, also in what its sockets and timers call; undefined: clients, or the trial. */
export function current(): Instance | undefined {
  const who = running.getStore() ?? whole;
  return who === 'trial' ? undefined : who;
}

/** Runs what the trial itself does with the database. */
export function asTrial<T>(work: () => T): T {
  return running.run('trial', work);
}

/** As `current`, for what only servers and the trial do. Throws if it is neither: then points would be overlooked. */
export function currentOfDatabase(): Instance | undefined {
  if ((running.getStore() ?? whole) === undefined)
    throw new Error('a call to a database, but of which server?');
  return current();
}

export interface Fate {
  /** @returns what must go wrong with a call */
  pass(call: Call): Fault | undefined;
  /** Keeps the disk as it is at the moment of death. */
  onDeath(): void;
  /** What listens at a port that the server connects to. */
  peerAt(port: number): 'database' | 'receiver' | undefined;
}

export class Instance {
  readonly fate: Fate;
  readonly #sockets = new Set<Socket>();
  readonly #listeners = new Set<Server>();
  readonly #death = Promise.withResolvers<void>();
  #isDead = false;

  constructor(fate: Fate) {
    this.fate = fate;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Resolves once it has died, and its ports are free. */
  get death(): Promise<void> {
    return this.#death.promise;
  }

  run<T>(work: () => T): T {
    return running.run(this, work);
  }

  /**
   * From now on nothing that this server does reaches the disk or the network. Its code goes on, since nothing can stop
   * it, but every call that it makes fails.
   */
  die(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.fate.onDeath();
    const closed = Array.from(this.#listeners, close);
    for (const socket of this.#sockets) socket.destroy();
    void Promise.all(closed).then(() => this.#death.resolve());
  }

  /** Throws `Dead`. */
  pass(call: Call): Fault | undefined {
    if (this.#isDead) throw new Dead();
    const fault = this.fate.pass(call);
    if (fault !== 'die') return fault;
    this.die();
    throw new Dead();
  }

  listens(listener: Server): void {
    if (this.#isDead) throw new Dead();
    this.#listeners.add(listener);
    for (const end of ['close', 'error'])
      listener.once(end, () => this.#listeners.delete(listener));
    listener.prependListener('connection', (socket: Socket) => {
      // Node takes what an accepted socket receives for nobody's.
      const emit = socket.emit.bind(socket) as (...event: unknown[]) => boolean;
      socket.emit = (...event: unknown[]) => this.run(() => emit(...event));
      this.holds(socket);
    });
  }

  holds(socket: Socket): void {
    if (this.#isDead) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}

/** Also one that is only about to listen. */
function close(listener: Server): Promise<void> {
  return new Promise((resolve) => {
    listener.once('close', resolve).once('error', () => resolve());
    if (listener.listening) listener.close();
    else listener.once('listening', () => listener.close());
  });
}
