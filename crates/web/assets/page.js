// What only a browser knows, and the copy buttons. Every page works without this file.
document.documentElement.classList.add("js");

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const field of document.querySelectorAll('input[type="hidden"][name="zone"]')) {
  if (zone) field.value = zone;
}

// <button type="button" data-copy="id of the text">Copy</button><span role="status"></span>
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    const status = button.parentElement.querySelector('[role="status"]');
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      button.textContent = "Copied";
      if (status) status.textContent = "Copied";
    } catch {
      if (status) status.textContent = "Select the text and copy it by hand.";
    }
  });
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.addEventListener("click", () => window.print());
}

// <button type="button" data-save="id of the text" data-name="file name">Save</button>
for (const button of document.querySelectorAll("button[data-save]")) {
  button.addEventListener("click", () => {
    const text = document.getElementById(button.dataset.save).innerText;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.download = button.dataset.name;
    link.click();
  });
}

// <button type="button" data-show="id of a password field" aria-pressed="false">Show</button>
for (const button of document.querySelectorAll("button[data-show]")) {
  const field = document.getElementById(button.dataset.show);
  const set = (shown) => {
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    button.textContent = shown ? "Hide" : "Show";
  };
  button.addEventListener("click", () => set(field.type === "password"));
  field.form.addEventListener("submit", () => set(false));
}

// Nothing is disabled while a form is on its way; the words say that it is.
for (const form of document.querySelectorAll("form[data-slow]")) {
  const status = form.querySelector('[role="status"].slow');
  form.addEventListener("submit", () => {
    setTimeout(() => (status.textContent = "Still sending. Keep this page open."), 4000);
    setTimeout(() => {
      status.textContent =
        "Still sending. Keep this page open. A weak connection is the usual reason.";
    }, 30000);
  });
}
