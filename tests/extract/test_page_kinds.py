"""Pages as common programs write them; words and sites are invented."""

from __future__ import annotations

import json

import pytest

from feedwatch.extract.article import Extractor
from feedwatch.extract.facts import page_facts
from feedwatch.extract.page import page_tree
from feedwatch.ledger import Identity
from feedwatch.model import Article, Item, Source

TITLES = {
    "fr": "Dosso-Nord : le marché central rouvre après huit mois de travaux",
    "ar": "إعادة افتتاح السوق المركزي في وادي النخيل",
    "ha": "An sake buɗe babbar kasuwar Ƙofar Ruwa",
}
TEXTS = {
    "fr": [
        "Le marché central de Dosso-Nord a rouvert ses portes mardi, après huit mois de travaux payés par la commune.",
        "« Nous avons enfin de l’eau et des toits », dit Ramatou Issa, qui vend des condiments depuis vingt ans ici.",
        "Selon la mairie, trois cents étals ont été attribués par tirage au sort, et les loyers n’augmenteront pas.",
        "Les transporteurs, eux, demandent encore une gare routière : leurs véhicules stationnent au bord de la route.",
    ],
    "ar": [
        "افتتحت بلدية وادي النخيل يوم الثلاثاء السوق المركزي بعد ثمانية أشهر من أعمال الترميم التي مولتها البلدية.",
        "وقالت فاطمة منت أحمد، التي تبيع التوابل منذ عشرين عاما، إن الماء وصل أخيرا وإن السقوف لم تعد تسرب المطر.",
        "وأضافت البلدية أن ثلاثمائة محل وزعت بالقرعة، وأن الإيجارات لن ترتفع قبل عامين حتى تستعيد التجارة نشاطها.",
        "ويطالب السائقون من جانبهم بمحطة للحافلات، إذ لا تزال سياراتهم تقف على طول الطريق الوطني بين المارة.",
    ],
    "ha": [
        "An sake buɗe babbar kasuwar garin Ƙofar Ruwa ranar Talata, bayan watanni takwas na gyare-gyare da aka biya.",
        "Wata ’yar kasuwa mai suna Rakiya Sani ta ce yanzu akwai ruwa da rufi mai kyau, kuma ta shafe shekara ashirin.",
        "Hukumar ta ce an raba rumfuna ɗari uku ta hanyar ƙuri’a, kuma ba za a ƙara kuɗin haya ba.",
        "Direbobi kuma suna neman tashar mota, domin har yanzu motocinsu na tsayawa a gefen babbar hanya.",
    ],
}
OTHERS = ("Le port de Lagune-Ville s’agrandit de deux quais", "Un nouveau lycée ouvre à Kouré-Est cette année")
CONSENT = (
    "Nous et nos partenaires gardons sur votre appareil des informations, telles que des identifiants uniques, et "
    "traitons des données personnelles, pour des publicités choisies, la mesure de leur portée et des études. "
)
LANGUAGES = pytest.mark.parametrize("lang", ["fr", "ar", "ha"])


def article_of(body: str, title: str, head: str = "") -> Article:
    page = f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>"
    item = Item(shape="page", locator="p.html", position=0, content=page, link="https://vallee.example/2025/marche")
    source = Source(id="s", kind="folder", locator="pages", title="s", interval_s=3600, teasers=True)
    return Extractor().extract(item, source, Identity(guid="g", id="urn:x:g", item_hash="h"))


