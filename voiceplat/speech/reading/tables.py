"""The words of each language that numbers do not have: months, signs, parts, units.

Languages are those of the voices of the wire contract, by primary subtag. A table
without a language means that its text is left to the engine.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

MONTHS: Final[Mapping[str, tuple[str, ...]]] = {
    language: tuple(names.split())
    for language, names in {
        "cy": "Ionawr Chwefror Mawrth Ebrill Mai Mehefin Gorffennaf Awst Medi Hydref "
        "Tachwedd Rhagfyr",
        "da": "januar februar marts april maj juni juli august september oktober "
        "november december",
        "de": "Januar Februar März April Mai Juni Juli August September Oktober "
        "November Dezember",
        "en": "January February March April May June July August September October "
        "November December",
        "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre "
        "noviembre diciembre",
        "fr": "janvier février mars avril mai juin juillet août septembre octobre "
        "novembre décembre",
        "hi": "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
        "is": "janúar febrúar mars apríl maí júní júlí ágúst september október "
        "nóvember desember",
        "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre "
        "ottobre novembre dicembre",
        "nb": "januar februar mars april mai juni juli august september oktober "
        "november desember",
        "nl": "januari februari maart april mei juni juli augustus september oktober "
        "november december",
        "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września "
        "października listopada grudnia",
        "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro "
        "novembro dezembro",
        "ro": "ianuarie februarie martie aprilie mai iunie iulie august septembrie "
        "octombrie noiembrie decembrie",
        "ru": "января февраля марта апреля мая июня июля августа сентября октября "
        "ноября декабря",
        "sv": "januari februari mars april maj juni juli augusti september oktober "
        "november december",
        "tr": "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım "
        "aralık",
    }.items()
}
"""As they stand in a date."""

DATES: Final[Mapping[str, str]] = {
    "de": "{d}. {m} {y}",
    "da": "{d}. {m} {y}",
    "es": "{d} de {m} de {y}",
    "is": "{d}. {m} {y}",
    "nb": "{d}. {m} {y}",
    "pt": "{d} de {m} de {y}",
}
"""How a date is written to be read, where it is not day, month, year."""

FIRST_OF_MONTH: Final[Mapping[str, str]] = {
    "fr": "premier",
    "it": "primo",
    "es": "primero",
    "pt": "primeiro",
}
DAY_IS_ORDINAL: Final = frozenset({"sv", "da", "nb", "de"})

EAST_ASIAN_DATES: Final[Mapping[str, tuple[str, str, str]]] = {
    "cmn": ("年", "月", "日"),
    "zh": ("年", "月", "日"),
    "ja": ("年", "月", "日"),
    "ko": ("년 ", "월 ", "일"),
}

_SIGNS: Final = "- . @ / + # * _ & % $ € £ : , ! ?"
SIGNS: Final[Mapping[str, Mapping[str, str]]] = {
    language: dict(zip(_SIGNS.split(), names.split("|"), strict=True))
    for language, names in {
        "en": "dash|dot|at|slash|plus|hash|star|underscore|and|percent|dollar|euro|"
        "pound|colon|comma|exclamation mark|question mark",
        "de": "Strich|Punkt|at|Schrägstrich|plus|Raute|Stern|Unterstrich|und|Prozent|"
        "Dollar|Euro|Pfund|Doppelpunkt|Komma|Ausrufezeichen|Fragezeichen",
        "es": "guion|punto|arroba|barra|más|almohadilla|asterisco|guion bajo|y|"
        "por ciento|dólar|euro|libra|dos puntos|coma|exclamación|interrogación",
        "fr": "tiret|point|arobase|barre|plus|dièse|étoile|tiret bas|et|pour cent|"
        "dollar|euro|livre|deux points|virgule|point d'exclamation|"
        "point d'interrogation",
        "it": "trattino|punto|chiocciola|barra|più|cancelletto|asterisco|"
        "trattino basso|e|per cento|dollaro|euro|sterlina|due punti|virgola|"
        "punto esclamativo|punto interrogativo",
        "pt": "traço|ponto|arroba|barra|mais|cerquilha|asterisco|sublinhado|e|"
        "por cento|dólar|euro|libra|dois pontos|vírgula|exclamação|interrogação",
    }.items()
}


class Clock(NamedTuple):
    """Words of a time; `hour` stands between hour and minute."""

    one: str
    minute: str
    minutes: str
    second: str
    seconds: str
    hour: str


CLOCKS: Final[Mapping[str, Clock]] = {
    "en": Clock("one", "minute", "minutes", "second", "seconds", ""),
    "da": Clock("et", "minut", "minutter", "sekund", "sekunder", ""),
    "de": Clock("eine", "Minute", "Minuten", "Sekunde", "Sekunden", "Uhr"),
    "es": Clock("un", "minuto", "minutos", "segundo", "segundos", "y"),
    "fr": Clock("une", "minute", "minutes", "seconde", "secondes", "heures"),
    "it": Clock("un", "minuto", "minuti", "secondo", "secondi", "e"),
    "nb": Clock("ett", "minutt", "minutter", "sekund", "sekunder", ""),
    "nl": Clock("een", "minuut", "minuten", "seconde", "seconden", "uur"),
    "pt": Clock("um", "minuto", "minutos", "segundo", "segundos", "e"),
    "sv": Clock("en", "minut", "minuter", "sekund", "sekunder", ""),
}

UNITS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "en": {
        "mm": ("millimeter", "millimeters"),
        "cm": ("centimeter", "centimeters"),
        "m": ("meter", "meters"),
        "km": ("kilometer", "kilometers"),
        "in": ("inch", "inches"),
        "inch": ("inch", "inches"),
        "ft": ("foot", "feet"),
        "foot": ("foot", "feet"),
        "yd": ("yard", "yards"),
        "mi": ("mile", "miles"),
        "mg": ("milligram", "milligrams"),
        "g": ("gram", "grams"),
        "kg": ("kilogram", "kilograms"),
        "lb": ("pound", "pounds"),
        "lbs": ("pound", "pounds"),
        "oz": ("ounce", "ounces"),
        "ml": ("milliliter", "milliliters"),
        "l": ("liter", "liters"),
        "gal": ("gallon", "gallons"),
        "ms": ("millisecond", "milliseconds"),
        "s": ("second", "seconds"),
        "sec": ("second", "seconds"),
        "min": ("minute", "minutes"),
        "h": ("hour", "hours"),
        "hr": ("hour", "hours"),
        "hz": ("hertz", "hertz"),
        "khz": ("kilohertz", "kilohertz"),
        "mhz": ("megahertz", "megahertz"),
        "kb": ("kilobyte", "kilobytes"),
        "mb": ("megabyte", "megabytes"),
        "gb": ("gigabyte", "gigabytes"),
        "w": ("watt", "watts"),
        "kw": ("kilowatt", "kilowatts"),
        "v": ("volt", "volts"),
        "mph": ("mile per hour", "miles per hour"),
        "km/h": ("kilometer per hour", "kilometers per hour"),
        "%": ("percent", "percent"),
        "°c": ("degree Celsius", "degrees Celsius"),
        "°f": ("degree Fahrenheit", "degrees Fahrenheit"),
    },
    "de": {
        "mm": ("Millimeter", "Millimeter"),
        "cm": ("Zentimeter", "Zentimeter"),
        "m": ("Meter", "Meter"),
        "km": ("Kilometer", "Kilometer"),
        "g": ("Gramm", "Gramm"),
        "kg": ("Kilogramm", "Kilogramm"),
        "l": ("Liter", "Liter"),
        "min": ("Minute", "Minuten"),
        "h": ("Stunde", "Stunden"),
        "%": ("Prozent", "Prozent"),
        "°c": ("Grad Celsius", "Grad Celsius"),
    },
    "es": {
        "cm": ("centímetro", "centímetros"),
        "m": ("metro", "metros"),
        "km": ("kilómetro", "kilómetros"),
        "g": ("gramo", "gramos"),
        "kg": ("kilo", "kilos"),
        "l": ("litro", "litros"),
        "min": ("minuto", "minutos"),
        "h": ("hora", "horas"),
        "%": ("por ciento", "por ciento"),
        "°c": ("grado", "grados"),
    },
    "fr": {
        "cm": ("centimètre", "centimètres"),
        "m": ("mètre", "mètres"),
        "km": ("kilomètre", "kilomètres"),
        "g": ("gramme", "grammes"),
        "kg": ("kilo", "kilos"),
        "l": ("litre", "litres"),
        "min": ("minute", "minutes"),
        "h": ("heure", "heures"),
        "%": ("pour cent", "pour cent"),
        "°c": ("degré", "degrés"),
    },
    "it": {
        "cm": ("centimetro", "centimetri"),
        "m": ("metro", "metri"),
        "km": ("chilometro", "chilometri"),
        "g": ("grammo", "grammi"),
        "kg": ("chilo", "chili"),
        "l": ("litro", "litri"),
        "min": ("minuto", "minuti"),
        "h": ("ora", "ore"),
        "%": ("per cento", "per cento"),
        "°c": ("grado", "gradi"),
    },
    "pt": {
        "cm": ("centímetro", "centímetros"),
        "m": ("metro", "metros"),
        "km": ("quilômetro", "quilômetros"),
        "g": ("grama", "gramas"),
        "kg": ("quilo", "quilos"),
        "l": ("litro", "litros"),
        "min": ("minuto", "minutos"),
        "h": ("hora", "horas"),
        "%": ("por cento", "por cento"),
        "°c": ("grau", "graus"),
    },
}
"""Singular and plural by the sign, lower-case."""

STREETS: Final[Mapping[str, str]] = {
    "st": "Street",
    "ave": "Avenue",
    "av": "Avenue",
    "blvd": "Boulevard",
    "rd": "Road",
    "dr": "Drive",
    "ln": "Lane",
    "ct": "Court",
    "pl": "Place",
    "sq": "Square",
    "hwy": "Highway",
    "pkwy": "Parkway",
    "apt": "Apartment",
    "ste": "Suite",
    "fl": "Floor",
    "n": "North",
    "s": "South",
    "e": "East",
    "w": "West",
    "ne": "Northeast",
    "nw": "Northwest",
    "se": "Southeast",
    "sw": "Southwest",
}
"""What American addresses shorten."""
