// A button that copies a text and says so, to a screen reader too.
const copied = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = el("textarea", { style: { position: "fixed", opacity: "0" } }, text);
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
};

const copyButton = (label, text) => {
  const said = el("span", { role: "status" }, label);
  const copy = async () => {
    await copied(typeof text === "function" ? text() : text);
    said.textContent = "Copied";
    setTimeout(() => { said.textContent = label; }, 1500);
  };
  return el("button", { type: "button", onclick: copy }, said);
};

const permalink = (anchor) => `${location.href.split("#")[0]}#${encodeURIComponent(anchor)}`;
