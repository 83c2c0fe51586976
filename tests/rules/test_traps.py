"""Ways of writing in which a term is, or is not, what it seems: breaks, quotes, marks, capitals, scripts, numbers."""

from __future__ import annotations

import pytest

from feedwatch.rules.classify import Classifier
from tests.rules.rulekit import article, classifier

RULES = """
[masks]
terms = ["Jordan Ayew"]
[regions.ne]
strong=["Niger","=NIGER","nigérien*","النيجر","尼日尔","N'Djamena","Côte d'Ivoire","Guinée-Bissau"]
except=["Niger Delta","=Niger State"]
[regions.us]
strong=["=US","United States"]
[regions.ca]
strong=["=CAN"]
[regions.td]
strong=["=Chad"]
[regions.ml]
strong=["Mali","=مالي"]
[topics.s]
strong=["coup d'État","yan bindiga","oil","G5 Sahel","COVID-19","Al-Shabaab","11 septembre","AK-47","3 morts","soldat",
 "animal","journal","bijou","city","church","العيون","مدرسة"]
[topics.iv]
strong=["Œuvre","ƙasa","État islamique","f lite","file"]
"""


@pytest.fixture(scope="module")
def judge() -> Classifier:
    return classifier(RULES)


@pytest.mark.parametrize(
    ("text", "fired"),
    [
        ("Niger.Delta", "ne"),  # Niger + break no space
        ("Niger.\u00a0Delta", "ne"),  # nbsp
        ("Niger\u00a0Delta", ""),  # nbsp is blank: excepted
        ("Niger\u202fDelta", ""),  # nnbsp
        ("Niger\u2011Delta", ""),  # nb hyphen
        ("Niger… Delta", "ne"),  # ellipsis
        ("Niger... Delta", "ne"),  # 3 dots
        ("Niger\u000d\u000aDelta", ""),  # crlf
        ("Niger\u000d\u000a\u000d\u000aDelta", "ne"),  # crlf para
        ("Ni\u00adger", "ne"),  # soft hyphen
        ("Ni\u200bger", "ne"),  # zwsp
        ("Ni\u2060ger", "ne"),  # word joiner
        ("Ni\u200dger", "ne"),  # zwj
        ("Ni\ufeffger", "ne"),  # bom
        ("Niger’s", "ne"),  # poss
        ("Niger's", "ne"),  # poss
        ("Niger`s", "ne"),  # grave poss
        ("Niger´s", "ne"),  # acute poss
        ("Nigers", "ne"),  # plural
        ("NIGER'S ARMY", "ne"),  # caps
        ("nigériens", "ne"),  # wild
        ("NIGÉRIENNE", "ne"),  # wild caps
        ("nigerienne", "ne"),  # wild
        ("U.S. troops", "us"),  # US
        ("the US, said", "us"),  # US
        ("US-led", "us"),  # US
        ("US’s", "us"),  # US
        ("U.S.-led", "us"),  # US
        ("(U.S.)", "us"),  # US
        ("give us bread", ""),  # us
        ("GIVE US BREAD NOW", ""),  # allcaps field
        ("THE U.S. ARMY", "us"),  # allcaps dotted
        ("A CAN of beans", "ca"),  # CAN
        ("CHAD WINS", "td"),  # Chad caps
        ("chad", ""),  # chad
        ("C’est la Côte d’Ivoire.", "ne"),  # ci
        ("COTE D IVOIRE", "ne"),  # ci
        ("Côte d´Ivoire", "ne"),  # ci acute
        ("Guinée Bissau", "ne"),  # gb
        ("Guinée–Bissau", "ne"),  # gb endash
        ("N’Djaména", "ne"),  # nd
        ("NDjamena", ""),  # nd glued
        ("coup d’état", "s"),  # coup
        ("coups d’État", "s"),  # coup pl
        ("COUP D'ETAT", "s"),  # coup
        ("’yan bindiga", "s"),  # hausa
        ("ƴan bindiga", "s"),  # hausa
        ("'yan-bindiga", "s"),  # hausa
        ("G5-Sahel", "s"),  # g5
        ("G5\u00a0Sahel", "s"),  # g5
        ("Covid19", ""),  # covid glued
        ("COVID\u201119", "s"),  # covid nb hyphen
        ("al Shabaab", "s"),  # as
        ("Al—Shabaab", "s"),  # as emdash
        ("11 septembre", "s"),  # num
        ("AK 47", "s"),  # ak
        ("3 morts", "s"),  # num
        ("13 morts", ""),  # num
        ("3,5 morts", ""),  # num
        ("soldats", "s"),  # pl
        ("animaux", "s"),  # aux
        ("journaux", "s"),  # aux
        ("bijoux", "s"),  # oux
        ("cities", "s"),  # ies
        ("churches", "s"),  # es
        ("والنيجر", "ne"),  # procl
        ("وللنيجر", "ne"),  # procl
        ("بالنيجر", "ne"),  # procl
        ("للنيجر", "ne"),  # procl
        ("النيجرية", ""),  # not wild
        ("النِّيجَر", "ne"),  # harakat
        ("النيـجر", "ne"),  # tatweel
        ("ومالي", "ml"),  # exact procl
        ("المالية", ""),  # finance
        ("المالي", ""),  # the financial
        ("أموالي", ""),  # my money
        ("尼日尔政府", "ne"),  # cjk
        ("在尼日尔", "ne"),  # cjk
        ("尼日利亚", ""),  # nigeria cjk
        ("尼日。尔", ""),  # cjk break
        ("œuvre", "iv"),  # lig
        ("OEUVRE", "iv"),  # lig
        ("ﬁle", "iv"),  # fi lig
        ("ƙasar", ""),  # ha
        ("kasa", "iv"),  # ha
        ("l'État islamique", "iv"),  # ei
        ("l'E\u0301tat islamique", "iv"),  # nfd
        ("LʼÉtat islamique", "iv"),  # mod apostrophe
        ("Ｎｉｇｅｒ", "ne"),  # fullwidth
        ("𝐍𝐢𝐠𝐞𝐫", "ne"),  # math bold
        ("Νiger", ""),  # greek N homoglyph
        ("Niger[1]", "ne"),  # footnote
        ("#Niger", "ne"),  # hashtag
        ("@Niger", "ne"),  # at
        ("#CotedIvoire", ""),  # hashtag
        ("M. Niger", "ne"),  # M.
        ("St. Niger Delta", ""),  # St
        ("Dr. Niger", "ne"),  # Dr
        ("Jordan Ayew", ""),  # mask
        ("Niger State", ""),  # except exact
        ("Niger state TV", "ne"),  # stays
        ("le Niger, delta", ""),  # comma is no break
        ("Niger; Delta", "ne"),  # semicolon
        ("Niger (Delta)", "ne"),  # brackets
        ("“Niger” Delta", "ne"),  # quotes
        ("'Niger' Delta", ""),  # single quotes never
        ("Niger\u0009Delta", ""),  # tab
        ("Niger<Delta", "ne"),  # lt
        ("Niger|Delta", "ne"),  # pipe
        ("Niger•Delta", "ne"),  # bullet
        ("Niger? Delta", "ne"),  # q
        ("¡Niger!", "ne"),  # inv
        ("Niger\u2029Delta", "ne"),  # paragraph separator
        ("Niger⁉ Delta", "ne"),  # interrobang
        ("Niger ¿Delta?", "ne"),  # inverted
        ("Niger\u2028Delta", ""),  # line separator
    ],
)
@pytest.mark.parametrize("in_title", [False, True])
def test_what_is_written_is_what_counts(judge: Classifier, text: str, fired: str, in_title: bool) -> None:
    found = judge.classify(article(text, "y") if in_title else article("x", text))
    assert sorted(label.rule for label in found) == fired.split()
