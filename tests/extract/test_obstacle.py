"""What is not the article: walls and errors in five languages, and articles that only look like them."""

from __future__ import annotations

import pytest

from feedwatch.extract.article import Extractor
from feedwatch.extract.obstacle import Obstacle, obstacle, page_obstacle
from feedwatch.ledger import Identity
from feedwatch.model import Article, Item, Source

URL = "https://paper.example/2026/03/carburant-niamey"
SOURCE = Source(id="s", kind="feed", locator="https://paper.example/feed", title="S", interval_s=3600)
IDENTITY = Identity(guid="g", id="urn:x", item_hash="1-x")
EXTRACTOR = Extractor()
TITLE = "Niamey : les stations-service de nouveau ouvertes"
SUMMARY = "Après deux semaines de pénurie de carburant, les stations de la capitale ont rouvert mardi matin."
TEXT = (
    "Les stations-service de Niamey ont rouvert mardi matin après deux semaines de pénurie. Dès "
    "l’aube, de longues files de motos se sont formées devant les pompes du boulevard Mali Béro. "
    "Selon la société nationale, douze camions-citernes sont arrivés dans la nuit sous escorte. Les "
    "prix restent inchangés, assure le ministère du Commerce, qui promet des contrôles. Des "
    "habitants disent pourtant avoir payé le litre au double de son prix. "
)
MORE = (
    (
        "À la station du rond-point Liberté, le gérant a fait venir deux gendarmes pour tenir la file. "
        "Un chauffeur de taxi raconte qu’il a passé trois nuits dans sa voiture avant de pouvoir faire "
        "le plein. "
    ),
    (
        "Le syndicat des transporteurs demande que les camions ne soient plus retenus à la frontière "
        "béninoise. Il rappelle que la raffinerie de Zinder ne couvre pas tous les besoins du pays en "
        "cette saison. "
    ),
    (
        "Une réunion est prévue jeudi au ministère du Pétrole avec les importateurs. L’opposition "
        "réclame une commission d’enquête sur la gestion du stock de sécurité, vide depuis la mi-février "
        "selon elle. "
    ),
)
BODY = "".join(f"<p>{text}</p>" for text in (TEXT, *MORE))


def page(title: str, body: str, head: str = "") -> str:
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body><nav><a href='/'>Accueil</a></nav>"
        f"<main><h1>{title}</h1>{body}</main><footer>© Le Journal</footer></body></html>"
    )


def announced(title: str = TITLE, summary: str = SUMMARY) -> Article:
    return Article(
        source_id="s", guid="g", id="urn:x", url=URL, canonical_url=URL, title=title, body=summary, summary=summary
    )


def found(html: str, own: Article | None = None, *, final: str = URL) -> Obstacle | None:
    item = Item(shape="page", locator=URL, position=0, link=URL, content=html, base_url=final)
    own = own or announced()
    return obstacle(html, EXTRACTOR.extract(item, SOURCE, IDENTITY), own, asked=URL, final=final)


def reason(html: str, own: Article | None = None, *, final: str = URL) -> str | None:
    obstacle = found(html, own, final=final)
    return obstacle.reason if obstacle else None


def test_an_article_is_no_obstacle() -> None:
    assert reason(page(f"{TITLE} | Le Journal", BODY)) is None


FORM = (
    "<form id='commentform'><p>Laisser un commentaire</p><p>Captcha verification failed!</p><script "
    "src='https://www.google.com/recaptcha/api.js'></script><p>Connectez-vous pour "
    "commenter.</p><input type='password'></form><div class='cookies'><p>Nous utilisons des cookies. "
    "Nos partenaires et nous respectons votre vie privée. Accepter tous les "
    "cookies.</p></div><p>Abonnez-vous pour recevoir notre lettre.</p>"
)


