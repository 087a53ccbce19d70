/** What the operator console shows. Names and addresses of members come masked; there is no way here to see them. */
import { supportLimits, supportScopes } from '#app/domain/access/support-access.ts';
import { html, type Markup } from '#app/edge/operator/html.ts';
import type { sessionOfSecret } from '#app/flows/operators/sign-in-operator.ts';
import type { ProposedPassword } from '#app/lib/proposed-password.ts';
import type { memberDetail } from '#app/queries/member-detail.ts';
import type { listMembers } from '#app/queries/list-members.ts';
import type { operatorShops } from '#app/queries/operator-shops.ts';
import type { shopOverview } from '#app/queries/shop-overview.ts';

type Listed = Awaited<ReturnType<typeof operatorShops>>[number];
type Overview = Awaited<ReturnType<typeof shopOverview>>;
type Members = Awaited<ReturnType<typeof listMembers>>;
type OpenSession = NonNullable<Awaited<ReturnType<typeof sessionOfSecret>>>;
type Detail = Awaited<ReturnType<typeof memberDetail>>;

/** A form's proof that it is ours. */
export const formToken = (token: string): Markup => html`<input type="hidden" name="form" value="${token}" />`;

const alert = (problem: string | null): Markup | null =>
  problem === null ? null : html`<p role="alert">${problem}</p>`;
const time = (at: Date): Markup =>
  html`<time datetime="${at.toISOString()}">${at.toISOString().slice(0, 16).replace('T', ' ')} UTC</time>`;

export function signInPage(problem: string | null): Markup {
  return html`${alert(problem)}
    <form class="card" method="post" action="/sign-in" autocomplete="off">
      <label>Name <input name="name" required autofocus autocomplete="username" maxlength="40" /></label>
      <label
        >Password <input name="password" type="password" required autocomplete="current-password" maxlength="200"
      /></label>
      <label
        >One-time code
        <input name="code" required inputmode="numeric" pattern="[0-9]{6}" autocomplete="one-time-code" maxlength="6" />
      </label>
      <button>Sign in</button>
    </form>`;
}

export function accountLine(operator: string, token: string): Markup {
  return html`<form method="post" action="/sign-out">
    ${formToken(token)} <a href="/account">${operator}</a> <button>Sign out</button>
  </form>`;
}

/** The operator's one session, and the way to another password. The page shows the password before it counts: it cannot get lost. */
export function accountPage(
  session: OpenSession & { formToken: string },
  { proposed, problem }: { proposed: ProposedPassword; problem: string | null },
): Markup {
  const first = 'Change the password you were given: others have seen it. Nothing else opens before.';
  return html`${session.isFirstPassword ? html`<p role="status">${first}</p>` : null} ${alert(problem)}
    <h2>Your session</h2>
    <p>
      It began ${time(session.createdAt)} and ends ${time(session.expiresAt)}, or after 15 minutes in which you do
      nothing. You have no other: signing in ends the one before, wherever it is, and so does a new password.
    </p>
    <h2>A new password</h2>
    <p>Keep this in your password manager. It counts once you have changed to it, and is not shown again.</p>
    <form class="card" method="post" action="/account/password" autocomplete="off">
      ${formToken(session.formToken)}
      <input type="hidden" name="proposed" value="${proposed.password}" />
      <input type="hidden" name="proof" value="${proposed.proof}" />
      <p><code>${proposed.password}</code></p>
      <label
        >Current password
        <input name="password" type="password" required autocomplete="current-password" maxlength="200"
      /></label>
      <label
        >One-time code
        <input name="code" required inputmode="numeric" pattern="[0-9]{6}" autocomplete="one-time-code" maxlength="6" />
      </label>
      <button>Change to the new password</button>
    </form>`;
}

