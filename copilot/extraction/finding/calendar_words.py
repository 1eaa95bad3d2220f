"""The words for months, days and parts of a day in English, German, French and Spanish, folded.

Invariant: a word that means two things in two languages stands in neither table; its finder decides
by the words around it.
"""

from __future__ import annotations

_MONTH_NAMES = (
    "january jan januar janner jaenner janvier janv enero ene",
    "february feb februar feber febr fevrier fevr fev febrero",
    "march mar marz maerz mrz mars marzo",
    "april apr avril avr abril abr",
    "may mai mayo",
    "june jun juni juin junio",
    "july jul juli juillet juil julio",
    "august aug aout agosto ago",
    "september sept sep septembre septiembre setiembre",
    "october oct oktober okt octobre octubre",
    "november nov novembre noviembre",
    "december dec dezember dez decembre diciembre dic",
)
MONTHS: dict[str, int] = {
    name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()
}
MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")(?![^\W_])\.?"

_DAY_NAMES = (
    "monday montag lundi lunes",
    "tuesday dienstag mardi martes",
    "wednesday mittwoch mercredi miercoles",
    "thursday donnerstag jeudi jueves",
    "friday freitag vendredi viernes",
    "saturday samstag sonnabend samedi sabado",
    "sunday sonntag dimanche domingo",
)
_SHORT_DAY_NAMES = (
    "mon mo lun lu",
    "tue tues di mar ma",
    "wed weds mi mer mie me",
    "thu thur thurs do jeu jue je ju",
    "fri fr ven vie ve vi",
    "sat sa sam sab",
    "sun so dim dom su",
)
WEEKDAYS: dict[str, int] = {
    name: number for number, names in enumerate(_DAY_NAMES) for name in names.split()
}
SHORT_WEEKDAYS: dict[str, int] = {
    name: number for number, names in enumerate(_SHORT_DAY_NAMES) for name in names.split()
}
# Short names that may stand alone behind "by" or "am"; the others only with a date behind them.
CLEAR_SHORT = frozenset("mon tue tues wed weds thu thur thurs fri sat sun".split())

# Parts of a day, and whether an hour up to twelve is one of the afternoon then.
_FORENOON = (
    "morning mornings matin matinee manana madrugada morgen morgens vormittag vormittags fruh "
    "frueh "
    "early"
)
_AFTERNOON = (
    "afternoon afternoons evening evenings night tonight noon lunchtime nachmittag nachmittags "
    "abend "
    "abends nacht nachts mittag mittags apres-midi apres midi soir soiree nuit tarde noche mediodia"
)
PARTS: dict[str, str] = dict.fromkeys(_FORENOON.split(), "am") | dict.fromkeys(
    _AFTERNOON.split(), "pm"
)
_GERMAN_DAYS = "montag dienstag mittwoch donnerstag freitag samstag sonntag".split()
_GERMAN_PARTS = "morgen vormittag mittag nachmittag abend nacht fruh".split()
WEEKDAYS |= {f"{day}{part}": WEEKDAYS[day] for day in _GERMAN_DAYS for part in _GERMAN_PARTS}
PARTS |= {f"{day}{part}": PARTS[part] for day in _GERMAN_DAYS for part in _GERMAN_PARTS}
NIGHTS = frozenset("night nacht nachts nuit noche tonight madrugada".split())

# Days by their distance from today.
DAYS_AWAY: dict[str, int] = {
    "today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1,
    "tmrw": 1, "tomorow": 1, "tommorow": 1, "tommorrow": 1, "yday": -1,
    "heute": 0, "heut": 0, "gestern": -1, "vorgestern": -2, "ubermorgen": 2, "uebermorgen": 2,
    "avant-hier": -2, "demain": 1, "apres-demain": 2,
    "hoy": 0, "ayer": -1, "anteayer": -2, "antier": -2, "anoche": -1, "antenoche": -2,
}  # fmt: skip

ORDINALS: dict[str, int] = {
    word: number
    for number, words in enumerate(
        (
            "first premier primero", "second zweiten", "third dritten", "fourth vierten",
            "fifth funften", "sixth sechsten", "seventh siebten", "eighth achten",
            "ninth neunten", "tenth zehnten", "eleventh elften", "twelfth zwolften",
            "thirteenth dreizehnten", "fourteenth vierzehnten", "fifteenth funfzehnten",
            "sixteenth sechzehnten", "seventeenth siebzehnten", "eighteenth achtzehnten",
            "nineteenth neunzehnten", "twentieth zwanzigsten",
        ),
        1,
    )
    for word in words.split()
} | {
    "twenty-first": 21, "twenty-second": 22, "twenty-third": 23, "twenty-fourth": 24,
    "twenty-fifth": 25, "twenty-sixth": 26, "twenty-seventh": 27, "twenty-eighth": 28,
    "twenty-ninth": 29, "thirtieth": 30, "thirty-first": 31, "ersten": 1,
}  # fmt: skip
