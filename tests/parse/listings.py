"""Listing pages as sites really build them; all headlines are invented."""

# ruff: noqa: E501 - the markup stands as sites write it

from __future__ import annotations

FRENCH = (
    "Niamey : les stations-service rouvrent après deux semaines de pénurie",
    "Agadez : une mission de l’Union africaine attendue jeudi",
    "Tillabéri : trois villages privés d’eau potable depuis dimanche",
    "Le prix de l’oignon chute sur le marché de Galmi",
    "Zinder : la raffinerie reprend la livraison de gasoil",
    "Football : le Mena perd à domicile contre la Zambie",
    "Diffa : les déplacés demandent des abris avant les pluies",
    "Conseil des ministres : un nouveau code minier adopté",
)
ARABIC = (
    "نيامي: إعادة فتح محطات الوقود",
    "بعثة أفريقية في أغاديز",
    "ارتفاع أسعار الحبوب في الأسواق",
    "الجيش يعلن تأمين الطريق الوطنية",
    "وزير الصحة يزور مستشفى زندر",
    "انطلاق مهرجان الصحراء في أير",
)
HAUSA = (
    "An sake buɗe gidajen mai a Yamai bayan makonni biyu",
    "Tawagar Tarayyar Afirka za ta isa Agadez ranar Alhamis",
    "Farashin albasa ya faɗi a kasuwar Galmi",
    "Ambaliya ta raba ɗaruruwan mutane da gidajensu a Dosso",
    "’Yan gudun hijira a Diffa na neman matsuguni",
)
LEADS = (
    "Après deux semaines sans carburant, les habitants de la capitale ont pu faire le plein mardi matin, sous escorte.",
    "Les envoyés rencontreront les autorités et les chefs coutumiers au sujet de la sécurité des marchés du nord.",
    "La panne d’une pompe oblige les femmes à marcher douze kilomètres chaque matin, disent les chefs de village.",
)


def lead(number: int) -> str:
    return LEADS[number % len(LEADS)]


MENU = "".join(
    f"<li class='menu-item menu-item-{n}'><a href='/category/{name}/'>{name.title()}</a></li>"
    for n, name in enumerate(
        ("accueil", "politique-et-societe", "economie-et-finances", "sport", "culture", "opinions")
    )
)
CLOUD = (
    "<div class='tagcloud'>"
    + "".join(
        f"<a class='tag-link-{n}' href='/tag/mot-{n}-du-nuage-de-mots/'>Mot important du nuage {n}</a>"
        for n in range(30)
    )
    + "</div>"
)
MOST_READ = (
    "<div class='block popular'><h3>Les plus lus</h3><ul>"
    + "".join(
        f"<li><a href='/2025/12/0{n}/un-ancien-article-tres-lu-numero-{n}/'>Un ancien article très lu, le numéro {n}</a></li>"
        for n in range(1, 9)
    )
    + "</ul></div>"
)
PAGER = (
    "<div class='pagination'><span class='page-numbers current'>1</span><a class='page-numbers' href='/page/2/'>2</a>"
    "<a class='page-numbers' href='/page/3/'>3</a><a class='next page-numbers' href='/page/2/'>Suivant »</a></div>"
)


def frame(body: str, *, lang: str = "fr", title: str = "Le Fleuve", head: str = "") -> str:
    direction = " dir='rtl'" if lang == "ar" else ""
    return (
        f"<!DOCTYPE html><html lang='{lang}'{direction}><head><meta charset='utf-8'><title>{title}</title>{head}</head>"
        f"<body class='home blog'><header><a href='/'>{title}</a></header><nav><ul>{MENU}</ul></nav>{body}"
        "<footer><p>© Le Fleuve. Tous droits réservés.</p><a href='/mentions-legales-et-credits/'>Mentions légales et "
        "crédits</a></footer></body></html>"
    )


def slug(number: int) -> str:
    return f"/2026/03/0{number + 1}/article-de-la-liste-numero-{number}/"


def wordpress() -> str:
    """A theme with thumbnails, categories, authors, counts of comments, "read more", a sidebar without `aside`."""
    posts = "".join(
        f"<article id='post-{900 + n}' class='post-{900 + n} post type-post category-politique'>"
        f"<div class='thumb'><a href='{slug(n)}'><img data-src='/wp-content/{n}.jpg' src='/blank.gif' alt=''></a></div>"
        f"<div class='entry-meta'><span class='cat-links'><a href='/category/politique/'>Politique et société</a></span>"
        f"<span class='posted-on'><a href='{slug(n)}'><time class='entry-date' datetime='2026-03-0{n + 1}T08:30:00+01:00'>"
        f"{n + 1} mars 2026</time></a></span><span class='byline'>par <a href='/author/awa/'>Awa Diop Maïga</a></span></div>"
        f"<h2 class='entry-title'><a href='{slug(n)}' rel='bookmark'>{title}</a></h2>"
        f"<div class='entry-summary'><p>{lead(n)} […]</p></div><a class='more-link' href='{slug(n)}'>Lire la suite</a>"
        f"<span class='comments-link'><a href='{slug(n)}#respond'>{n} commentaires</a></span></article>"
        for n, title in enumerate(FRENCH)
    )
    side = f"<div id='secondary' class='sidebar widget-area'>{MOST_READ}{CLOUD}</div>"
    return frame(f"<div id='content'><div id='primary'>{posts}{PAGER}</div>{side}</div>")