export function shopsPage(shops: Listed[], domain: string): Markup {
  const last = shops.at(-1);
  const next =
    domain === '' && shops.length === 50 && last !== undefined
      ? html`<p><a href="/?after=${last.shopId}">More</a></p>`
      : null;
  return html`<form method="get" action="/">
      <label
        >Shop’s address <input name="domain" value="${domain}" placeholder="name.myshopify.com" maxlength="80"
      /></label>
      <button>Find</button>
    </form>
    ${shops.length === 0 ? html`<p>There is no such shop.</p>` : null}
    <table>
      <thead>
        <tr>
          <th scope="col">Shop</th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        ${shops.map(
          (shop) =>
            html`<tr>
              <td><a href="/shops/${shop.shopId}">${shop.domain}</a></td>
              <td>${shop.state}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${next}`;
}

export function openShopPage(shop: Listed, { token, problem }: { token: string; problem: string }): Markup {
  const { reasonLengthMin, reasonLengthMax, breakGlassMinutesMax } = supportLimits;
  return html`${alert(problem)}
    <h2>Open in an emergency</h2>
    <p>The merchant sees your name, your reason and everything you look at, and can end it at any time.</p>
    <form class="card" method="post" action="/shops/${shop.shopId}/open">
      ${formToken(token)}
      <label
        >Reason
        <textarea
          name="reason"
          required
          minlength="${reasonLengthMin}"
          maxlength="${reasonLengthMax}"
          rows="3"
        ></textarea>
      </label>
      <label
        >Minutes <input name="minutes" type="number" value="15" min="1" max="${breakGlassMinutesMax}" required
      /></label>
      <fieldset>
        <legend>What you need to see</legend>
        ${supportScopes.map((scope) => html`<label class="tick"><input type="checkbox" name="scope" value="${scope}" /> ${scope}</label>`)}
      </fieldset>
      <label
        >Fresh one-time code
        <input name="code" required inputmode="numeric" pattern="[0-9]{6}" autocomplete="one-time-code" maxlength="6" />
      </label>
      <button>Open</button>
    </form>`;
}

/** `enrolledLast30Days` as `Enrolled last 30 days`. */
function inWords(name: string): string {
  const words = name.replaceAll(/[A-Z]|\d+/g, (part) => ` ${part.toLowerCase()}`);
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

type Access = { accessId: string; reason: string; expiresAt: Date };

export function overviewPage(shop: Listed, data: { overview: Overview; access: Access; token: string }): Markup {
  const { overview, access, token } = data;
  const facts = { ...overview.counts, ...overview.attention };
  return html`<p>Open until ${time(access.expiresAt)}: ${access.reason}</p>
    <form method="post" action="/shops/${shop.shopId}/close">
      ${formToken(token)}<input type="hidden" name="accessId" value="${access.accessId}" /><button>
        Close this shop
      </button>
    </form>
    <p><a href="/shops/${shop.shopId}/members">Members</a></p>
    <table>
      <tbody>
        ${Object.entries(facts).map(
          ([name, value]) =>
            html`<tr>
              <th scope="row">${inWords(name)}</th>
              <td>${typeof value === 'boolean' ? (value ? 'yes' : 'no') : value}</td>
            </tr>`,
        )}
        ${overview.programs.map(
          (program) =>
            html`<tr>
              <th scope="row">${program.name}</th>
              <td>${program.state}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}

export function membersPage(shop: Listed, { list, search }: { list: Members; search: string }): Markup {
  const { members, nextCursor } = list;
  return html`<form method="get">
      <label>Id, customer or e-mail address <input name="search" value="${search}" maxlength="200" /></label>
      <button>Find</button>
    </form>
    <table>
      <thead>
        <tr>
          <th scope="col">Member</th>
          <th scope="col">Name</th>
          <th scope="col">E-mail</th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        ${members.map(
          (member) =>
            html`<tr>
              <td><a href="/shops/${shop.shopId}/members/${member.memberId}">${member.memberId}</a></td>
              <td>${member.nameMasked}</td>
              <td>${member.emailMasked}</td>
              <td>${member.state}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${nextCursor === null ? null : html`<p><a href="?cursor=${encodeURIComponent(nextCursor)}">More</a></p>`}`;
}

export function memberPage({ member, balances, entries, passes }: Detail): Markup {
  return html`<p>
      ${member.nameMasked} ${member.emailMasked} ${member.phoneMasked}, ${member.state}, joined
      ${time(member.enrolledAt)} by ${member.via}
    </p>
    <h2>Balances</h2>
    <ul>
      ${balances.map((balance) => html`<li>${balance.label}: ${balance.amount}</li>`)}
    </ul>
    <h2>Passes</h2>
    <ul>
      ${passes.map((pass) => html`<li>${pass.wallet} ${pass.state}, version ${pass.version}, seen ${pass.seenVersion ?? 'never'}</li>`)}
    </ul>
    <h2>Entries</h2>
    <p>${entries.length} newest entries are known; amounts stand in the balances above.</p>`;
}
