/*
 * Stand-ins for Shopify's web components, as far as our extensions use them: real buttons, boxes and headings inside, so
 * that keyboards and screen readers get along. An element is made once and then updated, which keeps the focus in place.
 */
const common = `
  *, ::before { box-sizing: border-box; font: inherit; color: inherit; }
  :focus-visible { outline: 3px solid #2c6ecb; outline-offset: 2px; }
`;

/** Defines a component. `build` fills the shadow once and answers what brings it up to date with the attributes. */
function define(name, { attributes = [], css = '', build, properties = {} }) {
  class Component extends HTMLElement {
    static observedAttributes = attributes;
    constructor() {
      super();
      const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
      const style = document.createElement('style');
      style.textContent = common + css;
      root.append(style);
      this.update = build(this, root);
    }
    connectedCallback() {
      this.update();
    }
    attributeChangedCallback() {
      this.update();
    }
  }
  Object.defineProperties(Component.prototype, properties);
  customElements.define(name, Component);
}

function add(parent, tag, settings = {}) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(settings)) element.setAttribute(name, value);
  parent.append(element);
  return element;
}

const textOf = (host, name) => host.getAttribute(name) ?? '';

function setOrRemove(element, name, value) {
  if (value === null || value === '') element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/** A region with a heading, when it has one. */
function headed(level) {
  return (host, root) => {
    const region = add(root, level === 'h1' ? 'main' : 'section');
    const heading = add(region, level);
    add(region, 'slot');
    return () => {
      heading.textContent = textOf(host, 'heading');
      heading.hidden = heading.textContent === '';
      setOrRemove(region, 'aria-label', heading.textContent);
    };
  };
}

define('s-section', {
  attributes: ['heading'],
  css: `section { background: #fff; border: 1px solid var(--line); border-radius: var(--radius); padding: 18px; }
    h2 { margin: 0 0 12px; font-size: 1.15em; font-weight: 650; letter-spacing: -0.01em; line-height: 1.25; }`,
  build: headed('h2'),
});

define('s-page', {
  attributes: ['heading'],
  css: `h1 { margin: 0; padding: 18px var(--gap) 0; font-size: 1.5em; font-weight: 700; letter-spacing: -0.02em; }`,
  build: headed('h1'),
});

define('s-button', {
  attributes: ['variant', 'tone', 'disabled', 'loading', 'href', 'target'],
  css: `a, button { display: flex; align-items: center; justify-content: center; width: 100%; min-height: var(--control);
      padding: 8px 18px; border-radius: var(--radius); border: 1px solid var(--line); background: #fff; font-weight: 600;
      text-align: center; text-decoration: none; cursor: pointer; line-height: 1.25; }
    :host([variant='primary']) > * { background: var(--accent); border-color: var(--accent); color: #fff; }
    :host([tone='critical']) > * { color: var(--danger); }
    :host > *:hover { filter: brightness(0.95); }
    [aria-disabled='true'] { background: #ececec !important; border-color: #ececec !important; color: #5c5c5c !important; cursor: default; }`,
  build: (host, root) => {
    let control = null;
    return () => {
      const wanted = host.hasAttribute('href') ? 'a' : 'button';
      if (control?.localName !== wanted) {
        control?.remove();
        control = add(root, wanted);
        add(control, 'slot');
        // Not `disabled`, which would throw the focus away in the middle of an action.
        control.addEventListener('click', (event) => {
          if (control.ariaDisabled === 'true') event.stopImmediatePropagation();
        });
      }
      if (wanted === 'a') {
        control.href = textOf(host, 'href');
        setOrRemove(control, 'target', host.getAttribute('target'));
        control.rel = 'noopener';
        return;
      }
      control.type = 'button';
      control.ariaDisabled = String(host.hasAttribute('disabled'));
      control.ariaBusy = String(host.hasAttribute('loading'));
    };
  },
});

define('s-checkbox', {
  attributes: ['label', 'disabled'],
  css: `label { display: grid; grid-template-columns: auto 1fr; gap: 12px; padding: 4px 0; cursor: pointer; }
    input { width: 22px; height: 22px; margin: 0; accent-color: var(--accent); }`,
  build: (host, root) => {
    const label = add(root, 'label');
    const input = add(label, 'input', { type: 'checkbox' });
    const text = add(label, 'span');
    // The change of an inner box does not leave the shadow by itself.
    input.addEventListener('change', () => host.dispatchEvent(new Event('change', { bubbles: true })));
    return () => {
      text.textContent = textOf(host, 'label');
      input.disabled = host.hasAttribute('disabled');
    };
  },
  properties: {
    checked: {
      get() {
        return this.shadowRoot.querySelector('input').checked;
      },
      set(isChecked) {
        this.shadowRoot.querySelector('input').checked = isChecked === true;
      },
    },
  },
});

define('s-banner', {
  attributes: ['heading', 'tone'],
  css: `div { border-radius: var(--radius); padding: 12px 14px; background: #e8f0fb; color: #14355f; }
    :host([tone='success']) div { background: #e2f3e9; color: #0a4f2b; }
    :host([tone='warning']) div { background: #fdf0d5; color: #5a3b00; }
    :host([tone='critical']) div { background: #fde8e6; color: #7d1811; }
    strong { display: block; font-weight: 600; }`,
  build: (host, root) => {
    const box = add(root, 'div');
    const heading = add(box, 'strong');
    add(box, 'slot');
    return () => {
      box.setAttribute('role', host.getAttribute('tone') === 'critical' ? 'alert' : 'status');
      heading.textContent = textOf(host, 'heading');
      heading.hidden = heading.textContent === '';
    };
  },
});

define('s-spinner', {
  attributes: ['accessibilitylabel'],
  css: `span { display: block; width: 28px; height: 28px; margin: 12px auto; border-radius: 50%;
      border: 3px solid var(--line); border-top-color: var(--accent); animation: turn 0.8s linear infinite; }
    @keyframes turn { to { transform: rotate(1turn); } }
    @media (prefers-reduced-motion: reduce) { span { animation: none; } }`,
  build: (host, root) => {
    const spinner = add(root, 'span', { role: 'status' });
    return () => setOrRemove(spinner, 'aria-label', host.getAttribute('accessibilitylabel'));
  },
});

define('s-tile', {
  attributes: ['heading', 'subheading', 'disabled'],
  css: `button { display: grid; align-content: end; gap: 2px; width: 100%; min-height: 132px; padding: 16px; border: 0;
      border-radius: 18px; background: var(--accent); color: #fff; text-align: left; cursor: pointer; }
    button:hover { filter: brightness(1.08); }
    b { font-weight: 700; font-size: 1.15em; }`,
  build: (host, root) => {
    const button = add(root, 'button', { type: 'button' });
    const heading = add(button, 'b');
    const subheading = add(button, 'span');
    return () => {
      heading.textContent = textOf(host, 'heading');
      subheading.textContent = textOf(host, 'subheading');
      button.disabled = host.hasAttribute('disabled');
    };
  },
});
