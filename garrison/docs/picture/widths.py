"""How wide text is, so that a box can be made to hold it, whatever the reader's fonts."""

# Advances in thousandths of the size, from space to tilde, of DejaVu Sans (of the wide ones: what fits in it, fits in
# Arial, Helvetica, Segoe UI, Roboto and the systems' own).
_REGULAR = (
    "318 401 460 838 636 950 780 275 390 390 500 838 318 361 318 337 636 636 636 636 636 636 636 636 636 636 337 337 "
    "838 838 838 531 1000 684 686 698 770 632 575 775 752 295 295 656 557 863 748 787 603 787 695 635 611 732 684 989 "
    "685 611 685 390 337 390 838 500 500 613 635 550 635 615 352 635 634 278 278 579 278 974 634 612 635 635 411 521 "
    "392 634 592 818 592 592 525 636 337 636 838"
)
_BOLD = (
    "348 456 521 838 696 1002 872 306 457 457 523 838 380 415 380 365 696 696 696 696 696 696 696 696 696 696 400 400 "
    "838 838 838 580 1000 774 762 734 830 683 683 821 837 372 372 775 637 995 837 850 733 850 770 720 682 812 774 1103 "
    "771 724 725 457 365 457 838 500 500 675 716 593 716 678 435 716 712 343 343 665 343 1042 712 687 716 716 493 595 "
    "478 712 652 924 645 652 582 712 365 712 838"
)
_ADVANCES = {
    False: tuple(map(int, _REGULAR.split())),
    True: tuple(map(int, _BOLD.split())),
}
_WIDEST = 1110  # for what the tables don't have


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of one line of ``text``, rounded up rather than down."""
    advances = _ADVANCES[bold]
    known = (ord(letter) - 32 for letter in text)
    return size / 1000 * sum(advances[at] if 0 <= at < len(advances) else _WIDEST for at in known)


def wrap(text: str, size: float, width: float) -> tuple[str, ...]:
    """``text`` in lines that are at most ``width`` wide; only a word that is wider by itself stays so."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(lines)
