// Talking with an agent: records an answer, has it heard, shows and says the reply.
(() => {
    const $ = (id) => document.getElementById(id);
    const [begin, box, bar, note, mic, state, level, text] =
        ["talk-start", "talk-box", "talk-bar", "talk-note", "talk-mic", "talk-state", "talk-level", "talk-text"].map($);
    if (!begin) return;

    const HOLD_MS = 350; // a shorter press begins a recording that the next press ends
    const ASK_MS = 400;
    const PAUSE_MS = 1600; // of silence after words, where pauses send
    const LOUD = 0.02; // of the loudest there is
    const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
    const LONGEST_MS = Number(bar.dataset.longest) * 1000;
    const secret = begin.querySelector("[name=csrfmiddlewaretoken]").value;

    let talk = null; // the conversation as the server told it last
    let recording = null;
    let busy = false;
    let round = 0; // counts conversations, so that late answers to an earlier one change nothing

    function tell(sentence, link) {
        note.textContent = sentence;
        if (link) {
            const a = Object.assign(document.createElement("a"), { href: link, className: "ra-link", textContent: " Sign in again" });
            note.append(a);
        }
        note.hidden = !sentence;
    }

    function why() {
        if (!window.isSecureContext) return "The browser gives a page the microphone over https or on localhost alone. Open this page by such an address, or type your answers.";
        if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) return "This browser cannot record sound. Use a current Chrome, Edge, Firefox or Safari, or type your answers.";
        return "";
    }

    function refused(error) {
        if (error.name === "NotAllowedError") return "The browser was not allowed to use the microphone. Allow it for this page, beside the address, then press the button again; or type your answers.";
        if (error.name === "NotFoundError") return "No microphone was found. Connect one and press the button again, or type your answers.";
        return "The microphone cannot be used; perhaps another program holds it. Close that and press the button again, or type your answers.";
    }

    function settle() {
        const isOver = Boolean(talk?.ended);
        mic.disabled = busy || isOver || Boolean(why());
        mic.setAttribute("aria-pressed", String(Boolean(recording)));
        $("talk-mic-label").textContent = recording ? "Stop" : "Hold to speak";
        mic.querySelector(".material-symbols-outlined").textContent = recording ? "stop" : "mic";
        text.disabled = busy || isOver;
        $("talk-type").querySelector("button").disabled = busy || isOver;
        bar.dataset.state = recording ? "listening" : busy ? "hearing" : isOver ? "ended" : "ready";
        if (recording) state.textContent = "Listening…";
        else if (isOver) state.textContent = "The conversation is over. Start over above.";
        else if (!busy) state.textContent = why() ? "Type your answer." : "Your turn.";
    }

    async function post(url, body) {
        body.set("csrfmiddlewaretoken", secret);
        let answer;
        try {
            // A login page is no answer, so a redirect is not followed.
            answer = await fetch(url, { method: "POST", body, redirect: "manual" });
        } catch {
            throw new Error("The server cannot be reached. Check the connection, then try again.");
        }
        if (answer.type === "opaqueredirect") throw Object.assign(new Error("You have been signed out."), { link: bar.dataset.login });
        const isJson = (answer.headers.get("Content-Type") || "").startsWith("application/json");
        const told = isJson ? await answer.json() : {};
        if (!answer.ok) throw new Error(told.note || `The server could not do that (${answer.status}). Try again; if it fails again, start over.`);
        return told;
    }

    function show(told) {
        talk = told;
        box.innerHTML = told.html;
        box.hidden = bar.hidden = false;
        $("talk-start-label").textContent = "Start over";
        const list = box.querySelector(".ra-talk");
        list.scrollTop = list.scrollHeight;
        tell(why());
        speak(told);
    }

    // Voices: those of the language spoken now, and the one that was chosen before.

    function voices() {
        const all = window.speechSynthesis?.getVoices() || [];
        const wanted = (talk?.language || begin.elements.language.value).toLowerCase();
        const of = (exact) => all.filter((one) => {
            const lang = one.lang.replace("_", "-").toLowerCase();
            return exact ? lang === wanted : lang.split("-")[0] === wanted.split("-")[0];
        });
        return of(true).length ? of(true) : of(false);
    }

    function offerVoices() {
        const found = voices();
        const select = $("talk-voice");
        const before = select.value;
        select.replaceChildren(...found.map((one) => new Option(one.name, one.voiceURI, false, one.voiceURI === before)));
        $("talk-voices").hidden = found.length < 2;
    }

    function speak({ said, language, slow }) {
        if (!window.speechSynthesis) return;
        speechSynthesis.cancel();
        offerVoices();
        if (!said || $("talk-mute").checked) return;
        const words = new SpeechSynthesisUtterance(said);
        words.lang = language;
        words.rate = slow ? 0.75 : 1;
        const found = voices();
        words.voice = found.find((one) => one.voiceURI === $("talk-voice").value) || found[0] || null;
        speechSynthesis.speak(words);
    }

    // One answer, typed or spoken.

    async function send(body) {
        const mine = round;
        busy = true;
        state.textContent = body.has("audio") ? "Being heard…" : "Being answered…";
        settle();
        tell("");
        try {
            body.set("turn", talk.turn);
            let told = await post(talk.say_to, body);
            while (told.heard && mine === round) told = await wait(told.heard, mine);
            if (mine === round && told.html) show(told);
            if (body.has("text")) text.value = "";
        } catch (error) {
            if (mine === round) tell(error.message, error.link);
        }
        if (mine !== round) return;
        busy = false;
        settle();
        const next = talk.ended ? begin.querySelector("button") : body.has("text") || mic.disabled ? text : mic;
        next.focus({ preventScroll: true });
    }

    async function wait(url, mine) {
        const began = Date.now();
        for (;;) {
            await new Promise((done) => setTimeout(done, ASK_MS));
            if (mine !== round) return {};
            const told = await post(url, new FormData());
            if (!told.waiting) return told;
            const seconds = Math.round((Date.now() - began) / 1000);
            if (seconds > 2) state.textContent = told.begun ? `Being heard… ${seconds} s` : `Waiting for a worker… ${seconds} s`;
        }
    }

    // The microphone.

    async function record() {
        if (recording || busy || !talk || talk.ended || why()) return;
        const mine = { chunks: [], wanted: true, byKey: false };
        recording = mine;
        window.speechSynthesis?.cancel(); // or the agent would be heard in the answer
        tell("");
        state.textContent = "Opening the microphone…";
        try {
            mine.stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
        } catch (error) {
            if (recording === mine) {
                recording = null;
                tell(refused(error));
            }
            return settle();
        }
        if (!mine.wanted) { // let go before it was open, or begun anew
            close(mine);
            return settle();
        }
        const mimeType = KINDS.find((one) => MediaRecorder.isTypeSupported(one));
        mine.recorder = new MediaRecorder(mine.stream, mimeType ? { mimeType, audioBitsPerSecond: 32000 } : {});
        mine.recorder.ondataavailable = (event) => event.data.size && mine.chunks.push(event.data);
        mine.recorder.onstop = () => {
            close(mine);
            const audio = new Blob(mine.chunks, { type: mine.recorder.mimeType });
            const body = new FormData();
            body.set("audio", audio, "answer");
            send(body);
        };
        mine.recorder.start();
        mine.timer = setTimeout(stop, LONGEST_MS);
        watch(mine);
        settle();
    }

    function stop() {
        const mine = recording;
        if (!mine) return;
        mine.wanted = false;
        if (mine.recorder?.state === "recording") mine.recorder.stop();
    }

    function close(mine) {
        clearTimeout(mine.timer);
        cancelAnimationFrame(mine.frame);
        mine.stream.getTracks().forEach((track) => track.stop()); // the browser's sign goes out
        mine.context?.close();
        level.style.width = "0";
        if (recording === mine) recording = null;
    }

    function watch(mine) {
        mine.context = new AudioContext();
        const meter = mine.context.createAnalyser();
        mine.context.createMediaStreamSource(mine.stream).connect(meter);
        const samples = new Float32Array(meter.fftSize);
        let spoke = false;
        let quietSince = 0;
        const look = (now) => {
            meter.getFloatTimeDomainData(samples);
            const loud = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
            level.style.width = `${Math.min(100, loud * 500)}%`;
            if (loud > LOUD) [spoke, quietSince] = [true, now];
            if (spoke && $("talk-pause").checked && now - quietSince > PAUSE_MS) return stop();
            mine.frame = requestAnimationFrame(look);
        };
        mine.frame = requestAnimationFrame(look);
    }

    // A press: held, it records until it is let go; short, until the next one. A key's press is a click without a pointer.

    let pressedAt = 0;
    mic.addEventListener("pointerdown", (event) => {
        if (event.button) return;
        if (recording) return stop();
        pressedAt = event.timeStamp;
        mic.setPointerCapture?.(event.pointerId);
        record();
    });
    mic.addEventListener("pointerup", (event) => {
        if (pressedAt && event.timeStamp - pressedAt > HOLD_MS && !$("talk-pause").checked) stop();
        pressedAt = 0;
    });
    mic.addEventListener("pointercancel", stop);
    mic.addEventListener("click", (event) => {
        if (event.detail === 0) recording ? stop() : record();
    });
    mic.addEventListener("contextmenu", (event) => event.preventDefault());

    begin.addEventListener("submit", async (event) => {
        event.preventDefault();
        round += 1;
        const mine = round;
        const body = new FormData(begin);
        busy = true;
        if (recording) recording.wanted = false;
        if (recording?.recorder) recording.recorder.onstop = null;
        if (recording?.stream) close(recording);
        recording = null;
        tell("");
        try {
            const told = await post(begin.action, body);
            if (mine !== round) return;
            show(told);
            (why() ? text : mic).focus();
        } catch (error) {
            tell(error.message, error.link);
        }
        busy = false;
        settle();
        (why() ? text : mic).focus({ preventScroll: true });
    });

    begin.elements.agent.addEventListener("change", (event) => {
        begin.elements.language.value = event.target.selectedOptions[0].dataset.language || begin.elements.language.value;
    });

    $("talk-type").addEventListener("submit", (event) => {
        event.preventDefault();
        if (busy || !talk || !text.value.trim()) return;
        const body = new FormData();
        body.set("text", text.value);
        send(body);
    });

    $("talk-mute").addEventListener("change", (event) => event.target.checked && window.speechSynthesis?.cancel());
    window.speechSynthesis?.addEventListener?.("voiceschanged", offerVoices);
    window.addEventListener("pagehide", () => window.speechSynthesis?.cancel());
    if (why()) tell(why());
})();
