"""What callers say before and after the name of a place, as patterns over canonical words: see bearing.py."""

from __future__ import annotations

import re


def squeezed(text: str) -> str:
    """Devanagari in Latin letters doubles many a vowel that callers type once."""
    return text.replace("\x02", ",").replace("aa", "a").replace("ee", "i").replace("oo", "u")


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(squeezed(pattern))


# A word that begins another thought: what stands behind it does not bear on the name before it.
BREAK = _compile(
    r" (?:[,.?!;:]|but|lekin|magar|however|although|though|kyon|kyonki|kyunki|because|so|isliye|therefore|jabki|while"
    r"|(?:aur|and|par|(?:to|toh)(?! (?:my|our)(?: \w+){1,2} than ))"
    r"(?= (?:i|we|my|now|want|looking|looked|would|mujhe|humein|hum|hame|main|mera|meri|hamara|"
    r"ghar|flat|property|plot|makaan|lena|chahiye))|par(?<= hai par)|par(?<= hoon par)|par(?<= hain par)|ab"
    r"|now want)(?= )"
)

PERSON = r"(?:i|we|he|she|they|im|were|ive|weve|hes|shes|theyre)"
HERE = (
    r"(?: (?:now|right|currently|presently|here|with|my|family|out|all|since|ever|still|both|at|the|moment|these"
    r"|days|on|rent|since|last|years|saal|\d+))*"
)
AT = r"(?: (?:in|at|from|of|near|around|for|is|was))+(?: the)?"
LIVES = (
    r"(?:tenant|live|lives|living|lived|stay|stays|staying|stayed|reside|resides|residing|work|works|working"
    r"|worked|based"
    r"|settled|posted|located|originally|employed|born|raised|brought up|grew up|study|studies|studying|studied"
    r"|calling|speaking"
    r"|hail|hails|native|native place|hometown|home town|shifted|moved|transferred|rented|renting)"
)
BASE = (
    r"(?:office|offices|job|company|workplace|work|school|college|university|hospital|factory|shop|business|clinic"
    r"|daftar|aafis|ofis|naukri|noukri|kaam|sasural|maika|gaon|parents|family|kids|children|son|daughter|husband"
    r"|wife|brother"
    r"|sister|parivar|beta|beti|bete|pati|patni|in laws|hometown|native|native place|house|home|flat|ghar|makaan)"
)
# "want to live in Baner", "should stay in", "near my office in Manyata" speak of what is wanted.
WANTS_TO = _compile(
    r" (?:(?<!used )to|will|would|id|ill|well|wed|can|could|should|must|might|gonna|wanna|want|like|prefer|place"
    r"|home|house)"
    r"(?: (?:be|also|love|like|only))* $"
)
LIVES_BEFORE = _compile(rf" {LIVES}{HERE}{AT} $")
IS_BEFORE = _compile(
    rf" (?:{PERSON}(?: (?:am|are|was|were|have been|has been|had been|been|is|also|all|currently|right now|presently"
    r"|now|abhi|already|still|actually|basically|both|still))*"
    rf"|currently|presently|at present|right now|at the moment|these days) (?:in|at|from|out of|based in)(?: the)? $"
)
BASE_BEFORE = _compile(
    rf" (?:(?:my|our|his|her|their|husbands|wifes|sons|the|whose) )?{BASE}(?: (?:also|all|both|currently|now"
    rf"|place|abhi))*"
    rf" (?:is|are|was|were|being|s)(?: (?:also|all|both|currently|now|right now|abhi|located|based))*"
    r"(?: (?:in|at|near|from|around)(?: the)?)? $"
)
OWNS_BEFORE = _compile(
    r" (?:have|has|own|owns|had|got|bought|sold|selling|purchased)(?: (?:a|an|1|2|3|my|our|1 more|already|one|own))*"
    r" (?:flat|house|home|property|place|apartment|plot|villa|shop|office|office space) (?:in|at|near) $"
    r"| (?:my|our) (?:own |current |present |old |existing )?(?:flat|house|home|place|apartment) (?:in|at) $"
    r"| (?:current|present|old|existing) (?:flat|house|home|place|apartment|address|location)(?: is)?(?: in| at)? $"
)
WORKS_BEFORE = _compile(r" (?:kaam|job|naukri|padhai|business) kar\w+(?: (?:hoon|hai|hu|hun))* $")
LEAVES_BEFORE = _compile(
    r" (?:moving|shifting|relocating|shifted|moved|move|shift|relocate|relocated|transferred|transferring|coming"
    r"|came|come"
    r"|back|out|returning|migrating)(?: (?:back|out|here|down|over|to|over|base))* from $| (?:leaving|left|quitting) $"
)
CLOCK_BEFORE = _compile(
    r" (?:is|its|now|abhi)(?: \w+){0,2} (?:(?:office|working|day|raat|subah|lunch|dinner|local) time"
    r"|night|midnight|morning|evening|afternoon|noon|raat|subah|late)"
    r"(?: (?:now|here|already|right now|currently))* in $"
)
CLOCK_AFTER = _compile(
    r"(?: (?:mein|me|main|abhi|to|is waqt|bahut))* (?:raat|adhi raat|subah|sham|dopahar)"
    r"(?: (?:ke|ho|\d+|baj\w*|abhi|chuki))*"
    r" (?:hai|h|hain|gayi|rah[aei])(?= )"
)
LEAVES_AFTER = _compile(
    r" se (?:nikal\w*|hat(?:kar|ke| kar| ke)|shift\w*|mov(?:e|ing)|relocat\w*|transfer\w*|migrat\w*)(?= )"
)
LIVES_AFTER = _compile(
    r" is where (?:i|we|he|she|they|(?:my|our) \w+)(?: (?:currently|now|presently))?"
    r" (?:works?|lives?|stays?|study|studies)(?= )|"
    r"(?: (?:mein|main|me|se|par|pe|to|hi|bhi|abhi|filhal|ke|ka|ki|side|area|city|west|east))*"
    r"(?: (?!nahi|chahiye|lena|dekh|rehna|theek|chalega|bhi)\w+){0,3}?"
    r" (?:re?aht[aei]|rht[aei]|raht[aei]|rehta|rehti|rehte|reh rah[aei]|rah rah[aei]|rah chuk[aei]|kaam kart[aei]"
    r"|job kart[aei]|naukri kart[aei]|naukri hai|job hai|kaam hai|kaam chal|posted|posting|padht[aei]|padh rah[aei]"
    r"|parht[aei]|(?:office|job|naukri|kaam|school|college|company|daftar|aafis|ofis|sasural|maika|ghar|makaan|flat)"
    r"(?: (?:to|bhi|already|pehle se))? (?:hai|tha|padt[aei]|h)(?! (?:chahiye|lena))|ke rehn[ae]"
    r"|(?:mera|meri|mere|hamara|hamari|humara) (?:office|job|naukri|kaam|ghar|school|college|daftar|sasural|flat"
    r"|parivar|family)"
    r"|(?:se|mein|main|me) (?:bol|baat)|se (?:hoon|hun|hu)|(?:mein|main|me) (?:hoon|hun|hu)|born|posted)(?= |$)"
)
IS_AFTER = _compile(r"(?: (?:mein|me|main|ke paas|side))?(?: (?:hi|bhi|abhi|to|padta|located))* (?:hai|tha|the|thi|h) ")
BASE_OPENS = _compile(
    rf"(?: {BASE}| r[ae]h?t[aei]|(?:^| )hum(?: log| sab)?| hum abhi| main| nri)(?: (?:hoon|mera|meri|mere|hamara"
    rf"|hamari|humara|to|toh|abhi|bhi|filhal|sab|log|hi|wale|ke))* $"
)
LIKE_AFTER = _compile(
    r" (?:jais[aei]|jaisaa|style|ke tarah|ke jais[aei]|ki tarah|type(?: ke| ka| ki| ka area| area)?|types"
    r"|jitn[aei]|like"
    r"|se (?:thod[aei] |kaafi |bahut |zyada |bhi )*"
    r"(?:sast[aei]|m[ae]h[ae]?n?g[aei]|cheaper|cheap|acch[aei]|acha|achch[aei]|behtar|better|kam|badhiya"
    r"|chhot[aei]|bad[aei])"
    r"|(?:ke )?(?:level|standard|quality|comparison|compare|muqable|mukable|muqabale|mukabale)|se compare)(?= )"
)
LIKE_BEFORE = _compile(
    r" (?:\w+er|less|more|\w+er \w+|less \w+|more \w+|better \w+) than $"
    r"| (?:\w+er|better|more|less) (?:\w+ ){1,4}than $"
    r"| (?:similar|similar type|comparable|compared|compare|equivalent|equal|same|identical|parallel|alternative"
    r"|alternatives)"
    r" (?:to|with|as) $"
    r"| (?:something|somewhere|anything|someplace|place|area|locality|location|society|neighbou?rhood|just|exactly|kind"
    r"|sort|vibe|feel|one|1|not|look|looks|is|much) like $| unlike $| as \w+ as $| instead of $"
    r"| ke (?:tarah|jais[aei]) $"
)
LIKE_BARE = _compile(r"^ (?:yes |maybe |haan |some |area |a )*like $")

