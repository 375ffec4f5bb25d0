import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  ContextConfigDefault,
  FastifyInstance,
  FastifySchema,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
  RouteGenericInterface,
  RouteHandlerMethod,
} from 'fastify'

/** One operation: what it takes and gives, and what it does. An area's `routes.ts` gives it its address. */
export interface Flow<Schema extends FastifySchema> {
  schema: Schema
  bodyLimit?: number
  handler: RouteHandlerMethod<
    RawServerDefault,
    RawRequestDefaultExpression,
    RawReplyDefaultExpression,
    RouteGenericInterface,
    ContextConfigDefault,
    Schema,
    TypeBoxTypeProvider
  >
}

/** Lets a handler's types follow from its schema. */
export function defineFlow<const Schema extends FastifySchema>(flow: Flow<Schema>): Flow<Schema> {
  return flow
}

/** The service as an area's routes see it. */
export type Scope = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyInstance['log'],
  TypeBoxTypeProvider
>
