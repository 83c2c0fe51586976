from __future__ import annotations

from pathlib import Path

import pytest

from feedwatch.errors import ConfigError
from feedwatch.rules.load import built_in_packs, load_rules
from feedwatch.rules.parts import literals_of
from feedwatch.tomlfile import parse_toml
from tests.rules.rulekit import faults_of, ruleset

GOOD = '[regions.ne]\nname = "Niger"\ncode = "NE"\nstrong = ["Niger"]\n'


@pytest.mark.parametrize(
    ("text", "key", "line", "message", "cure"),
    [
        (
            '[regions.ne]\nstong = ["Niger"]\nterms = ["x"]',
            "regions.ne.stong",
            2,
            "unknown key",
            "did you mean 'strong'?",
        ),
        ('[topics.t]\nstrong = ["@arme"]\n[sets]\narmes = ["x"]', "topics.t.strong[1]", 2, "no set @arme", "'armes'"),
        ('[topics.t]\nstrong = ["a"]\nregex = ["a.*"]', "topics.t.regex[1]", 3, "without any word", "3 letters"),
        ("[topics.t]\nregex = ['djihad(?=x)']", "topics.t.regex[1]", 2, "refused", "look-around"),
        ("[topics.t]\nregex = ['djihad[']", "topics.t.regex[1]", 2, "refused", ""),
        ('[topics.t]\nstrong = ["ok",\n"nig*"]', "topics.t.strong[2]", 2, "too short", "write the endings"),
        ('[topics.t]\nstrong = ["2025"]', "topics.t.strong[1]", 2, "no letters", "name at least"),
        ('[topics.t]\nexcept = ["a"]\nveto = ["b"]', "topics.t", 1, "can make it fire", "add terms"),
        ('[topics.t]\nunsure = ["a"]', "topics.t", 1, "only unsure", "strong"),
        ('[regions.sahel]\nmembers = ["nee"]\n' + GOOD, "regions.sahel.members[1]", 2, "no region 'nee'", "'ne'"),
        ('[regions.x]\nstrong = ["a"]\nparent = "xy"', "regions.x.parent", 3, "no region 'xy'", "define it"),
        ('[regions.x]\nstrong = ["a"]\nparent = "x"', "regions.x.parent", 3, "above itself", "take it out"),
        (
            '[regions.a]\nstrong = ["a"]\nparent = "b"\n[regions.b]\nstrong = ["b"]\nparent = "a"',
            "",
            None,
            "circle",
            "",
        ),
        ('[topics.t]\nstrong = "attaque"', "topics.t.strong", 2, "must be a list", "strong = ['attaque']"),
        ('[topics.t]\nstrong = ["a", 3]', "topics.t.strong[2]", 2, "must be a text", "quotes"),
        ('[topics.t]\nstrong = ["a"]\nmin_score = "4"', "topics.t.min_score", 3, "must be a number", ""),
        ('[topics.t]\nstrong = ["a"]\nmin_share = true', "topics.t.min_share", 3, "must be a number", ""),
        ('[topics.t]\nstrong = ["a"]\nmin_score = nan', "topics.t.min_score", 3, "must be a number", ""),
        ('[topics.t]\nstrong = ["a"]\nextend = "yes"', "topics.t.extend", 3, "true or false", ""),
        ('[topics.t]\nstrong = ["a"]\nlang = "french"', "topics.t.lang", 3, "no language", ""),
        ('[topics.t]\nstrong = ["a"]\nextend = true', "topics.t", 1, "to extend", "extend = true"),
        (
            '[topics.t]\nstrong = ["a"]\n[[topics.t.near]]\na = ["x"]\nb = ["y"]\nwithn = 3',
            "topics.t.near[1].withn",
            6,
            "unknown",
            "'within'",
        ),
        ('[topics.t]\nstrong = ["a"]\nneed = "x"', "topics.t.need", 3, "must be a list", ""),
        ('[sets]\ng = ["@g"]', "sets.g[1]", 2, "contains itself", ""),
        ('[masks]\nterms = ["a*"]', "masks.terms[1]", 2, "too short", ""),
        (GOOD + '[[tests]]\ntext = "x"\nexpect = ["region:nee"]', "tests[1].expect[1]", 7, "no rule", "'ne'"),
        (GOOD + '[[tests]]\nexpect = ["region:ne"]', "tests[1]", 5, "needs a file or a text", ""),
        (GOOD + '[[tests]]\ntext = "x"\nreject = ["ne"]', "tests[1].reject[1]", 7, "nothing to expect", "region:ne"),
        ("regions = 3", "regions", 1, "must be a table", "[regions]"),
    ],
)
def test_every_fault_names_place_and_cure(text: str, key: str, line: int | None, message: str, cure: str) -> None:
    faults = faults_of(text)
    found = [fault for fault in faults if message in fault.message]
    assert len(found) == 1, faults
    assert found[0].file == "rules.toml"
    assert cure in found[0].cure
    if line is not None:
        assert (found[0].key, found[0].line) == (key, line)


