"""What the caller asks for instead of answering: to be left alone, called later, given a person, told again."""

from __future__ import annotations

import re

from voice.understanding.text import Heard, Mark, Marks

_CALL = r"(?:call|calling|phone|ring|contact|disturb|bother|message|text|whatsapp|spam)"
_INTENTS = {
    "voicemail": r"(?:leave (?:your|a) (?:message|name)|after the (?:tone|beep)|(?:not available|unavailable) (?:to take|right now please leave)|voice ?mail|mailbox|is switched off|not reachable|record your message|person you are (?:calling|trying)|number you (?:have dialed|are calling|are trying))",
    "do_not_call": rf"(?:(?:dont|do not|never|stop|please no more|no more|quit) (?:ever |you )?(?:{_CALL})(?! (?:mein |me )?(?:before|after|today|now|right|on|at|till|until|in|tomorrow|kal|so|this|early|late|during))|(?:take|remove|delete|erase|strike) (?:\w+ ){{0,3}}(?:number|name|me)\b.*(?:list|database|system|records?)?|(?:call|phone) mat|mat (?:karo )?(?:call|phone)|(?:call|phone) (?:nahi|na) karo|(?:dobara|phir|fir|kabhi|aage se|wapas) (?:\w+ )?(?:call|phone)(?: \w+)? (?:mat|na|nahi)|do not disturb|dnd|unsubscribe|blacklist|pareshan mat|tang mat|band karo(?: (?:call|phone))?|(?:call|phone) karo band)",
    "wrong_number": r"(?:(?:wrong|galat|rong|incorrect) (?:number|no\b|numbar|nambar))",
    "already_bought": r"(?:(?:already|just|recently) (?:bought|purchased|taken|took|booked|got|finali[sz]ed|have (?:bought|taken|purchased))|(?:we|i) (?:took|bought|purchased|booked|finali[sz]ed|have (?:bought|taken|purchased|booked)) (?:a|an|one|1|our|the|my)|(?:le|kharid|khareed) (?:liya|li|chuke|chuka|chuki|lia)|ho gaya (?:hai )?(?:purchase|booking)|book karo (?:liya|li|chuke)|mil gaya)",
    "not_interested": r"(?:not (?:really |at all |anymore |that |very )?(?:interested|looking|intrested|interest|searching)(?! (?:in|for) )|no (?:longer )?(?:interest|interested|need|requirement)|dont (?:need|want|require) (?:any|it|this|anything|property|a property)|(?:interest|interested|intrested|zaroorat|jarurat|jaroorat|zarurat|requirement|plan) nahi|nahi chahiye(?: kuch)?|kuch nahi chahiye|dilchaspi nahi)",
    "human": r"(?:(?:speak|talk|connect|transfer|put|baat)(?: \w+){0,3} (?:person|human|agent|someone|somebody|executive|representative|manager|real|insaan|aadmi|operator|customer care|sales)|(?:agent|insaan|aadmi|kisi|executive|manager|sales|human|senior|representative)(?: \w+){0,2} (?:baat|connect)|(?:want|need|give) (?:me )?(?:a |an )?(?:human|person|real|agent)|baat kar(?:wa|va|a)o)",
    "are_you_a_bot": r"(?:are you (?:a |an )?(?:bot|robot|machine|ai|computer|human|real|recorded|recording|automated)|(?:bot|robot|machine|recording|computer|ai) (?:ho|hai|bol|hain|to nahi)|is this (?:a |an )?(?:bot|robot|machine|recording|ai|automated|computer|recorded)|am i (?:talking|speaking) (?:to|with) (?:a |an )?(?:bot|robot|machine|ai|computer))",
    "who_is_calling": r"(?:who (?:is|are) (?:this|you|calling|that|speaking|it)|whos (?:this|calling|that|speaking)|who am i|aap kaun|kaun (?:bol|hai|ho|hain|baat)|tum kaun|kahan se (?:bol|call|phone|baat)|which company|what company|kis company|kaunsi company|where are you calling|kaun sahab)",
    "repeat": r"(?:say (?:that|it|this) again|repeat|come again|(?:pardon|sorry) (?:me )?\?|pardon|once (?:more|again)|(?:phir|fir|dobara|wapas) (?:se )?(?:bol|kah|bata)|didnt (?:hear|get|catch|understand)|could not hear|cant hear|couldnt (?:hear|get|catch)|sunai nahi|suna nahi|samajh (?:nahi|mein nahi)|samjha nahi|kya (?:bola|kaha|bole)|what did you say|ek baar (?:aur|phir|fir))",
    "language_hi": r"(?:(?:hindi) (?:mein|me|please|bol|baat|plz)|(?:speak|talk|in) (?:in )?hindi|hindi (?:aati|samajh)|english (?:nahi|samajh nahi))",
    "language_en": r"(?:(?:english|angrezi) (?:mein|me|please|bol|plz)|(?:speak|talk|in) (?:in )?english|hindi (?:nahi|samajh nahi)|dont (?:know|understand|speak) hindi|english only|only english)",
    "callback": r"(?:call (?:me |mein |us )?(?:back|later|again|after|tomorrow|on|at|in|kal|parso|sometime|some other)|(?:later|baad mein) (?:please|call|phone|baat)|(?:in a|in the|in|am in a) meeting|busy|driving|(?:baad mein|kal|parso|shaam|subah|raat|dopahar|baje|ghante baad|baad|din|minute) (?:ko |mein |me )?(?:call|phone|baat)|call karo (?:kal|baad|shaam|parso)|not a good time|bad time|cant talk|cannot talk|baat nahi kar sakt|later please|some other time|another time|thodi der|vyast|gaadi chala|(?:abhi|now) (?:time )?nahi hai)",
}
_PATTERNS = {intent: re.compile(rf" {pattern}(?= |\w)") for intent, pattern in _INTENTS.items()}
FINAL = frozenset(("do_not_call", "wrong_number", "not_interested", "already_bought", "voicemail"))


def read_intent(heard: Heard, asked: str) -> Marks:
    """Slot intent: the weightiest one that was asked for."""
    for intent, pattern in _PATTERNS.items():
        if match := pattern.search(heard.line):
            return Marks((Mark("intent", intent, match.start() + 1, match.end()),))
    return Marks()
