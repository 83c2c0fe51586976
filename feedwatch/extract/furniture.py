r"""What the furniture of a web page says, in the languages of the packs: forms, share buttons, notices, footers.

The shape of a page decides first (see `scrape`); these words decide where shape cannot: a comment form is
made of short sentences, a cookie notice of long ones. Patterns are matched on folded text (see `fold`), so
they are written in lower case and without accents, one a line; `\b` guards what may start another word.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import Literal

#: What a line is for: `comments` starts what readers write, `related` a list of other articles, `linked`
#: points at another article within the text, `noise` is everything else that is never text.
Kind = Literal["comments", "related", "linked", "caption", "byline", "noise"]

#: Furniture is short; longer lines are text, or not worth the time.
MAX_WORDS = 60
MAX_CHARS = 600

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "\u00a0": " ", "\u202f": " "})


_MAX_TABLE = 8_192


class _Table(dict[int, str | int]):
    """What becomes of each character; those met for the first time lose their accents."""

    def __missing__(self, code: int) -> str:
        bare = "".join(char for char in unicodedata.normalize("NFD", chr(code)) if not unicodedata.combining(char))
        # Hostile texts may have a million different characters; those of any real text are few.
        if len(self) < _MAX_TABLE:
            self[code] = bare
        return bare


_BARE, _FOLDED = _Table(), _Table(_APOSTROPHES)
_EDGES = " \t-–—•·*|:>»«›‹+#=_~.…[]()→►▶➡👉🔴📌✅👇■●◆▪\ufe0f"


def fold(text: str) -> str:
    """The text in lower case without accents and harakat, apostrophes made one; for patterns only.

    A composed text (NFC) keeps its length, so that places in it are places in the text.
    """
    return (text.replace("`", "'") if text.isascii() else text.translate(_FOLDED)).lower()


def _bare(text: str) -> str:
    return text if text.isascii() else text.translate(_BARE)


def _any_of(lines: str) -> re.Pattern[str]:
    """One pattern of the alternatives that stand on lines of their own."""
    return re.compile("|".join(f"(?:{line.strip()})" for line in _bare(lines).splitlines() if line.strip()))


# At the start of a short line: from here on readers write.
_COMMENTS = _any_of(r"""
    (?:laiss|ecri|ajout|post|publi)\w+ (?:un|votre|vos|le premier) (?:commentaires?|reponse|avis)\b
    repondre\s*annuler|annuler la reponse|soyez le premier a (?:commenter|reagir)
    (?:\d+ |un |les )?commentaires?(?: \(?\d+\)?)?$
    commentaires? (?:recents?|des lecteurs|fermes?\b)|vos (?:commentaires|reactions)
    s'il vous plait entrez|votre adresse (?:e-?mail|de messagerie) ne sera|enregistrer mon nom
    (?:leave|post|write|add|submit) (?:a|your|the first) (?:reply|comment|response)|cancel reply
    (?:\d+ |view |show |no |reader )?(?:comments?|responses|replies)(?: \(?\d+\)?)?$
    (?:please enter|type) your (?:comment|name)|your email address will not be|comments are closed
    be the first to comment|join the (?:conversation|discussion)$
    (?:deix|escrev|adicion|publi)\w+ (?:um|o seu|seu|uma|sua) (?:comentario|resposta)|cancelar resposta
    (?:dej|escrib|anad|publi)\w+ (?:un|una|tu|su) (?:comentario|respuesta)|cancelar (?:la )?respuesta
    (?:\d+ )?comentarios?(?: \(?\d+\)?)?$|tu direccion de correo|o seu endereco de (?:email|e-mail)
    por favor,? (?:digite|insira|introduza|ingrese|introduce|escriba) (?:o |a |seu |su |tu |aqui )
    (?:اترك|اكتب|اضف|شارك|شاركنا) (?:تعليقا|تعليق|تعليقك|ردا|رد|رايك)|الغاء الرد|لن يتم نشر
    (?:التعليقات|تعليقات)(?: \(?\d+\)?)?$
    (?:من فضلك|رجاء|الرجاء|يرجى) (?:ادخل|ادخال|اكتب|كتابة) (?:تعليق|اسم|الاسم|بريد)
    (?:ku )?(?:bar|rubuta|aiko|bayar da) (?:sharhi|sharhinku|ra'ayi|ra'ayinku|amsa)\b|(?:sharhi|ra'ayoyi)$
    hinterlassen sie|antwort (?:abbrechen|hinterlassen)|kommentieren sie|bitte geben sie (?:ihren|hier)
    (?:schreiben sie einen )?kommentar (?:schreiben|verfassen)|kommentare?$
""")
# At the start of a short line: from here on other articles are shown.
_RELATED = _any_of(r"""
    (?:autres )?articles? (?:similaires?|lies?|connexes?|relatifs?|associes?|recents?|recommandes?|plus lus)
    (?:sur|dans) (?:le|la) meme (?:sujet|theme|thematique|rubrique|categorie|dossier|serie)\b
    (?:vous aimerez|a lire|a voir|a ecouter|lire) aussi$|vous (?:pourriez|aimerez) (?:aussi|egalement)
    (?:ces articles|ceci|cela|ca) (?:pourrai|peu|devrai)\w+ (?:aussi )?vous (?:interesser|plaire)
    les? plus (?:lus?|populaires?|recents?|commentes?|consultes?|vus?)\b
    (?:les )?dernieres? (?:infos?|news|actualites?|nouvelles|minutes?|articles|diffusions)\b
    plus (?:d'articles?|d'actualites?|d'infos?|de l'auteur)\b|plus (?:par|dans) (?:le |la |l')?\w+(?: \w+)?$
    en relation$|a la une$|en continu$|fil info\b|populaires?$|a decouvrir$|charger plus
    related(?: (?:articles?|posts?|stories|news|topics|content|coverage))?$
    you (?:may|might) (?:also )?(?:like|be interested)|recommended(?: for you| stories)?$
    more (?:from|stories|news|on this|articles)\b|more in \w+(?: \w+)?$|read (?:next|more)$|up next$|trending\b
    (?:most|top) (?:read|popular|viewed|commented|stories)\b|also (?:read|on|in)$|editor'?s picks?\b
    (?:latest|recent|popular|breaking) (?:news|posts?|stories|articles)\b|don'?t miss$|popular category
    (?:artigos?|noticias?|materias?|posts?|conteudos?) (?:relacionad[oa]s?|recentes?|similares|recomendad[oa]s)
    (?:voce )?(?:tambem )?(?:pode|podera) (?:gostar|interessar)|(?:leia|veja) tambem$|mais (?:lidas?|noticias)$
    ultimas (?:noticias|horas?)$|mais do autor$
    (?:articulos?|noticias?|entradas?|temas?) (?:relacionad[oa]s?|recientes?|similares|recomendad[oa]s)
    (?:te|le) puede interesar|tambien te|lea tambien$|mas (?:leid[oa]s|noticias)$|lo mas (?:leido|visto)
    noticia relaciona|mas (?:for di e|del) autor|pour aller plus loin$|nos (?:derniers|autres) articles$
    موضوعات (?:قد|ذات|مشابهة|اخرى)|قد يهمك ايضا|karin bayani$
    (?:مقالات|اخبار|مواضيع|مواد|قصص) (?:ذات صلة|متعلقة|مشابهة|مرتبطة|اخرى)|ذات صلة$|اخر الاخبار$
    قد (?:يعجبك|يهمك)|الاكثر (?:قراءة|مشاهدة)|المزيد(?: من)?$|مواضيع ذات
    (?:labarai|labaran) (?:masu alaka|da suka shafi|da aka fi karantawa|masu kama)|karin labarai|sabbin labarai
    (?:das|dieses thema|das thema|diese (?:artikel|beitrage|themen)) konnten? (?:sie|dich|euch)\b|mehr zum thema\b
    (?:ahnliche|verwandte|weitere|mehr) (?:artikel|beitrage|nachrichten|news|themen)\b
    noch mehr\b|meistgelesen|(?:auch )?interessant$|neueste artikel|wir empfehlen|beliebte kategorie
""")
_TAGS = _any_of(r"""
    (?:tags?|mots[- ]cles|etiquettes?|keywords|palavras-chave|etiquetas|schlagworter)\s*:
    (?:tags?|mots[- ]cles|etiquettes?|keywords|palavras-chave|etiquetas|schlagworter)$
    (?:الوسوم|كلمات مفتاحية)\s*:?
    tags[a-z]
""")
_LINKED = _any_of(r"""
    (?:articles?|billets?) (?:precedente?|suivante?)\b|(?:previous|next) (?:article|post|story)\b
    (?:artigo|articulo|noticia|entrada|post) (?:anterior|seguinte|siguiente|prome)\b
    (?:المقال|الخبر) (?:السابق|التالي)|(?:vorheriger|nachster) artikel
    (?:a )?(?:lire|voir|ecouter)(?: |-)(?:aussi|egalement|encore)\b|lire la suite\b|(?:pour )?en savoir plus\b
    (?:re)?lisez (?:aussi|egalement)\b|voir en ligne ?:
    also read\b|read (?:also|more|the full (?:story|article))\b|see also\b|related ?:|click here\b|(?:watch|more) ?:
    (?:don't miss|recommended|must read|in case you missed it|icymi) ?:
    (?:leia|veja|ouca|assista) (?:tambem|ainda|mais)\b|saiba mais\b
    (?:lea|lee|vea|mira|leer) (?:tambien|mas)\b|(?:lea|lee|vea|mira|puedes? ver|(?:te|le) puede interesar) ?:
    اقرا (?:ايضا|المزيد|كذلك)|(?:انظر|شاهد|طالع) (?:ايضا|كذلك)|للمزيد
    (?:ku )?(?:karanta|duba|kalli) (?:kuma|karin|wannan)\b|karanta:|lesen(?: sie)? (?:auch|mehr)\b
    (?:weiterlesen|passend dazu|siehe auch) ?:|lies auch\b|dowiedz sie wiecej\b
    (?:czytaj|zobacz|przeczytaj) (?:tez|takze|rowniez|wiecej)\b
""")
_CAPTION = _any_of(r"""
    (?:credits?|legende)\b.{0,60}:
    (?:credits? )?(?:photos?|images?|fotos?|bild|illustration|infographie|الصورة|صورة|hoto)\s*(?:credit)?\s*[:©/|(]
    (?:image|photo|foto|imagen|imagem) (?:d'illustration|illustrative|d'archives?|de archivo|de arquivo|ilustrativa)
    file photo|archivbild|صورة (?:ارشيفية|من الارشيف)|©|dr$
""")
_AGENCY = r"(?:afp|ap|reuters|getty(?: images)?|epa|efe|anp|dpa|lusa|shutterstock|anadolu|xinhua|pixabay|unsplash)"
_CREDIT_END = re.compile(
    rf"(?:[|/]\s*{_AGENCY}\b[^.]{{0,40}}\)?|© ?[^.]{{1,50}}|"
    r"[(|/–—-]\s*(?:photos?|fotos?|images?|credits?|bild|ph)\b[^.]{0,60}\)?)$"
)
_DATE = (
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2} ?[h:] ?\d{2}|"
    r"\d{1,2}(?:er|st|nd|rd|th|º|\.)? (?:de )?[^\W\d]{3,12}\.?,? (?:de |do )?\d{4}|"
    r"[^\W\d]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4})"
)
_BYLINE = _any_of(
    rf"""
    (?:[^\W\d]+[.,]{{0,2}} ){{0,3}}\W{{0,4}}{_DATE}.{{0,40}}$
"""
    r"""
    (?:par|by|por|von|بقلم|كتب|كتبت|daga|rubutawa) [^.!?:]{2,80}$
    (?:soumis|submitted|ecrit|redige|written|envoye) (?:par|by) .{2,60}\d{4}.{0,12}$
    (?:publie|mis a jour|modifie|poste|published|posted|updated|last (?:updated|modified)|publicado)\b.{0,80}$
    (?:atualizado|actualizado|نشر|تم النشر|اخر تحديث|an wallafa|an sabunta|veroffentlicht|aktualisiert)\b.{0,80}$
    \d+ ?(?:min|mn|minutes?|minutos|دقائق|دقيقة)\b.{0,25}$|(?:temps|duree|reading|tempo|tiempo) (?:de |time|lectur)
    [\d\s.,:/+%°k-]+$
"""
)
_SHARE_WORD = (
    r"(?:partage[rz]?(?: (?:sur|cet article|l'article|ceci|via|avec))?|share(?: (?:on|this|via|it))?"
    r"(?: (?:article|post|story))?|compartilh\w+|compart\w+|شارك\w*|مشاركة|raba|tweet(?:er|ez)?|"
    r"facebook|twitter|x|whatsapp|telegram|linkedin|pinterest|instagram|youtube|tiktok|messenger|reddit|tumblr|viber|"
    r"threads|mastodon|flipboard|google ?\+?|فيسبوك|تويتر|واتساب|تلغرام|تيليجرام|e-?mail|mail|courriel|"
    r"imprimer|print|imprimir|طباعة|copy(?: link)?|copier(?: le lien)?|copy url|sur|on|via|et|and|embed|fb|tw|rss)"
)
_TO_US = r"(?:[- ](?:us|our|now|here|today|nous|vous|notre|moi|nos|se|nuestr\w+)\b.{0,160}|)$"
# The whole of a short line, unless the pattern ends before.
_NOISE = _any_of(
    rf"""
    {_SHARE_WORD}(?:[\s,|/•·:+]+{_SHARE_WORD})*[\s\d.,k]*$
    (?:suivez|rejoignez|retrouvez|contactez|abonnez|inscrivez|connectez|identifiez|soutenez|s'abonner){_TO_US}
    (?:follow|join|contact|support|subscribe|sign ?(?:up|in|out)|log ?(?:in|out)|register|donate|about){_TO_US}
    (?:siga|sigue|siguenos|assine|suscri\w+|inscreva|registre|cadastre){_TO_US}
    (?:por favor,? )?(?:entre em contato|pongase en contacto)\b.{{0,60}}$
"""
    r"""
    (?:live |site |main )?logo(?: .{0,15})?$|spot_?img|ad_?img|image(?:_\d+|\d*)$|menu$|.{0,20}\bskip to\b
    aller au (?:contenu|menu)|(?:ouvrir|fermer) (?:le )?menu|(?:ok|oui|non|yes|no|fermer|close|×|x)$
    (?:pub|publicites?|annonces?|sponsorise|advertis\w+|ads?|anzeige|werbung)(?: ?:| ?[-(].{0,30})?$
    (?:sponsored(?: content)?|promoted|publicidad(?:es?)?|anuncios?|patrocinado)(?: ?:| ?[-(].{0,30})?$
    (?:اعلانات|اعلان|talla)(?: ?:| ?[-(].{0,30})?$
    (?:se connecter|connexion|mon compte|inscription|newsletter|deconnexion|rechercher|recherche)\s*[:.…]*$
    (?:search|my account|entrar|iniciar sesion|ingresar|pesquisar|buscar|تسجيل الدخول|بحث|bincika)\s*[:.…]*$
    (?:الرجاء |يرجى |من فضلك )?(?:التواصل معنا|تواصل معنا|اتصل بنا)[ !.]*$
    (?:تابعنا|تابعونا|اشترك|اشتركوا|انضم الينا|حمل تطبيق)\b.{0,120}$|(?:من نحن|اتصل بنا)$
    (?:ku )?(?:biyo mu|yi rajista|bi mu|tuntube mu|game da mu)\b.{0,80}$
    (?:votre |your |ihr |seu |su )?(?:mot de passe|password|senha|contrasena|كلمة المرور|passwort)(?: .{0,20})?$
    (?:votre |your |ihr )?(?:username|user name|nom d'utilisateur|benutzername)(?: .{0,20})?$
    forgot your password|password recovery|a password will be|ein passwort wird
    please enter|you have entered an incorrect|save my name|(?:your )?(?:name|e-?mail|website|nom|site web) ?[*:]?$
    vous devez etre connecte|log in to leave|to post a comment|welcome! (?:log|register)|create an account
    herzlich willkommen!|melden sie sich
    (?:mentions legales|conditions generales|politique de confidentialite|qui sommes[- ]nous|plan du site)\b.{0,60}$
    (?:privacy policy|terms (?:of (?:use|service)|and conditions)|impressum|datenschutz\w*)\b.{0,60}$
    (?:politica de privaci?da\w*|aviso legal|سياسة الخصوصية)\b.{0,60}$|a propos(?: de nous)?$
    (?:google play|app store)\b.{0,60}$|(?:voir plus|show more|load more|see all|tout voir|view all)$
    (?:ver mais|ver mas|تحميل المزيد|back to top|haut de page|retour(?: a l'accueil| en haut)?|loading)$
    (?:play|pause|ecouter|precedent|suivant|previous|next)$
    (?:ecouter|imprimer|envoyer|signaler|enregistrer) (?:l'article|cet article|par (?:e-?mail|courriel)|une erreur)$
    (?:listen to|print|save|email|bookmark) (?:this )?(?:article|story|page)$|about the author$|nous suivre$
    (?:شارك|مشاركة|شارك هذا|طباعة) (?:المقال|الخبر|الموضوع)$
    (?:vues?|views?|visualizacoes|مشاهدات?) ?:? ?[\d.,k]*$
    [\d.,k]+ (?:vues?|views?|shares?|partages?|likes?|followers|abonnes|fans|مشاهدة)$
"""
)
_NETWORK = r".{0,160}\b(?:whatsapp|telegram|facebook|twitter|instagram|youtube|tiktok|google (?:news|actualites))\b"
_BY_MAIL = r".{0,160}\b(?:newsletters?|inbox|e-?mail|correo|boite (?:mail|de reception))\b"
# At the start of a line: it asks the reader to follow, join or pay, or parts the text only.
_CALLS = _any_of(
    rf"""
    (?:please |kindly |also )?(?:follow [^-].{{0,80}} on .{{0,160}}(?: @|\bwhatsapp\b)|subscribe {_NETWORK})
    (?:please |also )?join (?:\S+ ){{0,4}}(?:whatsapp|telegram) (?:channel|group|community)
    (?:subscribe|sign ?up|get|receive) .{_BY_MAIL}
    (?:suivez(?!-vous)|rejoignez|abonnez|retrouvez|likez){_NETWORK}|(?:abonnez|inscrivez|recevez){_BY_MAIL}
    (?:siga|sigue|siguenos|unete|unase|assine|suscri\w+){_NETWORK}|(?:receba|recib[ae]|suscri\w+|assine|apuntate){_BY_MAIL}
    (?:domin .{{0,60}} )?ku (?:shiga|biyo|bi){_NETWORK}|(?:domin .{{0,60}} )?ku bi mu a shafuka
"""
    r"""
    (?:انضم|انضموا|اشترك|اشتركوا) (?:الى|في|ل)\s?(?:قناتنا|قناة|مجموعتنا|نشرتنا)|للاشتراك في (?:النشرة|نشرتنا)
    (?:تابعوا|تابعونا|تابعنا) .{0,100}(?:واتساب|تلغرام|تيليغرام|تليجرام|فيسبوك|تويتر|يوتيوب)
    sign ?up (?:to get |for )(?:our|the) (?:best|latest|top|daily|weekly|free)\b|kindly share\b
    (?:support|soutenez) (?:(?:our|independent|quality|un|le|notre) ){1,2}journalism(?:e(?: \w+)?)? ?(?:[.!:,–-]|$)
    (?:did you (?:like|enjoy)|vous avez aime|cet article vous a) (?:this |cet )?(?:article|story|plu)\b
    (?:story|article) continues (?:below|after)\b|la suite (?:de l'article )?apres (?:la|cette) pub
    (?:sorry, )?(?:your|this) browser does(?: not|n't) support|votre navigateur ne (?:supporte|prend|permet)
    (?:tu|su) navegador no (?:soporta|admite)|(?:o )?seu navegador nao suporta|متصفحك لا يدعم
    (?:ihr|dein) browser unterstutzt
    this content is imported from|view full post on|ce contenu est importe d|este contenido (?:se|es) importa
    l'article (?:continue|se poursuit) apres|lire la suite apres la pub|deja abonnee?\b|already a subscriber\b
"""
)
# Somewhere in a line: each is looked for only where its first word stands.
_NOTICES = tuple(
    (_bare(needle), re.compile(_bare(pattern)))
    for needle, pattern in (
        ("cookies", r"cookies.{0,80}(?:accept|accep|aceit|acept|consent|privacy|polit|experience|navigation|zustimm)"),
        ("cookies", r"(?:utilis\w+|using|uses?|usamos|utiliz\w+|accept\w*|verwend\w+|amfani da) (?:\w+ ){0,2}cookies"),
        ("cookies", r"^(?:les |ces |the |these |os |las )?cookies\b|cookies (?:de|d'|et|and|lie|sont|are)\b"),
        ("ملفات تعريف الارتباط", r"ملفات تعريف الارتباط"),
        ("reserv", r"(?:tous droits reserves|all rights reserved|(?:todos )?(?:os direitos|los derechos) reservados)"),
        ("reserv", r"^cet article est reserve|reserve (?:aux|a nos) abonnes"),
        ("حقوق", r"جميع الحقوق محفوظة"),
        ("rechte", r"alle rechte vorbehalten"),
        ("©", r"^©"),
        ("copyright", r"^copyright\b"),
        ("javascript", r"(?:activez|enable|active|necessite|requires?|desactive) javascript"),
        ("app", r"(?:telechargez|download|baixe|descargue) (?:\w+ ){0,2}(?:l'appli\w*|application|app|aplicativo)\b"),
        ("تطبيق", r"حمل (?:الان )?(?:تطبيق|التطبيق)"),
        ("letter", r"(?:inscrivez|abonnez|recevez|sign up|subscribe|get (?:the|our)).{0,120}newsletter"),
        ("lettre", r"(?:inscrivez|abonnez|recevez).{0,120}(?:lettre d'information|infolettre)"),
        ("news", r"^(?:\S+ ){0,4}newsletters?$|^never miss .{0,80}newsletter"),
        ("inbox", r"(?:deliver\w*|straight|direct\w*|sent|right) (?:\w+ ){0,2}to your inbox"),
        (
            "abonn",
            r"(?:reservee?s?|accessible) (?:uniquement )?(?:aux|a nos) abonnes|abonnez-vous pour (?:lire|acceder)",
        ),
        ("abonn", r"(?:lire la suite|poursuivre (?:la|votre) lecture|lire (?:cet|tout l')article).{0,60}abonn"),
        ("subscri", r"you(?:'re| are) already a subscriber|(?:article|content|story) is (?:\w+ ){0,3}subscribers"),
        ("reading", r"to (?:continue|keep) reading.{0,60}(?:subscri|log ?in|sign|register)"),
        ("full", r"to (?:view|read|access) the full (?:story|article).{0,60}(?:subscri|log ?in|sign|register)"),
        ("free articles", r"limit of free articles|free articles? (?:left|remaining|this month)"),
        ("gratuit", r"articles? gratuits? (?:ce mois|restants?)"),
        ("للمشتركين", r"(?:متاح|مخصص|حصري)\S* للمشتركين|للمشتركين فقط"),
        ("bloqu", r"(?:desactive[rz]|desactivation).{0,40}bloqueur"),
        ("block", r"(?:disable|turn off|whitelist).{0,40}ad ?block"),
        ("heberge", r"^ce contenu est heberge par"),
        ("bolet", r"(?:receba|assine|recib[ae]|suscri\w+).{0,120}bolet(?:im|in)"),
        ("adresse", r"votre adresse (?:e-?mail|de messagerie) (?:ne sera|est uniquement)"),
        (
            "captcha",
            r"^captcha|captcha (?:verification|a echoue|score|failed)|(?:score|utilisateur|usuario) (?:\w+ )?captcha",
        ),
        ("المستخدم", r"فشل التحقق من (?:نقاط )?المستخدم"),
    )
)
_ADVERTS = _bare(r"publicites?|advertisement|publicidade|publicidad|إعلان|talla|anzeige")
#: Within so many characters the mark of an advertisement ends.
_ADVERT_CHARS = 60
_ADVERT = re.compile(rf"\W*(?:{_ADVERTS})(\s*[-–—]\s*)?")
_ADVERT_LINE = re.compile(rf"[-–—]\s{{0,3}}(?:{_ADVERTS})\s{{0,3}}[-–—]\s{{0,3}}")
_HOME = _any_of(r"""
    accueil|acceuil|home(?: ?page)?|inicio|pagina inicial|portada|startseite
    الرئيسية|الصفحة الرئيسية|gida|shafin farko|babban shafi|vous etes ici|you are here
""")
_HOME_WORD = re.compile(rf"(?<![^\W_])(?:{_HOME.pattern})")
_GENERIC_SECTION = _any_of(r"""
    (?:les |toutes les )?(?:news|infos?|actus?|actualites?)(?:\s*[-/&]\s*(?:news|infos?|actus?|actualites?))?
    a la une|une|articles?|blog|posts?|latest|all|start|top stories|featured|headlines|general
    noticias|ultimas|ultimas noticias|اخبار|الاخبار|مقالات|labarai|nachrichten
""")
_PATTERNS: tuple[tuple[Kind, re.Pattern[str], int], ...] = (
    # How many words a line may have to be taken for this kind.
    ("comments", _COMMENTS, 14),
    ("noise", _NOISE, 14),
    ("noise", _CALLS, 40),
    ("linked", _LINKED, 40),
    ("related", _RELATED, 9),
    ("noise", _TAGS, 30),
    ("caption", _CAPTION, 40),
    ("byline", _BYLINE, 14),
)
# "Published in 2019, the report …" is text.
_NEVER_SENTENCES = frozenset({"related", "byline"})
# Where a heading may start in a text without line ends: at a capital after a word's or sentence's end.
_CAPITAL = re.compile(r"(?<![^\W_])[A-ZÀ-Þ](?=[^\W\d_])|(?<=[a-zß-ÿ.!?»])[A-ZÀ-Þ](?=[^\W\d_]{3})")


def kind_of(line: str) -> Kind | None:
    """What furniture the line is; None for anything that may be text."""
    words = line.count(" ") + 1
    return None if words > MAX_WORDS or len(line) > MAX_CHARS else _kind_of(line, words)


@lru_cache(maxsize=8_192)
def _kind_of(line: str, words: int) -> Kind | None:
    """As `kind_of`; the menus and footers of a site are the same on all of its pages."""
    whole = fold(line).strip()
    folded = whole.strip(_EDGES)
    if not folded:
        return "noise"
    sentence = words >= 6 and whole.endswith((".", "!", "?", "؟"))
    for kind, pattern, limit in _PATTERNS:
        if words <= limit and pattern.match(folded) and not (sentence and kind in _NEVER_SENTENCES):
            return kind
    for needle, pattern in _NOTICES:
        if needle in whole and pattern.search(whole):
            return "noise"
    return "caption" if words <= 40 and _CREDIT_END.search(whole) else None


def marks(text: str) -> list[int]:
    """Where in a text without line ends the heading of a comment form or of related articles stands."""
    folded = fold(text)
    if len(folded) != len(text):
        return []
    return [
        match.start()
        for match in _CAPITAL.finditer(text)
        if _COMMENTS.match(folded, match.start()) or _RELATED.match(folded, match.start())
    ]


def advert_length(text: str) -> int:
    """Length of the mark of an advertisement glued to the start of a text; 0 without one."""
    match = _ADVERT.match(fold(text[:_ADVERT_CHARS]))
    if match is None or (match[1] is None and not text[match.end() : match.end() + 1].isupper()):
        return 0
    return match.end()


def cut_at_adverts(text: str) -> list[str]:
    """The text cut around the marks of advertisements between dashes, the marks themselves among the parts."""
    folded = fold(text)
    if len(folded) != len(text):
        return [text]
    places = [0, *(place for match in _ADVERT_LINE.finditer(folded) for place in match.span()), len(text)]
    return [text[start:end] for start, end in pairwise(places) if start < end]


def is_home(section: str) -> bool:
    """Whether a breadcrumb's part is the home page."""
    return bool(_HOME.fullmatch(fold(section).strip(_EDGES)))


def home_place(text: str) -> int:
    """Where the home page's name stands last in a line that begins with other furniture; -1 without one."""
    return max((match.start() for match in _HOME_WORD.finditer(fold(text))), default=-1)


def generic_length(text: str) -> int:
    """Length of a word such as "news" glued to the start of a section in a script without capitals; 0 without one."""
    match = _GENERIC_SECTION.match(fold(text))
    is_glued = match is not None and text[match.end() : match.end() + 1].isalpha()
    return match.end() if match and is_glued and text[0].lower() == text[0].upper() else 0


def is_generic(section: str) -> bool:
    """Whether a breadcrumb's part says nothing, such as "News"."""
    return bool(_GENERIC_SECTION.fullmatch(fold(section).strip(_EDGES)))


def home_length(text: str) -> int:
    """Length of the home page's name at the start of a glued breadcrumb; 0 without one."""
    match = _HOME.match(fold(text))
    return match.end() if match else 0
