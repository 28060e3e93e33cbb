"""What bench/mutations.py breaks on purpose is still there to be broken."""

import pytest

from bench.mutations import MUTATIONS, ROOT


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_each_mutation_finds_its_place_and_its_tests(mutation):
    assert [name for name in mutation.files if mutation.old not in (ROOT / name).read_text()] == []
    assert (ROOT / mutation.tests).is_file()
