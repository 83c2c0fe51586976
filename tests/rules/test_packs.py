"""The packs that come with the program: complete, quick to load, and right about names that mislead."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from feedwatch.rules.classify import Classifier
from feedwatch.rules.load import load_rules
from tests.rules.packkit import countries, judged, topics

PACKS = Path(__file__).parents[2] / "feedwatch" / "rules" / "packs"
LANGUAGES = ("ar", "en", "es", "fr", "ha", "pt")
TOPICS = {
    "culture", "economy", "environment", "health", "humanitarian", "migration", "politics", "religion", "security",
    "society", "sport", "technology",
}  # fmt: skip
# ISO 3166-1 alpha-2, in full.
_ISO_3166 = """
    ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs bt bv bw by bz ca
    cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg eh er es et fi fj fk fm fo fr ga
    gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp
    ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mf mg mh mk ml mm mn mo mp mq mr ms
    mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs
    ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw
    tz ua ug um us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw
"""
ISO_3166 = _ISO_3166.split()
SAHEL_AND_WEST_AFRICA = "ne ml bf td bj ng tg gh ci sn gn gw gm sl lr mr cm cf dz ly sd"


def test_every_country_has_a_name_and_its_code(packs_classifier: Classifier) -> None:
    rules = packs_classifier.ruleset.rules["region"]
    assert len(ISO_3166) == 249
    assert {i: rules[i].code for i in ISO_3166} == {i: i.upper() for i in ISO_3166}
    assert all(rules[i].name[0].isupper() for i in ISO_3166)


def test_every_topic_has_a_media_topic_code_and_terms_in_every_language(packs_classifier: Classifier) -> None:
    rules = packs_classifier.ruleset.rules["topic"]
    assert set(rules) == TOPICS
    for rule in rules.values():
        assert re.fullmatch(r"medtop:\d{8}", rule.code or ""), rule.id
        spoken = {lang for term in (*rule.strong, *rule.terms) for lang in term.langs or ()}
        assert spoken == set(LANGUAGES), rule.id


def test_sahel_and_west_africa_are_spoken_of_in_every_language(packs_classifier: Classifier) -> None:
    rules = packs_classifier.ruleset.rules["region"]
    for country in SAHEL_AND_WEST_AFRICA.split():
        rule = rules[country]
        spoken = {lang for term in (*rule.strong, *rule.terms, *rule.unsure) for lang in term.langs or LANGUAGES}
        assert spoken == set(LANGUAGES), country


def test_groups_and_provinces_are_there(packs_classifier: Classifier) -> None:
    rules = packs_classifier.ruleset.rules["region"]
    assert set(rules["aes"].members) == {"ne", "ml", "bf"}
    assert {"sahel", "west-africa", "ecowas", "maghreb", "central-africa", "europe", "middle-east"} <= set(rules)
    for province in ("ne-diffa", "ne-tillaberi", "ne-agadez", "ml-gao", "ml-menaka", "bf-sahel", "ng-borno"):
        assert rules[province].parent == province[:2]


def test_packs_load_in_a_moment() -> None:
    started = time.process_time()
    Classifier(load_rules(["regions", "topics"], inline=None, base_dir=PACKS))
    assert time.process_time() - started < 10


def test_sources_of_facts_are_named() -> None:
    notice = (PACKS / "NOTICE").read_text(encoding="utf-8")
    assert all(word in notice for word in ("newsmap", "MIT License", "UNICODE LICENSE V3", "IPTC"))


# language | text | countries that must be found | countries that must not
NAMES = """
fr|Des soldats nigériens patrouillent près de la frontière nigériane|ne ng|
fr|Les habitants du Nigeria attendent la saison des pluies|ng|ne
fr|Le niveau du fleuve Niger monte à Koulikoro|ml|ne
fr|Pollution pétrolière dans le delta du Niger|ng|ne
fr|Des écoliers enlevés dans l'État du Niger, selon Abuja|ng|ne
fr|Un vol pour le Niger. Delta Airlines confirme|ne|ng
fr|La Guinée-Bissau et la Guinée équatoriale se rencontrent à Malabo|gw gq|gn
fr|À Conakry, la Guinée prépare ses législatives|gn|gw gq
fr|Brazzaville : le président congolais Sassou Nguesso reçoit la presse|cg|cd
fr|Kinshasa accuse le M23, la RDC mobilise|cd|cg
fr|Les Sud-Soudanais fuient les combats au Soudan du Sud|ss|sd
fr|Une tumeur bénigne ou un acte bénin||bj
fr|Le musée de Benin City ouvre ses portes|ng|bj
fr|Les bronzes du Bénin quittent le musée||bj
fr|Maurice Ndiaye a perdu son pari||mu fr
fr|Les paris en ligne attirent les jeunes||fr
fr|La grenade n'a pas explosé||gd
fr|La réunion du comité est reportée||re
fr|La CAN commence mardi, le public est prêt||ca us es
fr|L'eau est rare, donnez-nous à boire||ae us
fr|Les pays d'Amérique latine protestent||us
fr|Les drapeaux seront mis en berne||ch
fr|Le président François Hollande prend la parole||nl
fr|Les élèves ont un mal fou à lire||ml
fr|L'île Maurice récupère les Chagos|mu io|
en|Gunmen raid a village in Niger State, police say in Minna|ng|ne
en|Niger state TV reads a statement from Niamey|ne|ng
en|Flood alert as River Niger overflows at Lokoja|ng|ne
en|Nigeriens and Nigerians share a long border|ne ng|
en|Militants of the Niger Delta threaten pipelines|ng|ne
en|Museum hands Benin Bronzes to the Oba of Benin|ng|bj
en|The port of Cotonou in Benin reopens|bj|ng
en|Chad Kroeger announces a new album||td
en|Rebels from Chad cross the border near N'Djamena|td|
en|Jordan Pickford saves a late penalty||jo
en|King of Jordan holds talks in Amman|jo|
en|Leaders of Egypt, Jordan, and Iraq meet|eg jo iq|
en|Atlanta voters queue as Georgia elects a governor||ge
en|Georgia's parliament in Tbilisi votes|ge|us
en|She keeps a guinea pig and a turkey||gn tr
en|Port Moresby: Papua New Guinea mourns|pg|gn
en|Equatorial Guinea swears in its cabinet|gq|gn
en|American Samoa counts its ballots|as|ws us
en|Samoa wins at home in Apia|ws|as
en|North Korea warns South Korea|kp kr|
en|Give us the keys and let us go||us
en|The US and the U.K. sign|us gb|
en|The Manx cat sleeps, the man polishes a boat||im pl
en|The Dominican Republic deports Haitians|do ht|dm
en|The Republic of the Congo votes in Brazzaville|cg|cd
en|Fighters in the Democratic Republic of the Congo|cd|cg
en|Tom Holland and Paris Hilton at the premiere||nl fr
en|New Mexico and New England brace for snow||mx gb
es|Los ministros irán mañana a la reunión||ir re
es|Irán y Omán negocian|ir om|
es|El río Níger baja seco||ne ng
es|Nigeria y Níger cierran la frontera|ng ne|
es|Guinea Ecuatorial y Guinea-Bisáu votan|gq gw|gn
es|Queremos la paz en la región||bo
es|El presidente de Chad llega a Yamena|td|
pt|Os deputados irão votar na reunião||ir re
pt|Comer camarões na praia custa caro||cm cv
pt|A malta gana bem||mt gh
pt|Guiné-Bissau dissolve o parlamento, Guiné Equatorial observa|gw gq|gn
pt|Sudão do Sul assina a paz|ss|sd
pt|Ataque em Cabo Delgado, Moçambique|mz|
ar|الحكومة النيجرية في نيامي|ne|ng
ar|الحكومة النيجيرية في أبوجا|ng|ne
ar|وبالنيجر وللجزائر ولتشاد|ne dz td|
ar|الجيش المالي يقاتل في شمال مالي|ml|
ar|رئيس بنين يستقبل وفدا|bj|
ar|غينيا بيساو وغينيا الاستوائية|gw gq|gn
ar|دولة جنوب السودان|ss|sd
ar|الدعم المالي من وزارة المالية||ml
ar|مدرسة البنين والبنات||bj
ar|العيون السوداء||eh
ar|اليد اليمنى واليسرى||ye
ar|مسقط رأسه قرية في الجبل||om
ar|نصف قطر الدائرة||qa
ar|بعد صلاة المغرب||ma
ar|سيول جارفة في الوادي||kr
ar|ضوء القمر||km
ar|استقبلوه بحماس كبير||ps
ar|قطع في الرباط الصليبي||ma
ar|أغان قديمة وأغاني جديدة||gh
ar|جدة الأطفال تروي حكاية||sa
ar|نهر النيجر يفيض||ne
ar|كانت هند طالبة مجتهدة||in
ar|رياض الأطفال||sa
ha|Shugaban Nijar ya koma Yamai|ne|ng
ha|Gwamnan jihar Neja ya ziyarci Minna|ng|ne
ha|Jami'an Najeriya da na Nijar sun gana|ng ne|gh
ha|Sudan ta Kudu ta sanar da zaɓe|ss|sd
ha|Ƙasar Ghana ta ci bashi|gh|
ha|Minista ya gana da manoma||gh
ha|Gini mai hawa biyu ya rushe||gn
ha|Kogi ya yi ambaliya||ng
ha|Ana girka abinci a gida||gr
ha|Ruwan kogin Neja ya karu||ne ng
ha|Tafkin Chadi na ƙafewa||td
ha|An sin ruwa a gona||cn
ha|Real Madrid ta lashe kofin||es
ha|Kungiyar Paris St Germain ta yi rashin nasara||fr
ha|Masallacin Benin City||bj
ha|Ya ba mu hakuri mu tafi||us
en|Chad suspends talks with US envoys|td us|
en|Traders walk from Sudan into Chad.|td sd|
en|Farewell to Chad Hollister, singer||td
en|Tom and Chad Baker win the lottery||td
en|The road between Jordan and Iraq reopens|jo iq|
en|Jordan condemns the strike|jo|
en|Jordan Miller and Jordan Smith marry||jo
en|The career of Jordan Whitfield||jo
en|A flight from Jordan lands in Cairo|jo eg|
en|A library opens in Colombo, Sri Lanka|lk|
en|A ferry docks in Alexandria, Egypt|eg|us
en|Voters in Lebanon, Pennsylvania, queue|us|lb
en|Two climbers die near Moscow, Idaho|us|ru
en|A tram line opens in Melbourne|au|us
fr|Le gouverneur de Géorgie signe à Atlanta|us|ge
fr|Une délégation de l'île de Grenade|gd|es
ar|قطر الدائرة ومحيطها||qa
ar|مدرسة بنين وبنات||bj
ha|Shugaban Bulgariya ya gana da na Sulobeniya|bg si|gh
ha|Jamhuriyar Dimokradiyyar Kongo ta yi zaɓe|cd|cg
"""

# Texts in one language that quote names in another.
QUOTED = """
fr|« Gunmen kill ten in Niger State », titre le quotidien nigérian Daily Trust|ng|ne
en|The daily ran the headline "Attaque au Niger" after the raid near Niamey|ne|ng
ar|نقلت صحيفة Daily Trust النيجيرية عن حاكم Niger State|ng|ne
en|"Nous sommes au Mali pour longtemps", the envoy said in Bamako|ml|
es|El diario The Punch de Nigeria informó: "Bandits attack Niger State"|ng|ne
ha|Jaridar Daily Trust ta rubuta "Attack in Niger State" a Minna|ng|ne
fr|Sous le titre « Benin Bronzes are back », un journal de Lagos raconte le retour|ng|bj
en|He hummed "Mali, mon pays" and went home||
ar|قال مدرب ريال مدريد إن عنوان الصحيفة كان "Georgia on my mind"||ge us
"""


@pytest.mark.parametrize("line", (NAMES.strip() + QUOTED.rstrip()).splitlines())
@pytest.mark.parametrize("place", ["title", "body"])
def test_names_that_mislead(packs_classifier: Classifier, line: str, place: str) -> None:
    lang, text, wanted, forbidden = line.split("|")
    title, body = (text, "") if place == "title" else ("", text)
    found = countries(packs_classifier, judged(packs_classifier, body, lang, title))
    assert set(wanted.split()) <= found
    assert found.isdisjoint(forbidden.split())


@pytest.mark.parametrize(
    ("lang", "text", "province"),
    [
        ("fr", "Une patrouille attaquée près de Bosso, dans la région de Diffa", "ne-diffa"),
        ("fr", "Banibangou et Ouallam sous couvre-feu", "ne-tillaberi"),
        ("en", "Aid convoy reaches Djibo and Gorom-Gorom", "bf-sahel"),
        ("en", "Troops repel raid near Gwoza, Borno", "ng-borno"),
        ("ha", "An kai hari a Maiduguri da Gwoza", "ng-borno"),
        ("ha", "Gwamnan jihar Neja ya yi jawabi", "ng-niger-state"),
        ("pt", "Combates em Kidal e Tessalit", "ml-kidal"),
        ("ar", "اشتباكات في دلتا النيجر", "ng-niger-delta"),
    ],
)
def test_a_province_counts_for_its_country(packs_classifier: Classifier, lang: str, text: str, province: str) -> None:
    labels = {label.rule: label for label in judged(packs_classifier, text, lang)}
    assert labels[province].standing == labels[province[:2]].standing == "about"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("fr", "Des hommes armés ont attaqué un poste de gendarmerie, tuant six soldats."),
        ("en", "Gunmen ambushed a convoy; six soldiers were killed, the army said."),
        ("ar", "قتل ستة جنود في كمين نصبه مسلحون، بحسب الجيش."),
        ("ha", "'Yan bindiga sun kai hari sansanin soja inda suka kashe sojoji shida."),
        ("pt", "Homens armados mataram seis soldados numa emboscada, disse o exército."),
        ("es", "Hombres armados mataron a seis soldados en una emboscada, dijo el ejército."),
    ],
)
def test_an_ambush_is_security_and_not_politics_in_every_language(
    packs_classifier: Classifier, lang: str, text: str
) -> None:
    found = topics(judged(packs_classifier, text, lang))
    assert "security" in found
    assert "politics" not in found


@pytest.mark.parametrize(
    ("lang", "text", "topic"),
    [
        ("fr", "Le parlement vote la révision de la constitution, l'opposition proteste.", "politics"),
        ("en", "Parliament passed the electoral bill after the opposition walked out.", "politics"),
        ("ar", "أعلنت لجنة الانتخابات نتائج الانتخابات الرئاسية.", "politics"),
        ("ha", "Majalisar dattawa ta amince da dokar zaɓe.", "politics"),
        ("fr", "L'inflation recule, la banque centrale baisse son taux d'intérêt.", "economy"),
        ("ar", "البنك المركزي يرفع سعر الفائدة بسبب التضخم.", "economy"),
        ("pt", "A inflação recua e o banco central baixa a taxa de juro.", "economy"),
        ("fr", "Une épidémie de rougeole : campagne de vaccination dans les centres de santé.", "health"),
        ("ha", "Cutar kwalara ta ɓulla, an fara rigakafi a asibitoci.", "health"),
        ("es", "El brote de cólera obliga a vacunar en los hospitales.", "health"),
        ("fr", "L'équipe nationale remporte la finale aux tirs au but.", "sport"),
        ("ar", "فاز المنتخب بكأس أفريقيا لكرة القدم.", "sport"),
        ("ha", "Kocin ƙungiyar ƙwallon ƙafa ya yaba wa ɗan wasan.", "sport"),
        ("en", "The singer's new album tops the chart before her concert.", "culture"),
        ("pt", "O cantor apresenta a nova música no festival de cinema.", "culture"),
        ("fr", "Une panne de l'internet coupe les réseaux sociaux et les smartphones.", "technology"),
        ("ar", "شركة تطلق تطبيقات تعتمد الذكاء الاصطناعي على الهواتف الذكية.", "technology"),
        ("en", "Deforestation and climate change threaten the national park.", "environment"),
        ("fr", "Le khalife général appelle les fidèles à la prière à la mosquée.", "religion"),
        ("ha", "Limamin masallacin ya yi huɗuba kan azumi.", "religion"),
        ("en", "Floods leave thousands homeless; the Red Cross distributes food aid.", "humanitarian"),
        ("ar", "زلزال يشرد الآلاف والهلال الأحمر يوزع مساعدات.", "humanitarian"),
        ("fr", "Des migrants expulsés d'un camp de réfugiés demandent l'asile.", "migration"),
        ("es", "Llegan migrantes en patera y solicitan asilo.", "migration"),
        ("en", "Teachers and students protest against child marriage and poverty in schools.", "society"),
    ],
)
def test_plain_cases_of_each_topic(packs_classifier: Classifier, lang: str, text: str, topic: str) -> None:
    assert topic in topics(judged(packs_classifier, text, lang))


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("fr", "Il est mort d'une attaque cardiaque, la sécurité sociale a payé."),
        ("en", "He survived a heart attack and lives on social security."),
        ("ar", "سجل المهاجم من ضربة جزاء بعد خطأ من خط الدفاع."),
        ("ha", "Mai tsaron raga ya hana ƙwallo shiga."),
        ("es", "Sufrió un ataque al corazón y cobra de la seguridad social."),
    ],
)
def test_words_of_war_in_peaceful_phrases(packs_classifier: Classifier, lang: str, text: str) -> None:
    assert "security" not in topics(judged(packs_classifier, text, lang))


WITHDRAWAL = """Washington va retirer tous ses militaires du Niger d'ici l'automne, a fait savoir mardi le Pentagone.
Près d'un millier de soldats américains y sont encore déployés. Les négociations sur le calendrier se poursuivent.

