"""Names that stand in dates: months, days of the week, zones, and words that say nothing."""

from __future__ import annotations

import functools

# Full names by month; an unambiguous beginning of three letters or more stands for its month too.
_NAMES = """
january janvier januar janner enero janeiro gennaio januari
february fevrier februar feber febrero fevereiro febbraio februari
march mars marz marzo marco maart mrz mrt
april avril abril aprile
may mai mayo maio maggio mei
june juin juni junio junho giugno
july juillet juli julio julho luglio
august aout agosto augustus
september septembre septiembre setiembre setembro settembre
october octobre oktober octubre outubro ottobre
november novembre noviembre novembro
december decembre dezember diciembre dezembro dicembre
"""
# These count only as written. Hausa, then Arabic as in Cairo, Algiers and Tunis, Rabat, Damascus.
_HAUSA_AND_ARABIC = """
janairu janairun يناير جانفي كانونالثاني
fabrairu faburairu fabarairu fabrairun فبراير فيفري شباط
maris مارس اذار
afrilu afirilu afrilun ابريل افريل نيسان
mayu mayun مايو ماي ايار
yuni yunin يونيو يونيه جوان حزيران
yuli yulin يوليو يوليه جويليه جويلية يوليوز تموز
agusta augusta agustan اغسطس اوت غشت اب
satumba satumban سبتمبر شتنبر ايلول
oktoba oktoban اكتوبر تشرينالاول
nuwamba nuwanba nuwamban نوفمبر نونبر تشرينالثاني
disamba disanba disamban ديسمبر دجنبر كانونالاول
"""
# Swahili, Afrikaans, Somali, Igbo, Yoruba, Wolof, Bambara, Fula, Malagasy, Kinyarwanda, Oromo.
_AFRICAN = """
januarie jannaayo jenuwari sere samwiyee zanwuye siilo janoary mutarama amajjii
februarie febraayo erele fewriyee feburuye colte febroary gashyantare guraandhala
machi maarso maachi erena marisi mbooy martsa werurwe bitooteessa
aprili abriil eprel igbe awril awirili seeɗto aprily mata elba
maajo mee ebibi mɛ duujal mey gicurasi caamsa
junie juun okudu suwe zuwɛn korse jona kamena waxabajjii
julai julie luuliyo agemo sulet zuluye morso jolay nyakanga adooleessa
agosti ogosto ogoost ogun uti juko aogositra kanama hagayya
septemba sebteembar owewe sattumbar sɛtanburu siilto septambra nzeri fuulbana
oktoobar owara ɔkutɔburu yarkomaa oktobra ukwakira onkololeessa
novemba nofeembar belu nowambar nowanburu jolal novambra ugushyingo sadaasa
desemba desember diseembar ope desambar desanburu bowte desambra ukuboza muddee
"""
_TURKISH_AND_RUSSIAN = """
ocak oca января январь янв
subat sub февраля февраль фев февр
mart марта март мар
nisan nis апреля апрель апр
mayıs мая маи
haziran haz июня июнь июн
temmuz tem июля июль июл
agustos agu августа август авг
eylul eyl сентября сентябрь сен сент
ekim eki октября октябрь окт
kasım kas ноября ноябрь ноя нояб
aralık ara декабря декабрь дек
"""
_EXACT = (_HAUSA_AND_ARABIC, _AFRICAN, _TURKISH_AND_RUSSIAN)
# From Monday; a beginning of two letters or three may stand for it, with or without a full stop.
_DAYS = """
monday mon lundi lun montag mo lunes segunda seg lunedi maandag ma litinin الاثنين الإثنين jumatatu
tuesday tue tues mardi dienstag di martes terca ter martedi dinsdag talata الثلاثاء jumanne
wednesday wed mercredi mer mittwoch mi miercoles mie quarta qua mercoledi woensdag wo laraba الاربعاء jumatano
thursday thu thur thurs jeudi jeu donnerstag do jueves jue quinta qui giovedi gio donderdag alhamis الخميس alhamisi
friday fri vendredi ven freitag fr viernes vie sexta sex venerdi vrijdag vr jumma'a jumaa الجمعه الجمعة ijumaa
saturday sat samedi sam samstag sonnabend sa sabado sab sabato zaterdag za asabar السبت jumamosi
sunday sun dimanche dim sonntag so domingo dom domenica zondag zo lahadi الاحد jumapili
"""
_FILLER_TABLE = """
at a as the of on de del den der die le la las el um uhr ore alle et und y e ga watan t feira kl min mn h hs hrs u uur
يوم في من الساعه الساعة م ه هـ تمام على عند
day year en г год года в salı cuma
"""
#: Words that say nothing of the date.
FILLERS = frozenset(_FILLER_TABLE.split())

# Minutes east of Greenwich. Ambiguous names mean what they mean in most feeds (BST is British, IST Indian).
_ZONE_TABLE = """
0 z utc gmt ut wet
60 bst cet met mez wat west
120 cest mest mesz eet cat sast wast
180 eest eat msk мск trt idt
210 irst
240 gst mut ret sct azt get samt
270 aft
300 pkt uzt mvt
330 ist
345 npt
390 mmt
420 ict wib
480 sgt hkt awst pht myt wita
540 jst kst wit
570 acst
600 aest chst
660 aedt
720 nzst fjt
780 nzdt
-60 cvt azot
-120 brst
-150 ndt
-180 adt brt art uyt gft srt clst
-210 nst
-240 edt ast bot clt vet gyt pyt
-300 est et cdt cot pet ect
-360 cst ct mdt
-420 mst mt pdt
-480 pst pt akdt
-540 akst
-600 hst
"""
#: Minutes east of Greenwich of each zone's abbreviation.
ZONES = {
    name: int(minutes)
    for minutes, *names in (line.split() for line in _ZONE_TABLE.strip().splitlines())
    for name in names
}
#: Zones written out (folded), and their abbreviations.
LONG_ZONES = {
    f"{place} {kind} time": zone
    for place, initial in (("eastern", "e"), ("central", "c"), ("mountain", "m"), ("pacific", "p"), ("atlantic", "a"))
    for kind, zone in (("standard", f"{initial}st"), ("daylight", f"{initial}dt"))
} | {
    "coordinated universal time": "utc",
    "greenwich mean time": "gmt",
    "british summer time": "bst",
    "central european time": "cet",
    "central european standard time": "cet",
    "central european summer time": "cest",
    "eastern european time": "eet",
    "eastern european summer time": "eest",
    "west africa time": "wat",
    "west africa standard time": "wat",
    "central africa time": "cat",
    "east africa time": "eat",
    "south africa standard time": "sast",
}


@functools.cache
def months() -> dict[str, int]:
    """The month of each name and of each unambiguous beginning of a name; folded."""
    full = [(name, month) for month, line in enumerate(_NAMES.strip().splitlines(), 1) for name in line.split()]
    table = {
        name: month
        for names in _EXACT
        for month, line in enumerate(names.strip().splitlines(), 1)
        for name in line.split()
    }
    beginnings: dict[str, set[int]] = {}
    for name, month in full:
        for end in range(3, len(name) + 1):
            beginnings.setdefault(name[:end], set()).add(month)
    table.update({start: numbers.pop() for start, numbers in beginnings.items() if len(numbers) == 1})
    table.update(full)
    return table


@functools.cache
def weekdays() -> dict[str, int]:
    """The day of the week of each name, Monday is 0; folded. Names that are months, too, are left out."""
    known = months()
    return {
        name: day
        for day, line in enumerate(_DAYS.strip().splitlines())
        for name in line.split()
        if name not in known and name not in FILLERS
    }