def drupal() -> str:
    """Views rows of divs, the title in a span, a relative pager."""
    rows = "".join(
        f"<div class='views-row views-row-{n + 1}'><div class='views-field views-field-title'><span class='field-content'>"
        f"<a href='/fr/actualites/{10_000 + n}'>{title}</a></span></div><div class='views-field views-field-created'>"
        f"<span class='field-content'>0{n + 1}/03/2026 - 14:05</span></div><div class='views-field views-field-body'>"
        f"<div class='field-content'>{lead(n)}</div></div></div>"
        for n, title in enumerate(FRENCH)
    )
    pager = (
        "<nav class='pager'><ul><li class='pager__item is-active'><a href='?page=0'>1</a></li><li><a href='?page=1'>2</a>"
        "</li><li class='pager__item--next'><a href='?page=1' rel='next'><span>Page suivante</span></a></li></ul></nav>"
    )
    return frame(f"<main><div class='view-content'>{rows}</div>{pager}</main><aside>{MOST_READ}</aside>")


def cards() -> str:
    """A news site: whole cards are links, a lead story built otherwise, a video rail, several sections."""

    def card(n: int, title: str) -> str:
        return (
            f"<div class='col-4'><a class='card' href='/sahel/{slug(n).split('/')[-2]}-{44_000 + n}.html'><img src='/i/{n}.jpg'>"
            f"<div class='kicker'>Sahel</div><h3 class='card-title'>{title}</h3><p class='card-text'>{lead(n)}</p>"
            f"<span class='card-date'>Le 0{n + 1}.03.2026 à 10h15</span></a></div>"
        )

    body = "".join(card(n, title) for n, title in enumerate(FRENCH))
    partners = "".join(
        f"<li><a href='https://partenaire-{n}.example/offre'>Une offre de notre partenaire commercial {n}</a></li>"
        for n in range(6)
    )
    return frame(
        f"<div class='row'>{body}</div><div class='partners'><h4>Nos partenaires</h4><ul>{partners}</ul></div>"
    )


def table() -> str:
    """An old site of tables: date in one cell, headline in the next."""
    rows = "".join(
        f"<tr><td>0{n + 1}/03/2026</td><td><a href='article.php?id={500 + n}'>{title}</a></td></tr>"
        for n, title in enumerate(FRENCH)
    )
    return frame(f"<table border=0><tr><th>Date</th><th>Titre</th></tr>{rows}</table>")


def definitions() -> str:
    """A ministry: terms are headlines, definitions are summaries."""
    terms = "".join(
        f"<dt><a href='/communiques/{n}-{2026}'>{title}</a></dt><dd>{lead(n)} <em>{n + 1} mars 2026</em></dd>"
        for n, title in enumerate(FRENCH)
    )
    return frame(f"<dl>{terms}</dl>")


def flat() -> str:
    """Headlines and paragraphs one after the other, the link only in "read more"."""
    body = "".join(
        f"<h3>{title}</h3><p class='date'>{n + 1} mars 2026</p><p>{lead(n)}</p><p><a href='spip.php?article{90 + n}'>Lire la suite…</a></p>"
        for n, title in enumerate(FRENCH)
    )
    return frame(f"<div id='contenu'><div class='liste'>{body}</div></div>")


def more_links() -> str:
    """Cards whose heading is no link; only "read more" and the picture lead to the article."""
    body = "".join(
        f"<div class='item'><a href='{slug(n)}'><img src='/i/{n}.jpg'></a><h4>{title}</h4><p>{lead(n)}</p>"
        f"<a class='btn' href='{slug(n)}'>Lire la suite</a></div>"
        for n, title in enumerate(FRENCH)
    )
    return frame(f"<section class='news'>{body}</section>")


def arabic() -> str:
    """Short Arabic headlines, months by their Maghreb names, percent-escaped addresses."""
    body = "".join(
        f"<div class='item'><h3><a href='/ar/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/%D9%85%D9%82%D8%A7%D9%84-{n}'>{title}</a></h3>"
        f"<span class='date'>{n + 1} مارس 2026</span><p>قال مسؤولون محليون إن الوضع عاد إلى طبيعته في المدينة بعد أيام من الأزمة.</p></div>"
        for n, title in enumerate(ARABIC)
    )
    box = (
        "<div class='box'><h3>الأكثر قراءة</h3><ul>"
        + "".join(f"<li><a href='/ar/old/{n}'>خبر قديم قرأه الكثير من الناس رقم {n}</a></li>" for n in range(8))
        + "</ul></div>"
    )
    return frame(f"<div class='list'>{body}</div>{box}", lang="ar", title="النهر")


def hausa() -> str:
    """A list of links with dates, as a radio station has it."""
    body = "".join(
        f"<li class='media'><span>0{n + 1}/03/2026</span> <a href='/ha/labarai/{7_000 + n}'>{title}</a></li>"
        for n, title in enumerate(HAUSA)
    )
    return frame(f"<ul class='labarai'>{body}</ul>", lang="ha", title="Rediyo Kogi")
