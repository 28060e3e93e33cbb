import pytest

from leads.qualification import ListingFacts, Place, RequirementFacts, Verdict, matches, qualify

PUNE_FLAT = RequirementFacts(
    locations=(Place("Pune"),),
    category="residential",
    property_type="apartment",
    bedrooms_min=2,
    bedrooms_max=2,
    budget_max=7_000_000,
)
LISTING = ListingFacts(
    city="Pune",
    locality="Wakad",
    category="residential",
    property_type="apartment",
    bedrooms=2,
    price=6_500_000,
    purpose="buy",
)


def codes(verdict: Verdict) -> list[str]:
    return [reason.code for reason in verdict.reasons]


def test_consent_a_budget_and_a_listing_make_a_lead_qualified():
    verdict = qualify(PUNE_FLAT, consent=True, availability=3)
    assert (verdict.status, verdict.score, [reason.sentence for reason in verdict.reasons]) == (
        "qualified",
        100,
        [
            "Agreed to a call from a sales representative.",
            "Budget: up to ₹70 lakh.",
            "Location is known.",
            "Residential or commercial is known.",
            "Property type is known.",
            "Number of bedrooms is known.",
            "3 listings match the requirement.",
        ],
    )


@pytest.mark.parametrize(
    ("consent", "status", "code"),
    [
        (True, "qualified", "consent_given"),
        (False, "not_qualified", "consent_declined"),
        (None, "not_qualified", "consent_unknown"),
    ],
)
def test_an_unanswered_consent_is_told_from_a_declined_one(consent, status, code):
    verdict = qualify(PUNE_FLAT, consent=consent, availability=None)
    assert (verdict.status, codes(verdict)[0]) == (status, code)


@pytest.mark.parametrize(("availability", "status"), [(None, "qualified"), (0, "not_qualified"), (1, "qualified")])
def test_without_an_inventory_availability_is_not_a_criterion(availability, status):
    assert qualify(PUNE_FLAT, consent=True, availability=availability).status == status


@pytest.mark.parametrize(
    ("facts", "status", "sentence"),
    [
        ({}, "not_qualified", "Budget is not known as a figure."),
        ({"budget_max": 25_000}, "qualified", "Budget: up to ₹25,000."),
        ({"budget_min": 10_000_000}, "qualified", "Budget: ₹1 crore or more."),
        ({"budget_min": 5_000_000, "budget_max": 6_000_000}, "qualified", "Budget: ₹50 lakh to ₹60 lakh."),
    ],
)
def test_a_floor_or_a_ceiling_is_a_budget(facts, status, sentence):
    verdict = qualify(RequirementFacts(**facts), consent=True, availability=None)
    assert (verdict.status, verdict.reasons[1].sentence) == (status, sentence)


def test_bedrooms_do_not_count_against_a_shop():
    verdict = qualify(RequirementFacts(category="commercial", property_type="shop"), consent=None, availability=None)
    assert (verdict.score, codes(verdict)[5]) == (15, "bedrooms_not_applicable")


def test_slots_of_a_conversation_become_facts():
    slots = {
        "identity": "confirmed",
        "locations": [{"city": "Pune", "locality": None}],
        "category": "residential",
        "property_type": "apartment",
        "bedrooms_min": 2,
        "bedrooms_max": 2,
        "budget_max": 7_000_000,
        "consent": True,
    }
    assert RequirementFacts.from_slots(slots) == PUNE_FLAT


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"city": "Mumbai"}, False),
        ({"category": "commercial"}, False),
        ({"property_type": "villa"}, False),
        ({"bedrooms": 3}, False),
        ({"bedrooms": None}, True),
        ({"price": 7_000_000}, True),
        ({"price": 7_000_001}, False),
        ({"purpose": ""}, True),
    ],
)
def test_a_listing_matches_unless_something_contradicts(change, expected):
    offered = {name: getattr(LISTING, name) for name in ListingFacts.__dataclass_fields__} | change
    assert matches(PUNE_FLAT, ListingFacts(**offered)) is expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"locations": (Place("pune", "wakad"),)}, True),
        ({"locations": (Place("Pune", "Baner"),)}, False),
        ({"locations": (Place("Mumbai"), Place("Pune"))}, True),
        ({"bedrooms_min": 2}, True),
        ({"bedrooms_min": 2.5}, False),
        ({"bedrooms_max": 1}, False),
        ({"budget_min": 6_500_000}, True),
        ({"budget_min": 8_000_000}, False),
        ({"budget_min": 6_800_000, "budget_max": 7_500_000}, True),
        ({"purpose": "rent"}, False),
        ({"purpose": "invest"}, True),
    ],
)
def test_places_ranges_and_purposes_decide_a_match(wanted, expected):
    assert matches(RequirementFacts(**wanted), LISTING) is expected


def test_old_and_new_city_names_are_one_city():
    offered = ListingFacts(city="Bangalore", category="residential", price=1)
    assert matches(RequirementFacts(locations=(Place("Bengaluru"),)), offered) is True
