// Plays the recording of a call beside its words. Without this script the browser's own controls play it.
const box = document.querySelector("[data-what=call]");
const SPEED = "ra-player-speed";
const FOLLOW = "ra-player-follow";
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const clock = (seconds) => {
    const whole = Math.floor(seconds);
    const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    const two = (figure) => String(figure).padStart(2, "0");
    return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
};
const stored = (name, otherwise) => { try { return localStorage.getItem(name) ?? otherwise; } catch { return otherwise; } };
const store = (name, value) => { try { localStorage.setItem(name, value); } catch { /* a private window keeps nothing */ } };

let player = null;

class Player {
    constructor(card) {
        this.card = card;
        this.audio = card.querySelector("audio");
        this.data = JSON.parse(card.querySelector("#player-peaks").textContent);
        for (const name of ["at", "end", "seek", "play", "verb", "speed", "balance", "follow", "told"]) {
            this[name] = card.querySelector(`.ra-player__${name}`);
        }
        this.audio.controls = false;
        card.querySelector(".ra-player__ui").hidden = false;
        this.listen();
        this.hear();
        this.draw();
    }

    get length() { return Number.isFinite(this.audio.duration) ? this.audio.duration : Number(this.seek.max) || 0; }

    async draw() {
        if (!this.data.channels.length) return; // still to be prepared
        const { default: WaveSurfer } = await import(box.dataset.wavesurfer);
        const canvas = this.card.querySelector(".ra-wave__canvas");
        const channels = this.data.channels.map((one) => one.map((height) => height / 100));
        const colours = getComputedStyle(this.card);
        const each = (index) => ({
            height: channels.length > 1 ? 44 : 72,
            waveColor: colours.getPropertyValue(`--ra-wave-${index}`),
            progressColor: colours.getPropertyValue(`--ra-waved-${index}`),
        });
        this.wave = WaveSurfer.create({
            container: canvas, media: this.audio, peaks: channels, duration: this.length, cursorColor: colours.color,
            cursorWidth: 2, barWidth: 2, barGap: 1, barRadius: 1, hideScrollbar: true, interact: false, ...each(0),
            splitChannels: channels.length > 1 ? channels.map((_, index) => each(index)) : undefined,
        });
    }

    listen() {
        const { audio } = this;
        audio.addEventListener("timeupdate", () => this.show());
        audio.addEventListener("seeked", () => this.show());
        audio.addEventListener("play", () => { this.press(); this.tell(""); this.tick(); this.keepUp(); });
        audio.addEventListener("pause", () => this.press());
        audio.addEventListener("loadedmetadata", () => { this.seek.max = this.length; this.end.textContent = clock(this.length); this.show(); });
        audio.addEventListener("error", () => this.explain());
        this.play.addEventListener("click", () => this.toggle());
        this.seek.addEventListener("input", () => { audio.currentTime = Number(this.seek.value); });
        this.speed.value = stored(SPEED, "1");
        this.speed.addEventListener("change", () => this.setSpeed(this.speed.value));
        this.setSpeed(this.speed.value || "1");
        this.balance?.addEventListener("input", () => this.mix());
        this.follow.checked = stored(FOLLOW, "yes") === "yes";
        this.follow.addEventListener("change", () => store(FOLLOW, this.follow.checked ? "yes" : "no"));
        for (const button of this.card.querySelectorAll("[data-by]")) {
            button.addEventListener("click", () => this.go(audio.currentTime + Number(button.dataset.by)));
        }
    }

    // What was heard where: lines and words in their order, found anew whenever the page got a new transcript.
    hear() {
        this.lines = [...box.querySelectorAll("[data-start]")]
            .map((element) => ({ element, start: Number(element.dataset.start), end: Number(element.dataset.end) }))
            .sort((a, b) => a.start - b.start);
        this.words = [...box.querySelectorAll(".ra-word")]
            .map((element) => ({ element, start: Number(element.dataset.t), end: Number(element.dataset.until) }));
        this.line = this.word = null;
        this.show();
    }

    tick() {
        if (this.audio.paused) return;
        this.show();
        requestAnimationFrame(() => this.tick());
    }

    show() {
        const at = this.audio.currentTime;
        this.seek.value = at;
        this.seek.setAttribute("aria-valuetext", `${clock(at)} of ${clock(this.length)}`);
        this.at.textContent = clock(at);
        const begun = at > 0 || !this.audio.paused;
        const line = begun ? this.lines.findLast((one) => one.start <= at + 0.05 && at < one.end + 0.3) : undefined;
        this.mark("line", line, "true");
        this.mark("word", begun ? this.words.find((one) => one.start <= at && at < one.end) : undefined, "");
    }

    mark(kind, found, current) {
        const before = this[kind];
        if (before === (found ?? null)) return;
        before?.element.classList.remove("is-playing");
        before?.element.removeAttribute("aria-current");
        this[kind] = found ?? null;
        if (!found) return;
        found.element.classList.add("is-playing");
        if (kind !== "line") return;
        found.element.setAttribute("aria-current", current);
        if (!this.audio.paused) this.keepUp();
    }

    keepUp() { if (this.follow.checked && this.line) this.reveal(this.line.element); }

    reveal(element) {
        element.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
    }

    press() {
        const plays = !this.audio.paused;
        this.verb.textContent = plays ? "Pause" : "Play";
        this.play.querySelector(".material-symbols-outlined").textContent = plays ? "pause" : "play_arrow";
    }

