"""Names of parameters whose value is personal or secret, in lower case, letters and digits only.

`user[e-mail]` is read as `useremail`. A name is personal if it stands in `NAMES` or ends with one
of `ENDINGS`; unless its value is a mere yes or no.
"""

from __future__ import annotations

_PERSON = """
    mail mel courriel correo tel telephone telefono telefon mobile mobilenumber cellphone msisdn gsm
    fax whatsapp firstname lastname surname fullname middlename fname lname givenname familyname
    prenom nachname vorname apellido username nickname street streetaddress address address1
    address2 addressline1 addressline2 adresse dob birthday birthdate dateofbirth
"""
_FILES_OF_STATE_AND_BANK = """
    ssn socialsecuritynumber nationalid passport passportnumber taxid nif dni cpf iban bic
    accountnumber creditcard cardnumber ccnumber cardno cvv cvc cvv2
"""
_KEYS = """
    pass passwd pwd passphrase passcode pin otp totp auth authorization bearer jwt apikey accesskey
    secretkey privatekey signature sig hmac samlresponse samlrequest assertion oobcode magiclink
    nonce
"""
_SESSIONS = """
    sid session sess sessid sessionid phpsessid jsessionid aspsessionid aspnetsessionid cfid cftoken
    connectsid
"""
_RECIPIENTS_OF_MAILINGS = """
    mceid mktok hsenc hsmi hstc hssc hsfp hsctatracking veroid veroconv olyencid olyanonid
    mlsubscriber mlsubscriberhash cksubscriberid dmi brazeid
"""

NAMES = frozenset(
    " ".join((_PERSON, _FILES_OF_STATE_AND_BANK, _KEYS, _SESSIONS, _RECIPIENTS_OF_MAILINGS)).split()
)

ENDINGS = (
    "email",
    "emailaddress",
    "phone",
    "phonenumber",
    "password",
    "token",
    "secret",
    "sessionid",
    "sessid",
    "firstname",
    "lastname",
    "fullname",
    "surname",
    "birthday",
    "birthdate",
    "dateofbirth",
)

EXACT = frozenset({"_ga", "_gl", "__s", "_ke", "_kx"})
"""As written: Google's cross-domain linker, Drip, Klaviyo."""

OPEN_PREFIXES = ("utm_", "mtm_", "pk_", "gad_")
"""Marketers' own parameters: only an e-mail address is taken out of their values."""

FLAGS = frozenset({"0", "1", "true", "false", "yes", "no", "on", "off"})
