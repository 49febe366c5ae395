(() => {
  "use strict";
  const cards = [...document.querySelectorAll("details.card")].map((card) => ({
    card, status: card.dataset.status, text: card.textContent.toLowerCase(),
  }));
  const features = [...document.querySelectorAll("section.feature")];
  const search = document.getElementById("search");
  const toggles = [...document.querySelectorAll(".toggle input")];
  const shown = document.getElementById("shown");

  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(toggles.filter((toggle) => toggle.checked).map((toggle) => toggle.value));
    let count = 0;
    for (const { card, status, text } of cards) {
      card.hidden = !(wanted.has(status) && words.every((word) => text.includes(word)));
      count += card.hidden ? 0 : 1;
    }
    for (const feature of features) feature.hidden = !feature.querySelector("details.card:not([hidden])");
    shown.textContent = count === cards.length ? `${count} scenarios` : `${count} of ${cards.length} scenarios`;
  };

  const openTarget = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.matches("details")) return;
    target.hidden = false;
    target.open = true;
    target.scrollIntoView();
  };

  document.querySelector(".filter").addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("input", apply);
  toggles.forEach((toggle) => toggle.addEventListener("change", apply));
  addEventListener("hashchange", openTarget);
  addEventListener("beforeprint", () => cards.forEach(({ card }) => { if (card.dataset.status !== "passed") card.open = true; }));
  apply();
  openTarget();
})();
