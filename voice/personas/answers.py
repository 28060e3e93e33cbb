"""What pretend people say, as data: by way of speaking, then by question."""

from __future__ import annotations

ANSWERS: dict[str, dict[str, tuple[str, ...]]] = {
    "english": {
        "identity": ("Yes, this is me.", "Yes, speaking.", "Yes, tell me."),
        "name": ("{name}.", "My name is {name}.", "This is {name}."),
        "phone": ("98765 43210.", "It's 9876543210."),
        "location": ("{place}.", "In {place}.", "I'm looking in {place}."),
        "category": ("{category}.", "It's {category}.", "{category}, please."),
        "property_type": ("{type}.", "I want {a_type}.", "{a_type} would be good."),
        "bedrooms": ("{bedrooms} BHK.", "{bedrooms} bedrooms.", "I need {bedrooms} BHK."),
        "budget": ("{sum}.", "Up to {sum}.", "My budget is {sum}."),
        "purpose": ("To {purpose}.", "I want to {purpose}."),
        "timeline": ("{timeline}.",),
        "email": ("{email}.",),
        "consent.yes": ("Yes.", "Yes, sure.", "Yes, please call me."),
        "consent.no": ("No.", "No, please don't.", "No, not needed."),
        "confirm": ("Yes, that's right.", "Yes, correct.", "That's right."),
        "change": ("Nothing, it's correct.",),
        "callback": ("Tomorrow at 6 in the evening.", "Tomorrow at 11 in the morning."),
        "?": ("Sorry, could you say that again?",),
        "": ("Okay.",),
        "breath": (
            "Yes I am, I want {a_type} in {place} under {sum}.",
            "Yes, speaking. I'm looking for {a_type} in {place}, up to {sum}.",
        ),
        "hesitation": ("Umm, let me think.", "Hmm, I'm not sure yet.", "Uh, what do you mean?"),
        "correction": ("Actually, make that {corrected} BHK.", "No, change it to {corrected} BHK."),
        "midway": ("{bedrooms} BHK, no no, {corrected} BHK.",),
    },
    "hinglish": {
        "identity": ("Haan boliye.", "Haan ji, bol raha hoon.", "Ji haan."),
        "name": ("Mera naam {name} hai.", "{name}."),
        "location": ("{place} mein.", "{place} mein chahiye.", "{place} mein dekh rahe hain."),
        "category": ("{category} chahiye.", "{category}."),
        "property_type": ("{type} chahiye.", "{type} lena hai."),
        "bedrooms": ("{bedrooms_hi} BHK chahiye.", "{bedrooms_hi} BHK."),
        "budget": ("{sum_hi} tak.", "Budget {sum_hi} ka hai.", "{sum_hi}."),
        "purpose": ("{purpose_hi} ke liye.",),
        "consent.yes": ("Haan zaroor.", "Haan, kar sakte hain.", "Ji haan, theek hai."),
        "consent.no": ("Nahi.", "Nahi nahi.", "Nahi, rehne dijiye."),
        "confirm": ("Haan, sahi hai.", "Haan bilkul.", "Ji haan."),
        "callback": ("Kal shaam chhe baje.", "Kal subah gyarah baje."),
        "?": ("Phir se boliye?",),
        "": ("Theek hai.",),
    },
}
"""A way of speaking that has no words for a question answers it in English."""

TYPES = {
    "apartment": "flat",
    "villa": "villa",
    "builder_floor": "builder floor",
    "plot": "plot",
    "studio": "studio apartment",
    "penthouse": "penthouse",
    "farmhouse": "farmhouse",
    "office": "office space",
    "shop": "shop",
    "showroom": "showroom",
    "warehouse": "warehouse",
    "commercial_land": "commercial land",
}
BEDROOMS_HI = {1: "ek", 2: "do", 3: "teen", 4: "char", 5: "paanch"}
LAKHS_HI = {
    30: "tees lakh",
    40: "chaalis lakh",
    50: "pachaas lakh",
    60: "saath lakh",
    70: "sattar lakh",
    80: "assi lakh",
    90: "nabbe lakh",
    100: "ek crore",
    150: "dedh crore",
    200: "do crore",
    250: "dhai crore",
    300: "teen crore",
    400: "char crore",
    500: "paanch crore",
}
PURPOSES_HI = {"buy": "Kharidne", "rent": "Kiraye", "invest": "Investment"}
TIMELINES = {0: "Immediately", 3: "In three months", 6: "In six months", 12: "In one year"}
