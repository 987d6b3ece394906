// Passkeys: asks the server for options, lets the browser answer, sends the answer back.
const said = document.getElementById("passkey-said");

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept": "application/json" },
    body: JSON.stringify(body),
  });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.detail ?? value.title);
  return value;
}

async function enrol() {
  const { ceremony, options } = await post("/security/passkey/start", {});
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options.publicKey);
  const credential = await navigator.credentials.create({ publicKey });
  await post("/security/passkey/finish", { ceremony, credential: credential.toJSON() });
  location.assign("/security?said=added");
}

// For a recovery: staged on this page, then back to where the browser came from.
async function stage() {
  const { ceremony, options } = await post("/enrol/passkey/start", {});
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options.publicKey);
  const credential = await navigator.credentials.create({ publicKey });
  const done = await post("/enrol/passkey/finish", { ceremony, credential: credential.toJSON() });
  location.assign(done.return_url);
}

async function use(purpose) {
  const identifier = document.getElementById("identifier").value;
  const { ceremony, options } = await post("/login/passkey/start", { identifier, purpose });
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options.publicKey);
  const credential = await navigator.credentials.get({ publicKey });
  const done = await post("/login/passkey/finish", { ceremony, purpose, credential: credential.toJSON() });
  if (purpose === "login") location.assign("/assets?said=signed_in");
  else said.textContent = done.stopped ? "The recovery is stopped." : "No recovery is under way.";
}

for (const button of document.querySelectorAll("[data-passkey]")) {
  button.addEventListener("click", async () => {
    said.textContent = "";
    try {
      const what = button.dataset.passkey;
      await ({ enrol, stage }[what]?.() ?? use(what));
    } catch (error) {
      said.textContent = error.message;
    }
  });
}
