// Put this on your site: <script src="{{ home|escapejs }}/widget.js" async></script>
(() => {
    {% if not on %}console.warn("The chat is off: set WIDGET_ORIGINS to this site's address, such as https://www.example.com");
    return;
    {% endif %}const HOME = "{{ home|escapejs }}";
    const KEPT = "realtyChat";
    if (window.__realtyChat) return;
    window.__realtyChat = true;

    const storage = {
        get() { try { return sessionStorage.getItem(KEPT); } catch { return null; } },
        set(value) { try { sessionStorage.setItem(KEPT, value); } catch { /* then this page alone knows it */ } },
    };
    const host = document.createElement("div");
    const root = host.attachShadow({ mode: "open" });
    root.innerHTML = `<style>
        :host { all: initial; }
        button { position: fixed; right: 16px; bottom: 16px; z-index: 2147483000; min-height: 52px; padding: 0 20px; border: 0; border-radius: 26px;
            background: #1d4ed8; color: #fff; font: 600 16px/1 system-ui, sans-serif; cursor: pointer; box-shadow: 0 4px 14px rgb(0 0 0 / .3); }
        button:focus-visible { outline: 3px solid #93c5fd; outline-offset: 3px; }
        iframe { position: fixed; right: 16px; bottom: 80px; z-index: 2147483000; width: min(400px, calc(100vw - 32px)); height: min(620px, calc(100dvh - 96px));
            border: 1px solid #a1a1aa; border-radius: 12px; background: #fff; color-scheme: light dark; box-shadow: 0 8px 30px rgb(0 0 0 / .3); }
        [hidden] { display: none; }
    </style><button type="button" aria-expanded="false">Chat with us</button>`;
    const button = root.querySelector("button");
    let frame = null;

    function make() {
        frame = document.createElement("iframe");
        frame.title = "Chat";
        frame.referrerPolicy = "no-referrer";
        const path = /^\/chat\/[\w.-]+$/.test(storage.get() || "") ? storage.get() : "/chat/new";
        frame.src = `${HOME}${path}?site=${encodeURIComponent(location.origin)}`;
        root.append(frame);
    }

    function show(open) {
        if (open && !frame) make();
        frame.hidden = !open;
        button.textContent = open ? "Close chat" : "Chat with us";
        button.setAttribute("aria-expanded", open);
        (open ? frame : button).focus();
    }

    button.addEventListener("click", () => show(!frame || frame.hidden));
    addEventListener("keydown", (event) => { if (event.key === "Escape" && frame && !frame.hidden) show(false); });
    addEventListener("message", (event) => {
        if (!frame || event.origin !== HOME || event.source !== frame.contentWindow || !event.data) return;
        if (event.data.realtyChat) storage.set(event.data.realtyChat);
        if (event.data.realtyClose) show(false);
    });
    // In a page's head, a script that the browser has kept runs before there is a body.
    if (document.body) document.body.append(host);
    else addEventListener("DOMContentLoaded", () => document.body.append(host));
})();
