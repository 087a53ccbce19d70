/*
 * A small stand-in for App Bridge, for the local platform only: session tokens on every request of the app to itself,
 * toasts, the navigation menu, the title, and the bounce page that fetches a fresh token.
 */
(() => {
  'use strict';
  const platformOrigin = new URL(document.currentScript.src).origin;
  const isFramed = window.parent !== window;
  const query = new URLSearchParams(location.search);
  const remembered = 'stampwell-demo-shop';
  const shop = query.get('shop') ?? sessionStorage.getItem(remembered) ?? '';
  const host = query.get('host') ?? '';
  if (shop !== '') sessionStorage.setItem(remembered, shop);

  const post = (message) => {
    if (isFramed) window.parent.postMessage({ stampwellDemo: true, ...message }, platformOrigin);
  };

  const pending = new Map();
  let lastRequest = 0;
  const askShell = (type) =>
    new Promise((resolve) => {
      lastRequest += 1;
      pending.set(lastRequest, resolve);
      post({ type, requestId: lastRequest });
    });

  let known = { token: query.get('id_token'), until: query.has('id_token') ? Date.now() + 40_000 : 0 };
  const fetchDirect = window.fetch.bind(window);
  async function idToken() {
    if (known.token && Date.now() < known.until) return known.token;
    const token = isFramed
      ? await askShell('token')
      : (await (await fetchDirect(`${platformOrigin}/admin/${shop}/session-token`)).json()).token;
    known = { token, until: Date.now() + 40_000 };
    return token;
  }

  window.fetch = async (input, init) => {
    const request = new Request(input, init);
    if (new URL(request.url).origin !== location.origin || request.headers.has('authorization'))
      return fetchDirect(request);
    const withToken = async () => {
      const copy = new Request(request.clone());
      copy.headers.set('authorization', `Bearer ${await idToken()}`);
      return fetchDirect(copy);
    };
    const response = await withToken();
    if (response.status !== 401 || !response.headers.has('x-shopify-retry-invalid-session-request')) return response;
    known = { token: null, until: 0 };
    return withToken();
  };

  const reload = query.get('shopify-reload');
  if (reload !== null) {
    const target = new URL(reload, location.origin);
    if (target.origin === location.origin)
      void idToken().then((token) => {
        target.searchParams.set('id_token', token);
        location.replace(target.href);
      });
  }

  let reported = '';
  function report() {
    const links = [...document.querySelectorAll('ui-nav-menu a, s-app-nav a, s-app-nav s-link')].map((link) => ({
      href: link.getAttribute('href') ?? '',
      label: (link.textContent ?? '').trim(),
      isHome: link.getAttribute('rel') === 'home',
    }));
    const state = { type: 'state', links, title: document.title, path: location.pathname + location.search };
    const text = JSON.stringify(state);
    if (text === reported) return;
    reported = text;
    post(state);
  }
  function follow(href) {
    const link = [...document.querySelectorAll('ui-nav-menu a, s-app-nav a')].find(
      (item) => item.getAttribute('href') === href,
    );
    if (link) link.click();
    else location.assign(href);
  }
  window.addEventListener('message', (event) => {
    if (event.origin !== platformOrigin || event.data?.stampwellDemo !== true) return;
    if (event.data.type === 'token') {
      pending.get(event.data.requestId)?.(event.data.token);
      pending.delete(event.data.requestId);
    }
    if (event.data.type === 'navigate') follow(event.data.href);
  });
  for (const name of ['pushState', 'replaceState']) {
    const original = history[name].bind(history);
    history[name] = (...given) => {
      original(...given);
      queueMicrotask(report);
    };
  }
  window.addEventListener('popstate', () => queueMicrotask(report));
  document.addEventListener('DOMContentLoaded', () => {
    const style = new CSSStyleSheet();
    style.replaceSync('ui-nav-menu, s-app-nav, ui-title-bar, ui-save-bar { display: none !important; }');
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, style];
    new MutationObserver(report).observe(document.documentElement, {
      childList: true,
      subtree: true,
      characterData: true,
    });
    report();
  });

  window.shopify = {
    config: { apiKey: document.querySelector('meta[name="shopify-api-key"]')?.content ?? '', shop, host, locale: 'en' },
    environment: { embedded: isFramed, mobile: false, pos: false },
    origin: platformOrigin,
    ready: Promise.resolve(),
    idToken,
    user: () => Promise.resolve({ accountAccess: 'FULL' }),
    loading: (isLoading = true) => post({ type: 'loading', isLoading }),
    toast: {
      show: (message, options = {}) => {
        post({ type: 'toast', message: String(message), isError: options.isError === true });
        return 'toast';
      },
      hide: () => undefined,
    },
    saveBar: {
      show: () => Promise.resolve(),
      hide: () => Promise.resolve(),
      leaveConfirmation: () => Promise.resolve(),
    },
    modal: { show: () => Promise.resolve(), hide: () => Promise.resolve(), toggle: () => Promise.resolve() },
    resourcePicker: () => Promise.resolve(undefined),
    reviews: { request: () => Promise.resolve({ success: false, code: 'unavailable' }) },
  };
})();
