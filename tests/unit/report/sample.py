"""A run over three hosts in which everything occurs: each state, several findings, characters that need escaping."""

from garrison.controls.result import State
from garrison.problem import Problem
from garrison.report.redact import redact_report
from garrison.report.result import Found, Report, Result

DEPLOY = "garrison deploy inventory/lab.py --phases host"
STANDARDS = {
    "CIS Debian 13 v1.0.0": ("5.1.21",),
    "NIST SP 800-53 r5": ("AC-6(2)", "AC-17(a)", "IA-2"),
}


def problem(id_: str, where: str, what: str) -> Problem:
    return Problem(id=id_, where=where, what=what, remedy=DEPLOY)


def result(control: str, title: str, state: State = State.PASSED, **other: object) -> Result:
    fields = {"host": "alpha", "family": "access", "why": "Because it is so.", "remedy": DEPLOY} | other
    return Result(control=control, title=title, state=state, **fields)  # type: ignore[arg-type]


ROOT_LOGS_IN = result(
    "S06",
    "Root does not log in over SSH",
    State.FAILED,
    severity="high",
    standards=STANDARDS,
    findings=(Found(problem=problem("S06", "sshd -T", "permitrootlogin is yes, wanted no.")),),
)
RESULTS = (
    result("S01", "The server's files are root's"),
    result("S02", "Host keys are root's"),
    ROOT_LOGS_IN,
    result(
        "S08",
        "Attempts <are> limited & bounded",
        State.FAILED,
        findings=(
            Found(problem=problem("S08", "sshd -T", 'maxauthtries is "10" <> 4.')),
            Found(problem=problem("S08", "sshd -T loginGraceTime", "it is 120\x1b[31m, wanted at most 60.")),
            Found(
                problem=problem("S08", "sshd -T maxsessions", "it is 20."),
                waiver="until 2026-12-31 by anna: The jump host needs them.",
            ),
        ),
    ),
    result(
        "S09",
        "Nothing is forwarded",
        State.WAIVED,
        severity="low",
        findings=(
            Found(
                problem=problem("S09", "sshd -T", "disableforwarding is no."),
                waiver="until 2026-12-31 by anna: It carries a tunnel.",
            ),
        ),
    ),
    result(
        "S11",
        "Sudo always asks",
        State.DEVIATES,
        level="strict",
        note="One bounded rule, because runs are unattended; compensated by L04.",
    ),
    result(
        "H03",
        "Addresses are random",
        State.NOT_APPLICABLE,
        family="host",
        note="The kernel is another machine's: this host is a container.",
    ),
    result(
        "H04",
        "Pointers are hidden",
        State.NOT_APPLICABLE,
        family="host",
        note="The kernel is another machine's: this host is a container.",
    ),
    result("S06", "Root does not log in over SSH", host="beta", severity="high", standards=STANDARDS),
)
UNREACHABLE = Problem(
    id="host.unreachable",
    where="gamma",
    what="can't be reached over SSH: no route.",
    remedy="Try: ssh USER@HOST true.",
)
REPORT = redact_report(
    Report(
        inventory="inventory/lab.py",
        time="2026-06-01T12:00:00Z",
        levels={"alpha": "strict", "beta": "baseline", "gamma": "baseline"},
        results=RESULTS,
        unanswered={"gamma": (UNREACHABLE,)},
    )
)
