/** What every answer of the edge owes to whoever asks, and what it does with requests that are not what they seem. */
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { isMutation, matchPath } from '#app/contracts/api-operation.ts';
import { apiOperations } from '#app/contracts/api-operations.ts';
import { type Answer, call } from '#test/platform/http.ts';
import { type ApiTill, openApiTill } from '#test/support/api-till.ts';
import { type Edge, startEdge, talk } from '#test/support/edge.ts';

let till: ApiTill;
let edge: Edge;
beforeAll(async () => {
  till = await openApiTill();
  edge = await startEdge();
});
afterAll(async () => {
  await edge.close();
  await till.close();
});

type Asked = { path: string; method?: string; headers?: Record<string, string>; body?: string };
const ask = ({ path, ...rest }: Asked): Promise<Answer> => call({ url: `${edge.url}${path}`, ...rest });
const own = () => ({ authorization: `Bearer ${till.token}` });

/** One address of every area of the edge, answered or refused. */
const everywhere: Asked[] = [
  { path: '/api/v1/members' },
  { path: '/api/v1/openapi.json' },
  { path: '/api/v1/nothing' },
  { path: '/oauth/token', method: 'POST', body: '{' },
  { path: '/.well-known/jwks.json' },
  { path: '/.well-known/evidence-keys.json' },
  { path: '/.well-known/security.txt' },
  { path: '/trust.json' },
  { path: '/status.json' },
  { path: '/wallet/apple/v1/passes/pass.x/y' },
  { path: '/wallet/google/callback', method: 'POST', body: '{' },
  { path: '/images/logo/x.png' },
  { path: '/pos/v1/members' },
  { path: '/storefront/v1/program' },
  { path: '/proxy/v1/estimate' },
  { path: '/webhooks/shopify', method: 'POST', body: '{}' },
  { path: '/healthz' },
  { path: '/readyz' },
  { path: '/readyz', method: 'POST' },
  { path: '/webhooks/stripe', method: 'POST' },
  { path: '/api' },
];

describe('every answer of the edge', () => {
  it('asks browsers for TLS for a year, subdomains included', async () => {
    for (const asked of everywhere) {
      const { headers } = await ask(asked);
      expect({ ...asked, hsts: headers['strict-transport-security'] }).toEqual({
        ...asked,
        hsts: 'max-age=31536000; includeSubDomains',
      });
    }
  });

  it('is not to be taken for something else, and framed by nobody', async () => {
    for (const asked of everywhere) {
      const { headers } = await ask(asked);
      const policy = String(headers['content-security-policy']);
      expect([asked.path, headers['x-content-type-options'], policy.includes("frame-ancestors 'none'")]).toEqual([
        asked.path,
        'nosniff',
        true,
      ]);
    }
  });

  it('says what it is: data or a picture, never a page', async () => {
    const pages = /html|xml|javascript|svg/;
    for (const asked of everywhere) {
      const { status, headers, body } = await ask(asked);
      expect([asked.path, status < 500]).toEqual([asked.path, true]);
      if (body.length === 0) continue;
      const type = String(headers['content-type']);
      expect([asked.path, type]).toEqual([asked.path, expect.not.stringMatching(pages)]);
      if (type.includes('json')) expect(() => JSON.parse(body.toString('utf8')) as unknown).not.toThrow();
      else expect([asked.path, type]).toEqual([asked.path, 'text/plain; charset=utf-8']);
    }
  });

  it('sets no cookie and names no software', async () => {
    for (const asked of everywhere) {
      const { headers } = await ask(asked);
      expect([asked.path, headers['set-cookie'], headers['x-powered-by'], headers['server']]).toEqual([
        asked.path,
        undefined,
        undefined,
        undefined,
      ]);
    }
  });
});

describe('an address where nothing is', () => {
  it('is told to programs as a problem with all its fields, and one of another method with those it has', async () => {
    const cases: [string, string, number, string | undefined][] = [
      ['GET', '/api', 404, undefined],
      ['GET', '/api/v1', 404, undefined],
      ['GET', '/api/v2/members', 404, undefined],
      ['POST', '/webhooks/stripe', 404, undefined],
      ['GET', '/wallet/google', 404, undefined],
      ['GET', '/pos/v1', 404, undefined],
      ['GET', '/pos/v1/nothing', 404, undefined],
      ['GET', '/storefront/v2/program', 404, undefined],
      ['GET', '/proxy/v1/nothing', 404, undefined],
      ['GET', '/.well-known/nothing', 404, undefined],
      ['GET', '/webhooks/shopify', 405, 'POST'],
      ['DELETE', '/pos/v1/preview', 405, 'POST, OPTIONS'],
      ['POST', '/healthz', 405, 'GET, HEAD'],
      ['PUT', '/trust.json', 405, 'GET, HEAD'],
    ];
    for (const [method, path, status, allow] of cases) {
      const answer = await ask({ path, method });
      expect([method, path, answer.status, answer.headers.allow]).toEqual([method, path, status, allow]);
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(JSON.parse(answer.body.toString('utf8'))).toEqual({
        type: expect.stringContaining('urn:'),
        title: expect.any(String),
        code: expect.any(String),
        status,
        detail: expect.stringMatching(/^[A-Z].*\.$/),
        instance: path,
      });
    }
  });

  it('is not where whoever balances load asks by HEAD', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const { status, body } = await ask({ path, method: 'HEAD' });
      expect([path, status, body.length]).toEqual([path, 200, 0]);
    }
  });
});

