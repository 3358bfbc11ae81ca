/* Passkeys. A form with data-passkey="get" or "create" asks the browser for one and sends what it says in its field
   `credential`. What to ask comes from the address in data-options, or from the JSON element that data-options-in names.
   Such a form is hidden until this script has found that the browser can do it. */

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));

function text(buffer) {
  const letters = Array.from(new Uint8Array(buffer), (each) => String.fromCharCode(each)).join("");
  return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** What the server says in JSON, with bytes where the browser wants bytes. */
function toAsk(said) {
  const known = (list) => list && list.map((each) => ({ ...each, id: bytes(each.id) }));
  const asked = { ...said, challenge: bytes(said.challenge) };
  if (said.user) asked.user = { ...said.user, id: bytes(said.user.id) };
  if (said.allowCredentials) asked.allowCredentials = known(said.allowCredentials);
  if (said.excludeCredentials) asked.excludeCredentials = known(said.excludeCredentials);
  return asked;
}

/** What the browser says, in JSON. */
function toSend(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function options(form) {
  if (form.dataset.optionsIn) {
    const said = JSON.parse(document.getElementById(form.dataset.optionsIn).textContent);
    return (said.creation_options || said.request_options).publicKey;
  }
  const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return (await answer.json()).request_options.publicKey;
}

async function ask(form) {
  const publicKey = toAsk(await options(form));
  if (form.dataset.passkey === "create") {
    // A key that the device can find by itself, and that asks who holds it: both factors at once.
    publicKey.authenticatorSelection = {
      ...publicKey.authenticatorSelection, residentKey: "required", requireResidentKey: true, userVerification: "required",
    };
    return navigator.credentials.create({ publicKey });
  }
  return navigator.credentials.get({ publicKey });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  const failed = form.querySelector("[role=alert]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(toSend(await ask(form)));
      HTMLFormElement.prototype.submit.call(form);
    } catch (error) {
      if (!(error instanceof DOMException) && !(error instanceof Error)) throw error;
      failed.textContent = form.dataset.failed;
      failed.hidden = false;
    }
  });
}
