"""How telephone numbers are written inside a country, and what stands before them abroad.

Country → calling code, the digits that are dialled before a number inside the country, and how
few and how many digits a number has without them (ITU-T E.164 and the national numbering plans).
"""

from __future__ import annotations

CALLING_CODES: dict[str, tuple[str, str, int, int]] = {
    # The North American numbering plan.
    "CA": ("1", "1", 10, 10),
    "DO": ("1", "1", 10, 10),
    "PR": ("1", "1", 10, 10),
    "US": ("1", "1", 10, 10),
    # Western Europe.
    "AT": ("43", "0", 7, 13),
    "BE": ("32", "0", 8, 9),
    "CH": ("41", "0", 9, 9),
    "DE": ("49", "0", 7, 11),
    "FR": ("33", "0", 9, 9),
    "GB": ("44", "0", 9, 10),
    "IE": ("353", "0", 7, 9),
    "LU": ("352", "", 6, 9),
    "MC": ("377", "", 8, 9),
    "NL": ("31", "0", 9, 9),
    # Northern Europe.
    "DK": ("45", "", 8, 8),
    "EE": ("372", "", 7, 8),
    "FI": ("358", "0", 6, 11),
    "IS": ("354", "", 7, 7),
    "LT": ("370", "0", 8, 8),
    "LV": ("371", "", 8, 8),
    "NO": ("47", "", 8, 8),
    "SE": ("46", "0", 7, 9),
    # Southern Europe; Italy dials its zero from abroad too.
    "CY": ("357", "", 8, 8),
    "ES": ("34", "", 9, 9),
    "GR": ("30", "", 10, 10),
    "IT": ("39", "", 9, 11),
    "MT": ("356", "", 8, 8),
    "PT": ("351", "", 9, 9),
    # Central and Eastern Europe.
    "BG": ("359", "0", 7, 9),
    "CZ": ("420", "", 9, 9),
    "HR": ("385", "0", 8, 9),
    "HU": ("36", "06", 8, 9),
    "KZ": ("7", "8", 10, 10),
    "PL": ("48", "", 9, 9),
    "RO": ("40", "0", 9, 9),
    "RS": ("381", "0", 8, 9),
    "RU": ("7", "8", 10, 10),
    "SI": ("386", "0", 8, 8),
    "SK": ("421", "0", 9, 9),
    "UA": ("380", "0", 9, 9),
    # Africa and the Near East.
    "AE": ("971", "0", 8, 9),
    "DZ": ("213", "0", 8, 9),
    "EG": ("20", "0", 8, 10),
    "IL": ("972", "0", 8, 9),
    "KE": ("254", "0", 9, 9),
    "MA": ("212", "0", 9, 9),
    "NG": ("234", "0", 8, 10),
    "SA": ("966", "0", 8, 9),
    "SN": ("221", "", 9, 9),
    "TN": ("216", "", 8, 8),
    "TR": ("90", "0", 10, 10),
    "ZA": ("27", "0", 9, 9),
    # Asia and Oceania.
    "AU": ("61", "0", 9, 9),
    "CN": ("86", "0", 10, 11),
    "HK": ("852", "", 8, 8),
    "IN": ("91", "0", 10, 10),
    "JP": ("81", "0", 9, 10),
    "KR": ("82", "0", 8, 10),
    "MY": ("60", "0", 8, 10),
    "NZ": ("64", "0", 8, 10),
    "PH": ("63", "0", 8, 10),
    "SG": ("65", "", 8, 8),
    "TH": ("66", "0", 8, 9),
    "TW": ("886", "0", 8, 9),
    "VN": ("84", "0", 9, 10),
    # Latin America.
    "BR": ("55", "0", 10, 11),
    "CL": ("56", "", 9, 9),
    "CO": ("57", "", 10, 10),
    "MX": ("52", "", 10, 10),
    "PE": ("51", "0", 8, 9),
}