def test_a_comment_form_with_captcha_a_login_box_and_a_cookie_notice_beside_the_text_are_none() -> None:
    assert reason(page(TITLE, BODY + FORM)) is None


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "« Page not found » : pourquoi les sites de l’État tombent en panne",
            (
                "Une erreur 404, « page introuvable » : voilà ce que lisent les usagers. Les services en ligne "
                "sont en maintenance depuis lundi. "
            ),
        ),
        (
            "Cookies : ce que change la nouvelle loi sur la vie privée",
            "Les cookies et le consentement sont au centre de la loi. Nos partenaires européens l’ont déjà adoptée. ",
        ),
        (
            "Êtes-vous un robot ? L’histoire du captcha",
            "Le captcha a vingt ans. Il demande à chacun de prouver qu’il n’est pas un robot. ",
        ),
        (
            "Les journaux et leurs abonnés",
            (
                "Pour lire la suite, abonnez-vous : cette phrase est devenue courante. Les articles réservés aux "
                "abonnés sont plus nombreux. "
            ),
        ),
    ],
)
def test_articles_about_walls_and_errors_are_none(title: str, text: str) -> None:
    assert reason(page(title, f"<p>{text * 6}</p>{BODY}"), announced(title, text)) is None


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("404 Not Found", "<p>The requested URL was not found on this server.</p>"),
        ("Page introuvable – Le Journal", "<p>La page que vous cherchez n’existe plus. Essayez la recherche.</p>"),
        ("Oups !", "<p>Désolé, cet article n’est plus disponible.</p><p>Retour à l’accueil</p>"),
        ("الصفحة غير موجودة", "<p>عذرا، الصفحة التي تبحث عنها غير موجودة أو تم نقلها.</p>"),
        ("Página no encontrada", "<p>Lo sentimos, la página que busca no existe.</p>"),
        ("Página não encontrada", "<p>Lamentamos, mas a página que procura não existe.</p>"),
        ("Gone", "<p>The story you are looking for has been removed or archived.</p>"),
        ("Le Journal", "<p>Cet article a été retiré à la demande de son auteur.</p>"),
        ("Ops!", "<p>O conteúdo que você procura foi removido ou mudou de endereço.</p>"),
        ("Ba a samu ba", "<p>Ba a samu shafin da kuke nema ba.</p>"),
        ("Ba a sami shafin ba", "<p>Kuskure 404: ba a sami wannan shafi ba.</p>"),
    ],
)
def test_a_page_that_is_not_there_is_not_found_whatever_its_status(title: str, body: str) -> None:
    assert reason(page(title, body)) == "not-found"


def test_a_missing_page_that_offers_the_newest_articles_is_not_found() -> None:
    others = "".join(
        f"<article><h3><a href='/{n}'>Une autre nouvelle du jour</a></h3><p>{TEXT}</p></article>" for n in "abc"
    )
    assert reason(page("Page introuvable", f"<p>Cette page n’existe pas.</p><h2>À la une</h2>{others}")) == "not-found"


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("503 Service Unavailable", "<p>The server is temporarily unable to service your request.</p>"),
        ("Erreur", "<p>Erreur lors de la connexion à la base de données.</p>"),
        ("Site en maintenance", "<p>Nous revenons bientôt.</p>"),
        ("الموقع تحت الصيانة", "<p>الموقع تحت الصيانة حاليا، سنعود قريبا.</p>"),
        ("Error", "<p>Se ha producido un error inesperado.</p>"),
        ("Erro", "<p>Ocorreu um erro. Tente novamente.</p>"),
        ("", "<b>Fatal error</b>: Uncaught Error: Call to undefined function get_header() in /www/index.php:14"),
        ("Le Journal", "<p>Site en travaux : le site est momentanément fermé, merci de votre patience.</p>"),
    ],
)
def test_an_error_page_is_an_error_and_may_pass(title: str, body: str) -> None:
    obstacle = found(page(title, body))
    assert obstacle is not None
    assert (obstacle.reason, obstacle.passing) == ("error", True)