describe('a method that nobody needs', () => {
  it('is refused by the API, TRACE above all, and nothing that was sent comes back', async () => {
    for (const method of ['TRACE', 'PROPFIND', 'OPTIONS']) {
      const { status, headers, body } = await ask({
        path: '/api/v1/members',
        method,
        headers: { ...own(), 'x-secret': 'canary-4711' },
      });
      expect([method, status]).toEqual([method, 405]);
      expect(headers.allow).toContain('GET');
      expect(body.toString('utf8')).not.toContain('canary-4711');
    }
  });

  it('is never GET where something changes', () => {
    const changing = apiOperations.filter(isMutation);
    expect(changing.length).toBeGreaterThan(15);
    for (const { id, method } of changing)
      expect([id, method]).toEqual([id, expect.stringMatching(/^(POST|PUT|PATCH|DELETE)$/)]);
  });
});

describe('what is written twice', () => {
  it('in a query or a form is refused: nobody has to guess which of them counts', async () => {
    const query = await ask({ path: '/api/v1/members?limit=1&limit=100', headers: own() });
    expect(query.status).toBe(400);
    const form = await ask({
      path: '/oauth/token',
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials&client_id=a&client_id=b&client_secret=c',
    });
    expect(form.status).toBe(400);
  });

  it('as an escape is unfolded once at most', () => {
    expect(matchPath('/members/{id}', '/members/a%2562')?.['id']).not.toContain('ab');
    expect(matchPath('/members/{id}', '/members/x%2F..%2Fy')?.['id']).not.toContain('/');
  });

  it('as a length and a chunked body is refused: no second request hides behind the first', async () => {
    const smuggled = 'GET /trust.json HTTP/1.1\r\nHost: x\r\n\r\n';
    const answer = await talk(edge, async (send) => {
      await send(
        `POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      );
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });
});

describe('text that means something to a database', () => {
  const injections = ["' or '1'='1", "'; drop table member; --", '\\', '%', "1' union select null --", '$1', '\u0000'];

  it('is a text like any other, in every path and every query of the API', async () => {
    const members = await till.addMember({ externalId: 'plain-member' });
    for (const text of injections) {
      const word = encodeURIComponent(text);
      for (const { path, method } of apiOperations.filter((operation) => operation.method === 'GET')) {
        const filled = path.replace(/\{\w+\}/g, word);
        const { status } = await ask({ path: filled, method, headers: own() });
        expect([filled, status < 500]).toEqual([filled, true]);
      }
      for (const name of ['email', 'externalId', 'shopifyCustomerId', 'cursor', 'limit']) {
        const { status, body } = await ask({ path: `/api/v1/members?${name}=${word}`, headers: own() });
        expect([name, text, status < 500, body.toString('utf8').includes(members)]).toEqual([name, text, true, false]);
      }
    }
    expect((await till.get('/members?externalId=plain-member')).text).toContain(members);
  });

  it('in a body is stored as it is written', async () => {
    const externalId = "x');delete-from-member;--";
    const id = await till.addMember({ externalId });
    expect((await till.get(`/members?externalId=${encodeURIComponent(externalId)}`)).text).toContain(id);
  });
});

describe('a body that names what is not its own to say', () => {
  it('is refused for every field it does not have', async () => {
    for (const foreign of [{ id: randomUUID() }, { shopId: randomUUID() }, { balance: 9_999 }, { state: 'erased' }]) {
      const body = { externalId: randomUUID(), programId: till.shop.programId, ...foreign };
      expect([foreign, (await till.post('/members', body)).status]).toEqual([foreign, 422]);
    }
  });
});

describe('pages for those who run the system', () => {
  it('are not served to the public: no metrics, no console of operators', async () => {
    for (const path of ['/metrics', '/sign-in', '/operator.css', '/shops', '/sign-out'])
      expect([path, (await ask({ path })).status]).toEqual([path, 404]);
  });
});
