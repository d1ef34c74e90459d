import pytest

from letters.model.problems import did_you_mean

IDS = ("kent-county-sheriff", "lake-county-sheriff", "adrian-police", "adrian-township-police", "first_name")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("kent-sheriff", "kent-county-sheriff"),
        ("Kent", "kent-county-sheriff"),
        ("First Name", "first_name"),
        ("lake-county-sherif", "lake-county-sheriff"),
        ("adrian-polise", "adrian-police"),
    ],
)
def test_the_hint_is_the_one_that_has_every_part_of_what_was_said_or_else_is_spelt_alike(said: str, meant: str) -> None:
    assert did_you_mean(said, IDS) == f"did you mean {meant}?"


def test_where_several_have_it_all_are_listed() -> None:
    assert did_you_mean("sheriff", IDS).startswith("known here: adrian-police, adrian-township-police, first_name")