@pytest.mark.parametrize(
    ("title", "body", "head"),
    [
        (
            "Just a moment...",
            "<p>Enable JavaScript and cookies to continue</p>",
            "<script>window._cf_chl_opt={}</script>",
        ),
        ("paper.example", "<p>Vérifiez que vous êtes humain.</p>", ""),
        ("Access Denied", "<p>You don't have permission to access this resource.</p>", ""),
        ("paper.example", "<p>يرجى تأكيد أنك لست روبوت للمتابعة.</p>", ""),
        ("Un momento…", "<p>Confirme que no eres un robot.</p>", ""),
        ("paper.example", "", "<script src='https://geo.captcha-delivery.com/c.js'></script>"),
    ],
)
def test_a_captcha_is_recognised(title: str, body: str, head: str) -> None:
    obstacle = found(page(title, body, head))
    assert obstacle is not None
    assert (obstacle.reason, obstacle.passing) == ("captcha", True)


@pytest.mark.parametrize(
    "text",
    [
        (
            "We value your privacy. We and our partners store and access cookies on your device. With your "
            "consent we use cookies for ads. You can change your consent at any time in the cookie settings. "
        ),
        (
            "Nous respectons votre vie privée. Nos partenaires et nous déposons des cookies. Votre "
            "consentement est libre. Vos données personnelles sont traitées par nos partenaires. "
        ),
        (
            "نحن نستخدم ملفات تعريف الارتباط لتحسين تجربتك. ملفات الارتباط تحفظ في جهازك. نحترم خصوصيتك "
            "ويمكنك رفض ملفات تعريف الارتباط. "
        ),
        (
            "Respetamos su privacidad. Usamos cookies propias y de nuestros socios. Sus preferencias de "
            "privacidad se guardan en cookies. "
        ),
        (
            "Valorizamos a sua privacidade. Usamos cookies e os nossos parceiros também usam cookies. Pode "
            "gerir a sua privacidade aqui. "
        ),
    ],
)
@pytest.mark.parametrize("times", [1, 12])
def test_a_consent_wall_of_any_length_is_recognised(text: str, times: int) -> None:
    assert reason(page("Le Journal", f"<p>{text}</p>" * times)) == "consent"


@pytest.mark.parametrize(
    "invitation",
    [
        "Subscribe to continue reading this article. Already a subscriber? Log in.",
        "Cet article est réservé aux abonnés. Il vous reste 80 % à lire.",
        "Pour lire la suite, abonnez-vous dès 1 €.",
        "هذا المحتوى للمشتركين فقط. اشترك الآن للقراءة.",
        "Contenido exclusivo para suscriptores. Suscríbete para seguir leyendo.",
        "Conteúdo exclusivo para assinantes. Assine para continuar a ler.",
    ],
)
def test_a_stub_before_a_paywall_is_not_taken(invitation: str) -> None:
    assert reason(page(TITLE, f"<p>{TEXT}</p><p>{invitation}</p>")) == "paywall"


def test_a_page_that_says_that_it_is_not_free_and_shows_two_lines_is_a_paywall() -> None:
    facts = '{"@type":"NewsArticle","headline":"x","isAccessibleForFree":false}'
    marked = f'<script type="application/ld+json">{facts}</script>'
    assert reason(page(TITLE, f"<p>{TEXT[:180]}</p>", marked)) == "paywall"
    assert reason(page(TITLE, BODY, marked)) is None


def test_a_login_page_is_recognised() -> None:
    form = "<form><p>Connectez-vous pour lire.</p><input type='text'><input type='password'><button>OK</button></form>"
    assert reason(page("Connexion", form)) == "login"


@pytest.mark.parametrize(
    "home", ["https://paper.example/", "https://paper.example/fr", "https://paper.example/index.php"]
)
def test_a_redirect_to_the_home_page_is_no_article(home: str) -> None:
    assert reason(page("Le Journal", BODY), final=home) == "home"


