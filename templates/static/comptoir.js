// Conveniences only: every page works without this file.

// A licence key is selected whole when it is entered.
document.addEventListener("focusin", ({ target }) => {
  if (target.matches("input[readonly]")) target.select();
});

// Copy buttons beside licence keys, where the browser can copy.
const keys = document.querySelector("[data-copy]");
if (keys && navigator.clipboard) {
  const { copy, copied } = keys.dataset;
  const said = document.createElement("p");
  said.className = "hidden";
  said.setAttribute("role", "status");
  keys.after(said);
  for (const input of keys.querySelectorAll("input[readonly]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button quiet small";
    button.textContent = copy;
    button.setAttribute("aria-label", `${copy}: ${input.getAttribute("aria-label")}`);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(input.value);
        button.textContent = said.textContent = copied;
        setTimeout(() => { button.textContent = copy; said.textContent = ""; }, 2000);
      } catch {
        input.focus();
      }
    });
    input.after(button);
  }
}
