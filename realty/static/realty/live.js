// Keeps the page of a call or campaign up to date while it is live: asks for its piece, and changes only what is new.
(() => {
    const box = document.querySelector("[data-url]");
    const offline = document.querySelector(".ra-offline");
    if (!box) return;

    const QUICK_MS = 1500;
    const SLOW_MS = 12000;
    const EASY_MS = 3000; // a recording that is fetched or transcribed

    const shown = () => box.firstElementChild;
    const isLive = () => shown().dataset.live !== "no";
    const pace = () => (shown().dataset.live === "slowly" ? EASY_MS : QUICK_MS);
    let wait = pace();

    function tell(text, link) {
        offline.textContent = text;
        if (link) {
            const a = document.createElement("a");
            a.href = link;
            a.textContent = " Sign in again";
            a.className = "ra-link";
            offline.append(a);
        }
        offline.hidden = !text;
    }

    function addTurns(list, fresh) {
        const scroller = list.closest(".ra-talk");
        const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 120;
        for (const turn of fresh.children) {
            if (!document.getElementById(turn.id)) list.append(document.importNode(turn, true));
        }
        if (atEnd) scroller.scrollTop = scroller.scrollHeight;
    }

    // Each answer brings new tokens for its forms; that alone is no news, and would take the focus from a button.
    const bare = (html) => html.replace(/"csrfmiddlewaretoken" value="[^"]*"/g, "");

    function show(html) {
        const next = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
        for (const fresh of next.querySelectorAll("[data-part]")) {
            const old = shown().querySelector(`[data-part="${fresh.dataset.part}"]`);
            const { part, version } = fresh.dataset; // what has a version is replaced when that changes, and only then
            const isSame = version !== undefined && version === old.dataset.version;
            if (part === "turns" && isSame) addTurns(old, fresh);
            else if (!isSame) {
                old.className = fresh.className;
                if (bare(old.innerHTML) !== bare(fresh.innerHTML)) old.innerHTML = fresh.innerHTML;
                if (version !== undefined) old.dataset.version = version;
            }
        }
        shown().dataset.seen = next.dataset.seen;
        shown().dataset.live = next.dataset.live;
        box.dispatchEvent(new Event("ra:shown"));
    }

    async function look() {
        const query = new URLSearchParams(location.search);
        query.set("seen", shown().dataset.seen);
        const url = `${box.dataset.url}?${query}`;
        // A login page must not land inside the conversation, so a redirect is not followed.
        const answer = await fetch(url, { redirect: "manual", headers: { "X-Requested-With": "XMLHttpRequest" } });
        if (answer.type === "opaqueredirect") return tell("You have been signed out, so this page stands still.", box.dataset.login) ?? false;
        if (answer.status === 403) return tell(`You may no longer see this ${box.dataset.what}.`) ?? false;
        if (answer.status === 404) return tell(`This ${box.dataset.what} was deleted.`) ?? false;
        if (!answer.ok) throw new Error(`status ${answer.status}`);
        if (answer.status !== 204) show(await answer.text());
        tell("");
        wait = pace();
        return isLive();
    }

    async function keepLooking() {
        let goOn = true;
        try {
            if (!document.hidden) goOn = await look();
        } catch {
            tell("The connection is lost. Trying again.");
            wait = Math.min(wait * 2, SLOW_MS);
        }
        if (goOn) setTimeout(keepLooking, wait);
    }

    if (isLive()) {
        const talk = box.querySelector(".ra-talk");
        if (talk && shown().dataset.live === "yes") talk.scrollTop = talk.scrollHeight;
        setTimeout(keepLooking, wait);
    }
})();
