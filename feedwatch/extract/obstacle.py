"""What comes in place of an article: error pages, consent walls, paywalls, captchas, soft 404s (pure).

Words alone decide nothing: articles are written about captchas and cookies, and their pages have comment
forms and cookie notices. A page is taken for one of these when it has hardly any text of its own, or its
text is mostly that, and when its title is not the one that the source announced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from feedwatch.markup import html_to_text, title_text
from feedwatch.model import Article
from feedwatch.text import count_words, fold_plain, one_line

Reason = Literal["home", "captcha", "not-found", "error", "consent", "login", "paywall", "other", "no-text"]

#: A text of so many words is an article whatever stands in it, if its title is the announced one.
ENOUGH_WORDS = 150
#: Fewer words are hardly a text.
FEW_WORDS = 25
#: A text of fewer may be that of an error page.
BRIEF_WORDS = 60
#: "Just a moment" says nothing by itself.
_TELLING_CHARS = 13
#: A page must have so many more than the source gave to be worth it.
MORE_WORDS = 15
#: Of a wall: what is seen on it is hardly more.
WALL_WORDS = 220
#: Share of the announced title's words that the page's title must have to be the same.
_AGREE = 0.6
#: Share of the announced words that must be somewhere in the page.
_FOREIGN = 0.25
_HEAD_CHARS = 200_000
_SHOWN_CHARS = 6_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Why a page is not the article that was announced."""

    reason: Reason
    #: For people.
    message: str
    #: Whether trying again later may help.
    passing: bool = False


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