def p(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def cards() -> str:
    return "".join(
        f"<article class=post><h3><a href='/2025/03/{place}'>{title}</a></h3><p>{title}, dit un communiqué de la "
        f"mairie publié hier soir, avec des détails qui restent à connaître…</p></article>"
        for place, title in enumerate(OTHERS)
    )


@LANGUAGES
def test_a_question_about_cookies_over_the_page_is_not_its_article(lang: str) -> None:
    wall = f"<div id=qc-cmp2-container><div class=summary><h2>Votre vie privée</h2><div>{CONSENT * 4}</div></div></div>"
    found = article_of(f"{wall}<main><h1>{TITLES[lang]}</h1><div class=t>{p(TEXTS[lang])}</div></main>", TITLES[lang])
    assert found.body.split("\n\n") == TEXTS[lang]


@LANGUAGES
@pytest.mark.parametrize("name", ["jp-relatedposts", "elementor-widget elementor-widget-posts", "related-posts"])
def test_other_articles_within_the_article_are_headlines_beside_it(lang: str, name: str) -> None:
    box = f"<div class='{name}'><h3>Articles</h3>{cards()}</div>"
    found = article_of(f"<article><h1>{TITLES[lang]}</h1><div>{p(TEXTS[lang])}{box}</div></article>", TITLES[lang])
    assert found.body.split("\n\n") == TEXTS[lang]
    assert [teaser.title for teaser in found.teasers] == list(OTHERS)


def test_a_box_with_the_headline_of_the_page_is_no_box_beside_it() -> None:
    body = f"<div class=related-posts><h1>{TITLES['fr']}</h1>{p(TEXTS['fr'])}</div>"
    assert article_of(body, TITLES["fr"]).body.split("\n\n") == TEXTS["fr"]


@LANGUAGES
def test_a_standfirst_in_a_box_of_its_own_and_no_breadcrumb(lang: str) -> None:
    first, *rest = TEXTS[lang]
    trail = f"<div id=hierarchie><a href=/>Accueil</a> &gt; <a href=r>Société</a> &gt; <b>{TITLES[lang]}</b></div>"
    text = f"<div class=surlignable><div class=chapo>{first}</div><div class=texte>{p(rest)}</div></div>"
    signed = f"<p class=signature>Voir en ligne : <a href=y>{OTHERS[0]}</a></p>"
    found = article_of(f"<div id=contenu>{trail}<h1>{TITLES[lang]}</h1>{text}{signed}</div>", TITLES[lang])
    assert found.body.split("\n\n") == TEXTS[lang]


@LANGUAGES
def test_the_cell_of_a_layout_table_that_holds_prose_is_the_article(lang: str) -> None:
    menu = "".join(f"<a href=/{title[:3]}>{title}</a><br>" for title in ("Accueil", "Politique", *OTHERS))
    text = f"<font size=5>{TITLES[lang]}</font><br>12/03/2025<br><br>{'<br><br>'.join(TEXTS[lang])}"
    table = f"<table><tr><td>{menu}</td><td>{text}</td></tr><tr><td colspan=2>Vallée 2025</td></tr></table>"
    found = article_of(table, TITLES[lang])
    assert found.title == TITLES[lang]
    assert found.body.split("\n\n") == TEXTS[lang]


def test_the_parts_of_a_live_page_stand_in_the_order_of_the_page() -> None:
    titles = ["Les bureaux ferment", "Une file devant l’école", "Le maire a voté", "Ouverture sans incident"]
    posts = "".join(
        f"<div class=live-post><time datetime=2025-03-12T1{place}:40>1{place}:40</time><h2>{title}</h2>"
        f"<div class=live-post-body><p>{text}</p></div></div>"
        for place, (title, text) in enumerate(zip(titles, TEXTS["fr"], strict=True))
    )
    head = "Suivez heure par heure la journée électorale dans la commune, où des milliers de gens vont aux urnes."
    body = f"<main><article><h1>{TITLES['fr']}</h1><p>{head}</p><section>{posts}</section></article></main>"
    found = article_of(body, TITLES["fr"]).body.split("\n\n")
    assert found[0] == head
    assert [text for text in found if text in TEXTS["fr"]] == TEXTS["fr"]


def test_the_text_that_only_machines_are_told_is_the_article_where_a_program_would_show_it() -> None:
    told = {"@type": "NewsArticle", "headline": TITLES["fr"], "articleBody": "\n\n".join(TEXTS["fr"])}
    head = f'<script type="application/ld+json">{json.dumps(told)}</script>'
    assert article_of("<div id=root>Chargement…</div>", TITLES["fr"], head).body.split("\n\n") == TEXTS["fr"]
    longer = [*TEXTS["fr"], "Une gare est promise pour la fin de l’année."]
    assert article_of(f"<article>{p(longer)}</article>", TITLES["fr"], head).body.split("\n\n") == longer


def test_the_text_that_a_page_hands_to_its_program_is_the_article_where_it_shows_none() -> None:
    data = {"props": {"pageProps": {"article": {"title": TITLES["fr"], "body": p(TEXTS["fr"])}}}}
    program = f'<div id=__next></div><script id="__NEXT_DATA__" type="application/json">{json.dumps(data)}</script>'
    assert article_of(program, TITLES["fr"]).body.split("\n\n") == TEXTS["fr"]
    shown = TEXTS["fr"][:-1]
    assert article_of(f"<article>{p(shown)}</article>{program}", TITLES["fr"]).body.split("\n\n") == shown


def test_a_call_for_donations_within_a_text_is_no_text() -> None:
    call = "<div class=donate-box><p>Nous n’avons pas de péage : donnez-nous deux mille francs par mois.</p></div>"
    body = f"<article>{p(TEXTS['fr'][:1])}{call}{p(TEXTS['fr'][1:])}</article>"
    assert article_of(body, TITLES["fr"]).body.split("\n\n") == TEXTS["fr"]


def test_the_title_of_a_page_is_cut_at_a_colon_only_before_the_name_of_a_site() -> None:
    titles = {"Dosso-Nord : le marché central rouvre mardi": "Dosso-Nord : le marché central rouvre mardi",
              "Le marché central rouvre mardi : Vallée Infos": "Le marché central rouvre mardi"}  # fmt: skip
    for written, wanted in titles.items():
        tree = page_tree(f"<html><head><title>{written}</title></head><body><p>{TEXTS['fr'][0]}</p></body></html>")
        assert page_facts(tree).title == wanted


def test_the_foot_of_an_entry_names_its_author() -> None:
    foot = (
        "<div class=post-footer><span class='post-author vcard'>Publié par <span class=fn>Awa Sow</span></span></div>"
    )
    found = article_of(f"<div class=post><h3>{TITLES['fr']}</h3><div>{p(TEXTS['fr'])}</div>{foot}</div>", TITLES["fr"])
    assert [author.name for author in found.authors] == ["Awa Sow"]


def test_a_further_page_of_the_article_is_no_other_article() -> None:
    further = "<p><a href='?page=2'>Page suivante : la gare routière se fait attendre</a></p>"
    found = article_of(f"<article><h1>{TITLES['fr']}</h1>{p(TEXTS['fr'])}{further}</article>", TITLES["fr"])
    assert found.teasers == ()
