// Says how far the phone is, every three seconds. The page works without this file.
const status = document.getElementById("phone-state");
const list = document.getElementById("phone-parts");
const EVERY_MS = 3000;

const poll = async () => {
  try {
    const answer = await fetch(status.dataset.poll, { headers: { Accept: "application/json" } });
    // Signed out, or over: the page says the rest when it is loaded again.
    if (answer.status === 401) return;
    if (answer.ok) {
      const { sentence, parts } = await answer.json();
      if (status.textContent !== sentence) status.textContent = sentence;
      const rows = parts.map(({ name, done }) => {
        const row = document.createElement("li");
        row.textContent = `${name}: ${done ? "Done" : "To do"}`;
        return row;
      });
      list.replaceChildren(...rows);
    }
  } catch {
    // Offline for a moment: the next round tells.
  }
  setTimeout(poll, EVERY_MS);
};
if (status && list) setTimeout(poll, EVERY_MS);
