/** What each operation of the API on programs does: parsed input in, answer out. */
import type { ProgramOperationId } from '#app/contracts/api-program-operations.ts';
import {
  programCreateSchema,
  programPublishSchema,
  type ProgramRecord,
  programRollbackSchema,
  programVersionQuerySchema,
  type ProgramVersionRecord,
  type ProgramVersionRecords,
  type PublishedVersion,
  simulationCreateSchema,
  type SimulationRecord,
} from '#app/contracts/api-programs.ts';
import { apiLimits } from '#app/contracts/api.ts';
import { programDocumentSchema } from '#app/domain/programs/program.ts';
import { simulationLimits } from '#app/domain/programs/simulation-figures.ts';
import { type ApiAnswer, type ApiCall, type ApiHandlers, parse } from '#app/edge/api-call.ts';
import { HttpRefusal } from '#app/edge/http-exchange.ts';
import { addProgram } from '#app/flows/programs/add-program.ts';
import { cancelSimulation } from '#app/flows/programs/cancel-simulation.ts';
import { publishProgram, type PublishedProgram } from '#app/flows/programs/publish-program.ts';
import { rollBackProgram } from '#app/flows/programs/roll-back-program.ts';
import { saveProgramDraft } from '#app/flows/programs/save-program-draft.ts';
import { startSimulation } from '#app/flows/programs/start-simulation.ts';
import { Conflict, NotFound } from '#app/lib/errors.ts';
import { programRecord, programRecords } from '#app/queries/program-records.ts';
import { type ProgramVersion, programVersion, programVersions } from '#app/queries/program-versions.ts';
import { type SimulationPage, simulationResult } from '#app/queries/simulation-result.ts';
import { readCursor, writeCursor } from '#app/web/page-cursor.ts';

const versionCursor = [/^[1-9]\d{0,8}$/];
const allPlaces = ['checkout', 'link', 'pos'] as const;

/** What every flow is told of the caller. */
function askedBy({ caller, parameters, request }: ApiCall) {
  const actor = `api:${caller.clientId}`;
  return { shopId: caller.shopId, programId: parameters['programId'] ?? '', actor, request };
}

export const programHandlers: ApiHandlers<ProgramOperationId> = {
  listPrograms: async ({ caller: { shopId, programIds } }) => {
    const { programs } = await programRecords(shopId);
    const isSeen = ({ id }: { id: string }) => programIds === null || programIds.some((own) => own === id);
    return { status: 200, value: { programs: programs.filter(isSeen) } };
  },
  createProgram: async (call) => {
    const { document, signUpPlaces = allPlaces } = parse(programCreateSchema, call.body);
    const { programId } = await addProgram({ ...askedBy(call), document, signUpPlaces: [...signUpPlaces] });
    const { value, tag } = await programAnswer(call, programId);
    return { status: 201, value, tag, headers: { location: `/api/v1/programs/${programId}` } };
  },
  getProgram: (call) => programAnswer(call, call.parameters['programId'] ?? ''),
  putProgramDraft: async (call) => {
    const document = parse(programDocumentSchema, call.body);
    const expected = expectedRevision(call.ifMatch);
    const { programId } = await saveProgramDraft({
      ...askedBy(call),
      document,
      ...(expected !== null && { expectedRevision: expected }),
    }).catch((error: unknown) => refuseStale(error, expected));
    return programAnswer(call, programId);
  },
  createSimulation: async (call) => {
    const { orders = simulationLimits.ordersDefault, document = null } = parse(simulationCreateSchema, call.body);
    const asked = askedBy(call);
    const { simulationId } = await startSimulation({ ...asked, orders, document });
    const location = `/api/v1/programs/${asked.programId}/simulations/${simulationId}`;
    return { status: 202, value: await simulationRecord(call, simulationId), headers: { location } };
  },
  getSimulation: async (call) => ({
    status: 200,
    value: await simulationRecord(call, call.parameters['simulationId'] ?? ''),
  }),
  cancelSimulation: async (call) => {
    const simulationId = call.parameters['simulationId'] ?? '';
    await cancelSimulation({ ...askedBy(call), simulationId });
    return { status: 200, value: await simulationRecord(call, simulationId) };
  },
  publishProgram: async (call) => {
    const { draftRevision } = parse(programPublishSchema, call.body);
    const asked = askedBy(call);
    const published = await publishProgram({ ...asked, ...(draftRevision !== undefined && { draftRevision }) });
    return publishedAnswer(asked.programId, published);
  },
  rollBackProgram: async (call) => {
    const { number } = parse(programRollbackSchema, call.body);
    const asked = askedBy(call);
    return publishedAnswer(asked.programId, await rollBackProgram({ ...asked, number }));
  },
  listProgramVersions: async (call) => {
    const { cursor, limit = apiLimits.pageDefault } = parse(programVersionQuerySchema, call.query);
    const below = cursor === undefined ? null : Number(readCursor(cursor, versionCursor)[0]);
    const { shopId, programId } = askedBy(call);
    const { versions, next } = await programVersions(shopId, programId, { below, limit });
    const value: ProgramVersionRecords = {
      versions: versions.map(versionRecord),
      nextCursor: next === null ? null : writeCursor([String(next)]),
    };
    return { status: 200, value };
  },
  getProgramVersion: async (call) => {
    const number = call.parameters['number'] ?? '';
    if (!/^[1-9]\d{0,8}$/.test(number))
      throw new NotFound('version-not-found', 'No such version', { publicMessage: 'There is no such version.' });
    const { shopId, programId } = askedBy(call);
    const { document, ...version } = await programVersion(shopId, programId, Number(number));
    return { status: 200, value: { ...versionRecord(version), document } satisfies ProgramVersionRecord };
  },
};