def test_all_faults_of_all_files_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[regions.ne]\nstrong = ["Niger"]\nstongs = []\n', encoding="utf-8")
    (tmp_path / "b.toml").write_text('[regions.ne]\nstrong = ["2"]\n[feeds]\n', encoding="utf-8")
    (tmp_path / "c.toml").write_text("[regions\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_rules(["a.toml", "b.toml", "c.toml", "gone.toml", "regionz"], inline=None, base_dir=tmp_path)
    shown = str(caught.value)
    for part in ("a.toml:3", "b.toml:2", "c.toml:1", "there is no rule file gone.toml", "no built-in pack 'regionz'"):
        assert part in shown
    assert "unknown section 'feeds'" in shown
    assert "b.toml:1 regions.ne: the region 'ne' is also in a.toml" in shown


def test_a_rule_may_be_extended_replaced_or_switched_off(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(GOOD + '[regions.g]\nmembers = ["ne"]\nstrong = ["G"]\n', encoding="utf-8")

    def load(text: str) -> dict[str, list[str]]:
        rules = load_rules(["base.toml"], inline=parse_toml(text, "config.toml"), base_dir=tmp_path).rules["region"]
        return {rule_id: [term.text for term in rule.strong] for rule_id, rule in rules.items()}

    assert load('[regions.ne]\nextend = true\nstrong = ["Niamey"]\n')["ne"] == ["Niamey", "Niger"]
    assert load('[regions.ne]\nreplace = true\nstrong = ["Niamey"]\n')["ne"] == ["Niamey"]
    assert load("[regions.ne]\noff = true\n") == {"g": ["G"]}


def test_a_file_may_extend_by_default_and_gate_by_language(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "00.toml").write_text('[regions.ne]\nname = "Niger"\n[sets]\ns = ["A"]\n', encoding="utf-8")
    (tmp_path / "p" / "fr.toml").write_text(
        'lang = "fr"\nextend = true\n[regions.ne]\nstrong = ["Niger", "@s"]\nneed = ["un"]\n[sets]\ns = ["B"]\n',
        encoding="utf-8",
    )
    (tmp_path / "p" / "en.toml").write_text(
        'lang = "en"\nextend = true\n[regions.ne]\nneed = ["one"]\n', encoding="utf-8"
    )
    rules = load_rules(["p/"], inline=None, base_dir=tmp_path)
    rule = rules.rules["region"]["ne"]
    assert {term.text: term.langs for term in rule.strong} == {"Niger": frozenset({"fr"}), "A": None, "B": None}
    assert [sorted(term.text for term in group) for group in rule.need] == [["one", "un"]]
    assert rules.languages == {"en", "fr"}


def test_other_sections_of_the_configuration_are_not_looked_at() -> None:
    rules = ruleset('[feedwatch]\nbase_url = "x"\n[[sources]]\nid = "s"\n' + GOOD)
    assert rules.rules["region"]["ne"].code == "NE"


def test_hash_moves_with_what_decides_and_with_nothing_else() -> None:
    base = ruleset(GOOD).hash
    assert ruleset('# a remark\n[regions.ne]\ncode = "NE"\nstrong = ["Niger"]\nname = "Niger"').hash == base
    assert ruleset(GOOD + '[[tests]]\ntext = "x"\nexpect = ["region:ne"]').hash == base
    assert ruleset(GOOD + "min_score = 5").hash != base
    assert ruleset(GOOD + 'lang = ["fr", "en"]').hash == ruleset(GOOD + 'lang = ["en", "fr"]').hash != base
    assert ruleset(GOOD + '[masks]\nterms = ["Niger Airways"]').hash != base


def test_tests_of_a_file_are_read() -> None:
    text = GOOD + '[[tests]]\nname = "n"\ntitle = "T"\ntext = "X"\nlang = "fr"\nexpect = ["region:ne", "feed:f"]\n'
    test = ruleset(text).tests[0]
    assert (test.name, test.title, test.text, test.lang, test.expect) == ("n", "T", "X", "fr", ("region:ne", "feed:f"))
    assert test.where == "rules.toml:5"


def test_built_in_packs_load_together() -> None:
    assert {"regions", "topics"} <= set(built_in_packs())
    rules = load_rules(built_in_packs(), inline=None, base_dir=Path())
    assert rules.has("region", "ne")
    assert rules.has("topic", "security")


@pytest.mark.parametrize(
    ("pattern", "runs"),
    [
        ("coup d'État", [["coup d'État"]]),
        (r"AK-?47\b", [["AK", "47"]]),
        (r"bombe|mine\s+anti", [["bombe"], ["mine", "anti"]]),
        (r"(a|b)attentats?", [["attentat"]]),
        (r"x[^]a]yz\.com", [["x", "yz.com"]]),
        (r"\pLab\x41cd", [["ab", "cd"]]),
        (r"abc{0,2}def", [["ab", "def"]]),
    ],
)
def test_literals_that_every_match_holds(pattern: str, runs: list[list[str]]) -> None:
    assert [[run for run in choice if run] for choice in literals_of(pattern)] == runs


@pytest.mark.parametrize(
    ("base", "overlay", "points"),
    [
        ('terms = ["soldat"]', 'terms = ["soldat ^1"]', [1.0]),
        ('terms = ["soldat ^3"]', 'terms = ["soldat ^1"]', [1.0]),
        ('terms = ["soldat ^3"]', 'terms = ["soldat"]', [3.0]),
        ('terms = ["soldat"]', 'lang = "fr"\nterms = ["soldat ^1"]', [None, 1.0]),
        ('terms = ["soldat"]', 'strong = ["soldat ^1"]', [None, 1.0]),
    ],
)
def test_own_points_of_an_extension_take_the_place_of_the_rules(
    tmp_path: Path, base: str, overlay: str, points: list[float | None]
) -> None:
    (tmp_path / "base.toml").write_text(f"[topics.x]\n{base}\n", encoding="utf-8")
    (tmp_path / "more.toml").write_text(f"[topics.x]\nextend = true\n{overlay}\n", encoding="utf-8")
    for packs in (["base.toml", "more.toml"], ["more.toml", "base.toml"]):
        rule = load_rules(packs, inline=None, base_dir=tmp_path).rules["topic"]["x"]
        found = [term.points for term in (*rule.strong, *rule.terms)]
        assert sorted(found, key=str) == sorted(points, key=str)


def test_points_of_ones_own_take_the_place_of_those_of_a_built_in_pack(tmp_path: Path) -> None:
    built_in = load_rules(["topics"], inline=None, base_dir=tmp_path).rules["topic"]["security"]
    term = next(term for term in built_in.strong if term.langs == frozenset({"fr"}))
    text = f'lang = "fr"\n[topics.security]\nextend = true\nstrong = ["{term.text} ^0.5"]\n'
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    mine = load_rules(["topics", "mine.toml"], inline=None, base_dir=tmp_path).rules["topic"]["security"]
    assert [each.points for each in mine.strong if (each.key, each.langs) == (term.key, term.langs)] == [0.5]


@pytest.mark.parametrize(
    ("pattern", "triggers"),
    [
        (r"\bSan Jos[eé] (?:says|urges)", ("san jos",)),
        (r"\bLima (?:says|urges)", ("lima ",)),
        (r"\bTr[ií]poli says", ("poli says",)),
        (r"L[’']État dit (?:oui|non)", ("etat dit ",)),
        (r"État dit|oper\w+ Barkhane", ("etat dit", " barkhane")),
        (r"U\.S\. Army", ("army",)),
        (r"porte-avions", ("avions",)),
        (r"والنيجر تقول", ("والنيجر تقول",)),
    ],
)
def test_what_starts_an_expression_stands_in_few_texts(pattern: str, triggers: tuple[str, ...]) -> None:
    (regex,) = ruleset(f"[topics.t]\nregex = ['''{pattern}''']").rules["topic"]["t"].regex
    assert regex.triggers == triggers