def test_a_page_about_something_else_is_not_the_announced_article() -> None:
    recipe = (
        "Épluchez les oignons, puis faites revenir la viande dans une cocotte avec un peu d’huile d’arachide. " * 12
    )
    assert reason(page("Recette du mafé de ma grand-mère", f"<p>{recipe}</p>")) == "other"


def test_a_headline_that_the_page_words_differently_is_still_its_article() -> None:
    assert reason(page("Carburant : fin de la pénurie à Niamey", BODY)) is None


@pytest.mark.parametrize("body", ["", "<p>Vidéo.</p>", f"<p>{SUMMARY}</p>"])
def test_a_page_without_more_text_than_the_feed_gave_is_not_taken(body: str) -> None:
    assert reason(page(TITLE, body)) == "no-text"


def test_an_arabic_article_is_no_obstacle() -> None:
    text = "أعلنت السلطات في نيامي إعادة فتح محطات الوقود صباح الثلاثاء بعد أسبوعين من النقص الحاد في العاصمة. " * 12
    title = "نيامي: إعادة فتح محطات الوقود بعد أسبوعين من الأزمة"
    assert reason(page(title, f"<p>{text}</p>"), announced(title, "عادت محطات الوقود إلى العمل.")) is None


def unannounced(html: str) -> str | None:
    item = Item(shape="page", locator=URL, position=0, link=URL, content=html, base_url=URL)
    wall = page_obstacle(html, EXTRACTOR.extract(item, SOURCE, IDENTITY))
    return wall.reason if wall else None


@pytest.mark.parametrize(
    ("title", "body", "reason"),
    [
        ("Just a moment...", "<p>Checking your browser before you visit the site</p>", "captcha"),
        ("Un instant…", "<div class='cf-turnstile'></div><p>Vérification en cours</p>", "captcha"),
        ("Page introuvable", "<p>Essayez une recherche.</p>", "not-found"),
        ("Le Journal", "<p>La page que vous cherchez n’est plus là.</p>", "not-found"),
        ("Whoops", "<p>Whoops, looks like something went wrong.</p>", "error"),
        ("Le Journal", "<p>Nos partenaires et nous utilisons des cookies pour accéder à vos données.</p>", "consent"),
    ],
)
def test_a_page_that_nobody_announced_is_known_for_a_wall_by_its_few_words(title: str, body: str, reason: str) -> None:
    assert unannounced(page(title, body)) == reason


@pytest.mark.parametrize(
    ("title", "body"),
    [
        (TITLE, BODY),
        (TITLE, f"<p>{TEXT}</p>"),
        ("Page introuvable : pourquoi les sites de l’État tombent en panne", f"<p>{TEXT}</p>"),
        (TITLE, f"<p>La loi numéro 404 n’existe plus, dit le ministre.</p><p>{SUMMARY} {MORE[1]}</p>"),
        ("Un instant de répit", "<p>Des enfants jouent sous la pluie à Maradi.</p>"),
        (TITLE, "<p>Les stations ont rouvert.</p><form><div class='cf-turnstile'></div></form>"),
    ],
)  # fmt: skip
def test_an_article_that_nobody_announced_is_none_however_short(title: str, body: str) -> None:
    assert unannounced(page(title, body)) is None


@pytest.mark.parametrize("html", ["", "<", "\x00" * 50, "<title>" * 2_000, "<p>" + "cookies " * 100_000])
def test_no_page_breaks_it(html: str) -> None:
    own = announced()
    assert obstacle(html, announced("x", ""), own, asked=URL, final=None) is not None


@pytest.mark.parametrize(
    "call",
    [
        "You’ve reached your limit of free stories this month.",
        "Register for free to continue reading this article.",
    ],
)
def test_the_beginning_above_a_call_to_register_is_a_stub(call: str) -> None:
    assert reason(page(TITLE, f"<p>{TEXT}</p><p>{call}</p>")) == "paywall"
