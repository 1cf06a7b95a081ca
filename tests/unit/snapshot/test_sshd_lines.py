"""sshd's files are read as sshd reads them, with what a Match block includes inside that block."""

from pathlib import Path

from garrison.snapshot.parts.sshd_lines import sshd_lines


def test_a_file_that_a_block_includes_stands_in_it(tmp_path: Path) -> None:
    main, inner, after = tmp_path / "sshd_config", tmp_path / "inner.conf", tmp_path / "after.conf"
    main.write_text(
        f"Match\tUser anna\n  Include\t{inner}\nMatch all\nInclude = {after}\nMatch=User ben\n\tInclude {after}\n"
    )
    inner.write_text("# why\nPasswordAuthentication\tyes\nMatch all\nX11Forwarding yes\n")
    after.write_text("LogLevel INFO\n")
    assert sshd_lines(str(main)) == [
        f"{main}: Match User anna",
        f"{inner}: Match User anna",
        f"{inner}: PasswordAuthentication\tyes",
        f"{inner}: Match User anna all",
        f"{inner}: X11Forwarding yes",
        f"{main}: Match all",
        f"{after}: LogLevel INFO",
        f"{main}: Match User ben",
        f"{after}: Match User ben",
        f"{after}: LogLevel INFO",
    ]


def test_files_that_are_not_there_are_unknown(tmp_path: Path) -> None:
    assert sshd_lines(str(tmp_path / "sshd_config")) is None
