/* Draws a pass from what is in it, as Apple Wallet draws a store card. */
function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

export function drawPass(card, isFresh) {
  // The version in the address makes the browser take a changed picture.
  const picture = (name, alt) => {
    const best = [`${name}@3x.png`, `${name}@2x.png`, `${name}.png`].find((file) => card.images.includes(file));
    if (!best) return null;
    const image = make('img');
    image.src = `/phone/${best}?v=${card.serialNumber}-${card.versions}`;
    image.alt = alt;
    return image;
  };
  const field = (item) => {
    const list = make('dl');
    const label = make('dt', '', item.label);
    label.style.color = card.colors.label;
    list.append(label, make('dd', '', item.value));
    return list;
  };
  const group = (name) => card.fields.filter((item) => item.group === name).map(field);

  const pass = make('article', `pass${isFresh ? ' fresh' : ''}${card.isVoid ? ' void' : ''}`);
  pass.style.background = card.colors.background;
  pass.style.color = card.colors.foreground;
  pass.setAttribute('aria-label', `${card.organizationName} card`);

  const top = make('div', 'top');
  const logo = picture('logo', '');
  if (logo) top.append(logo);
  top.append(make('b', '', card.logoText));
  const header = make('div', 'fields');
  header.append(...group('headerFields'));
  top.append(header);
  pass.append(top);

  const primary = group('primaryFields');
  const strip = picture('strip', 'Stamps on the card');
  if (strip) {
    strip.className = 'strip';
    pass.append(strip);
  }
  if (primary.length > 0) {
    const big = make('div', 'primary');
    for (const item of primary) item.append(item.firstChild);
    big.append(...primary);
    pass.append(big);
  }
  const lower = make('div', 'fields lower');
  lower.append(...group('secondaryFields'), ...group('auxiliaryFields'));
  if (lower.childElementCount > 0) pass.append(lower);
  const code = make('div', 'code');
  const image = make('img');
  image.src = `/phone/code.svg?v=${card.serialNumber}`;
  image.alt = 'The code the till scans';
  code.append(image);
  if (card.codeText) code.append(make('small', '', card.codeText));
  pass.append(code);
  return pass;
}
