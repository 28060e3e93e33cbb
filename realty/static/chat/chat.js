// Sends a message without leaving the page. A lost connection is tried again with the same number, which is taken once.
(() => {
    const form = document.getElementById("form");
    const log = document.getElementById("log");
    const note = document.getElementById("note");
    const box = document.getElementById("message");
    const send = document.getElementById("send");
    const words = form.dataset;
    const QUICK_MS = 1000;
    const SLOW_MS = 15000;
    const TIMEOUT_MS = 20000;
    let busy = false;

    // A page inside another site may be denied its storage.
    const drafts = {
        key: () => "draft:" + (form.action || location.href),
        keep(text) { try { sessionStorage.setItem(drafts.key(), text); } catch { /* then the box alone has it */ } },
        kept() { try { return sessionStorage.getItem(drafts.key()) || ""; } catch { return ""; } },
    };

    const toEnd = () => { log.parentElement.scrollTop = 0; };  // it counts from its end

    function bubble(kind, who, text, turn) {
        const item = document.createElement("li");
        const name = document.createElement("span");
        const words = document.createElement("p");
        item.className = kind;
        if (turn) item.dataset.turn = turn;
        name.className = "who";
        name.textContent = who;
        words.textContent = text;
        item.append(name, words);
        log.append(item);
        toEnd();
        return item;
    }

    function rest(ms) {
        return new Promise((done) => {
            const timer = setTimeout(finish, ms);
            function finish() { clearTimeout(timer); removeEventListener("online", finish); done(); }
            addEventListener("online", finish);
        });
    }

    // A response of any kind ends the trying; no response, or a server in trouble, is tried again.
    async function post(data) {
        for (let wait = QUICK_MS; ; wait = Math.min(wait * 2, SLOW_MS)) {
            const stop = new AbortController();
            const timer = setTimeout(() => stop.abort(), TIMEOUT_MS);
            try {
                const response = await fetch(form.action || location.href, {
                    method: "POST", body: data, headers: { Accept: "application/json" }, credentials: "omit", signal: stop.signal,
                });
                if (response.status < 500) return [response.status, await response.json()];
            } catch { /* told below */ } finally { clearTimeout(timer); }
            note.textContent = words.offline;
            await rest(wait);
        }
    }

    function show(answer) {
        for (const [turn, heard, said] of answer.lines) {
            if (log.querySelector(`[data-turn="${turn}"]`)) continue;
            if (heard) bubble("mine", words.you, heard, turn);
            if (said) bubble("theirs", words.assistant, said, turn);
        }
        if (answer.url && !location.pathname.endsWith(answer.url)) moveTo(answer.url);
        if (answer.lang) document.documentElement.lang = answer.lang;
    }

    function moveTo(url) {
        form.action = url + location.search;
        history.replaceState(null, "", url + location.search);
        form.elements.key?.remove();
        if (words.site && parent !== window) parent.postMessage({ realtyChat: url }, words.site);
    }

    function close() {
        form.hidden = true;
        document.getElementById("ended").hidden = false;
        log.focus();
    }

    async function submit() {
        const text = box.value.trim();
        if (busy || !text) return;
        busy = true;
        note.textContent = "";
        send.setAttribute("aria-disabled", "true");
        const data = new URLSearchParams(new FormData(form));
        data.set("message", text);
        drafts.keep(text);
        const mine = bubble("mine waiting", words.you, text);
        const typing = bubble("theirs typing", words.assistant, words.typing);
        box.value = "";
        box.focus();
        try {
            const [status, answer] = await post(data);
            mine.remove();
            typing.remove();
            note.textContent = answer.note || "";
            if (status === 200) drafts.keep("");  // before the page moves to another address, and its draft with it
            else giveBack(text);
            if (answer.lines) show(answer);
            if (answer.turn) form.elements.turn.value = answer.turn;
            if (answer.ended) close();
        } catch {
            mine.remove();
            typing.remove();
            note.textContent = words.again;
            giveBack(text);
        } finally {
            busy = false;
            send.removeAttribute("aria-disabled");
            toEnd();
        }
    }

    function giveBack(text) {
        box.value = box.value ? `${text}\n${box.value}` : text;
    }

    form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
    box.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); }
    });
    addEventListener("keydown", (event) => {
        if (event.key === "Escape" && words.site && parent !== window) parent.postMessage({ realtyClose: true }, words.site);
    });
    if (!box.value) box.value = drafts.kept();
    new ResizeObserver(toEnd).observe(log);
    if (words.site && parent !== window && !form.elements.key) parent.postMessage({ realtyChat: location.pathname }, words.site);
})();