# All on folded text: lower case, without accents, straight apostrophes.
_NOT_FOUND = _words(
    r"\b(?:error )?404\b",
    r"\bpage (?:was |is )?(?:not|cannot be|can't be|could not be) found",
    r"\bnot found\b",
    r"(?:no longer|doesn't|does not) exist",
    r"nothing (?:was )?found",
    r"page (?:est )?(?:introuvable|non trouvee|inexistante)",
    r"(?:page|article|contenu)[^.]{0,60}(?:n'existe (?:pas|plus)|est introuvable|n'est plus disponible)",
    r"(?:page|article|contenu)[^.]{0,60}a ete (?:deplace|supprime)",
    r"aucun resultat",
    r"pagina (?:no|nao) (?:encontrada|existe)",
    r"(?:no|nao) (?:se )?(?:ha |foi )?(?:encontr\w+|existe)[^.]{0,30}pagina",
    r"pagina[^.]{0,60}(?:no existe|no se encuentra|no esta disponible)",
    r"pagina[^.]{0,60}(?:nao existe|nao foi encontrada|nao esta disponivel)",
    r"ba a sami (?:wannan )?shafi",
    r"الصفحة[^.]{0,40}(?:غير موجودة|غير متوفرة|غير متاحة|لم يتم العثور)",
    r"(?:لم يتم العثور على|لا يمكن العثور على|تعذر العثور على)[^.]{0,30}(?:الصفحة|صفحة)",
    r"عذرا[^.]{0,40}غير موجود",
    r"(?:page|article|story|content)[^.]{0,40}(?:has been|was) (?:removed|deleted|archived)|could not find that page",
    r"article (?:a ete )?(?:retire|supprime|depublie)|page que vous cherchez",
    r"(?:contenido|conteudo|articulo|artigo)[^.]{0,40}(?:ya no esta|foi removido|fue eliminado|mudou de endereco)",
    r"ba a samu (?:wannan )?(?:shafi|ba)",
)
_ERROR = _words(
    r"\b(?:500|502|503|504)\b[^.]{0,40}(?:error|erreur|unavailable|gateway|timeout)",
    r"internal server error|bad gateway|gateway time-?out|service (?:temporarily )?unavailable",
    r"error establishing a database connection|(?:erreur|probleme)[^.]{0,40}base de donnees",
    r"(?:erreur|error) (?:interne|interna)[^.]{0,30}(?:serveur|servidor)?",
    r"(?:under|down for|en cours de|site en|en|em) (?:scheduled )?(?:maintenance|mantenimiento|manutencao)",
    r"service (?:temporairement )?indisponible|servicio no disponible|servico indisponivel",
    r"(?:something|an error)[^.]{0,20}went wrong|an (?:unexpected )?error (?:has )?occurred",
    r"une erreur (?:est survenue|s'est produite)|se ha producido un error|ocorreu um erro",
    r"account (?:has been )?suspended|domain (?:is )?for sale|domaine est a vendre",
    r"looks like something went wrong|(?:fatal|uncaught) error\b|mysqli?_\w+\(|connection (?:refused|failed)",
    r"site en travaux|(?:site|service) est momentanement (?:ferme|indisponible)",
    r"nous revenons bientot|we(?:'ll| will) be back",
    r"(?:الموقع|الصفحة) (?:تحت|قيد) الصيانة|(?:حدث|وقع) خطا|الخدمة غير متاحة",
)
_CAPTCHA = _words(
    r"just a moment|un instant|un momento|um momento|لحظة واحدة",
    r"checking (?:if the site connection is secure|your browser)",
    r"verify(?:ing)? (?:that )?you are (?:a )?human|(?:are|you're|you are) (?:not )?a (?:robot|human)",
    r"unusual traffic|attention required|enable javascript and cookies",
    r"pardon our interruption|please complete the security check|access (?:to this page has been )?denied",
    r"(?:verif\w+|confirm\w+|prouve[rz]?)[^.]{0,40}(?:etes (?:pas )?(?:un )?(?:humain|robot)|n'etes pas un robot)",
    r"(?:no eres|que eres|no soy) (?:un )?(?:robot|humano)|(?:nao e|que e|voce e) (?:um )?(?:robo|humano)",
    r"(?:acces|acceso|acesso) (?:refuse|interdit|denegado|negado)|تم رفض الوصول",
    r"(?:لست|انك لست|انك انسان|روبوت)[^.]{0,30}",
    r"\bcaptcha\b",
)
_CHALLENGE = re.compile(
    r"cf[-_]chl|challenge-platform|_incapsula_resource|captcha-delivery\.com|px-captcha|distil_r_captcha|"
    r"ddos-guard|sucuri_cloudproxy|geetest|awswaf|aws-waf-token|turnstile",
    re.IGNORECASE,
)
_CONSENT = _words(
    r"\bcookies?\b",
    r"\bconsent\w*|we value your privacy|your privacy (?:choices|settings)|before you continue|gdpr",
    r"votre vie privee|vos donnees (?:personnelles)?|avant de continuer|nos partenaires|tracers|traceurs|rgpd",
    r"privacidad|privacidade|tus datos|seus dados|nuestros socios|nossos parceiros|lgpd|rgpd",
    r"ملفات (?:تعريف )?(?:الارتباط|كوكيز)|الكوكيز|خصوصيتك|سياسة الخصوصية|شركاونا",
    r"partners? (?:store|process|use)|legitimate interests?|interet legitime|interes legitimo",
)
_LOGIN = _words(
    r"(?:log|sign) ?in to (?:continue|read|view|your)|please (?:log|sign) ?in",
    r"you must be logged in|create (?:an|a free) account",
    r"connectez-vous|identifiez-vous|se connecter|mot de passe oublie|creez un compte|inscrivez-vous",
    r"inicia(?:r)? sesion|iniciar sessao|faca (?:o )?login|crea una cuenta|crie uma conta|esqueceu (?:a|sua) senha",
    r"تسجيل الدخول|سجل الدخول|انشاء حساب|نسيت كلمة",
)
_METERED = r"register (?:\w+ ){0,4}to (?:continue|keep) reading|reached your (?:\w+ ){0,3}limit of free"
_RESERVED = r"(?:this|the) (?:article|content|story) is (?:reserved|only|exclusive|for (?:our )?subscribers)"
_PAYWALL = _words(
    r"subscri(?:be|ption|bers?)[^.]{0,60}(?:to (?:read|continue|access|unlock)|only|required|to keep reading)",
    r"(?:to (?:continue|keep) reading|to read (?:this|the (?:full|rest)))[^.]{0,60}(?:subscri|register|sign|become)",
    _RESERVED,
    r"already a subscriber|unlimited (?:digital )?access (?:for|from)\b",
    _METERED,
    r"(?:reserve|exclusi\w+)[^.]{0,30}(?:aux?|a nos|pour (?:les|nos)) abonn|deja abonne|il vous reste [\d.,]+ ?%",
    r"abonnez-vous[^.]{0,60}(?:pour|et)|pour lire la suite|(?:lire|poursuivre)[^.]{0,30}abonn",
    r"(?:solo|exclusiv\w+|reservado)[^.]{0,30}(?:suscriptores|assinantes)|suscribete (?:para|y)|ya eres suscriptor",
    r"assine (?:para|e|ja)|ja (?:e|sou) assinante|para continuar (?:leyendo|lendo|a ler)",
    r"(?:للمشتركين|المشتركين) فقط|اشترك (?:الان )?(?:ل|في)|(?:هذا|المحتوى)[^.]{0,30}للمشتركين",
)
#: Of these, what nobody says but of the text above it.
_STUB = _words(
    _METERED,
    r"(?:to (?:continue|keep) reading|to read (?:this|the (?:full|rest)))[^.]{0,60}(?:subscri|register|become)",
    r"subscri(?:be|ption)[^.]{0,60}to (?:read|continue|access|unlock|keep reading)",
    _RESERVED,
    r"(?:article|contenu|lecture)[^.]{0,40}(?:reserve|exclusi\w+)[^.]{0,30}abonn",
    r"il vous reste [\d.,]+ ?%|pour lire la suite",
    r"(?:contenido|articulo|conteudo|artigo)[^.]{0,40}(?:exclusiv\w+|reservado)[^.]{0,30}(?:suscriptores|assinantes)",
    r"(?:هذا|المحتوى)[^.]{0,30}للمشتركين",
)
_FREE = re.compile(r'"isAccessibleForFree"\s*:\s*"?false', re.IGNORECASE)
_PASSWORD = re.compile(r"""<input[^>]{0,300}type\s*=\s*["']?password""", re.IGNORECASE)
_HEADINGS = re.compile(r"<(title|h1)\b[^>]{0,500}>(.{0,500}?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_WORD = re.compile(r"\w{3,}")
_SENTENCE = re.compile(r"[.!?؟।\n]+")


def obstacle(html: str, page: Article, own: Article, *, asked: str, final: str | None) -> Obstacle | None:
    """Why the page is not the article that `own` announced; None when it is.

    `page` is what was extracted from `html`; `asked` is the address, `final` where redirects led.
    """
    if _led_home(asked, final):
        return Obstacle(reason="home", message="leads to the home page of the site")
    agrees = _share(own.title, page.title) >= _AGREE
    words = count_words(page.body)
    wall = None if agrees and words >= ENOUGH_WORDS else _wall(html, page, own, agrees=agrees, final=final)
    if wall is not None:
        return wall
    if _is_paywalled(html, page, own, words):
        return Obstacle(reason="paywall", message="shows only the beginning: the rest is for subscribers")
    if not agrees and _is_foreign(page, own):
        message = "has another title and none of the words that the source announced"
        return Obstacle(reason="other", message=message)
    if words < count_words(own.body) + MORE_WORDS:
        return Obstacle(reason="no-text", message="holds no more text than the source gave")
    return None


def page_obstacle(html: str, page: Article) -> Obstacle | None:
    """Whether a page that nobody announced is an error, a captcha or a question about cookies and nothing else.

    `page` is what was extracted from `html`. Only a page of few words may be one, and its headings must say so, or all
    that is seen on it when it has hardly a text: an article that is lost weighs more than a wall that is taken for one.
    """
    words = count_words(page.body)
    if words >= BRIEF_WORDS:
        return None
    headings, shown = " \n ".join(_headings(html)), _shown(html)
    seen = f"{headings}\n{shown}" if words < FEW_WORDS and count_words(shown) <= WALL_WORDS else headings
    captcha = max((len(match[0]) for match in _CAPTCHA.finditer(seen)), default=0)
    if captcha > _TELLING_CHARS or (captcha and _CHALLENGE.search(html[:_HEAD_CHARS])):
        return Obstacle(reason="captcha", message="asks whether we are human, or refuses us", passing=True)
    if match := _NOT_FOUND.search(seen):
        return Obstacle(reason="not-found", message=f"says that there is no such page ({_quote(match)})")
    if match := _ERROR.search(seen):
        return Obstacle(reason="error", message=f"is an error page ({_quote(match)})", passing=True)
    if _mostly(_CONSENT, shown):
        return Obstacle(reason="consent", message="asks for consent to cookies first", passing=True)
    return None


def _wall(html: str, page: Article, own: Article, *, agrees: bool, final: str | None) -> Obstacle | None:
    """What the page is by its headings and by all that is seen on it."""
    shown = _shown(html)
    headings = " \n ".join([*_headings(html), fold_plain(page.title)])
    announced = fold_plain(f"{own.title} {own.summary} {own.body[:2_000]}")
    sparse = count_words(shown) <= WALL_WORDS or count_words(page.body) < FEW_WORDS
    if sparse and not agrees and (found := _named(html, headings, shown, own=announced)):
        return found
    if not agrees and (match := _NOT_FOUND.search(headings)) and match[0] not in announced:
        return Obstacle(reason="not-found", message=f"says that there is no such page ({_quote(match)})")
    text = fold_plain(page.body)
    host = urlsplit(final or "").hostname or ""
    if (_mostly(_CONSENT, text) and not _mostly(_CONSENT, announced)) or host.startswith(("consent.", "guce.")):
        return Obstacle(reason="consent", message="asks for consent to cookies first", passing=True)
    return None


def _named(html: str, headings: str, shown: str, *, own: str) -> Obstacle | None:
    """What a page of few words says that it is."""
    seen = f"{headings}\n{shown}"
    if _CHALLENGE.search(html[:_HEAD_CHARS]) or ((match := _CAPTCHA.search(seen)) and match[0] not in own):
        return Obstacle(reason="captcha", message="asks whether we are human, or refuses us", passing=True)
    if (match := _NOT_FOUND.search(seen)) and match[0] not in own:
        return Obstacle(reason="not-found", message=f"says that there is no such page ({_quote(match)})")
    if (match := _ERROR.search(seen)) and match[0] not in own:
        return Obstacle(reason="error", message=f"is an error page ({_quote(match)})", passing=True)
    if _mostly(_CONSENT, shown):
        return Obstacle(reason="consent", message="asks for consent to cookies first", passing=True)
    if _LOGIN.search(seen) and _PASSWORD.search(html[:_HEAD_CHARS]):
        return Obstacle(reason="login", message="asks for a login")
    return None


def _is_paywalled(html: str, page: Article, own: Article, words: int) -> bool:
    """Whether the text breaks off at an invitation to pay: short, and it or the page says so."""
    says_so = bool(_FREE.search(html))
    text = fold_plain(page.body)
    announced = fold_plain(own.body)
    invited = any(match[0] not in announced for match in _PAYWALL.finditer(text[-1_500:]))
    shown = _shown(html)
    around = invited or bool(_PAYWALL.search(shown))
    # The extractor may have cut the invitation off: it stands right below the text.
    start = max(shown.find(text[:60]), 0)
    invited = invited or any(
        match[0] not in announced for match in _STUB.finditer(shown[start : start + len(text) + 600])
    )
    is_stub = words < ENOUGH_WORDS or len(page.body) < 1.5 * len(own.body)
    return is_stub and ((says_so and around) or invited or (says_so and words < ENOUGH_WORDS // 2))


def _is_foreign(page: Article, own: Article) -> bool:
    everything = f"{page.title} {page.summary} {page.body}"
    announced = f"{own.summary or own.body}"
    if len(_tokens(own.title)) < 3:
        return False
    return _share(own.title, everything) < _FOREIGN and _share(announced, everything) < _FOREIGN


def _led_home(asked: str, final: str | None) -> bool:
    if final is None:
        return False
    before, after = urlsplit(asked), urlsplit(final)
    is_home = after.path.strip("/").lower() in ("", "index.html", "index.php", "home", "fr", "en", "ar", "es", "pt")
    return is_home and not after.query and (before.path.strip("/") != after.path.strip("/"))


def _mostly(pattern: re.Pattern[str], text: str) -> bool:
    """Whether at least half of the text's words stand in sentences that the pattern is found in."""
    total = hit = 0
    for sentence in _SENTENCE.split(text):
        count = count_words(sentence)
        total += count
        hit += count if pattern.search(sentence) else 0
    return total >= 8 and 2 * hit >= total


def _shown(html: str) -> str:
    """The beginning of what is seen on the page, folded."""
    return fold_plain(html_to_text(html[:_HEAD_CHARS])[:_SHOWN_CHARS])


def _headings(html: str) -> Iterator[str]:
    for number, match in enumerate(_HEADINGS.finditer(html[:_HEAD_CHARS])):
        if number >= 4:
            return
        yield fold_plain(title_text(match[2]))


def _tokens(text: str) -> set[str]:
    return set(_WORD.findall(fold_plain(text)))


def _share(announced: str, found: str) -> float:
    """Of the words of one text, the share that the other has; 1 for a text without words."""
    wanted = _tokens(announced)
    return len(wanted & _tokens(found)) / len(wanted) if wanted else 1.0


def _quote(match: re.Match[str]) -> str:
    return f"“{one_line(match[0])[:60]}”"
