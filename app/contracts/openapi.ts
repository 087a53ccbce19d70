/** The OpenAPI 3.1 document, generated from the schemas the API itself checks with. */
import { z } from 'zod';

import * as api from '#app/contracts/api.ts';
import { type ApiOperation, isMutation, parameterNames } from '#app/contracts/api-operation.ts';
import { apiOperations } from '#app/contracts/api-operations.ts';
import * as ledger from '#app/contracts/api-ledger.ts';
import * as orders from '#app/contracts/api-orders.ts';
import * as privacy from '#app/contracts/api-privacy.ts';
import * as programs from '#app/contracts/api-programs.ts';
import * as rewards from '#app/contracts/api-rewards.ts';
import { apiScopes } from '#app/contracts/api-scopes.ts';
import * as oauth from '#app/contracts/oauth.ts';
import { cardStateSchema } from '#app/contracts/api-card-operations.ts';
import { problemSchema } from '#app/contracts/problem.ts';
import { programDocumentSchema } from '#app/domain/programs/program.ts';

type Json = Record<string, unknown>;

const named: [string, z.ZodType][] = [
  ['MemberCreate', api.memberCreateSchema],
  ['Member', api.memberSchema],
  ['MemberList', api.memberListSchema],
  ['Balance', api.balanceSchema],
  ['LedgerEntry', api.ledgerEntrySchema],
  ['Ledger', api.ledgerSchema],
  ['Pass', api.passSchema],
  ['PassList', api.passListSchema],
  ['CardState', cardStateSchema],
  ['AdjustmentCreate', ledger.adjustmentCreateSchema],
  ['StampsCreate', ledger.stampsCreateSchema],
  ['BookedEntry', ledger.bookedEntrySchema],
  ['EventCreate', ledger.eventCreateSchema],
  ['Event', ledger.eventSchema],
  ['RevokedEvent', ledger.revokedEventSchema],
  ['ReferralCode', ledger.referralCodeSchema],
  ['MemberPatch', privacy.memberPatchSchema],
  ['PrivacyCaseCreate', privacy.privacyCaseCreateSchema],
  ['PrivacyCase', privacy.privacyCaseSchema],
  ['SubjectDocument', privacy.subjectDocumentSchema],
  ['RewardList', rewards.rewardListSchema],
  ['ReservationCreate', rewards.reservationCreateSchema],
  ['Reservation', rewards.reservationSchema],
  ['ReservationCommit', rewards.reservationCommitSchema],
  ['CommittedReservation', rewards.committedReservationSchema],
  ['EstimateCreate', orders.estimateCreateSchema],
  ['Estimate', orders.estimateSchema],
  ['OrderCreate', orders.orderCreateSchema],
  ['Order', orders.orderSchema],
  ['ClaimCreate', orders.claimCreateSchema],
  ['Claim', orders.claimSchema],
  ['ProgramDocument', programDocumentSchema],
  ['ProgramCreate', programs.programCreateSchema],
  ['Program', programs.programSchema],
  ['ProgramSummary', programs.programSummarySchema],
  ['ProgramList', programs.programListSchema],
  ['ProgramFinding', programs.programFindingSchema],
  ['ProgramPublish', programs.programPublishSchema],
  ['ProgramRollback', programs.programRollbackSchema],
  ['PublishedVersion', programs.publishedVersionSchema],
  ['ProgramVersion', programs.programVersionSchema],
  ['ProgramVersionList', programs.programVersionListSchema],
  ['SimulationCreate', programs.simulationCreateSchema],
  ['Simulation', programs.simulationSchema],
  ['TokenRequest', oauth.tokenRequestSchema],
  ['TokenAnswer', oauth.tokenAnswerSchema],
  ['IntrospectionRequest', oauth.introspectionRequestSchema],
  ['IntrospectionAnswer', oauth.introspectionAnswerSchema],
  ['RevocationAnswer', oauth.revocationAnswerSchema],
  ['LeakedSecret', oauth.leakedSecretSchema],
  ['LeakedSecretAnswer', oauth.leakedSecretAnswerSchema],
  ['KeySet', oauth.keySetSchema],
  // Optional are these on pages only.
  ['Problem', problemSchema.required({ detail: true, instance: true })],
];

