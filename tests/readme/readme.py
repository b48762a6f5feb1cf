"""README.md taken apart, and what can be said of it without running anything.

    text = README.read_text()
    blocks(text, "bash")                        → [["dunlin info sst.nc", …], …]   commands of every fenced block
    spans(text)                                 → ["--dim NAME", "build/bin/dunlin", …]   `code` outside of blocks
    unknown_files(text, names, exists)          → spans that look like a path and name nothing
    unknown_options(text, known)                → options in commands of `dunlin` and in spans that nobody has
"""

import re

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")
# A folder or two, or one of the endings that our files have.
PATH = re.compile(r"\.?[\w$.-]+(/[\w$.-]+)*/|[\w$.-]+(/[\w$.-]+)+|[\w-]+\.(md|sh|txt|yaml|json|cpp|hpp|py|nc|zarr)")


def blocks(text, language):
    """The fenced blocks of a language, each as its text."""
    return [body for found, body in FENCE.findall(text) if found == language]


def commands(block):
    """The command lines of a bash block without comments and empty lines; a backslash joins lines."""
    lines = (re.sub(r"\s+# .*$", "", line).strip() for line in block.replace("\\\n", " ").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def spans(text):
    return SPAN.findall(FENCE.sub("", text))


def unknown_files(text, exists):
    """Spans that are written like a path, and links to files, for which `exists(path)` is false."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    return [name for name in spans(text) + links if (PATH.fullmatch(name) or name in links) and not exists(name)]


def unknown_options(text, known):
    """Options that are not `known`, among those of commands that run dunlin and those in spans."""
    ours = [line for block in blocks(text, "bash") for line in commands(block) if re.search(r"(^|\s)dunlin\s", line)]
    return [option for piece in ours + spans(text) for option in OPTION.findall(piece) if option not in known]


def table(text, head):
    """The rows below the table row that begins with `head`, each as its cells."""
    below = text.split(f"| {head}", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in below]