MUCH = (
    r"(?:way|really|very|too|so|bahut|zyada|kaafi|bohot|bahot|itn[aei]|quite|pretty|just|simply|super|damn|extremely"
    r"|much|thod[aei]|little|bit|a|toh|to|more|men|also|bhi|hi|now|ab|abhi|far|yaar|already|always|over|kuch"
    r"|bilkul|still)"
)
BAD = (
    r"(?:far|far off|far away|costly|costlier|expensive|pricey|pricy|crowded|congested|noisy|polluted|dusty|busy|remote"
    r"|dirty|rushed|unaffordable|overpriced|overcrowded|overrated|unsafe|chaotic|hectic|high|hot|humid|dur|door"
    r"|m[ae]h[ae]?n?g[aei]*"
    r"|bheed|bhid|bhee+d|gand[aei]|traffic|crowd|pollution|rush|pradushan|jam|garmi|ganda|risky|costs|kharche|kharcha)"
)
BAD_AFTER = _compile(
    rf"(?: (?:,|[.?!]))?(?: (?:is|are|was|has|have|hai|mein|men|me|main|ke|area|side|location|city|these|days"
    rf"|became|become|got"
    rf"|seems|looks|feels|thats|its|it|there|wahan|wahaan|prices|rates|rate|price|gets|getting|gone|of|lot|lots|full"
    rf"|{MUCH}))*? {BAD}(?= )"
)
BAD_SURE = _compile(  # an opinion, or a superlative; "less traffic" and "high rise" are none
    r" (?:is|are|was|has|have|hai|too|very|so|bahut|zyada|kaafi|bohot|bahot|itn[aei]|lot|lots|full|dekha"
    r"|padt[aei]|padeg[aei]"
    r"|ho gaya|lagta|gaya|crazy|much|became|become|gets|getting|seems|heavy)(?= )"
)
NOT_BAD = _compile(r" (?:not|less|kam|nahi|no|isnt|arent|without|low|lesser|utna|itna nahi)(?= )")
FORGIVEN = _compile(
    r" (?:but|lekin|par|phir bhi|fir bhi|still|magar|though|that|to) (?:\w+ ){0,3}?"
    r"(?:ok|okay|fine|chaleg[aei]|theek|manage|manageable|adjust|works|worth|no problem|koi baat|chahiye|want|prefer"
    r"|good|accha|acha|wahi|wahin|possible|acceptable|love|like)(?= )"
)
GIVEN_UP = _compile(
    r"(?: (?:,|[.?!]))?(?: (?:is|are|was|hai|mein|me|main|to|toh|area|side|city|ke|location|that|thats|its|wale"
    r"|wala|wali|log|ab|now|it|ko"
    r"|no|nahi|na|se|pe|bhi|dekha|dekhi|tha|thi|dekh|liya|liye|hum|mujhe|humein|humko|hamare|my|our|hi|seems"
    r"|totally|completely|just)){0,5}?"
    r" (?:out of (?:my |our |the )?(?:budget|reach|range|league|question|station)|beyond (?:my |our "
    r"|the )?(?:budget|reach|range)"
    r"|over (?:my |our |the )?budget|above (?:my |our |the )?budget|not in (?:my |our |the )?budget"
    r"|beyond (?:us|me)|budget (?:ke|se|mein) (?:bahar|baahar|upar|zyada|nahi)|afford nahi|cant afford|cannot afford"
    r"|na baba|nah|nope|no way|no chance|never|never ever|not possible|not for (?:me|us)|not (?:my|our) (?:type"
    r"|taste|cup)|not at all|not now"
    r"|not suitable|not interested|not working|not good|not okay|not ok|not required|not needed|not preferred"
    r"|not nice|not safe"
    r"|pasand nahi|maz+a nahi|bilkul nahi|kabhi nahi|hargiz nahi|na ji|naa+ baba|ruled out|wont work|doesnt work"
    r"|wont do|didnt like|dont like"
    r"|dont want|wasnt good|isnt good|isnt for|nahi chaleg[aei]|nahi jam[aei]|nahi jameg[aei]|jam[aei] nahi"
    r"|nahi chahiye|nahi lena|nahi dekhna|nahi dikhao"
    r"|nahi mangta|nahi pasand|nahi rehna|thak|pareshan|tang aa|bore|bored of|rehna? d[oie]|rehne d[oie]|chh?odo"
    r"|chh?od d[oie]|chh?odiye|hata|skip|cancel|drop"
    r"|galti se|by mistake|(?:was|is) (?:a |my )?mistake|naam mat"
    r"|mat (?:dikha|bata|bhej|karo|dijiye|lena|dekh)\w*)(?= )"
)
GIVEN_UP_BEFORE = _compile(
    r" (?:nothing in|not even(?: in)?|forget(?: about)?|skip|drop|remove|cancel|scrap|reject|rejected|ruled out"
    r"|tired of|fed up(?: with| of| of)?"
    r"|sick of|bored of|bored with|enough of|no more|(?:cant|cannot|couldnt) (?:afford|think of|manage|live in"
    r"|stay in)|hate|dislike"
    r"|dont (?:show|suggest|send|give|recommend|prefer|need|include|consider|even)(?: me| us| anything| any| even"
    r"| mein| in| about)*"
    r"|(?:no interest|not (?:looking|interested|keen|comfortable|thinking|considering|going))(?: in| at| for"
    r"| about| on| to)*"
    r"|na|never in|beyond|anything except|everything (?:but|except)|all (?:but|except)|everywhere (?:but|except)"
    r"|nowhere in|not (?:a |big |much |at all |really |so )*(?:fan|into|happy|fond)(?: of| with| in)?)"
    r"(?: (?:the|in|at|any|area|side))* $"
)
NEGATED_BEFORE = _compile(
    r" (?:not|except|excluding|other than|apart from|anything but|anywhere but|instead of|rather than|avoid"
    r"|dont want|dont like|do not want|not in"
    r"|not the (?:1|one) (?:in|at|of)|not interested in|no to|without|never|neither|nor|leave)"
    r"(?: (?:in|at|to|the|any|anything|near|around|from|interested))* $"
)
NOT_BY = _compile(
    r" (?:not|nahi|never|isnt) (?:too |very |so |that |anywhere )*(?:close to|closer to|near|towards)(?: the)? $"
)
# What rules a place out only where another one is wanted beside it.
WEAK_BEFORE = _compile(
    rf"(?: (?:mera|meri|mere|hamara|hamari|humara|my|our|her|his|husband ke|wife ke|pati ke|bete ke"
    rf"|ke))+ {BASE}(?: (?:to|abhi|hi))* $"
    r"| (?:near|close to|closer to|around|from) (?:my|our|his|her) (?:\w+ ){1,3}(?:in|at) $"
    r"| (?:earlier|initially|previously|first) (?:i|we|it) (?:\w+ ){1,4}$|^ from $"
    r"| (?:(?:was|were|been) (?:thinking|considering|looking|searching)|thought|considered|looked|searched"
    r"|tried)(?: (?:of|at|in|about|for))* $"
    r"| (?:commute|commuting|travel|travelling|drive|go|going|goes)(?: (?:daily|everyday|regularly))* (?:to|till"
    r"|upto) $"
    r"| (?:do|doing|have|got)(?: (?:my|our|a|his|her))* (?:job|work|business|duty)(?: (?:in|at|near))* $"
    r"| (?:kiraye|rent)(?: (?:par|pe|in|at|mein))* $| rent(?: \w+)? in $| (?:daily|roz|rozana) $"
    rf"| {BASE}(?: (?:is|to|hai|abhi))* $| (?:nri|resident)(?: (?:hoon|hai|in|from|,|i|am|of))* $"
)
ABROAD = _compile(r" nris?(?: (?:hoon|hun|hu|hai|hain|i|am|,))*(?P<at> (?:in|from|at|of))? $")
ABROAD_AFTER = _compile(r" (?:mein|main|me|se|based)(?= )")
# What was put on a form, which the caller sets right.
WRITTEN_BEFORE = _compile(
    r" (?:form|website|site|portal|app|online|galti|mistake|mistakenly|wrongly)(?: (?:mein|main|me|pe|par|se|on|in|i"
    r"|ne|maine|says|said|shows|had|has|wrote|written|put|selected|filled|entered))* $"
    r"| (?:i|we) (?:wrote|filled|typed|entered|selected|put|clicked|ticked)(?: in| as)? $"
)
WRITTEN_AFTER = _compile(
    r"(?: (?!chahiye|lena|nahi)\w+){0,3}? (?:likh(?:a|i|wa\w*| diya| di| gaya)"
    r"|bhar (?:diya|di|gaya)|bhara|select|selected|written|filled|entered"
    r"|typed|tick)(?= )"
)
# "Alwarpet is posh but Velachery suits me".
PRAISED = _compile(
    r" (?:(?:is|was|hai|to|bhi|also|area|very|really|quite|bahut|kaafi|a|place|locality) )*"
    r"(?:posh|nice|good|great|beautiful|premium|famous|best|fancy|lovely|popular|upscale|happening|accha|achha|acha|badhiya"
    r"|sundar|mast)(?: (?:hai|area|place|locality|one|1|no doubt|,))* (?:but|lekin|magar|par)"
    r"(?P<wish>(?: (?:i prefer|i like|i want|for (?:me|us)|(?:hamare|mere|humare) liye|hamein|mujhe))?) "
)
SUITS = _compile(
    r" (?:suits?|fits?|better|is (?:better|enough|my|our|more|where|closer)|works|would"
    r"|makes|chaleg[aei]|hi |behtar|chahiye)"
)
TOO = _compile(r"(?: \w+){0,3}? (?:too|also|bhi|as well)(?= )")
THERE_TOO = _compile(  # "my daughter works in Pune, I want it there"
    r" (?:wahin|wahi|vahin|vahi|vahin|wahan|vahan|yahin|yahan|there|here|same place|same area|same city|udhar|idhar)"
    r"(?: (?:hi|par|pe|only|itself|bhi|ek|1|flat|ghar|property|kahin|mujhe|to|toh))* (?:chahiye|lena|leni|want"
    r"|dekh\w*|please|prefer)(?= )"
    r"| (?:want|need|buy|looking|prefer|lena|something|anything) (?:\w+ ){0,3}(?:there|here|same place|same area"
    r"|same city)(?= )"
    r"| (?:so|to|toh|isliye|hence) (?:there|here|wahin|wahan|wahi|vahin|yahin|same place|same area|same city)"
    r"(?: (?:only|hi|itself|pe|par|please))*(?=\W*$)"
)
WISH = _compile(
    r" (?:chahiye|lena|lenge|leni|kharid\w*|want|wanted|prefer|buy|buying|chaleg[aei]|theek|please|works|ok|fine"
    r"|dikha\w*|dekhiye"
    r"|dekho|venum|beku|kavali|joie|pahije|dorkar)(?= )"
)
WEAK_AFTER = _compile(
    r" (?:was|were|tha|thi) (?:\w+ ){0,3}$| (?:was|were) (?:my|our|the|ok|fine|good)(?= )"
    r"| (?:wale|wala|wali|se|ke) (?:hai|hoon|hun|hu)(?= )| (?:\w+ ){0,2}(?:jat[aei]|jana|aata|ata|aate|travel"
    r"|commute|up down|updown) (?:hoon|hai|hu|kar\w*|pad\w+)(?= )"
    r"|(?: \w+){0,5}? (?:soch[aei] (?:tha|the|thi)|soch rah[aei] (?:tha|the|thi)|dekh[aei] (?:tha|the|thi)"
    r"|dekh rah[aei] (?:tha|the|thi)|dekh liya|dekh chuk[aei]"
    r"|tha pehle|pehle tha|issue|issues|problem|problems|dikkat|pareshani|horrible|terrible|suffocating|crazy"
    r"|worst|nightmare|mess|hell|boring"
    r"|floods?|flooding|sapna|dream|time lagta|time lagega|lamba|kharab|bekaa?r|bakwas|useless|boring|saturated"
    r"|sold out|full"
    r"|not (?:for|so|that|really|great|nice|worth)|over|m[ae]h[ae]?n?g[aei]+|costly|expensive|pricey|d[ou]+r|far"
    r"|traffic|bheed|crowded|congested|pollution|polluted|rush|jam)(?= )"
)
NOT_ONLY = _compile(r" not (?:only|just|necessarily)(?: \w+)? $")
NEGATED_AFTER = _compile(
    r"(?! hi nahi [,.] )(?: (?:wale|wala|side|area|mein|ke|to|se|city|hai|hi|bhi|toh|lo|bilkul)){0,4}"
    r" (?:nahi|mat|ke jagah|ke badle|illa|ille"
    r"|ke al[a]+v?w?[a]+"
    r"|chh?od(?:a?kar| ke| kar)|nakk?o|venda|vendam|beda|bedam|vaddu|ka+du|noko"
    r"|se aage nahi|is out|wont work|not(?= [\x03,])|ke bajay|ke bajaye)(?= )"
)
# "Change Baner to Aundh".
CHANGED_BEFORE = _compile(r" (?:change|replace|switch|update)(?: (?:it|location|area|city|place|the|from))* $")
CHANGED_AFTER = _compile(r" (?:to|with|se|ko) ")
HIGHWAY_AFTER = _compile(r"(?: \w+)? (?:highway|expressway)(?= )")  # "the Mumbai Pune highway" is neither