const nameOf = new Map(named.map(([name, schema]) => [schema, name]));
const reference = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const referenceTo = (schema: z.ZodType): Json => reference(nameOf.get(schema) ?? 'Problem');

function componentSchemas(): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of named) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $id: _id, $schema: _dialect, ...schema }]) => [name, schema]),
  );
}

const problem = (description: string): Json => ({
  description,
  content: { 'application/problem+json': { schema: reference('Problem') } },
});

const json = (description: string, schema: z.ZodType): Json => ({
  description,
  content: { 'application/json': { schema: referenceTo(schema) } },
});

function refusals(operation: ApiOperation): Json {
  return {
    400: problem(
      isMutation(operation)
        ? 'Not JSON, or no Idempotency-Key'
        : 'A parameter is given twice, or the cursor is not one of ours',
    ),
    401: problem('No valid access token'),
    403: problem('The token lacks the scope'),
    404: problem('No such thing in this shop'),
    ...(isMutation(operation) && {
      409: problem('It clashes with what is there, or the Idempotency-Key was used before'),
    }),
    ...(operation.heedsIfMatch === true && { 412: problem('Somebody else changed it since the ETag in If-Match') }),
    ...(operation.body !== null && { 413: problem('The body is too large') }),
    422: problem('A field is unknown or does not fit'),
    429: problem('Too many requests; Retry-After says when to come back'),
    503: problem('Temporarily unavailable; Retry-After says when to come back'),
  };
}

function parameters(operation: ApiOperation): Json[] {
  const query = z.toJSONSchema(operation.query, { io: 'input' });
  const fields = Object.entries(query.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: query.required?.includes(name) ?? false,
    schema,
  }));
  const path = parameterNames(operation.path).map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const idempotency = {
    name: 'Idempotency-Key',
    in: 'header',
    required: true,
    description:
      'Your own key of this request. Sent again with the same body, it gives the same answer and no second effect.',
    schema: { type: 'string', minLength: 1, maxLength: api.apiLimits.idempotencyKeyLengthMax },
  };
  const ifMatch = {
    name: 'If-Match',
    in: 'header',
    required: false,
    description: 'The ETag last seen: refused with 412 when somebody else changed it since.',
    schema: { type: 'string' },
  };
  return [
    ...path,
    ...fields,
    ...(isMutation(operation) ? [idempotency] : []),
    ...(operation.heedsIfMatch === true ? [ifMatch] : []),
  ];
}

function describe(operation: ApiOperation): Json {
  const answers = operation.answers.map(({ status, description, schema }) => [status, json(description, schema)]);
  return {
    operationId: operation.id,
    summary: operation.summary,
    tags: [operation.tag],
    security: [{ oauth: [operation.scope] }],
    ...(operation.widerScopes !== undefined && {
      description: `With ${operation.widerScopes.join(', ')} the answer says more.`,
    }),
    parameters: parameters(operation),
    ...(operation.body !== null && {
      requestBody: {
        required: !operation.body.safeParse({}).success,
        content: { 'application/json': { schema: referenceTo(operation.body) } },
      },
    }),
    responses: {
      ...Object.fromEntries(answers),
      ...(operation.method === 'GET' && { 304: { description: 'Unchanged since the ETag in If-None-Match' } }),
      ...refusals(operation),
    },
  };
}

