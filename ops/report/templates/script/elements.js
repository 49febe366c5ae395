// An element: attributes by name, `on…` as listeners, `style` as an object; text always stays text.
const el = (tag, attributes, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "style") for (const [property, set] of Object.entries(value)) made.style.setProperty(property, set);
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return made;
};

const svg = (tag, attributes, ...children) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};

const words = (status) => status.replace("-", " ");

const mark = (status) => [el("i", { class: `mark ${status}`, "aria-hidden": "true" }), el("span", { class: "aside" }, `${words(status)}: `)];

const duration = (ms) => {
  if (ms === null || ms === undefined) return "";
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
  return ms < 60000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 60000)} min ${((ms % 60000) / 1000).toFixed(0)} s`;
};

const bar = (start, length, span, name = "") => {
  const left = Math.min(Math.max(start / span, 0), 1) * 100;
  const width = Math.min(Math.max(length / span, 0) * 100, 100 - left);
  return el("i", { class: name, style: { left: `${left.toFixed(2)}%`, width: `${width.toFixed(2)}%` } });
};

const lane = (...bars) => el("span", { class: "lane", "aria-hidden": "true" }, bars);

// Said to a screen reader, and shown where nothing else can be seen to happen.
let unsaid;
const say = (text) => {
  const said = document.getElementById("said");
  clearTimeout(unsaid);
  said.className = text ? "toast" : "aside";
  said.textContent = text;
  if (text) unsaid = setTimeout(() => say(""), 4000);
};

// A bar is hatched where no good answer came, so that colour is not needed to see it.
const badly = (status) => (status === null || status >= 400 ? "bad" : "");

const codeClass = (status) => `c${Math.floor((status ?? 0) / 100)}`;