    toggle() { if (this.audio.paused) this.start(); else this.audio.pause(); }

    async start() {
        try {
            await this.audio.play();
            this.mix(); // not before: a browser that forbids the one forbids the other, and complains
        } catch (error) {
            if (error.name === "NotAllowedError") this.tell(`Press Play to hear it from ${clock(this.audio.currentTime)}.`);
        }
    }

    go(seconds) {
        this.audio.currentTime = Math.min(Math.max(0, seconds), this.length || seconds);
        this.show();
    }

    jump(seconds) { this.go(seconds); this.start(); }

    // A new transcript brings a new player; whoever listens goes on where they were.
    goOn({ audio, balance }, plays) {
        if (this.balance && balance) this.balance.value = balance.value;
        this.go(audio.currentTime);
        if (plays) this.start();
    }

    step(by) {
        const now = this.lines.findLastIndex((one) => one.start <= this.audio.currentTime + 0.05);
        const next = this.lines[Math.min(Math.max(0, now + by), this.lines.length - 1)];
        if (next) { this.go(next.start); this.reveal(next.element); }
    }

    setSpeed(value) {
        this.audio.playbackRate = Number(value) || 1;
        store(SPEED, String(value));
    }

    hurry(by) {
        const choices = [...this.speed.options];
        const next = choices[Math.min(Math.max(0, this.speed.selectedIndex + by), choices.length - 1)];
        this.speed.value = next.value;
        this.setSpeed(next.value);
        this.tell(`Speed ${next.value}.`);
    }

    // Two voices on two channels are played into both ears, each as loud as it is wished.
    mix() {
        if (!this.balance) return;
        if (!this.gains) {
            const context = new AudioContext();
            const apart = context.createChannelSplitter(2);
            context.createMediaElementSource(this.audio).connect(apart);
            this.context = context;
            this.gains = [0, 1].map((channel) => {
                const gain = context.createGain();
                apart.connect(gain, channel);
                gain.connect(context.destination);
                return gain;
            });
        }
        if (this.context.state === "suspended") this.context.resume();
        const side = Number(this.balance.value);
        this.gains[0].gain.value = Math.min(1, 1 - side);
        this.gains[1].gain.value = Math.min(1, 1 + side);
        this.balance.setAttribute("aria-valuetext", side === 0 ? "both alike" : `${this.data.voices[side < 0 ? 0 : 1]} louder`);
    }

    tell(text) { this.told.textContent = text; }

    // A player only says that it failed; the server says why.
    async explain() {
        try {
            const answer = await fetch(this.audio.currentSrc || this.audio.src, { headers: { Range: "bytes=0-0" }, redirect: "manual" });
            if (answer.type === "opaqueredirect") return this.tell("You have been signed out. Load this page again to sign in.");
            if (answer.ok) return this.tell("This browser cannot play the recording. Download it instead.");
            const page = new DOMParser().parseFromString(await answer.text(), "text/html");
            this.tell(page.querySelector("#no-sound")?.textContent.trim() || "The recording cannot be played now.");
        } catch {
            this.tell("The connection is lost, so the recording cannot be played now.");
        }
    }
}

function begin() {
    const card = box.querySelector("#player");
    if (card && card === player?.card) return player.hear();
    const before = player;
    const plays = Boolean(before) && !before.audio.paused;
    before?.audio.pause();
    before?.context?.close();
    player = card && new Player(card);
    if (card && before?.card.dataset.recording === card.dataset.recording) player.goOn(before, plays);
    else startFromAddress();
}

function startFromAddress() {
    const found = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash);
    if (!found || !player) return;
    player.go(Number(found[1]));
    player.card.scrollIntoView({ block: "nearest" });
    player.play.focus({ preventScroll: true });
    player.start();
    player.keepUp();
}

const ACTIONS = {
    " ": () => player.toggle(), k: () => player.toggle(), Home: () => player.go(0),
    ArrowLeft: () => player.go(player.audio.currentTime - 5), ArrowRight: () => player.go(player.audio.currentTime + 5),
    j: () => player.go(player.audio.currentTime - 10), l: () => player.go(player.audio.currentTime + 10),
    ArrowUp: () => player.step(-1), ArrowDown: () => player.step(1), "<": () => player.hurry(-1), ">": () => player.hurry(1),
};

function onKey(event) {
    const within = event.target.closest?.("#player, .ra-talk");
    const act = ACTIONS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!player || !within || !act || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("select, textarea, input:not([type=range]), .ra-player__balance")) return;
    if (event.key === " " && event.target.matches("button, a, summary")) return;
    event.preventDefault();
    act();
}

function onClick(event) {
    const button = event.target.closest("[data-jump]");
    if (!player || (!button && String(getSelection()))) return;
    const isPlaying = button?.closest(".ra-turn.is-playing") && button.parentElement.matches(".ra-turn__who");
    if (isPlaying && !player.audio.paused) return player.audio.pause();
    if (button) return player.jump(Number(button.dataset.jump));
    const word = event.target.closest(".ra-turn .ra-word");
    const line = event.target.closest(".ra-bubble")?.closest("[data-start]");
    if (word || line) player.jump(Number(word ? word.dataset.t : line.dataset.start));
}

document.addEventListener("keydown", onKey);
box?.addEventListener("click", onClick);
box?.addEventListener("ra:shown", begin);
addEventListener("hashchange", startFromAddress);
if (box) begin();
