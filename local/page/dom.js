// Small words for the document. Text goes in as text, never as HTML.

export const byId = (id) => document.getElementById(id);

export function element(tag, { text, ...properties } = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  if (text !== undefined) node.textContent = text;
  node.append(...children);
  return node;
}

export function show(id, visible) {
  byId(id).hidden = !visible;
}

export function tellTrouble(problem) {
  byId("trouble").textContent = problem ? problem.message : "";
  show("trouble", Boolean(problem));
}

// Runs what a button does: the button waits meanwhile, and trouble is told.
export async function run(button, action) {
  button.disabled = true;
  try {
    tellTrouble(null);
    await action();
  } catch (problem) {
    tellTrouble(problem);
  } finally {
    button.disabled = false;
  }
}
