from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from feedwatch.extract.language import LanguageDetector, Languages, primary_subtag


@pytest.fixture(scope="module")
def detector() -> LanguageDetector:
    return LanguageDetector()


TEXTS = {
    "fr": "Le gouvernement a annoncé mardi la construction de trois nouvelles écoles dans la région de Kara.",
    "en": "The government announced on Tuesday that three new schools would be built in the northern region.",
    "ar": "أعلنت الحكومة يوم الثلاثاء عن بناء ثلاث مدارس جديدة في المنطقة الشمالية من البلاد.",
    "ha": "Gwamnati ta sanar a ranar Talata cewa za a gina sabbin makarantu uku a yankin arewacin kasar.",
    "pt": "O governo anunciou na terça-feira a construção de três novas escolas na região norte do país.",
    "es": "El gobierno anunció el martes la construcción de tres nuevas escuelas en la región norte del país.",
}


@pytest.mark.parametrize(("language", "text"), TEXTS.items())
def test_the_language_of_a_text_is_found(detector: LanguageDetector, language: str, text: str) -> None:
    found = detector.languages("", text)
    assert (found.best, found.possible) == (language, frozenset({language}))


def test_a_wrong_declaration_is_not_believed(detector: LanguageDetector) -> None:
    assert detector.languages("", TEXTS["fr"], declared="en-US").possible == {"fr"}


def test_the_configured_language_is_always_possible(detector: LanguageDetector) -> None:
    found = detector.languages("", TEXTS["en"], configured="ha")
    assert (found.best, found.possible) == ("en", frozenset({"en", "ha"}))


def test_a_short_title_may_be_in_its_sources_languages_too(detector: LanguageDetector) -> None:
    found = detector.languages("The army returns to the city", "", configured="fr", declared="pt-BR")
    assert found.possible >= {"fr", "pt", "en"} or not found.possible


@pytest.mark.parametrize("title", ["", "12 345", "CAN 2025", "Niger"])
def test_too_little_text_may_be_in_any_language(detector: LanguageDetector, title: str) -> None:
    found = detector.languages(title, "")
    assert (found.best, found.possible) == (None, frozenset())


def test_the_configured_language_is_the_guess_when_undecided(detector: LanguageDetector) -> None:
    found = detector.languages("CAN 2025", "", configured="fr")
    assert (found.best, found.possible) == ("fr", frozenset())


def test_a_text_in_another_language_is_not_taken_for_one_of_the_packs(detector: LanguageDetector) -> None:
    text = "Die Regierung kündigte am Dienstag an, dass im Norden des Landes drei neue Schulen gebaut werden."
    assert detector.languages("", text).best == "de"


def test_several_threads_may_ask_at_once() -> None:
    detector = LanguageDetector()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: detector.languages("", text).best, list(TEXTS.values()) * 5))
    assert found == list(TEXTS) * 5


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("fr-FR", "fr"),
        ("EN_us", "en"),
        ("ar", "ar"),
        ("hau", "hau"),
        ("french", None),
        ("", None),
        (None, None),
        ("und", None),
    ],
)
def test_the_primary_subtag(tag: str | None, language: str | None) -> None:
    assert primary_subtag(tag) == language


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ja", "ニジェール軍は月曜日、西部で武装集団が巡回部隊を襲撃したと発表した。"),
        ("ko", "니제르군은 월요일 서부 지역에서 무장 괴한들이 순찰대를 습격했다고 밝혔다."),
        ("th", "กองทัพไนเจอร์แถลงเมื่อวันจันทร์ว่ากลุ่มติดอาวุธได้โจมตีหน่วยลาดตระเวน"),
        ("el", "Ο στρατός του Νίγηρα ανακοίνωσε τη Δευτέρα ότι ένοπλοι επιτέθηκαν σε περίπολο."),
        ("hi", "नाइजर की सेना ने सोमवार को कहा कि हथियारबंद लोगों ने गश्ती दल पर हमला किया।"),
        ("zh", "尼日尔军方周一表示，武装分子在该国西部地区袭击了一支巡逻队。"),
        ("ru", "Армия Нигера сообщила в понедельник, что боевики напали на патруль."),
    ],
)
def test_a_script_tells_its_language(detector: LanguageDetector, language: str, text: str) -> None:
    assert detector.languages("", text) == Languages(best=language, possible=frozenset({language}))


def test_of_a_script_that_several_languages_share_the_publisher_tells_which(detector: LanguageDetector) -> None:
    text = "नायजरच्या लष्कराने सोमवारी सांगितले की सशस्त्र लोकांनी गस्ती पथकावर हल्ला केला."
    assert detector.languages("", text, declared="mr-IN", configured="en").possible == {"mr", "en"}


def test_a_name_in_another_script_is_no_language(detector: LanguageDetector) -> None:
    assert detector.languages("", f"{TEXTS['fr']} (Αθήνα)").best == "fr"