function oauthOperation(about: { id: string; summary: string; request: z.ZodType; answer: z.ZodType }): Json {
  const schema = referenceTo(about.request);
  const content = { 'application/x-www-form-urlencoded': { schema }, 'application/json': { schema } };
  return {
    post: {
      operationId: about.id,
      summary: about.summary,
      tags: ['OAuth'],
      security: [{ client: [] }, {}],
      requestBody: { required: true, content },
      responses: {
        200: json('The answer', about.answer),
        400: json('The request does not fit', problemSchema),
        401: json('Unknown client or wrong secret', problemSchema),
        403: json('Right credentials, but from outside the client’s networks', problemSchema),
        429: json('Too many attempts; Retry-After says when to come back', problemSchema),
        503: json('Temporarily unavailable; Retry-After says when to come back', problemSchema),
      },
    },
  };
}

function paths(): Json {
  const all: Record<string, Json> = {
    '/oauth/token': oauthOperation({
      id: 'createToken',
      summary: 'An access token for 15 minutes, by client credentials',
      request: oauth.tokenRequestSchema,
      answer: oauth.tokenAnswerSchema,
    }),
    '/oauth/introspect': oauthOperation({
      id: 'introspectToken',
      summary: 'Whether a token of the same shop is valid, and for what',
      request: oauth.introspectionRequestSchema,
      answer: oauth.introspectionAnswerSchema,
    }),
    '/oauth/revoke': oauthOperation({
      id: 'revokeToken',
      summary: 'Takes back a token of the same client (RFC 7009); answers the same whatever was given',
      request: oauth.introspectionRequestSchema,
      answer: oauth.revocationAnswerSchema,
    }),
    '/oauth/leaked-key': oauthOperation({
      id: 'revokeLeakedSecret',
      summary: 'Ends a client secret that was found in public; whoever presents it may',
      request: oauth.leakedSecretSchema,
      answer: oauth.leakedSecretAnswerSchema,
    }),
    '/.well-known/jwks.json': {
      get: {
        operationId: 'getKeySet',
        summary: 'The public keys of access tokens',
        tags: ['OAuth'],
        security: [],
        responses: { 200: json('The keys', oauth.keySetSchema) },
      },
    },
  };
  for (const operation of apiOperations)
    all[operation.path] = { ...all[operation.path], [operation.method.toLowerCase()]: describe(operation) };
  return all;
}

/** The document for a server at this address. */
export function openApiDocument(serverUrl: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Stampwell API',
      version: '1.0.0',
      description:
        'Members, balances, ledgers, rewards, orders, passes and programs of one shop. Answers may gain fields; ignore those you do not know.',
    },
    servers: [{ url: serverUrl }],
    paths: paths(),
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        oauth: {
          type: 'oauth2',
          flows: {
            clientCredentials: {
              tokenUrl: `${serverUrl}/oauth/token`,
              scopes: Object.fromEntries(apiScopes.map((scope) => [scope, scopeMeanings[scope]])),
            },
          },
        },
        client: { type: 'http', scheme: 'basic' },
      },
    },
  };
}

const scopeMeanings: Record<(typeof apiScopes)[number], string> = {
  'members:read': 'Find and read members, without names and addresses',
  'members:write': 'Enroll members',
  'members:pii': 'See names and addresses',
  'ledger:read': 'Read balances and ledger entries',
  'ledger:write': 'Adjust balances and give stamps',
  'rewards:read': 'Read rewards and reservations',
  'redemptions:write': 'Reserve, commit and release rewards',
  'orders:read': 'Read the orders this client submitted',
  'orders:write': 'Submit orders of another point of sale and claim receipts',
  'events:write': 'Tell events of members and take them back',
  'passes:read': 'Read passes and their freshness',
  'passes:secret': 'See the authentication tokens of Apple passes',
  'programs:read': 'Read programs, their versions and simulations',
  'programs:write': 'Add, draft, simulate, publish and roll back programs',
  'privacy:read': 'Read everything held about a member, for them, and how far their requests are',
  'privacy:write': 'Correct and erase members, and open privacy requests for them',
};
