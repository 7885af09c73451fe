"""What the journal refuses to do, beside `JournalUnwritable`, which everyone knows.

FreeholdError
├── JournalUnwritable         nothing was promised; come again after `retry_after_s`
│   └── JournalBroken         two syncs in a row failed: answer 503 and end the process
├── FolderInUse               another writer holds the folder's lock
└── CommittedDataMissing      the state says that more was committed than there is on disk
"""

from __future__ import annotations

from server.errors import FreeholdError, JournalUnwritable


class JournalBroken(JournalUnwritable):
    """No write of this process will be believed any more."""


class FolderInUse(FreeholdError):
    """A folder has one writer at a time."""


class CommittedDataMissing(FreeholdError):
    """Cutting back would pretend that lost data had never been committed."""