# "He stays in Jayanagar you know, Bangalore": the city only tells where his home is.
PLACED = _compile(r"(?: (?:,|you know|na|that is|i mean|matlab|yani|ji|in|only))* ")
ANYWHERE = _compile(r" (?:anywhere|any area|any place|kahin|kahi|koi bhi|somewhere|ke andar)(?= )")
JOINED = _compile(r" (?:(?:ya|or|aur|nor|n)(?: phir| fir| even| in| at| na)? )?")
BY = _compile(
    r"(?: (?:side|area|mein|,|the|somewhere|kahin|anywhere|only))*"
    r"(?: (?:\w+ ){0,2}(?:stations?|stops?|exits?|signals?|km|kilometres?|minutes?))?"
    r"(?: (?:just|right|little|bit|slightly))*"
    r" (?:before|after|past|on the way to"
    r"|near|near to|close to|closer to|nearby|agle to|opposite|opp|behind|beside|adjacent to|adjoining"
    r"|touching)(?: the)? "
)
NEARBY = (
    r"(?:(?:(?:ke|se)(?: bilkul| ekdum)? )(?:paas|pas|nazdeek|nazdik|kareeb|karib|samne|baju|bagal)|pakkathula"
    r"|pakkathil|pakkam|daggara|hattira|javal|kache)"
)
BY_AFTER = _compile(
    rf"(?: (?:station|metro|gate|campus|office|tech park|it park|park|mall))? {NEARBY}(?: (?:mein|hi|wala|wale|ke"
    rf"|jo|hai))* "
    rf"|(?: (?:station|metro|gate|campus|tech park|it park|mall)) {NEARBY} , "
)
NEXT_TO = _compile(
    rf"(?: (?:station|metro|gate|campus|office|tech park|it park|mall))? "
    rf"(?:{NEARBY}|se (?:\w+ ){{0,2}}(?:pehle|aage))(?= )"
)
RIGHT_THERE = _compile(r"(?: ,)? (?:wahin|wahan|vahin|udhar|right there|just there)(?: (?:hi|pe|par|jo|,))* ")
LANDMARK = _compile(
    rf" (?:(?:metro|station|mall|stadium|airport|flyover|bridge|bus stand|bus stop|hospital|temple)(?= )|{NEARBY} )"
)
