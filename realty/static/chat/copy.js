// A button that copies the address beside it; without a clipboard the address is selected, to be copied by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
    const field = document.getElementById(button.dataset.copy);
    const label = button.querySelector("[aria-live]");
    button.hidden = false;
    button.addEventListener("click", async () => {
        field.select();
        try {
            await navigator.clipboard.writeText(field.value);
            label.textContent = "Copied";
        } catch {
            label.textContent = "Press Ctrl+C";
        }
    });
}
