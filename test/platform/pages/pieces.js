/* Small pieces of the console page: elements and drawings. */

/** Makes an element; `onclick` is a function, everything else an attribute. */
export function make(tag, settings = {}, ...children) {
  const element = document.createElement(tag);
  const { onclick, ...rest } = settings;
  for (const [name, value] of Object.entries(rest))
    if (value !== undefined && value !== false) element.setAttribute(name, value);
  if (onclick) element.addEventListener('click', onclick);
  element.append(...children.filter((child) => child !== null));
  return element;
}

const drawings = {
  cup: '<path d="M4 9h13v5.5a5 5 0 0 1-5 5H9a5 5 0 0 1-5-5zM17 10.5h1.5a2.75 2.75 0 0 1 0 5.5H17M8 3.5c-.8 1 .8 1.8 0 3M12.5 3.5c-.8 1 .8 1.8 0 3"/>',
  mug: '<path d="M5 8.5h12v7.5a4 4 0 0 1-4 4H9a4 4 0 0 1-4-4zM17 10.5h1a2.5 2.5 0 0 1 0 5h-1M5.5 8.5a3 3 0 0 1 2-4.5 4 4 0 0 1 7 0 3 3 0 0 1 2 4.5"/>',
  bag: '<path d="M7 3.5h10v3l1.5 3v10a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-10l1.5-3zM7 6.5h10M12 12c-2 .8-2 4.2 0 5 2-.8 2-4.2 0-5zM12 12v5"/>',
  gift: '<path d="M4.5 11h15v8.5a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1zM3.5 7.5h17V11h-17zM12 7.5v13M12 7.5C10 7.5 7.5 6.5 7.5 5c0-2.5 4-2 4.5 2.5M12 7.5c2 0 4.5-1 4.5-2.5 0-2.5-4-2-4.5 2.5"/>',
};
/** The drawing of a product. */
export function drawing(name) {
  const box = make('i', { 'aria-hidden': 'true' });
  box.innerHTML = `<svg viewBox="0 0 24 24">${drawings[name]}</svg>`;
  return box;
}

/** An empty wallet. */
export const walletIcon =
  '<svg viewBox="0 0 84 84" aria-hidden="true"><rect x="8" y="14" width="68" height="56" rx="14" fill="#fff" stroke="#d1d1d6"/><rect x="16" y="22" width="52" height="14" rx="5" fill="#0f6b5c"/><rect x="16" y="30" width="52" height="14" rx="5" fill="#e0a33c"/><path d="M8 44h22c2 8 22 8 24 0h22v16a10 10 0 0 1-10 10H18A10 10 0 0 1 8 60z" fill="#f2f2f7" stroke="#d1d1d6"/></svg>';
