/** What the API can be asked about programs. */
import type { ApiOperation } from '#app/contracts/api-operation.ts';
import * as programs from '#app/contracts/api-programs.ts';
import { noQuerySchema } from '#app/contracts/api.ts';
import { programDocumentSchema } from '#app/domain/programs/program.ts';

export type ProgramOperationId =
  | 'listPrograms'
  | 'createProgram'
  | 'getProgram'
  | 'putProgramDraft'
  | 'createSimulation'
  | 'getSimulation'
  | 'cancelSimulation'
  | 'publishProgram'
  | 'rollBackProgram'
  | 'listProgramVersions'
  | 'getProgramVersion';

const program = '/api/v1/programs/{programId}';
const { documentBytesMax } = programs.programApiLimits;

const reading = { tag: 'Programs', method: 'GET', scope: 'programs:read', query: noQuerySchema, body: null } as const;
const writing = { tag: 'Programs', method: 'POST', scope: 'programs:write', query: noQuerySchema } as const;

export const programOperations: ApiOperation<ProgramOperationId>[] = [
  {
    ...reading,
    id: 'listPrograms',
    path: '/api/v1/programs',
    summary: 'The shop’s programs, oldest first',
    answers: [{ status: 200, description: 'The programs', schema: programs.programListSchema }],
  },
  {
    ...writing,
    id: 'createProgram',
    path: '/api/v1/programs',
    summary: 'Add a program in draft',
    body: programs.programCreateSchema,
    bodyBytesMax: documentBytesMax,
    answers: [{ status: 201, description: 'Added', schema: programs.programSchema }],
  },
  {
    ...reading,
    id: 'getProgram',
    path: program,
    summary: 'One program: its published document and its draft',
    answers: [{ status: 200, description: 'The program', schema: programs.programSchema }],
  },
  {
    ...writing,
    method: 'PUT',
    id: 'putProgramDraft',
    path: `${program}/draft`,
    summary: 'Replace the draft by this program document; published versions are untouched',
    body: programDocumentSchema,
    bodyBytesMax: documentBytesMax,
    heedsIfMatch: true,
    answers: [{ status: 200, description: 'Saved', schema: programs.programSchema }],
  },
  {
    ...writing,
    id: 'createSimulation',
    path: `${program}/simulations`,
    summary: 'Replay the last orders of members under the draft, or under a document of its own; nothing is booked',
    body: programs.simulationCreateSchema,
    bodyBytesMax: documentBytesMax,
    answers: [{ status: 202, description: 'Queued', schema: programs.simulationSchema }],
  },
  {
    ...reading,
    id: 'getSimulation',
    path: `${program}/simulations/{simulationId}`,
    summary: 'How far a simulation is, and what it found',
    answers: [{ status: 200, description: 'The simulation', schema: programs.simulationSchema }],
  },
  {
    ...writing,
    id: 'cancelSimulation',
    path: `${program}/simulations/{simulationId}/cancel`,
    summary: 'Stop a simulation that is not over',
    body: null,
    answers: [{ status: 200, description: 'The simulation', schema: programs.simulationSchema }],
  },
  {
    ...writing,
    id: 'publishProgram',
    path: `${program}/publish`,
    summary: 'Publish the draft: it counts for orders made from now on',
    body: programs.programPublishSchema,
    answers: [
      { status: 201, description: 'A new version', schema: programs.publishedVersionSchema },
      { status: 200, description: 'The newest version says the same already', schema: programs.publishedVersionSchema },
    ],
  },
  {
    ...writing,
    id: 'rollBackProgram',
    path: `${program}/rollback`,
    summary: 'Publish the document of an older version again, as a new version',
    body: programs.programRollbackSchema,
    answers: [
      { status: 201, description: 'A new version', schema: programs.publishedVersionSchema },
      { status: 200, description: 'The newest version says the same already', schema: programs.publishedVersionSchema },
    ],
  },
  {
    ...reading,
    id: 'listProgramVersions',
    path: `${program}/versions`,
    summary: 'Published versions, newest first, and what each changed',
    query: programs.programVersionQuerySchema,
    answers: [{ status: 200, description: 'The versions', schema: programs.programVersionListSchema }],
  },
  {
    ...reading,
    id: 'getProgramVersion',
    path: `${program}/versions/{number}`,
    summary: 'One published version with its document',
    answers: [{ status: 200, description: 'The version', schema: programs.programVersionSchema }],
  },
];
