"""What can be wrong with the folder: a small tree, where the class says what and how to mend it.

The host of plugins tells of an exception its class alone, so the names are to be read by people.
No message holds anything of what is in a file but the name of an attachment to be put right.
"""

from collections.abc import Sequence

from oso_adapter.standard.findings import Finding


class FolderProblem(Exception):
    """Something is wrong with a file or a folder; ``path`` is which."""

    def __init__(self, path: str, reason: str | None = None) -> None:
        self.path = path
        self.reason = reason or " ".join((self.__doc__ or "").split())
        super().__init__(f"{path}: {self.reason}")


class NotCompleteYet(FolderProblem):
    """it is not complete yet: somebody is still writing it, or it was cut off; try again, and let
    the writer write under another name and rename when all of it is there; when nobody is writing
    it any more, it is no well-formed JSON or XML"""


class NotPrivate(FolderProblem):
    """others than its owner may reach it"""


class NotOurs(FolderProblem):
    """it belongs to another user than the one who runs the adapter"""


class NoFileItself(FolderProblem):
    """it is a link, or no plain file or folder; put the file or folder itself there"""


class NotThere(FolderProblem):
    """it is not there; the folders are made with: oso-directory make"""


class NotWritten(FolderProblem):
    """it could not be written"""


class NotRead(FolderProblem):
    """it could not be read"""


class TooLarge(FolderProblem):
    """it is larger than what is read"""


class NoFileName(FolderProblem):
    """the name cannot be that of a file"""


class BothForms(FolderProblem):
    """the dossier is there as JSON and as XML; leave one"""


class AttachmentMissing(FolderProblem):
    """the dossier names this attachment, and it is not there; write attachments before it"""


class OtherRelease(FolderProblem):
    """the dossier is of another release of the standard than the one that is prepared now"""


class AnswerUnreadable(FolderProblem):
    """an answer is a JSON object with outcome (accepted, postponed or rejected) and, if wanted,
    categories (a list of names such as cat_verzuim) and reason (a text in Dutch)"""


class NumbersUnreadable(FolderProblem):
    """it holds a line that is no BSN or onderwijsnummer (nine digits)"""


class NotADossier(FolderProblem):
    """it is no dossier of the standard"""

    def __init__(self, path: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(path)
        self.findings = tuple(findings)
