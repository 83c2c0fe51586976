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
september septembre septiembre setembro settembre
october octobre oktober octubre outubro ottobre
november novembre noviembre novembro
december decembre dezember diciembre dezembro dicembre
"""
# These count only as written: Hausa, then Arabic as in Cairo, Algiers and Tunis, Rabat, Damascus.
_EXACT = """
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
"""
#: Words that say nothing of the date.
FILLERS = frozenset(_FILLER_TABLE.split())

# Minutes east of Greenwich. Ambiguous names mean what they mean in most feeds (BST is British, IST Indian).
_ZONE_TABLE = """
0 z utc gmt ut wet
60 bst cet met mez wat west
120 cest mest mesz eet cat sast
180 eest eat msk trt
240 gst
300 pkt
330 ist
420 ict wib
480 sgt hkt awst pht
540 jst kst
570 acst
600 aest
660 aedt
720 nzst
780 nzdt
-150 ndt
-180 adt brt art
-210 nst
-240 edt ast bot clt
-300 est et cdt
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
    table = {name: month for month, line in enumerate(_EXACT.strip().splitlines(), 1) for name in line.split()}
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
