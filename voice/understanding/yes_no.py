"""Yes and no, in English, Hinglish and Devanagari; a hesitation or a question is neither."""

from __future__ import annotations

import re

from voice.understanding.numbers import hear

# A refusal in form that agrees in meaning.
_POLITE_YES = re.compile(
    r" (?:why not|(?:kyon|kyun|kyu) nahi|(?:no|not a|not any|any|koi) (?:problem|issues?|worries|objection|baat|dikkat|pareshani|harz)(?: nahi)?"
    r"|(?:dont|do not|doesnt|wont|would not) (?:have (?:any |a )?(?:problem|issues?|objection)|mind)|no doubt|haan na|kar sakte (?:ho|hai|hain))(?= )"
)
_HESITATION = re.compile(
    r" (?:not (?:(?:very|so|too|really|quite|yet|entirely|fully|completely|100|percent|%|exactly) )*(?:sure|certain|decided|ready)|unsure|maybe|may be|perhaps|possibly"
    r"|let (?:me|us) (?:think|see|check|discuss|ask|talk|get|confirm|consult|speak)|lets see|(?:ill|i will|we will|will|well) (?:have to )?(?:think|see|check|discuss|let|ask|confirm|decide|get back)"
    r"|think(?:ing)? about|thinking|need to think|(?:have|need|want) (?:to|some time to) (?:think|discuss|check|ask)|depends?|depending|dont know|do not know|no idea|cant say|cannot say|not decided|havent decided|undecided"
    r"|soch\w*|shayad|dekh(?:te|enge|unga|ungi|ta|ti|na|oonga)|pata nahi|nahi pata|(?:maloom|malum|confirm|sure|pakka|decide) nahi"
    r"|baad mein (?:bat\w*|dekh\w*)|(?:poo?chh?|puchh?)\w*|ho sakta|might|probably|confused|whatever|kya pata) "
)
_QUESTION = re.compile(
    r"(?: \?|^ (?:(?:sorry|but|and|aur|arre|are|acha|accha|achha|haan|yes|ok|okay) )?(?:why|what|which|how|when|where|who|whom|kab|kaun|kaun|kaise|kya|kyon|kyun|kyu|kisliye|kahan|kidhar|is it|will you|are you|do you|can you|could you) "
    r"| (?:kyon|kyun|kyu|kisliye|kaun|kab|kaise|kitna|kitne|kaunsa) )"
)
_STRONG_YES = (
    r"haan|yes|yess|yeah|yea|yep|yup|yah|sure|surely|of course|ofcourse|certainly|definitely|absolutely|ok|okay|okey|alright|all right|bilkul|zaroor|jaroor|jarur|zarur"
    r"|theek|thik|haanji|hanji|go ahead|beshak|avashya|chalega|chalegi|agreed|i agree|affirmative|by all means|please do|sounds good|works for me|that works"
    r"|kar sakte|polite"
)
_WEAK_YES = (
    r"fine|good|great|perfect|right|correct|exactly|sahi|please|ji|done|true|pakka|hoon|hu|acha|accha|achha|nice|cool|yo|ho|ya|k|thats|it|is|its|hai|sir|madam|maam|bhai|very|all|that"
    r"|everything|sab|you|can|may|he|she|they|thank|thanks|do|kar|karo|lo|dijiye|sounds|so|quite|absolutely|,|\.|!|h|hain|ha|of|for|me|with"
)
_YES = re.compile(rf" (?:{_STRONG_YES})(?= )")
_ALL_YES = re.compile(rf"(?: (?:{_STRONG_YES}|{_WEAK_YES}))+ ")
_WEAK_CORE = re.compile(r" (?:fine|good|great|perfect|right|correct|exactly|sahi|please|ji|done|true|pakka|acha|accha|achha|nice|cool|yo|ho|ya|k|hoon) ")
_NO = re.compile(
    r" (?:no|nope|nah|naa|na|nahi|never|not|dont|do not|mat|wont|negative|cant|cannot|incorrect|wrong|galat|rehne do|rahne do|rehne dijiye|chhodo|leave it|forget it|refuse|isnt|not interested|neither) "
)
_CONSTRAINT = re.compile(r" (?:but |lekin |par |bas |just |only )?(?:not|dont call|do not call|dont) (?:mein |me )?(?:before|after|on|during|in|at|too|very|early|late)(?= )")


def affirmation(text: str) -> bool | None:
    """True for yes, False for no, None for neither: a hesitation, a question, or other matters."""
    return affirms(hear(text).line)


def affirms(line: str) -> bool | None:
    """The same of a canonical line."""
    if not line.strip() or _HESITATION.search(line):
        return None
    line = _POLITE_YES.sub(" polite", line)
    if _QUESTION.search(line):
        return None
    yes = bool(_YES.search(line)) or bool(_ALL_YES.fullmatch(line) and _WEAK_CORE.search(line))
    if yes and _YES.match(line):
        line = _CONSTRAINT.sub(" ", line)
    no = bool(_NO.search(line))
    if yes == no:
        return None
    return yes
