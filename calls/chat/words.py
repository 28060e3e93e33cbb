"""What the chat's page says for itself, in the language of the conversation."""

from __future__ import annotations

_ENGLISH = {
    "lang": "en",
    "title": "Chat with {brokerage}",
    "you": "You",
    "assistant": "Virtual assistant",
    "log": "Conversation",
    "message": "Your message",
    "send": "Send",
    "typing": "Writing…",
    "offline": "No connection. Your message is kept and sent as soon as there is one.",
    "again": "Your message did not arrive. Press Send to try again.",
    "too_long": "This message is too long. Write at most 1000 characters at a time.",
    "empty": "Write something first.",
    "stale": "The chat went on in another window, and this message was not sent. Send it again if it still fits.",
    "wait": "That was a lot at once. Wait {seconds} seconds, then press Send again; your message is still here.",
    "ended": "This chat has ended.",
    "ended_more": "Is there more to say? Please call us.",
    "anew": "Start a new chat",
    "gone": "This chat is closed",
    "gone_why": "The link has expired or was taken back. Please call us instead.",
    "missing": "This link does not work",
    "missing_why": "Check that you have copied all of it. If you have, please call us.",
    "off": "There is no chat here",
    "off_why": "The chat on our site is switched off at the moment. Please call us.",
    "call": "Call",
}
_HINDI = {
    "lang": "hi",
    "title": "{brokerage} से चैट",
    "you": "आप",
    "assistant": "वर्चुअल असिस्टेंट",
    "log": "बातचीत",
    "message": "आपका संदेश",
    "send": "भेजें",
    "typing": "लिख रहे हैं…",
    "offline": "कनेक्शन नहीं है। आपका संदेश सुरक्षित है और कनेक्शन मिलते ही भेजा जाएगा।",
    "again": "आपका संदेश नहीं पहुँचा। फिर से भेजने के लिए भेजें दबाएँ।",
    "too_long": "यह संदेश बहुत लंबा है। एक बार में 1000 अक्षर तक लिखें।",
    "empty": "पहले कुछ लिखें।",
    "stale": "बातचीत दूसरी विंडो में आगे बढ़ गई, इसलिए यह संदेश नहीं भेजा गया। अब भी ठीक हो तो फिर से भेजें।",
    "wait": "एक साथ बहुत सारे संदेश आए। {seconds} सेकंड रुककर फिर से भेजें; आपका संदेश यहीं है।",
    "ended": "यह चैट समाप्त हो गई है।",
    "ended_more": "कुछ और कहना है? कृपया हमें फ़ोन करें।",
    "anew": "नई चैट शुरू करें",
    "gone": "यह चैट बंद है",
    "gone_why": "लिंक की समय-सीमा समाप्त हो गई है या उसे वापस ले लिया गया है। कृपया हमें फ़ोन करें।",
    "missing": "यह लिंक काम नहीं करता",
    "missing_why": "देखें कि पूरा लिंक कॉपी हुआ है। अगर हुआ है, तो कृपया हमें फ़ोन करें।",
    "off": "यहाँ चैट नहीं है",
    "off_why": "हमारी साइट पर चैट अभी बंद है। कृपया हमें फ़ोन करें।",
    "call": "फ़ोन करें",
}


def words_in(language: str) -> dict[str, str]:
    """The page's words; English for languages that it does not know."""
    return _HINDI if language.startswith("hi") else _ENGLISH