La junte militaire avait dénoncé au printemps l'accord de coopération militaire conclu avec les États-Unis. Le
gouvernement nigérien exige le départ des troupes de la base aérienne du nord du pays, au nom de sa souveraineté.

À Niamey, un diplomate nigérien assure que son pays reste ouvert à tous les partenaires, la Russie comme la Chine.
Des responsables américains gardent l'espoir de laisser sur place quelques troupes, et le gouvernement
consulte le Congrès."""


@pytest.mark.parametrize("lang", ["fr", ""])
def test_the_withdrawal_is_about_two_countries_and_two_topics(packs_classifier: Classifier, lang: str) -> None:
    labels = judged(
        packs_classifier, WITHDRAWAL, lang, "Les États-Unis rappellent leurs troupes du Niger", ("Sécurité",)
    )
    assert countries(packs_classifier, labels, about=True) == {"ne", "us"}
    assert countries(packs_classifier, labels) <= {"ne", "us", "ru", "cn"}
    assert topics(labels) == {"security", "politics"}
    assert {label.code for label in labels if label.rule in {"ne", "security"}} == {"NE", "medtop:16000000"}


@pytest.mark.parametrize(
    ("text", "wanted", "forbidden"),
    [
        ("Niger's junta names a new prime minister and dissolves the electoral commission.", "politics", "security"),
        ("Gunmen on motorbikes killed nine soldiers in an ambush in western Niger.", "security", "politics"),
        ("Rebels of the Democratic Republic of the Congo's east ambush a convoy, killing six.", "security", "politics"),
        ("A bus overturned on a mountain road, killing 12 people and injuring 30.", "humanitarian", "security"),
        ("The JNIM, Jama'at Nasr al-Islam wal-Muslimin, claims the raid on the barracks.", "security", "religion"),
        ("The ambassador was summoned after the peace talks; sanctions may follow.", "politics", "security"),
        ("Users of the app say that the software update drained the battery of their phones.", "technology", "economy"),
    ],
)
def test_neighbouring_topics_stay_apart(packs_classifier: Classifier, text: str, wanted: str, forbidden: str) -> None:
    found = topics(judged(packs_classifier, text, "en"))
    assert wanted in found
    assert forbidden not in found


def test_words_that_lose_their_accents_are_no_terms(packs_classifier: Classifier) -> None:
    """Folding makes maïs (maize) the same as mais (but), prêt (loan) the same as prêt (ready)."""
    text = "Mais il était prêt à partir, mais la règle était claire et le côté sûr ; mais rien ne vint, mais tant pis."
    assert not topics(judged(packs_classifier, text, "fr"))


def test_a_longer_name_of_a_country_is_worth_no_less(packs_classifier: Classifier) -> None:
    """The longest phrase wins: "Vladimir Putin" among the towns would take from "Putin" what it tells."""
    poorer = {
        (rule.id, term.text)
        for rule in packs_classifier.ruleset.rules["region"].values()
        for term in rule.terms
        for name in rule.strong
        if term.points is None and len(name.words) < len(term.words) and name.langs in {None, term.langs}
        if f" {' '.join(name.words)} " in f" {' '.join(term.words)} "
    }
    assert {country for country, _ in poorer} <= {"hk", "in"}, poorer  # parts of cities, from the list of cities
