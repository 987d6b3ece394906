// Makes a passkey on this device and hands it to the server. The server's words stand in the page.
const form = document.getElementById("passkey-form");
const status = document.getElementById("passkey-status");
const button = document.getElementById("passkey-button");
const say = (name) => (status.textContent = status.dataset[name]);

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const words = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

async function make() {
  const options = JSON.parse(form.dataset.options).publicKey;
  options.challenge = bytes(options.challenge);
  options.user.id = bytes(options.user.id);
  for (const known of options.excludeCredentials ?? []) known.id = bytes(known.id);
  const made = await navigator.credentials.create({ publicKey: options });
  return {
    id: made.id,
    rawId: words(made.rawId),
    type: made.type,
    extensions: made.getClientExtensionResults(),
    response: {
      attestationObject: words(made.response.attestationObject),
      clientDataJSON: words(made.response.clientDataJSON),
      transports: made.response.getTransports?.() ?? null,
    },
  };
}

if (form && button) {
  if (!window.PublicKeyCredential) {
    say("unsupported");
  } else {
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        const credential = await make();
        form.elements.namedItem("credential").value = JSON.stringify(credential);
        form.requestSubmit();
      } catch {
        say("cancelled");
      }
    });
  }
}