/** The tag names what can change: the draft by its revision, what is published by its number, and the rest. */
async function programAnswer({ caller }: ApiCall, programId: string): Promise<ApiAnswer & { tag: string }> {
  const value: ProgramRecord = await programRecord(caller.shopId, programId);
  return { status: 200, value, tag: `"draft-${value.draftRevision}.version-${value.version ?? 0}"` };
}

const tagPattern = /^(?:W\/)?"draft-(\d{1,9})\.version-\d{1,9}"$/;

const noRevision = -1;

/**
 * The draft's revision a caller saw; null when any will do. A tag we never gave matches none. Of several the newest counts:
 * revisions only rise, so an older one cannot be the one that is there.
 */
function expectedRevision(ifMatch: string | null): number | null {
  if (ifMatch === null || ifMatch.trim() === '*') return null;
  const revisions = ifMatch.split(',').map((tag) => Number(tagPattern.exec(tag.trim())?.[1] ?? noRevision));
  return Math.max(...revisions);
}

function refuseStale(error: unknown, expected: number | null): never {
  if (!(error instanceof Conflict) || error.code !== 'draft-changed') throw error;
  const isForeign = expected === noRevision;
  const detail = isForeign ? 'If-Match names no draft of this program: send the ETag it was read with.' : null;
  throw new HttpRefusal(412, { code: error.code, detail: detail ?? error.publicMessage ?? '' });
}

function publishedAnswer(programId: string, { number, isNew, warnings }: PublishedProgram): ApiAnswer {
  const value: PublishedVersion = { programId, number, warnings };
  const headers = { location: `/api/v1/programs/${programId}/versions/${number}` };
  return { status: isNew ? 201 : 200, value, headers };
}

async function simulationRecord(call: ApiCall, simulationId: string): Promise<SimulationRecord> {
  const { shopId, programId } = askedBy(call);
  const { createdAt, finishedAt, ...rest }: SimulationPage = await simulationResult(shopId, {
    programId,
    simulationId,
  });
  const { simulationId: id, ...simulation } = rest;
  return {
    id,
    ...simulation,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

function versionRecord({ publishedAt, effectiveFrom, ...version }: ProgramVersion) {
  return { ...version, publishedAt: publishedAt.toISOString(), effectiveFrom: effectiveFrom.toISOString() };
}
