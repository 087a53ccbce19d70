/*
 * Runs one target of a built extension in a frame of its own, as Shopify runs it in a sandbox of its own: the bundle
 * finds a global `shopify`, draws into its document, and reaches the app through fetch.
 */

/** Where the bundles believe the app to be: `application_url` of shopify.app.toml. */
const builtInAppUrl = 'https://stampwell.example';

/** The app's real address for what a bundle asks for. A relative address is the app's, as it is inside Shopify. */
function addressAt(appOrigin, asked) {
  const url = new URL(asked, builtInAppUrl);
  return url.origin === builtInAppUrl ? new URL(`${url.pathname}${url.search}`, appOrigin).href : url.href;
}

function translator(texts) {
  return (key, replacements = {}) => {
    const found = key.split('.').reduce((part, name) => part?.[name], texts);
    if (typeof found !== 'string') throw new Error(`The extension has no text "${key}"`);
    return found.replace(/\{\{(\w+)\}\}/g, (_, name) => String(replacements[name] ?? ''));
  };
}

function loadScript(inside, address) {
  return new Promise((resolve, reject) => {
    const script = inside.document.createElement('script');
    script.src = address;
    script.addEventListener('load', resolve);
    script.addEventListener('error', () => reject(new Error(`${address} did not load`)));
    inside.document.head.append(script);
  });
}

/** The frame is as tall as what is in it. */
function followHeight(frame, inside) {
  const { body } = inside.document;
  const follow = () => {
    frame.style.height = `${Math.ceil(body.getBoundingClientRect().height)}px`;
  };
  new inside.ResizeObserver(follow).observe(body);
  follow();
}

/**
 * Starts the target in the frame. `api` is given a function that makes the signals the bundle follows, and answers what
 * Shopify would put into the global. `onAnswer` is told each good answer of the app.
 */
export async function runExtension(frame, options) {
  const { handle, target, surface, locale, appOrigin, api, onAnswer = () => undefined } = options;
  const texts = await (await fetch(`/extensions/${handle}/locales/${locale}.json`)).json();
  await new Promise((resolve) => {
    frame.addEventListener('load', resolve, { once: true });
    frame.src = '/extension-frame.html';
  });
  const inside = frame.contentWindow;
  inside.document.documentElement.dataset.surface = surface;
  inside.document.documentElement.lang = locale;
  inside.document.title = frame.title;

  const send = inside.fetch.bind(inside);
  inside.fetch = async (asked, request) => {
    const address = addressAt(appOrigin, asked);
    const answer = await send(address, request);
    if (answer.ok) onAnswer(new URL(address).pathname, await answer.clone().json());
    return answer;
  };

  const targets = {};
  let Signal;
  inside.shopify = {
    extend: (name, run) => (targets[name] = run),
    setSignals: (given) => (Signal = given),
  };
  await loadScript(inside, `/extensions/${handle}.js`);
  // Signals of the bundle's own library, so that what it draws follows them.
  Object.assign(
    inside.shopify,
    { i18n: { translate: translator(texts) } },
    api((value) => new Signal(value)),
  );
  if (surface === 'checkout' || options.isFollowed) followHeight(frame, inside);
  await targets[target]();
}

/** Asks the platform; throws the sentence it answers with when it refuses. */
export async function ask(path, fields) {
  const request =
    fields === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(fields) };
  const response = await fetch(path, request);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.problem);
  return answer;
}

const spoken = ['en', 'de', 'fr', 'es', 'nl'];

/** The language of a page: `?locale=de`, and English otherwise. */
export function pageLocale() {
  const wanted = new URLSearchParams(location.search).get('locale') ?? '';
  return spoken.includes(wanted) ? wanted : 'en';
}
