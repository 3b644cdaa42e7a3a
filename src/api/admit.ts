// Admits requests before anything is done for them, and again once their bodies have arrived: a slow client takes no room.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Admission, Favour, Place } from '../process/admission.ts';
import { Overloaded } from '../process/admission.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** While something is done for it. */
    place: Place | undefined;
    /** Refused for want of room: nothing was done, and there are many of these. */
    isTurnedAway: boolean;
  }
  interface FastifyContextConfig {
    /** By default, it asks. `always`: it is admitted however much there is to do. */
    favour?: Favour | 'always';
  }
}

/** @returns a function that says whose request it is; it throws `Overloaded` */
export function admitRequests(
  app: FastifyInstance,
  admission: Admission,
): (request: FastifyRequest, account: string) => void {
  app.decorateRequest('place', undefined);
  app.decorateRequest('isTurnedAway', false);

  /** @returns why not */
  function enter(request: FastifyRequest): Error | undefined {
    const { favour = 'asks' } = request.routeOptions.config;
    if (favour === 'always') return undefined;
    try {
      request.place = admission.enter(favour);
      if (request.caller !== undefined) request.place.isFor(request.caller.accountSid);
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }

  app.addHook('onRequest', (request, _reply, done) => done(enter(request)));
  // Reads are the most frequent, and have no body to wait for.
  app.addHook('onRoute', (route) => {
    if ([route.method].flat().every((method) => method === 'GET' || method === 'HEAD')) return;
    route.preParsing = [
      (request, _reply, _payload, done) => {
        leave(request);
        done();
      },
      ...[route.preParsing ?? []].flat(),
    ];
    route.preValidation = [
      (request, _reply, done) => done(enter(request)),
      ...[route.preValidation ?? []].flat(),
    ];
  });
  app.addHook('onSend', (request, _reply, _payload, done) => {
    leave(request);
    done();
  });
  return (request, account) => request.place?.isFor(account);
}

/** For requests that go on without an answer that is sent as a whole. */
export function leave(request: FastifyRequest): void {
  request.place?.leave();
  request.place = undefined;
}

/** @returns whether the error means that there is no room, which is noted with the request */
export function isTurnedAway(error: unknown, request: FastifyRequest): error is Overloaded {
  if (!(error instanceof Overloaded)) return false;
  request.isTurnedAway = true;
  return true;
}
