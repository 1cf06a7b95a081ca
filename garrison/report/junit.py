"""The result as JUnit XML: a suite a host, a case a control."""

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from garrison.controls.result import State
from garrison.report.result import Report, Result

# XML 1.0 has no way to write these, not even escaped.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NO_FAMILY = "host"


def to_junit(report: Report) -> str:
    """What is waived, deviates, isn't applicable or was known before is skipped, with the reason as its message."""
    root = Element("testsuites", name="garrison check")
    for place in report.places:
        root.append(_suite(report, place))
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(report: Report, host: str) -> Element:
    suite = Element("testsuite", name=host, timestamp=report.time.removesuffix("Z").removesuffix("+00:00"))
    properties = SubElement(suite, "properties")
    for name, value in (("inventory", report.inventory), ("level", report.levels.get(host, ""))):
        SubElement(properties, "property", name=name, value=_clean(value))
    cases = [_case(report, one) for one in report.of(host)]
    if problems := report.unanswered.get(host):
        case = Element("testcase", classname=f"{host}.{_NO_FAMILY}", name="the host can be looked at")
        error = SubElement(case, "error", type="unanswered", message=_clean(problems[0].what))
        error.text = _clean("\n".join(str(one) for one in problems))
        cases.append(case)
    suite.extend(cases)
    suite.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
    return suite


def _case(report: Report, result: Result) -> Element:
    case = Element(
        "testcase",
        classname=f"{result.host}.{result.family}",
        name=f"{result.control} {_clean(result.title)}",
    )
    if result.state is State.FAILED and not report.is_known(result):
        problems = result.failures
        message = f"{problems[0].where}: {problems[0].what}" if problems else result.title
        failure = SubElement(case, "failure", type=result.severity, message=_clean(message))
        failure.text = _clean(_tell(result))
    elif result.state is not State.PASSED:
        SubElement(case, "skipped", message=_clean(_reason(result)))
    return case


def _tell(result: Result) -> str:
    lines = [f"{problem.where}: {problem.what}" for problem in result.failures]
    lines += [
        f"To mend it: {one}" for one in dict.fromkeys(problem.remedy for problem in result.failures) if one
    ]
    lines += [f"Asked for by {result.cite()}."] if result.standards else []
    return "\n".join(lines)


def _reason(result: Result) -> str:
    if result.state is State.FAILED:
        return "known: the baseline has this failure"
    waivers = dict.fromkeys(one.waiver for one in result.findings if one.waiver)
    said = "; ".join((*([result.note] if result.note else []), *waivers))
    return f"{result.state}: {said}" if said else str(result.state)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
