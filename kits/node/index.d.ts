import type { IncomingMessage, ServerResponse } from 'node:http'

/** Somebody who may be known, as an installation names him. */
export interface Identity {
  user: string
  password: string
  enabled?: boolean
  roles?: string[]
  groups?: string[]
  tokens?: { value: string, state: 'valid' | 'expired' | 'revoked', scopes?: string[] }[]
  api_keys?: { value: string, state: string }[]
}

/** A policy in its slot, as an installation has it. */
export interface Item {
  slot: number
  policy: Record<string, unknown>
  instance?: Record<string, unknown>
}

/** A policy cannot be expressed; the message says why. It counts as not applicable, and accuses nobody. */
export class Unsupported extends Error {}

/** A policy that is to be put in force in a slot. */
export class Policy {
  constructor (generation: number, item: Item, before?: unknown)
  /** The slot's number. */
  readonly slot: number
  /** The whole record, as the spec's domain declares it. */
  readonly fields: Record<string, unknown>
  /** The record of what is set for the whole instance. */
  readonly instance: Record<string, unknown>
  /** What the URL of each of its requests begins with: `/g17/s0`. The handler gets the request as it came. */
  readonly path: string
  /** The schemes of the active profiles, in their order, with those that stand there twice. */
  readonly schemes: string[]
  /**
   * What `make` gave for the slot before, where this is what became of that by an edit. Who says `edits` changes it as his
   * users would, and gives it again; who does not may pass it over.
   */
  readonly before?: unknown
  /** Refuses what is asked for and not known: a field of a profile, or a scheme beyond these. */
  check (schemes: readonly string[]): void
}

/** Who may log in, and how: only what is valid. Nobody else can. */
export class LogIns {
  constructor (identities: readonly Identity[])
  /** Passwords by user-id. */
  readonly passwords: Map<string, string>
  /** Users by bearer token. */
  readonly tokens: Map<string, string>
  /** Users by API key. */
  readonly keys: Map<string, string>
}

/** An audit event. */
export interface AuditEvent {
  slot: number
  name: string
  user?: string
  scheme?: string
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

export interface About<Who = LogIns> {
  /** Of the product, as reports tell them. */
  name: string
  version: string
  /** Those that it has, such as `['basic', 'bearer']`. */
  schemes: string[]
  /** What else it is judged on, or not, by path (docs/control-protocol.md). */
  supports?: Record<string, unknown>
  /** How many policies can be in force at once; 64 unless it is told. */
  slots?: number
  alternatives?: Record<string, string>
  knows?: string[]
  claims?: string[]
  tokens?: 'opaque' | 'jwt' | 'either'
  /** Whether `make` changes what was there before an edit (`policy.before`). */
  edits?: boolean
  /** What `make` is given as its second argument, once for each installation; `LogIns` unless it is told. */
  logIns?: (identities: Identity[]) => Who | Promise<Who>
  /** The audit events since a generation. */
  events?: (generation: number) => AuditEvent[] | Promise<AuditEvent[]>
}

/** A server of your own, in place of `node:http`. */
export interface Listens<Who> {
  /**
   * Puts an installation in force, and promises the port of its server. `made` has what `make` gave, by the path of
   * each policy.
   */
  listen: (who: Who, made: Map<string, unknown>) => number | Promise<number>
  /**
   * What is asked for at the root of your server, where its protected path is fixed: the policies have no paths then, and
   * there is one slot.
   */
  resource?: string
}

/** A request handler for each policy, until standard input closes. */
export function serve<Who = LogIns> (
  about: About<Who> & { listen?: undefined },
  make: (policy: Policy, logIns: Who) => Handler | Promise<Handler>
): Promise<void>

/** The same with a server of your own, which `make` gives what it takes. */
export function serve<Who = LogIns> (
  about: About<Who> & Listens<Who>,
  make: (policy: Policy, logIns: Who) => unknown
): Promise<void>

/** The control address alone, until standard input closes. */
export function run (
  introduction: Record<string, unknown>,
  install: (message: any) => unknown,
  events?: (generation: number) => AuditEvent[] | Promise<AuditEvent[]>
): Promise<void>
