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
  const button = el("button", { type: "button" }, label);
  const tell = (words, said) => { button.textContent = words; document.getElementById("said").textContent = said; };
  button.addEventListener("click", async () => {
    await copied(typeof text === "function" ? text() : text);
    tell("Copied", "Copied");
    setTimeout(() => tell(label, ""), 1500);
  });
  return button;
};

const permalink = (anchor) => `${location.href.split("#")[0]}#${encodeURIComponent(anchor)}`;
